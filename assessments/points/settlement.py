"""From entries to statements: the lines of a month, settling it, and what if one entry fell.

A month that is open is reckoned from the record as it stands; a settled one from its frozen statements. Both use the
same pure functions (``rules``), so what the page foretells is what the settlement freezes.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.calendar import working_days
from accounts.people.models import PROTECTED, Cadre, DutyKind, DutyPeriod
from accounts.trail.workflow import record
from assessments.points.entries import EntryKind, PointEntry
from assessments.points.models import FurtherDuty, PointLedger, PointPlace
from assessments.points.rules import (
    SIDE,
    Line,
    Occurrence,
    cents,
    changed,
    differences,
    grade_of,
    mistake_points,
    month_of,
    monthly_base,
    next_month,
    settle,
)
from assessments.points.statements import PointStatement, Settlement, frozen
from assessments.points.workflow import allowed, locked, today_of

# Leave, protected status and field service with another unit: neutral, neither gain nor loss.
AWAY = PROTECTED | {DutyKind.SECONDED}


def _holds(row: Any, day: dt.date) -> bool:
    return bool(row.start <= day and (row.end is None or day < row.end))


class Presence:
    """Who stood where in a unit's ledger from a day to the day before another, with which duties, and who was away; a
    bounded number of statements. ``also``: people whose earlier places are wanted, because they have entries still.
    """

    def __init__(self, unit: Any, start: dt.date, end: dt.date, also: Iterable[int] = ()) -> None:
        self.days: dict[dt.date, list[dt.date]] = defaultdict(list)
        for day in working_days(start, end):
            self.days[month_of(day)].append(day)
        self.places: dict[int, list[PointPlace]] = defaultdict(list)
        self.duties: dict[int, list[FurtherDuty]] = defaultdict(list)
        self.away: dict[int, list[DutyPeriod]] = defaultdict(list)
        held = PointPlace.objects.filter(unit=unit, start__lt=end).filter(Q(end__isnull=True) | Q(end__gt=start) | Q(cadre__in=list(also)))  # fmt: skip
        for row in held.select_related("cadre").order_by("start"):
            self.places[row.cadre_id].append(row)
        for duty in FurtherDuty.objects.within(start, end).filter(unit=unit):
            self.duties[duty.cadre_id].append(duty)
        periods = DutyPeriod.objects.filter(start__lt=end, kind__in=AWAY, cadre__point_places__unit=unit).distinct()
        for period in periods.filter(Q(end__isnull=True) | Q(end__gt=start)):
            self.away[period.cadre_id].append(period)

    def grade(self, cadre: int, day: dt.date, base_grade: int) -> int:
        return grade_of(base_grade, [row.hours for row in self.duties[cadre] if _holds(row, day)])

    def present(self, cadre: int, month: dt.date) -> Counter[int]:
        """Working days of a month on which the person was there, by the grade of that day."""
        places, present = self.places[cadre], Counter[int]()
        gone = min((day for row in places for day in (row.cadre.left_on, row.cadre.retires_on) if day), default=None)
        for day in self.days[month]:
            place = next((row for row in reversed(places) if _holds(row, day)), None)
            if place and (gone is None or day < gone) and not any(_holds(row, day) for row in self.away[cadre]):
                present[self.grade(cadre, day, place.grade)] += 1
        return present


def open_lines(ledger: PointLedger, month: dt.date) -> list[Line]:
    """The lines of an open month as the record stands, with places; a bounded number of statements.

    Whoever left the ledger and still has entries in the month has a line without days: shown, not ranked.
    """
    end, rules, sums = next_month(month), ledger.rules_in(month).figures, _sums(ledger, month)
    held = Presence(ledger.unit, month, end, also=sums)
    lines = []
    for cadre, places in held.places.items():
        present, found = held.present(cadre, month), sums.get(cadre, {})
        grade, days = held.grade(cadre, end - dt.timedelta(days=1), places[-1].grade), len(held.days[month])
        lines.append(
            Line(
                cadre=cadre, group=places[-1].group, grade=grade, working_days=days, present_days=sum(present.values()),
                base=monthly_base(rules, month, days, present) + found.get("base", Decimal("0.00")),
                plus=found.get("plus", Decimal("0.00")), minus=found.get("minus", Decimal("0.00")),
            )
        )  # fmt: skip
    return settle(lines)


def _sums(ledger: PointLedger, month: dt.date) -> dict[int, dict[str, Decimal]]:
    """Points of a month's entries by cadre and side of the statement: one statement."""
    rows: Any = PointEntry.objects.filter(unit=ledger.unit, month=month).sides().order_by()
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: Decimal("0.00")))
    for cadre, kind, points in rows.values_list("cadre", "kind_of").annotate(s=Sum("points")):
        found[cadre][SIDE[kind]] += cents(points)
    return found


def statements_of(ledger: PointLedger, month: dt.date) -> list[PointStatement]:
    return list(PointStatement.objects.of(ledger, month).current().select_related("cadre"))


def lines_of(ledger: PointLedger, month: dt.date) -> list[Line]:
    """The lines of any month: frozen when it is settled, else as the record stands."""
    if month < ledger.open_month:
        return [row.line for row in statements_of(ledger, month)]
    return open_lines(ledger, month)


@transaction.atomic
def settle_month(unit: Any, month: dt.date, *, by: Any, at: dt.datetime | None = None) -> Settlement:
    """Freeze a month: the base is entered for each cadre, and each gets a statement with places.

    Once: a month that is settled already is given back unchanged. Raises ValidationError when the month is not over, or
    an earlier one waits.
    """
    allowed(by, "points.settle", unit)
    ledger = locked(unit)
    done = Settlement.objects.filter(ledger=ledger, month=month).first()
    if done:
        return done
    if month != ledger.open_month:
        raise ValidationError(_("%(month)s is to be settled first.") % {"month": date_format(ledger.open_month, "YEAR_MONTH_FORMAT")})  # fmt: skip
    if today_of(at) < next_month(month):
        raise ValidationError(_("The month is not over; it can be settled from %(day)s on.") % {"day": date_format(next_month(month))})  # fmt: skip
    lines, rules, moment = open_lines(ledger, month), ledger.rules_in(month), at or timezone.now()
    last = next_month(month) - dt.timedelta(days=1)
    PointEntry.objects.bulk_create(
        PointEntry(unit=unit, cadre_id=line.cadre, month=month, kind=EntryKind.BASE, points=line.base, day=last, rules=rules,
                   key=f"base:{ledger.pk}:{month}:{line.cadre}", recorded_by=by, recorded_at=moment)
        for line in lines if line.base
    )  # fmt: skip
    row = Settlement.objects.create(ledger=ledger, month=month, rules=rules, settled_by=by, settled_at=moment)
    PointStatement.objects.bulk_create([frozen(line, row) for line in lines])
    record("points.settle", row, by=by, at=at, unit=unit.code, month=month, people=len(lines), version=rules.template)
    return row


def restate(ledger: PointLedger, counters: Iterable[PointEntry], appeal: Any) -> int:
    """New versions of the frozen statements that an upheld appeal's counter-entries change, others' places included.

    The months stay settled and keep everything else as frozen; returns how many statements got a new version.
    """
    by_month: dict[dt.date, list[PointEntry]] = defaultdict(list)
    for counter in counters:
        by_month[counter.month].append(counter)
    made = []
    for month, rows in by_month.items():
        if month >= ledger.open_month:
            continue
        now = {row.cadre_id: row for row in statements_of(ledger, month)}
        lines = [row.line for row in now.values()]
        for counter in rows:
            lines = changed(lines, counter.cadre_id, SIDE[str(counter.corrects.kind)], counter.points)  # type: ignore[union-attr]
        for line in lines:
            old = now[line.cadre]
            if (line.total, line.unit_place, line.group_place) != (old.total, old.unit_place, old.group_place):
                made.append(frozen(line, old.settlement, version=old.version + 1, supersedes=old, appeal=appeal))
    PointStatement.objects.bulk_create(made)
    return len(made)


# The same mistake: what each time is worth now


def occurrences(rows: Iterable[PointEntry]) -> list[Occurrence]:
    return [Occurrence(row.pk, row.day, row.rules.figures) for row in rows]


def same_mistakes(unit_id: int, cadre_id: int, name: str) -> list[PointEntry]:
    """The standing entries of one named mistake of one cadre in a unit, with their points after counter-entries."""
    rows = PointEntry.objects.filter(unit=unit_id, cadre=cadre_id, name=name).standing_mistakes().with_net()
    return list(rows.select_related("rules").order_by("day", "pk"))


def due_differences(rows: Iterable[PointEntry]) -> dict[int, Decimal]:
    """What each entry's points lack or have too much, now that these are the times of the mistake."""
    rows = list(rows)
    return differences(mistake_points(occurrences(rows)), {row.pk: cents(row.net) for row in rows})  # type: ignore[attr-defined]


def by_month(entry: PointEntry) -> dict[dt.date, Decimal]:
    """What an entry and its counter-entries stand for, month by month (a late correction stands in a later month)."""
    rows = PointEntry.objects.filter(Q(pk=entry.pk) | Q(corrects=entry)).order_by()
    return {month: cents(points) for month, points in rows.values_list("month").annotate(s=Sum("points"))}


# What if an entry fell


class Fall(NamedTuple):
    """A person's line with an entry and without it, and what else would change (later times of the same mistake)."""

    now: Line
    without: Line
    others: dict[int, Decimal]


def what_if_fell(ledger: PointLedger, entry: PointEntry) -> Fall | None:
    """The person's line of the entry's month with and without it; None when the month has no line of this person.

    Later times of the same mistake cost less without it: those of the same month are reckoned in, all are listed.
    """
    lines = lines_of(ledger, entry.month)
    side = SIDE[entry.corrects.kind if entry.corrects else entry.kind]
    here = by_month(entry).get(entry.month, Decimal(0))
    fewer, others = lines, {}
    if entry.kind == EntryKind.MISTAKE:
        rest = {row.pk: row for row in same_mistakes(entry.unit_id, entry.cadre_id, entry.name) if row.pk != entry.pk}
        others = due_differences(rest.values())
        for key, difference in others.items():
            if rest[key].month == entry.month:
                fewer = changed(fewer, entry.cadre_id, side, difference)
    fewer = changed(fewer, entry.cadre_id, side, -here)
    pair = [next((line for line in rows if line.cadre == entry.cadre_id), None) for rows in (lines, fewer)]
    return Fall(pair[0], pair[1], others) if pair[0] and pair[1] else None


# Contracts for other subjects


def totals(unit: Any, first_month: dt.date, last_month: dt.date, *, base: bool = True) -> dict[int, Decimal]:
    """Points of each cadre of a unit and below it in the months given, both included: one statement.

    The base of a month is entered when it is settled, so an open month counts with its other entries only. Without
    ``base``: only what was earned or lost beyond being present.
    """
    rows = PointEntry.objects.filter(unit__path__startswith=unit.path, month__range=(first_month, last_month))
    rows = rows if base else rows.exclude(kind=EntryKind.BASE).exclude(corrects__kind=EntryKind.BASE)
    return {cadre: cents(points) for cadre, points in rows.order_by().values_list("cadre").annotate(s=Sum("points"))}


def duty_load(unit: Any, on: dt.date) -> dict[int, int]:
    """The grade of each cadre in the ledgers of a unit and below it on a day, further duties included: two statements."""
    hours: dict[int, list[Decimal]] = defaultdict(list)
    for cadre, weekly in (
        FurtherDuty.objects.on(on).filter(unit__path__startswith=unit.path).values_list("cadre", "hours")
    ):
        hours[cadre].append(weekly)
    places = PointPlace.objects.on(on).filter(unit__path__startswith=unit.path).values_list("cadre", "grade")
    return {cadre: grade_of(grade, hours[cadre]) for cadre, grade in places}


def people_of(keys: Iterable[int]) -> dict[int, Cadre]:
    return Cadre.objects.in_bulk(set(keys))
