"""The mirror: a unit's own figures beside the anonymous distribution of comparable units. No names, no ranks."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from statistics import mean, quantiles
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.people.models import barred_cadres
from accounts.wording import say
from cohorts.campaign.models import UnitReturn
from cohorts.referral.models import State

# Below so many other units a figure could be read back to one of them.
FEWEST = 5
# Staff in post, from and to (inclusive); None: no upper end.
BANDS: tuple[tuple[int, int | None], ...] = ((1, 9), (10, 29), (30, 59), (60, None))


@dataclass(frozen=True)
class Line:
    """One figure: the unit's own (None: nothing to measure) and, of at least five others, quarters and median."""

    code: str
    own: float | None
    others: tuple[float, ...]

    @property
    def label(self) -> str:
        return say(f"mirror.{self.code}")

    @property
    def unit(self) -> str:
        return say("mirror.unit.days" if self.code == "days" else "mirror.unit.percent")

    @property
    def count(self) -> int:
        return len(self.others)

    @property
    def quarters(self) -> list[float]:
        """Lowest quarter, median, highest quarter; empty below five others."""
        if self.count < FEWEST:
            return []
        return [round(value, 1) for value in quantiles(self.others, n=4, method="inclusive")]


def band_of(staff: int) -> tuple[int, int | None] | None:
    """The band of a staff size; None where the size is not stated."""
    return next((band for band in BANDS if band[0] <= staff and (band[1] is None or staff <= band[1])), None)


def comparable(unit: Unit) -> Any:
    """The other units of the same kind and staff band that are asked for returns in the same way."""
    band = band_of(unit.staff_in_post)
    if band is None:
        return Unit.objects.none()
    low, high = band
    rows = Unit.objects.filter(kind=unit.kind, reports=unit.reports, dissolved_on__isnull=True, staff_in_post__gte=low)
    return (rows.filter(staff_in_post__lte=high) if high else rows).exclude(pk=unit.pk)


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _returns(units: list[int], year: int, on: dt.date) -> dict[int, dict[str, float | None]]:
    """By unit the share of returns on time, and the calendar days from the opening of a round to the return."""
    rows = UnitReturn.objects.filter(
        unit__in=units, round__closes_on__year=year, round__cancelled_on__isnull=True
    ).values_list("unit", "round__opens_on", "round__closes_on", "first_filed_at")  # fmt: skip
    on_time: dict[int, list[bool]] = defaultdict(list)
    days: dict[int, list[int]] = defaultdict(list)
    for unit, opens_on, closes_on, first in rows:
        filed = timezone.localtime(first).date() if first else None
        if filed or closes_on < on:
            on_time[unit].append(filed is not None and filed <= closes_on)
        if filed:
            days[unit].append((filed - opens_on).days)
    return {
        unit: {"on_time": _share(sum(on_time[unit]), len(on_time[unit])), "days": round(mean(days[unit]), 1) if days[unit] else None}
        for unit in units
    }  # fmt: skip


def mirror(unit: Unit, year: int, on: dt.date, user: Any) -> list[Line]:
    """The figures of a year, in two statements and the reader's relations.

    Cases of the reader, of kin and of others from whom he is barred are counted for nobody: the figure gives none away.
    """
    counted = (
        ~Q(referrals__state=State.DRAFT) & Q(referrals__nominated_at__year=year) & ~Q(referrals__cadre__in=barred_cadres(user.cadre_id))
    )  # fmt: skip
    rows = comparable(unit) | Unit.objects.filter(pk=unit.pk)
    found = list(rows.annotate(referred=Count("referrals", filter=counted, distinct=True)).order_by())
    returns = _returns([row.pk for row in found], year, on)
    values: dict[int, dict[str, float | None]] = {
        row.pk: {"referred": _share(row.referred, row.staff_in_post), **returns[row.pk]} for row in found
    }
    own = values.pop(unit.pk)
    return [
        Line(code, own[code], tuple(v for row in values.values() if (v := row[code]) is not None))
        for code in ("referred", "on_time", "days")
    ]
