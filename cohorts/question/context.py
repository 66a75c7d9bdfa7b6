"""Context for the organizer beside a unit's names and beside the scan: figures from which nothing follows by themselves."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DateField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast, Coalesce

from accounts.models import DutyPeriod, Post
from accounts.people.models import DutyKind, UnitKind
from accounts.wording import say
from assessments.evidence.measures import months_before
from assessments.evidence.models import Evidence, Kind
from cohorts.campaign.models import UnitReturn
from cohorts.question.counts import named
from cohorts.referral.models import Referral

# Near retirement, long ill, new in post: PRACTICE's token referrals, in months and days.
RETIRES_WITHIN, LONG_ILL_DAYS, NEW_WITHIN = 24, 90, 6
# Below this share of nominees with a record the scan cannot be trusted to find who was not named.
ASSURED = 0.7


def _earlier_record() -> Any:
    """Items on record before the round opened: what is typed in for the nomination tells nothing about the record."""
    began = Coalesce(OuterRef("unit_return__round__opens_on"), OuterRef("campaign__opened_on"))
    rows = Evidence.objects.filter(cadre=OuterRef("cadre"), recorded_at__date__lt=Cast(began, DateField()))
    return rows.exclude(kind=Kind.OWN_STATEMENT)


@dataclass(frozen=True)
class Share:
    """So many of so many; ``code`` has a sentence."""

    code: str
    count: int
    of: int

    @property
    def words(self) -> str:
        return say(self.code)


def token_shares(unit_return: UnitReturn, on: dt.date) -> list[Share]:
    """Of the names of one return: near retirement, long ill, seconded out, new in post, without any earlier record."""
    away = DutyPeriod.objects.on(on).filter(cadre=OuterRef("cadre"))
    soon = months_before(on, -RETIRES_WITHIN)
    new_post = Post.objects.filter(cadre=OuterRef("cadre"), end__isnull=True, start__gt=months_before(on, NEW_WITHIN))
    ill = away.filter(kind=DutyKind.MEDICAL, start__lte=on - dt.timedelta(days=LONG_ILL_DAYS))
    rows = named(Referral.objects.filter(unit_return=unit_return)).annotate(
        is_ill=Exists(ill), is_seconded=Exists(away.filter(kind=DutyKind.SECONDED)), is_new=Exists(new_post),
        has_record=Exists(_earlier_record()),
    )  # fmt: skip
    counts = rows.aggregate(
        of=Count("pk"), retiring=Count("pk", filter=Q(cadre__retires_on__lte=soon)), ill=Count("pk", filter=Q(is_ill=True)),
        seconded=Count("pk", filter=Q(is_seconded=True)),
        new=Count("pk", filter=Q(is_new=True) | Q(cadre__joined_on__gt=months_before(on, NEW_WITHIN))),
        unrecorded=Count("pk", filter=Q(has_record=False)),
    )  # fmt: skip
    of = counts.pop("of")
    return [Share(f"token.{code}", count, of) for code, count in counts.items() if count]


@dataclass(frozen=True)
class Reach:
    """Of the nominees of one kind of unit, how many were on record before the round opened, and how many from outside."""

    kind: str
    nominees: int
    recorded: int
    outside: int

    @property
    def label(self) -> str:
        return str(UnitKind(self.kind).label)

    @property
    def assured(self) -> bool:
        return self.recorded >= ASSURED * self.nominees

    @property
    def percent(self) -> int:
        return round(100 * self.recorded / self.nominees)

    @property
    def percent_outside(self) -> int:
        return round(100 * self.outside / self.nominees)


def reach_by_kind(user: Any) -> list[Reach]:
    """In the running campaigns that this person sees, per kind of unit; one statement."""
    rows = named(Referral.objects.visible_to(user)).filter(
        campaign__concluded_on__isnull=True, unit_return__isnull=False
    )
    rows = rows.annotate(
        recorded=Exists(_earlier_record()),
        from_outside=Exists(_earlier_record().filter(outside=True)),
        kind=F("unit__kind"),
    )
    counts = rows.order_by().values("kind").annotate(
        n=Count("pk"), with_record=Count("pk", filter=Q(recorded=True)), with_outside=Count("pk", filter=Q(from_outside=True))
    )  # fmt: skip
    return [Reach(row["kind"], row["n"], row["with_record"], row["with_outside"]) for row in counts.order_by("kind")]
