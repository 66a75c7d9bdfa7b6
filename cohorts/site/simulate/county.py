"""Builds one simulated county: the truth in memory, the record and the returns in the database, in bulk."""

import datetime as dt
import math
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.utils import timezone

from accounts.models import Cadre, Unit, User
from accounts.people.models import Category, UnitKind
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition, load_editions
from assessments.evidence.models import Evidence
from cohorts.campaign.models import Campaign, NilReason, ReturnState, Round, RoundKind, UnitReturn
from cohorts.referral.models import HowRaised, Referral, State
from cohorts.site.simulate.worlds import FROM_OUTSIDE, MEAN_RATES, NOISE, RATE_CV, RECORDS, STAFF, Item, World

KINDS = (UnitKind.BUREAU, UnitKind.TOWN, UnitKind.INSTITUTION)
EDITION = "2019"
DAY = dt.timedelta(days=1)
# The round runs so long; names are signed the day before it closes.
ROUND_DAYS = 30
BATCH = 2000


@dataclass(eq=False)
class Person:
    """The truth about one member of staff; ``cadre`` only where something is written."""

    cadre: Any = None
    true_case: bool = False
    named: bool = False
    on_record: bool = False
    outside: bool = False
    noise: bool = False


@dataclass
class Office:
    """The truth about one unit."""

    unit: Unit
    planted: bool
    people: list[Person] = field(default_factory=list)
    dropped: int = 0

    @property
    def shielding(self) -> bool:
        """Holds back at least one true case; a planted unit that had none is neither this nor honest."""
        return self.planted and self.dropped > 0


@dataclass
class People:
    """Who acts: heads and the organizer's staff, one of each for the whole county."""

    department: Unit
    head: User
    clerk: User
    leader: User


class County:
    """``offices`` hold the truth and stay here; the scan reads the database only."""

    def __init__(self, world: World, rng: Random, units: int, closes_on: dt.date) -> None:
        self.world, self.rng, self.closes_on = world, rng, closes_on
        self.signed_at = timezone.make_aware(dt.datetime.combine(closes_on - DAY, dt.time(10)))
        self._authorities(closes_on)
        self._units(units)
        self._truth()
        self._on_record()
        self._people()
        self._records()
        self._returns()

    def _below(self, parent: Unit | None, rows: list[Unit]) -> list[Unit]:
        rows = Unit.objects.bulk_create(rows)
        for row in rows:
            row.path = f"{parent.path if parent else ''}{row.pk:06d}."
        Unit.objects.bulk_update(rows, ["path"], batch_size=BATCH)
        return rows

    def _user(self, role: str, over: Unit, at: Unit) -> User:
        name = f"simulated-{role}"
        cadre = Cadre.objects.create(name=name, pinyin=name, initials="s", sex="1", born=dt.date(1980, 1, 1), unit=at,
                                     category=Category.CIVIL_SERVANT, post="-", joined_on=dt.date(2005, 7, 1))  # fmt: skip
        user = User.objects.create(username=name, cadre=cadre)
        user.role = RoleAssignment.objects.create(user=user, role=role, unit=over, start=self.closes_on - 400 * DAY)
        return user

    def _authorities(self, closes_on: dt.date) -> None:
        load_editions()
        (self.root,) = self._below(None, [Unit(code="simulated", name="S", kind=UnitKind.COUNTY)])
        department, office = self._below(self.root, [
            Unit(code="simulated-department", name="D", kind=UnitKind.OFFICE, parent=self.root),
            Unit(code="simulated-office", name="O", kind=UnitKind.OFFICE, parent=self.root),
        ])  # fmt: skip
        self.people = People(
            department, self._user(Role.UNIT_HEAD, self.root, office), self._user(Role.CLERK, department, department),
            self._user(Role.LEADER, department, department),
        )  # fmt: skip
        edition = Edition.objects.get(code=EDITION)
        approve_edition(edition, by=self.people.leader)
        campaign = Campaign.objects.create(
            year=closes_on.year, organizer=department, edition=edition, notice_number="-",
            opened_on=closes_on - ROUND_DAYS * DAY, class_ends_on=closes_on + 400 * DAY,
        )  # fmt: skip
        self.round = Round.objects.create(
            campaign=campaign,
            number=1,
            kind=RoundKind.FIRST,
            opens_on=closes_on - ROUND_DAYS * DAY,
            closes_on=closes_on,
        )

    def _units(self, units: int) -> None:
        rows = [
            Unit(code=f"simulated-{n}", name=f"U{n}", kind=self.rng.choice(KINDS), parent=self.root, reports=True,
                 staff_in_post=self.rng.randint(*STAFF))
            for n in range(units)
        ]  # fmt: skip
        planted = set(self.rng.sample(range(units), round(units * self.world.planted)))
        self.offices = [Office(row, n in planted) for n, row in enumerate(self._below(self.root, rows))]

    def _truth(self) -> None:
        """Who is a true case, and whom each unit names."""
        world, rng = self.world, self.rng
        for office in self.offices:
            office.people = [Person() for _n in range(office.unit.staff_in_post)]
            mean = MEAN_RATES[KINDS.index(office.unit.kind)]
            rate = rng.gammavariate(1 / RATE_CV**2, mean * RATE_CV**2)
            true = [person for person in office.people if rng.random() < rate]
            for person in true:
                person.true_case = True
                person.named = office.planted or rng.random() >= world.missed
            if office.planted:
                office.dropped = math.ceil(rng.uniform(*world.dropped) * len(true))
                for person in rng.sample(true, office.dropped):
                    person.named = False

    def _recorded(self, office: Office) -> tuple[float, float]:
        """Chance that a true case is on record through the unit, and through outside recorders where it is not."""
        world = self.world
        own = world.planted_reach if office.planted and world.planted_reach is not None else world.reach
        return own, max(0.0, (world.lifted_to - own) / (1 - own)) if world.lifted_to else 0.0

    def _on_record(self) -> None:
        """Who stands on record: true cases, people who did nothing of the kind, and entries that meet nothing."""
        world, rng = self.world, self.rng
        everybody = [person for office in self.offices for person in office.people]
        for office in self.offices:
            own, outside = self._recorded(office)
            for person in office.people:
                if person.true_case:
                    person.on_record = rng.random() < own
                    person.outside = not person.on_record and rng.random() < outside
                    person.on_record |= person.outside
        others = [person for person in everybody if not person.true_case]
        count = sum(person.on_record for person in everybody) * world.spurious / (1 - world.spurious)
        if world.spurious_of_staff:
            count = len(everybody) * world.spurious_of_staff
        for person in rng.sample(others, round(count)):
            person.on_record = True
        for person in everybody:
            person.noise = not person.on_record and rng.random() < world.noise

    def _people(self) -> None:
        """Rows for those about whom something is written or who are named; no rule reads of anybody else, and the
        whole staff stands in the unit's number.
        """
        told = [
            (office, person) for office in self.offices for person in office.people
            if person.named or person.on_record or person.noise
        ]  # fmt: skip
        rows = [
            Cadre(name=f"P{n}", pinyin=f"p{n:05d}", initials="p", sex="1", born=dt.date(1980, 1, 1), unit=office.unit, post="-",
                  category=Category.CIVIL_SERVANT, joined_on=dt.date(2005, 7, 1))
            for n, (office, _person) in enumerate(told)
        ]  # fmt: skip
        for (_office, person), row in zip(told, Cadre.objects.bulk_create(rows, batch_size=BATCH), strict=True):
            person.cadre = row

    def _records(self) -> None:
        items: list[Evidence] = []
        for person in (person for office in self.offices for person in office.people):
            if person.on_record:
                items += [self._item(person, item) for item in self.rng.choice(RECORDS)]
            elif person.noise:
                items.append(self._item(person, self.rng.choice(NOISE)))
        Evidence.objects.bulk_create(items, batch_size=BATCH)

    def _item(self, person: Person, item: Item) -> Evidence:
        day = self.closes_on - self.rng.randint(40, 300) * DAY
        written = timezone.make_aware(dt.datetime.combine(day + 3 * DAY, dt.time(9)))
        return Evidence(cadre=person.cadre, kind=item.kind, title="-", happened_on=day, source="-", fact=item.fact, key=item.key,
                        criterion=item.criterion, outside=person.outside or item.kind in FROM_OUTSIDE,
                        recorded_by=self.people.clerk, recorded_at=written)  # fmt: skip

    def _returns(self) -> None:
        UnitReturn.objects.bulk_create(
            UnitReturn(round=self.round, unit=office.unit, state=ReturnState.ACCEPTED, first_filed_at=self.signed_at,
                       filed_at=self.signed_at, signed_by=self.people.head, nil=not any(p.named for p in office.people),
                       nil_reason=NilReason.NONE_FOUND)
            for office in self.offices
        )  # fmt: skip
        self.name(
            [(office, person) for office in self.offices for person in office.people if person.named], self.signed_at
        )

    def name(self, pairs: list[tuple[Office, Person]], at: dt.datetime) -> None:
        """Cases as the signing of a return leaves them, without the road before it."""
        returns = {row.unit_id: row for row in UnitReturn.objects.filter(round=self.round)}
        Referral.objects.bulk_create(
            [self._case(office.unit, person.cadre, returns[office.unit.pk], at) for office, person in pairs],
            batch_size=BATCH,
        )
        for _office, person in pairs:
            person.named = True

    def _case(self, unit: Unit, cadre: Cadre, unit_return: Any, at: dt.datetime) -> Referral:
        return Referral(campaign=self.round.campaign, unit_return=unit_return, unit=unit, cadre=cadre, state=State.NOMINATED,
                        state_since=at, how_raised=HowRaised.PANEL, facts="-", person_name=cadre.name, unit_name=unit.name,
                        post=cadre.post, category=cadre.category, level=cadre.level, nominated_at=at, nominated_by=self.people.head)  # fmt: skip
