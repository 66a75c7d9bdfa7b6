"""How many a unit named or must still answer for: the only figures that the evidence gap reads, in one statement."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from assessments.criteria.models import Edition
from assessments.evidence.models import SUPPORTING, Kind
from cohorts.campaign.models import Round, UnitReturn
from cohorts.question.models import UnitQuestion
from cohorts.referral.models import CaseEvidence, Origin, Referral, State, StrikeReason

# A flag is of its round: a year after the day of the answer it expires.
EXPIRES_AFTER = dt.timedelta(days=365)


def named(cases: Any) -> Any:
    """Cases in which somebody was named: not drafts, and not what the unit took back before anything was found.

    A case that the leader discontinued (died, retired, left) was named all the same.
    """
    return cases.exclude(state=State.DRAFT).exclude(state=State.WITHDRAWN, end_ground="")


def answering(cases: Any) -> Any:
    """Cases that answer a question: not those that the county had to name because the unit did not."""
    return named(cases).exclude(origin=Origin.COUNTY)


def _like_a_stricter_edition(edition: Edition) -> Q:
    """Conditions under which a case of an edition that asks no record would pass an edition that does.

    Per case, as everywhere, the items of all its criteria count together: two kinds, one of them a record, and for each
    criterion one of the kinds that it needs.
    """
    links = CaseEvidence.objects.filter(referral=OuterRef("pk")).exclude(evidence__kind=Kind.OWN_STATEMENT)
    kinds = links.order_by().values("referral").annotate(n=Count("evidence__kind", distinct=True)).values("n")
    passes = Q(Exists(links.exclude(evidence__kind__in=SUPPORTING))) & Q(pk__in=Referral.objects.filter(
        campaign__edition=edition).annotate(kinds=Subquery(kinds)).filter(kinds__gte=edition.whole_rule["min_kinds"]).values("pk"))  # fmt: skip
    codes_by_need: dict[tuple[str, ...], list[int]] = {}
    for criterion in edition.criteria.all():
        if one_of := criterion.needs.get("needs_one_of"):
            codes_by_need.setdefault(tuple(sorted(one_of)), []).append(criterion.pk)
    through = Referral.criteria.through.objects
    for one_of, criteria in codes_by_need.items():
        asked = through.filter(referral=OuterRef("pk"), criterion__in=criteria)
        passes &= ~Q(Exists(asked)) | Q(Exists(links.filter(evidence__kind__in=one_of)))
    return passes


def counted(cases: Any, weaker: list[Edition]) -> Any:
    """Named cases that count in K: not those struck out as not proved or as token, and of an edition with the weaker
    rule only those that would pass the full one.
    """
    cases = named(cases).exclude(
        state=State.STRUCK_OUT, strike_reason__in=[StrikeReason.NOT_PROVED, StrikeReason.TOKEN]
    )
    for edition in weaker:
        cases = cases.filter(~Q(campaign__edition=edition) | _like_a_stricter_edition(edition))
    return cases


def is_flagged(waiting: int, everybody: int, fraction: float) -> bool:
    """The evidence gap: at least one question is still open, and the open ones are this share or more of all."""
    return waiting >= 1 and waiting >= fraction * everybody


@dataclass(frozen=True)
class Gap:
    """One unit in one round: K = nominated + open, and G = open, in people."""

    unit_return: UnitReturn
    nominated: int
    open: int

    @property
    def all(self) -> int:
        return self.nominated + self.open

    @property
    def flagged(self) -> bool:
        """By the share that the edition of the campaign sets."""
        return is_flagged(self.open, self.all, self.unit_return.round.campaign.edition.whole_rule["gap_fraction"])


def _people(rows: Any, by: str) -> Any:
    """Correlated count of distinct cadres, grouped by the column that ties the rows to the return."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("cadre", distinct=True)).values("n")), 0)


def _gaps(returns: Any, on: dt.date, weaker: list[Edition]) -> Any:
    answered = answering(Referral.objects.filter(campaign=OuterRef("round__campaign"), cadre=OuterRef("cadre")))
    waits = UnitQuestion.objects.unanswered().due(on).exclude(Exists(answered))
    waits = waits.filter(round=OuterRef("round"), unit=OuterRef("unit"), due_on__gt=on - EXPIRES_AFTER)
    cases = counted(Referral.objects.filter(unit_return=OuterRef("pk")), weaker)
    rows = returns.select_related("unit", "round__campaign__edition")
    return rows.annotate(nominated=_people(cases, "unit_return"), open=_people(waits, "unit"))


def weaker_editions(rounds: Any) -> list[Edition]:
    """Editions of these rounds whose evidence rule asks no record (that of 2018)."""
    used = Edition.objects.filter(campaigns__rounds__in=rounds).distinct().prefetch_related("criteria")
    return [edition for edition in used if not edition.whole_rule["needs_record"]]


def standing_gaps(on: dt.date) -> list[Gap]:
    """Of every round that was decided in the last year, the units with a question still open; each round by itself."""
    late = UnitQuestion.objects.unanswered().due(on).filter(due_on__gt=on - EXPIRES_AFTER)
    decided = UnitReturn.objects.filter(
        Exists(late.filter(round=OuterRef("round"), unit=OuterRef("unit"))), round__cancelled_on__isnull=True
    )
    weaker = weaker_editions(Round.objects.filter(questions__in=late))
    rows = _gaps(decided, on, weaker).filter(open__gt=0).order_by("round", F("unit__path"))
    return [Gap(row, row.nominated, row.open) for row in rows]
