"""Which line of supervision did not look in which week: from the findings, in one statement.

The record is optional: a unit that never used it has no gaps, and a unit that began has none from before it began.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncDate, TruncWeek
from django.utils import timezone

from accounts.calendar import working_days
from accounts.models import Unit
from accounts.setting.models import setting
from assessments.supervision.models import INSIDE, Finding, Line

WEEK = dt.timedelta(days=7)
THURSDAY = 3


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@dataclass(frozen=True)
class Look:
    """One line in one week: on how many ``days`` it looked of those ``asked``.

    ``state``: looked, short (fewer days than asked), gap (not once), open (the week still runs), free (no working day),
    before (the unit had not begun).
    """

    monday: dt.date
    days: int
    asked: int
    state: str

    @property
    def is_gap(self) -> bool:
        return self.state == "gap"


@dataclass(frozen=True)
class Row:
    """One line with its weeks, the latest first."""

    line: Line
    weeks: list[Look]

    @property
    def gaps(self) -> int:
        return sum(look.is_gap for look in self.weeks)


def gaps(unit: Unit, monday: dt.date, weeks: int) -> list[Row] | None:
    """The three lines of a unit in the week that begins on ``monday`` and the ``weeks`` - 1 before it.

    None where the unit never used the record. The findings are read in one statement.
    """
    mondays = [monday - n * WEEK for n in range(weeks)]
    counts = {
        f"week_{n}": Count(TruncDate("seen_at"), distinct=True,
                           filter=Q(seen_at__gte=midnight(first), seen_at__lt=midnight(first + WEEK)))
        for n, first in enumerate(mondays)
    }  # fmt: skip
    rows: Any = Finding.objects.current().filter(keeper=unit).order_by().values("line")
    found = {row["line"]: row for row in rows.annotate(begun=Min("seen_at"), **counts)}
    if not found:
        return None
    begun = monday_of(timezone.localtime(min(row["begun"] for row in found.values())).date())
    asked, at_work = setting("look_days", monday), _working(mondays)
    return [
        Row(line, [_look(first, found.get(line, {}).get(f"week_{n}", 0), min(asked[line], at_work[first]), begun)
                   for n, first in enumerate(mondays)])
        for line in INSIDE
    ]  # fmt: skip


def _working(mondays: list[dt.date]) -> dict[dt.date, int]:
    """Working days of each week."""
    days = [monday_of(day) for day in working_days(mondays[-1], mondays[0] + WEEK)]
    return {first: days.count(first) for first in mondays}


def _look(first: dt.date, days: int, asked: int, begun: dt.date) -> Look:
    today = timezone.localdate()
    if days:
        runs = first == monday_of(today)
        state = "looked" if days >= asked else "open" if runs else "short"
    elif first < begun:
        state = "before"
    elif not asked:
        state = "free"
    else:
        state = "open" if first == monday_of(today) and today.weekday() < THURSDAY else "gap"
    return Look(first, days, asked, state)


@dataclass(frozen=True)
class UnitGaps:
    """A unit of the county's view: of the ``weeks`` counted since it began, how many each line missed."""

    unit: Unit
    begun: bool
    weeks: int
    missed: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.missed.values())

    @property
    def by_line(self) -> list[tuple[Any, int]]:
        return [(line.label, self.missed[line]) for line in INSIDE]


def county_gaps(reach: str, monday: dt.date, weeks: int) -> list[UnitGaps]:
    """Reporting units within reach, and others that keep the record: missed weeks of each line before ``monday``.

    One statement reads units and findings; the running week is not counted.
    """
    at_work = _working([monday - n * WEEK for n in range(1, weeks + 1)])
    mondays = [first for first, days in at_work.items() if days]  # a week without a working day asks for no look
    window = Q(pk__in=[])
    for first in mondays:
        window |= Q(kept_findings__seen_at__gte=midnight(first), kept_findings__seen_at__lt=midnight(first + WEEK))
    current = Q(kept_findings__superseded_by__isnull=True)
    counts = {
        f"looked_{line}": Count(TruncWeek("kept_findings__seen_at"), distinct=True, filter=window & current & Q(kept_findings__line=line))
        for line in INSIDE
    }  # fmt: skip
    rows = Unit.objects.filter(path__startswith=reach, dissolved_on__isnull=True)
    rows = rows.annotate(begun=Min("kept_findings__seen_at", filter=current), **counts)
    found = []
    for unit in rows.filter(Q(reports=True) | Q(begun__isnull=False)).order_by("path"):
        begun = monday_of(timezone.localtime(unit.begun).date()) if unit.begun else None
        asked = sum(1 for first in mondays if begun and first >= begun)
        missed = {line.value: max(asked - getattr(unit, f"looked_{line}"), 0) for line in INSIDE}
        found.append(UnitGaps(unit, bool(begun), asked, missed))
    return found
