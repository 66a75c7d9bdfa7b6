"""What the supervisor rates, and what field practice amounts to for the return review."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cohorts.practice.models import LedgerEntry, LedgerState, Placement
from cohorts.practice.progress import progress_of

# Points below or above these need a reason.
LOW, HIGH = 60, 95


class Component(NamedTuple):
    """One thing that is rated from 0 to 100; the weights of all add up to 100."""

    code: str
    label: str | Promise
    weight: int


COMPONENTS = (
    Component("diligence", _("Diligence"), 25),
    Component("results", _("Work results"), 40),
    Component("discipline", _("Discipline"), 15),
    Component("villagers", _("Contact with the villagers"), 20),
)


def weighted(scores: Mapping[str, int]) -> float:
    """The rating of 0 to 100 points; raises KeyError when a component is missing."""
    return sum(scores[c.code] * c.weight for c in COMPONENTS) / 100


def needs_reason(scores: Mapping[str, int]) -> bool:
    return any(not LOW <= points <= HIGH for points in scores.values())


class Summary(NamedTuple):
    """Field practice of one case: rating (0-100, None = not rated), log entries, weeks, ledger entries."""

    rating: float | None
    entries: int
    weeks_expected: int
    weeks_covered: int
    ledger: int
    confirmed: int


def practice_summaries(cases: Iterable[Any], *, on: dt.date | None = None) -> dict[int, Summary]:
    """By key of the case, for a whole class in a constant number of statements.

    The rating is the mean of the placements' ratings, weighted by their days.
    """
    on, keys = on or timezone.localdate(), [case.pk for case in cases]
    placements = list(Placement.objects.filter(referral__in=keys))
    progress = progress_of(placements, on)
    counts = LedgerEntry.objects.filter(referral__in=keys).values_list("referral").order_by()
    ledger = {
        key: (everything, confirmed)
        for key, everything, confirmed in counts.annotate(
            everything=Count("pk"), confirmed=Count("pk", filter=Q(state=LedgerState.CONFIRMED))
        )
    }
    result = {}
    for key in keys:
        own = [progress[p.pk] for p in placements if p.referral_id == key]
        rated = [
            (weighted(p.rating.scores), ((p.placement.ends_on or on) - p.placement.starts_on).days + 1)
            for p in own
            if p.rating
        ]
        days = sum(length for _points, length in rated)
        result[key] = Summary(
            round(sum(points * length for points, length in rated) / days, 2) if days > 0 else None,
            sum(p.entries for p in own), sum(p.expected for p in own), sum(p.covered for p in own), *ledger.get(key, (0, 0)),
        )  # fmt: skip
    return result


def practice_summary(case: Any, *, on: dt.date | None = None) -> Summary:
    """Field practice of one case, in a bounded number of statements."""
    return practice_summaries([case], on=on)[case.pk]
