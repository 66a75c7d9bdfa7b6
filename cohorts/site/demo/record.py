"""Three months of record of one unit, drawn with a seed of its own and written through the workflow functions.

Each week: a list is planned on Monday, the three lines look, exceptions are typed the Monday after, the head settles the
week. Some people have a trait; names then fall out of the record (``who_meets``), not out of a script.
"""

import datetime as dt
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils import timezone

from accounts.models import Unit
from assessments.supervision.models import Severity
from assessments.supervision.workflow import record_finding
from assessments.task.models import Task, TaskState
from assessments.task.workflow import keep_area, mark, mark_rest_done, plan_tasks, settle_week
from cohorts.site.demo.county import DATA, County

WEEKS = 13
# In which weeks a slow person misses a deadline, when he is reminded, when one of the lines sees it.
MISSES, REMINDED, SEEN = (2, 5, 7, 9, 11), 6, (4, 8)
# In which weeks somebody is away without reason; the deputy's line did not look in one week.
AWAY, GAP = (3, 10), 6
MISTAKES = (1, 4, 8)


@cache
def script() -> dict[str, Any]:
    return tomllib.loads((DATA / "demo_record.toml").read_text(encoding="utf-8"))


def kept_units() -> list[str]:
    return [row["code"] for row in script()["kept"]]


@dataclass
class Kept:
    """What a unit's months left: who has which trait."""

    slow: list[Any] = field(default_factory=list)
    absent: list[Any] = field(default_factory=list)
    careless: list[Any] = field(default_factory=list)
    steady: list[Any] = field(default_factory=list)


class Record:
    """One unit's record from a Monday on."""

    def __init__(
        self, county: County, users: dict[str, Any], code: str, first: dt.date, seed: int, *, sound: bool = False
    ) -> None:
        self.county, self.users, self.first = county, users, first
        self.data = next(row for row in script()["kept"] if row["code"] == code)
        self.text, self.unit = script()["text"], county.units[code]
        self.random = random.Random(seed)
        self.liaison, self.head, self.deputy = (users[f"{key}-{code}"] for key in ("liaison", "head", "deputy"))
        self.roving = users[f"roving-{code}"]
        # Nobody has a trait: a real town is never flagged in the demonstration.
        self.sound = sound
        self.people: list[Any] = []
        self.kept = Kept()

    def at(self, week: int, weekday: int, hour: int = 9) -> dt.datetime:
        day = self.first + dt.timedelta(weeks=week, days=weekday)
        return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))

    def staff(self, more: int) -> None:
        """People enough for a list worth keeping, with draws of their own so that nobody else's name or age changes."""
        county, own = self.county, random.Random(self.random.random())
        draws, names = county.random, county.names
        county.random = county.names = own
        for n in range(more):
            post = self.data["posts"][n % len(self.data["posts"])]
            county.person(self.unit, post, ages=(26, 52), on=self.first)
        county.random, county.names = draws, names

    def choose(self) -> None:
        """Ordinary cadres without an open case; the first of them have the traits."""
        rows = self.unit.cadres.filter(level="150", referrals__isnull=True, joined_on__lt=self.first, user__isnull=True)
        self.people = list(rows.in_service(self.first + dt.timedelta(weeks=WEEKS)).order_by("pk"))
        self.random.shuffle(self.people)
        left = list(self.people)
        for trait in ("slow", "absent", "careless"):
            setattr(self.kept, trait, [left.pop() for _n in range(0 if self.sound else self.data.get(trait, 0))])
        self.kept.steady = left

    def run(self, weeks: int = WEEKS) -> Kept:
        self.choose()
        self.areas = self.make_areas()
        for week in range(weeks):
            self.plan(week)
            self.look(week)
            self.settle(week)
        return self.kept

    def make_areas(self) -> list[Any]:
        """Two leaders split the villages between them."""
        villages = list(Unit.objects.filter(parent=self.unit, kind="village").order_by("code")[:12])
        half, made = len(villages) // 2, []
        for n, (name, key) in enumerate(self.data["areas"]):
            leader = self.users[f"{key}-{self.unit.code}"].cadre
            part = villages[:half] if n == 0 else villages[half:]
            standing = self.unit.areas.filter(name=name, ended_on__isnull=True).first()
            made.append(
                standing
                or keep_area(
                    by=self.liaison, unit=self.unit, name=name, leader=leader, villages=part, at=self.at(0, 0, 8)
                )
            )
        return made

    def content(self, n: int) -> str:
        place = self.data["places"][(n * 7 + n // 6) % len(self.data["places"])]
        return self.data["tasks"][n % len(self.data["tasks"])].format(place=place)

    def plan(self, week: int) -> None:
        """One to three tasks each, the first always three, the last hardly any; the slow ones have one that they can miss."""
        rows = []
        for n, cadre in enumerate(self.people):
            count = self.random.choice([1, 1, 2, 3]) if cadre in self.kept.steady else 2
            if cadre in self.kept.steady[:1]:
                count = 3
            elif cadre in self.kept.steady[-1:]:
                count = week % 2
            for one in range(count):
                due = self.first + dt.timedelta(weeks=week, days=self.random.choice([2, 3, 4]))
                area = self.areas[n % len(self.areas)] if self.areas else None
                rows.append(
                    {"content": self.content(week * 31 + n * 3 + one), "cadre": cadre, "due_on": due, "area": area}
                )
        unique = {(row["cadre"].pk, row["due_on"], row["content"]): row for row in rows}
        plan_tasks(by=self.liaison, unit=self.unit, rows=list(unique.values()), at=self.at(week, 0))

    def settle(self, week: int) -> None:
        """The Monday after: exceptions are typed, the rest is done, the head settles."""
        monday, when = self.first + dt.timedelta(weeks=week), self.at(week + 1, 0, 8)
        tasks: dict[int, Task] = {}
        for task in Task.objects.filter(unit=self.unit).in_week(monday).order_by("-due_on", "pk"):
            tasks[task.cadre_id] = task
        for cadre in self.kept.slow:
            if week in MISSES:
                mark(
                    tasks[cadre.pk], by=self.liaison, state=TaskState.MISSED, reason=self.text["missed_reason"], at=when
                )
        for cadre in self.kept.steady:
            task, draw = tasks.get(cadre.pk), self.random.random()
            if task is None:
                continue
            if draw < 0.02:
                mark(task, by=self.liaison, state=TaskState.LATE, reason=self.text["late_reason"],
                     done_on=task.due_on + dt.timedelta(days=1), at=when)  # fmt: skip
            elif draw < 0.05:
                mark(task, by=self.deputy, state=TaskState.EXCUSED, reason=self.text["source_excuse"], at=when)
        mark_rest_done(self.unit, monday, by=self.liaison, at=when)
        settle_week(self.unit, monday, by=self.head, at=self.at(week + 1, 0, 9))

    def look(self, week: int) -> None:
        """The head weekly, the deputy twice, the roving inspection every other week; then what is wrong with a person."""
        place = self.random.choice(self.data["looked_at"])
        self.see(self.head, week, 3, place, Severity.IN_ORDER, self.text["in_order"])
        if week != GAP:
            for weekday in (1, 4):
                self.see(self.deputy, week, weekday, self.random.choice(self.data["looked_at"]), Severity.IN_ORDER, "")
        if week % 2 == 0:
            self.see(self.roving, week, 3, place, Severity.IN_ORDER, self.text["in_order"])
        for who, weekday, severity, what, cadre, about in self.wrong(week):
            self.see(who, week, weekday, place, severity, what, cadre, **about)

    def wrong(self, week: int) -> Iterator[tuple[Any, int, int, str, Any, dict[str, Any]]]:
        """Who sees what about whom in a week, and what it establishes."""
        lines, remind = self.data["findings"], self.text["reminder"]
        for cadre in self.kept.slow if week in SEEN else []:
            yield self.deputy, 2, Severity.LIGHT, lines[1], cadre, {"criterion": "B2"}
        for cadre in self.kept.absent if week in AWAY else []:
            yield self.roving, 2, Severity.MEDIUM, lines[2], cadre, {"fact": "absent", "amount": 2, "criterion": "D1"}
        for cadre in self.kept.careless if week in MISTAKES else []:
            yield (
                self.deputy,
                2,
                Severity.LIGHT,
                lines[0],
                cadre,
                {"fact": "mistake", "key": self.data["mistake"], "criterion": "B5"},
            )
        if week == REMINDED:
            for cadre in self.kept.absent:
                yield (
                    self.head,
                    4,
                    Severity.LIGHT,
                    remind,
                    cadre,
                    {"fact": "reminder", "key": remind, "criterion": "D1"},
                )
            for cadre in self.kept.careless:
                yield (
                    self.head,
                    4,
                    Severity.LIGHT,
                    remind,
                    cadre,
                    {"fact": "reminder", "key": self.data["mistake"], "criterion": "B5"},
                )

    def see(
        self, who: Any, week: int, weekday: int, place: str, severity: int, what: str, cadre: Any = None, **about: Any
    ) -> None:
        record_finding(by=who, unit=self.unit, seen_at=self.at(week, weekday, 10), place=place, what=what, severity=severity, cadre=cadre,
                       at=self.at(week, weekday, 11), **about)  # fmt: skip
