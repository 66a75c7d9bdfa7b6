"""Writing entries: one, many, last month's routine again.

The same mistake again costs double. What each time is worth follows from the days of all its times (``rules.mistake_points``),
never from the order in which they are written down. Entries keep their points, so that every sum is a plain sum: when an
earlier time is entered late, or one falls on appeal, the later times get a counter-entry over the difference. It stands in
the month of the entry that it corrects; when that month is settled, in the first open one (an appeal reopens the statement).
"""

import datetime as dt
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notice.workflow import notify
from accounts.people.models import barred_cadres
from accounts.trail.workflow import Entry, append
from accounts.user.models import User
from assessments.criteria.kinds import Kind
from assessments.evidence.models import Evidence, Fact
from assessments.points.entries import EntryKind, PointEntry
from assessments.points.models import PointLedger, PointPlace, PointRules, RoutineTask
from assessments.points.rules import HOURS, Occurrence, differences, mistake_points, month_of, next_month
from assessments.points.settlement import occurrences
from assessments.points.workflow import allowed, locked, not_barred, today_of

TYPED = (EntryKind.PROJECT, EntryKind.ROUTINE, EntryKind.WORKED, EntryKind.UNFINISHED, EntryKind.MISTAKE)


@dataclass
class Row:
    """One entry to write. ``key``: given by the form, saving twice adds once; a routine task's key is its own.

    ``month``: a later month than that of the day, when wanted. ``evidence``: unfinished work also goes on the record.
    """

    cadre: Any
    kind: str
    day: dt.date
    key: str = ""
    reason: str = ""
    month: dt.date | None = None
    name: str = ""
    routine: RoutineTask | None = None
    hours: Decimal | None = None
    evidence: bool = False


@transaction.atomic
def enter(*, by: Any, cadre: Any, at: dt.datetime | None = None, unit: Any = None, **fields: Any) -> PointEntry:
    """Write one entry; fields as of ``Row``. The unit is the one in whose ledger the cadre stands on that day.

    The entry's ``added`` tells whether it is new: the same key again gives the first entry back. Raises ValidationError
    when nobody of this name stands in the ledger, the day lies ahead, or what the kind needs is missing.
    """
    row = Row(cadre=cadre, **fields)
    if unit is None:
        held = PointPlace.objects.on(row.day).filter(cadre=cadre).select_related("unit").first()
        unit = held.unit if held else cadre.unit
    return enter_many(by=by, unit=unit, rows=[row], tell=True, at=at)[0]


@transaction.atomic
def enter_many(
    *, by: Any, unit: Any, rows: Iterable[Row], tell: bool = False, at: dt.datetime | None = None
) -> list[PointEntry]:
    """Write many entries of a unit in a bounded number of statements: all or none. See ``enter``.

    ``tell``: whoever loses points is told, with the way to appeal.
    """
    allowed(by, "points.keep", unit)
    ledger, rows = locked(unit), list(rows)
    not_barred(by, *(row.cadre for row in rows))
    _check(ledger, rows, today_of(at))
    known = {entry.key: entry for entry in PointEntry.objects.filter(key__in=[row.key for row in rows])}
    for row in rows:
        _same(known.get(row.key), row, unit)
    fresh = list({row.key: row for row in reversed(rows) if row.key not in known}.values())[::-1]
    made = _write(ledger, fresh, by, at or timezone.now())
    for entry in known.values():
        entry.added = False  # type: ignore[attr-defined]
    if tell and (losing := [entry.cadre_id for entry in made if entry.points < 0]):
        notify(User.objects.filter(cadre__in=losing, is_active=True), "points_deducted", path="/points/mine/", at=at, by_mail=False,
               unit=unit.name)  # fmt: skip
    by_key = known | {entry.key: entry for entry in made}
    return [by_key[row.key] for row in rows]


def _same(entry: PointEntry | None, row: Row, unit: Any) -> None:
    """Raises ValidationError when the key was used for something else: the form was saved, then changed."""
    if entry is None:
        return
    then = (entry.unit_id, entry.cadre_id, entry.kind, entry.name, entry.routine_id, entry.hours)
    routine = row.routine.pk if row.routine else None
    if then != (unit.pk, row.cadre.pk, row.kind, row.name, routine, row.hours) or (
        row.kind != EntryKind.ROUTINE and entry.day != row.day
    ):
        raise ValidationError(_("This form was saved already; open a new one for another entry."), code="stale")


def _check(ledger: PointLedger, rows: list[Row], today: dt.date) -> None:
    """Complete each row, or raise ValidationError for the field that is wrong."""
    held: dict[int, list[PointPlace]] = defaultdict(list)
    for place in PointPlace.objects.filter(unit=ledger.unit, cadre__in={row.cadre.pk for row in rows}):
        held[place.cadre_id].append(place)
    for row in rows:
        if row.kind not in TYPED:
            raise ValidationError({"kind": _("This is not entered by hand.")})
        if row.day > today:
            raise ValidationError({"day": _("The day lies in the future.")})
        ledger.rules_in(month_of(row.day))
        if not any(p.start <= row.day and (p.end is None or row.day < p.end) for p in held[row.cadre.pk]):
            raise ValidationError({"who": _("%(name)s has no place in this ledger on that day.") % {"name": row.cadre}})
        _complete(ledger, row)


def _complete(ledger: PointLedger, row: Row) -> None:
    """What each kind needs; the month in which it counts; its key."""
    mistake = row.kind == EntryKind.MISTAKE
    row.name = " ".join(row.name.split()) if mistake else ""
    row.month = max(row.month or month_of(row.day), month_of(row.day), ledger.open_month)
    if mistake and not row.name:
        raise ValidationError({"name": _("Name the mistake; the same mistake always bears the same name.")})
    if row.kind == EntryKind.WORKED and (
        ledger.rules_in(month_of(row.day)).mode != HOURS or not row.hours or row.hours <= 0
    ):
        raise ValidationError({"hours": _("Hours are entered where the rules go by hours, and more than none.")})
    if row.kind == EntryKind.ROUTINE:
        if row.routine is None or row.routine.ledger_id != ledger.pk or row.routine.dropped_on:
            raise ValidationError({"routine": _("Choose a task from the unit's list.")})
        row.key = f"routine:{row.routine.pk}:{row.month}:{row.cadre.pk}"
    if not row.key:
        raise ValidationError(_("This form is out of date; open it again."), code="stale")


def _write(ledger: PointLedger, rows: list[Row], by: Any, at: dt.datetime) -> list[PointEntry]:
    standing = _standing_mistakes(ledger, rows)
    dues = _dues(ledger, rows, standing)
    evidence = _evidence(ledger, rows, by, at)
    made = []
    for n, row in enumerate(rows):
        rules = ledger.rules_in(month_of(row.day))
        points = dues[n] if row.kind == EntryKind.MISTAKE else rules.figures.worth(row.kind, row.hours or Decimal(0))
        made.append(
            PointEntry(
                unit=ledger.unit, cadre=row.cadre, month=row.month or month_of(row.day), kind=row.kind, points=points, reason=row.reason, day=row.day,
                rules=rules, name=row.name, routine=row.routine, hours=row.hours if row.kind == EntryKind.WORKED else None,
                evidence=evidence.get(n), key=row.key, recorded_by=by, recorded_at=at,
            )
        )  # fmt: skip
    PointEntry.objects.bulk_create(made)
    for entry in made:
        entry.added = True  # type: ignore[attr-defined]
    new = [entry for entry in made if entry.kind == EntryKind.MISTAKE]
    for entry in new:
        entry.net = entry.points  # type: ignore[attr-defined]
    counters = counters_for(ledger, _groups([*standing, *new]), by, at)
    PointEntry.objects.bulk_create(counters)
    append(
        [Entry("evidence.add", item, {"kind": item.kind, "fact": item.fact, "sha256": ""}) for item in evidence.values()]
        + [Entry("points.enter", entry, {"kind": entry.kind, "points": str(entry.points), "month": entry.month}) for entry in [*made, *counters]],
        by=by, at=at,
    )  # fmt: skip
    return made


def _standing_mistakes(ledger: PointLedger, rows: list[Row]) -> list[PointEntry]:
    """Earlier times of the mistakes that are to be written, with their points after counter-entries: one statement."""
    wanted = {(row.cadre.pk, row.name) for row in rows if row.kind == EntryKind.MISTAKE}
    if not wanted:
        return []
    found = PointEntry.objects.filter(
        unit=ledger.unit, cadre__in={c for c, _n in wanted}, name__in={n for _c, n in wanted}
    )
    return [
        entry for entry in found.standing_mistakes().with_net().select_related("rules")
        if (entry.cadre_id, entry.name) in wanted
    ]  # fmt: skip


def _groups(entries: Iterable[PointEntry]) -> list[list[PointEntry]]:
    groups: dict[tuple[int, str], list[PointEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.cadre_id, entry.name].append(entry)
    return list(groups.values())


def _dues(ledger: PointLedger, rows: list[Row], standing: list[PointEntry]) -> dict[int, Decimal]:
    """What each new mistake is worth among all times of the same one, by its number in ``rows``."""
    times: dict[tuple[int, str], list[Occurrence]] = defaultdict(list)
    for entry in standing:
        times[entry.cadre_id, entry.name] += occurrences([entry])
    first = sys.maxsize // 2  # new entries come after the standing ones of the same day, as their keys will
    for n, row in enumerate(rows):
        if row.kind == EntryKind.MISTAKE:
            version: PointRules = ledger.rules_in(month_of(row.day))
            times[row.cadre.pk, row.name].append(Occurrence(first + n, row.day, version.figures))
    points = {key: value for group in times.values() for key, value in mistake_points(group).items()}
    return {key - first: value for key, value in points.items() if key >= first}


def counters_for(
    ledger: PointLedger, groups: list[list[PointEntry]], by: Any, at: dt.datetime, appeal: Any = None
) -> list[PointEntry]:
    """Counter-entries, not yet written, that bring each time of a mistake to what it is worth now."""
    found = []
    for entries in groups:
        by_key = {entry.pk: entry for entry in entries}
        standing = {entry.pk: Decimal(entry.net).quantize(Decimal("0.01")) for entry in entries}  # type: ignore[attr-defined]
        for key, difference in differences(mistake_points(occurrences(entries)), standing).items():
            entry = by_key[key]
            found.append(counter(entry, difference, by=by, at=at, appeal=appeal,
                                 month=entry.month if appeal else max(entry.month, ledger.open_month)))  # fmt: skip
    return found


def counter(
    entry: PointEntry,
    points: Decimal,
    *,
    by: Any,
    at: dt.datetime,
    month: dt.date,
    appeal: Any = None,
    reason: str = "",
) -> PointEntry:
    """A counter-entry, not yet written."""
    return PointEntry(
        unit=entry.unit, cadre_id=entry.cadre_id, month=month, kind=EntryKind.COUNTER, points=points, reason=reason,
        day=timezone.localtime(at).date(), rules=entry.rules, corrects=entry, appeal=appeal, key=f"counter:{entry.pk}:{uuid.uuid4().hex}",
        recorded_by=by, recorded_at=at,
    )  # fmt: skip


def _evidence(ledger: PointLedger, rows: list[Row], by: Any, at: dt.datetime) -> dict[int, Evidence]:
    """A mistake is evidence of the same mistake again (B5); unfinished work is evidence only where the unit says so (B2)."""
    items: dict[int, Evidence] = {}
    for n, row in enumerate(rows):
        mistake = row.kind == EntryKind.MISTAKE
        if mistake or (row.kind == EntryKind.UNFINISHED and row.evidence):
            title = f"{row.name}: {row.reason}" if row.name and row.reason else row.name or row.reason
            items[n] = Evidence(
                cadre=row.cadre, kind=Kind.TASK, title=title[:200], happened_on=row.day, source=ledger.unit.name,
                criterion="B5" if mistake else "B2", fact=Fact.MISTAKE if mistake else Fact.MISSED, key=row.name,
                recorded_by=by, recorded_at=at,
            )  # fmt: skip
    Evidence.objects.bulk_create(items.values())
    return items


@transaction.atomic
def carry_routine(*, by: Any, unit: Any, month: dt.date, at: dt.datetime | None = None) -> int:
    """Enter the routine tasks of the month before once more, for those who are still in the ledger; how many were new.

    Tasks taken off the list, and whoever a relation bars, are left out; what is there already is not added twice.
    """
    allowed(by, "points.keep", unit)
    locked(unit)
    before = month_of(month - dt.timedelta(days=1))
    day = min(today_of(at), next_month(month) - dt.timedelta(days=1))
    here = PointPlace.objects.on(day).filter(unit=unit).values("cadre")
    last: Any = PointEntry.objects.filter(
        unit=unit, month=before, kind=EntryKind.ROUTINE, routine__dropped_on__isnull=True, cadre__in=here
    )
    rows = [
        Row(cadre=entry.cadre, kind=EntryKind.ROUTINE, day=day, month=month, routine=entry.routine, reason=entry.reason)
        for entry in last.with_net().filter(net__gt=0).exclude(cadre__in=barred_cadres(by.cadre_id)).select_related("cadre", "routine")
    ]  # fmt: skip
    return sum(entry.added for entry in enter_many(by=by, unit=unit, rows=rows, at=at))  # type: ignore[attr-defined]
