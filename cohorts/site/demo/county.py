"""The demonstration county: units of PRACTICE's list, Shiquan's towns and villages, invented people."""

import datetime as dt
import json
import random
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from faker import Faker

from accounts import crypto
from accounts.models import Cadre, Post, RoleAssignment, Unit, User
from accounts.people import codes
from accounts.people.identity import check_digit
from accounts.people.models import RANKS_SINCE
from accounts.people.workflow import add_unit, rename_unit, romanise
from accounts.permissions import Role

DATA = Path(__file__).parent.parent.parent / "data"
REGION = "610999"
# Units bear their present names from the county's reform of 2019 on.
REFORM = dt.date(2019, 3, 15)
# Ages of officers are those of spring 2018, when they signed; most of them still serve.
SPRING_2018 = dt.date(2018, 5, 1)
RANK_OF = {pair[0]: code for code, pair in codes.table("rank").items()}


@lru_cache
def script() -> dict[str, Any]:
    """The data of the demonstration: units, offices, cases."""
    data = tomllib.loads((DATA / "demo.toml").read_text(encoding="utf-8"))
    data["case"] += tomllib.loads((DATA / "demo_review.toml").read_text(encoding="utf-8"))["case"]
    return data


@lru_cache
def people_script() -> dict[str, Any]:
    """Given names by age, sub-units, and what happens to some people."""
    return tomllib.loads((DATA / "demo_people.toml").read_text(encoding="utf-8"))


def id_number(born: dt.date, serial: int, sex: str) -> str:
    """An impossible region, a right check digit."""
    sequence = serial * 2 % 1000 + (1 if sex == "1" else 0)
    body = f"{REGION}{born:%Y%m%d}{sequence % 1000:03d}"
    return body + check_digit(body)


class County:
    """Makes units and people with a fixed seed: the same county every time."""

    def __init__(self) -> None:
        self.random = random.Random(610922)
        self.faker = Faker("zh_CN")
        self.faker.seed_instance(610922)
        # Names and schooling draw by themselves, so that ages stay what they are when a list of names changes.
        self.names = random.Random(610923)
        self.taken: set[tuple[int, str]] = set()
        self.today = timezone.localdate()
        self.serial = 0
        self.password = ""
        self.units: dict[str, Unit] = {}

    @transaction.atomic
    def build_units(self) -> None:
        names = script()["county"]
        self.county = add_unit(code="610922", name=names["name"], kind="county")
        for row in script()["unit"]:
            self.units[row["code"]] = add_unit(
                phone=f"0915-000-0{len(self.units) + 1:03d}", code=row["code"], name=row.get("name_2018", row["name"]), kind=row["kind"], parent=self.county, reports=True, staff_in_post=row["staff"],
                leading_office=row.get("leading", False),
            )  # fmt: skip
            if "name_2018" in row:
                rename_unit(self.units[row["code"]], name=row["name"], on=REFORM)
        towns = {row["division"]: self.units[row["code"]] for row in script()["unit"] if "division" in row}
        for town in json.loads((DATA / "county.json").read_text(encoding="utf-8"))["towns"]:
            for code, name in town["villages"]:
                add_unit(code=code, name=name, kind="village", parent=towns[town["code"]])

    def person(
        self,
        unit: Unit,
        post: str,
        *,
        level: str = "150",
        ages: tuple[int, int] = (26, 56),
        category: str = "civil_servant",
        on: dt.date | None = None,
        sex: str = "",
    ) -> Cadre:
        """One invented cadre with the post held since joining; ``ages`` hold on the day ``on`` (default today)."""
        self.serial += 1
        sex = sex or ("2" if self.random.random() < 0.25 else "1")
        born = (on or self.today) - dt.timedelta(days=int(365.25 * self.random.uniform(*ages)))
        name = self.name(unit, sex, born)
        number = id_number(born, self.serial, sex)
        pinyin, initials = romanise(name)
        joined = dt.date(max(born.year + 22, 1995), 7, 1)
        cadre = Cadre.objects.create(
            name=name, pinyin=pinyin, initials=initials, sex=sex, born=born, id_number=number, id_index=crypto.index(number), category=category,
            unit=unit, post=post, level=level, joined_on=joined, retires_on=born.replace(year=born.year + 60, day=1), nationality="01",
            political_status=self.names.choice(["01", "01", "13"]), education=self.names.choice(["21", "31"]), rank=RANK_OF.get(post, ""),
        )  # fmt: skip
        self.give_posts(cadre)
        return cadre

    def name(self, unit: Unit, sex: str, born: dt.date) -> str:
        """A name that fits the age, and that nobody else in the unit bears."""
        lists = people_script()["names"]
        given = lists[("women" if sex == "2" else "men") + ("_early" if born.year < 1985 else "_late")]
        while True:
            name = self.faker.last_name() + self.names.choice(given)
            if (unit.pk, name) not in self.taken:
                self.taken.add((unit.pk, name))
                return name

    @staticmethod
    def give_posts(cadre: Cadre) -> None:
        """The post held since joining; a post named by a rank begins with the ranks, and the old title stands before."""
        fields = {"cadre": cadre, "unit": cadre.unit, "level": cadre.level}
        start = cadre.joined_on
        if cadre.rank and start < RANKS_SINCE:
            Post.objects.create(title=script()["posts"]["ordinary_2018"][0], start=start, end=RANKS_SINCE, **fields)
            start = RANKS_SINCE
        Post.objects.create(title=cadre.post, rank=cadre.rank, start=start, **fields)

    @staticmethod
    def removed_before(cadre: Cadre) -> None:
        """An earlier leading post that ended by removal under the three mechanisms, before the present one."""
        story = people_script()["story"]
        cadre.posts.update(title=story["removed_title"], end=story["removed_on"], removed=True)
        Post.objects.create(
            cadre=cadre, unit=cadre.unit, title=cadre.post, level=cadre.level, start=story["removed_on"]
        )

    def account(self, username: str, cadre: Cadre, title: str, role: str | None, unit: Unit | None = None) -> User:
        """An account of the demonstration; those that have a card share one password, made for this installation."""
        user = User(username=username, cadre=cadre, title=title)
        if settings.DEMO_PASSWORD and username.startswith("demo-"):
            self.password = self.password or make_password(settings.DEMO_PASSWORD)
            user.password = self.password
        else:
            user.set_unusable_password()
        user.save()
        if role:
            RoleAssignment.objects.create(user=user, role=role, unit=unit or cadre.unit, start=dt.date(2018, 1, 1))
        return user

    @transaction.atomic
    def build_people(self) -> dict[str, User]:
        """Each unit's head, deputy, liaison and some cadres; the offices of the procedure with their accounts."""
        users: dict[str, User] = {}
        posts = script()["posts"]
        for code, unit in self.units.items():
            kind = "department" if unit.name.endswith("部") else unit.kind if unit.kind in posts else "bureau"
            for role, key, ages in (
                (Role.UNIT_HEAD, "head", (42, 49)),
                (Role.DEPUTY, "deputy", (33, 46)),
                (Role.LIAISON, "liaison", (26, 38)),
            ):
                level = {"head": "141", "deputy": "142", "liaison": "150"}[key]
                cadre = self.person(unit, posts[kind][key], level=level, ages=ages, on=SPRING_2018)
                shown = code in script()["county"]["shown"]
                name = f"demo-{key}-{code}" if shown else f"{key}-{code}"
                users[f"{key}-{code}"] = self.account(name, cadre, f"{unit.name} {posts[kind][key]}", role)
            for n in range(4):
                self.person(
                    unit, posts["ordinary"][n % len(posts["ordinary"])], ages=(26, 52), sex="2" if n == 3 else ""
                )
        for row in script()["office"]:
            unit = self.units[row["unit"]]
            cadre = self.person(unit, row["post"], level=row.get("level", "150"), ages=(32, 52))
            over = self.county if row.get("over") == "county" else self.units.get(row.get("over", ""), unit)
            users[row["account"]] = self.account(
                f"demo-{row['account']}", cadre, f"{unit.name} {row['post']}", row["role"] or None, over
            )
            for extra in row.get("also", []):
                RoleAssignment.objects.create(
                    user=users[row["account"]], role=extra, unit=over, start=dt.date(2018, 1, 1)
                )
        return users
