"""Keeping a ledger's frame: groups and grades, further duties, the list of routine tasks."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.people.models import barred_cadres
from accounts.trail.workflow import Entry, append, record
from assessments.points.models import FurtherDuty, PointLedger, PointPlace, RoutineTask


def allowed(by: Any, grant: str, unit: Any) -> None:
    """Raises PermissionDenied unless the role in use holds the grant over this unit."""
    if not by.may(grant) or (by.role.unit is not None and not unit.path.startswith(by.role.unit.path)):
        raise PermissionDenied


def locked(unit: Any) -> PointLedger:
    """The unit's ledger under lock: writes to one ledger follow each other. Raises ValidationError when there is none."""
    ledger = PointLedger.objects.select_for_update(of=("self",)).select_related("unit").filter(unit=unit).first()
    if ledger is None:
        raise ValidationError(_("This unit keeps no points ledger."))
    return ledger


def not_barred(by: Any, *cadres: Any) -> None:
    """Raises ValidationError for oneself and whoever a declared relation bars."""
    if barred_cadres(by.cadre_id) & {cadre.pk for cadre in cadres}:
        raise ValidationError(_("Nobody records points of himself, or of somebody to whom a declared relation bars."))


def today_of(at: dt.datetime | None) -> dt.date:
    return timezone.localtime(at).date() if at else timezone.localdate()


class Placing(NamedTuple):
    """Whom to put into which group and grade."""

    cadre: Any
    group: int
    grade: int


def place(
    *, by: Any, unit: Any, cadre: Any, group: int, grade: int, start: dt.date, at: dt.datetime | None = None
) -> None:  # fmt: skip
    """A cadre's group (1 or 2) and base grade (1-4) from a day on; what held before ends. See ``place_many``."""
    place_many(by=by, unit=unit, rows=[Placing(cadre, group, grade)], start=start, at=at)


@transaction.atomic
def place_many(
    *, by: Any, unit: Any, rows: Iterable[Placing], start: dt.date, at: dt.datetime | None = None
) -> int:  # fmt: skip
    """Groups and grades of several cadres from a day on; an earlier place, here or in another unit, ends that day.

    A place that began on the very day is corrected. Raises ValidationError for strangers, the own place, settled months.
    """
    allowed(by, "points.keep", unit)
    ledger, rows = locked(unit), list(rows)
    if start < ledger.open_month:
        start = _not_settled(ledger, start)
    if outside := [row.cadre.name for row in rows if not row.cadre.unit.path.startswith(unit.path)]:
        raise ValidationError(_("Not of this unit: %(names)s") % {"names": _(", ").join(outside)})
    not_barred(by, *(row.cadre for row in rows))
    keys = [row.cadre.pk for row in rows]
    open_places = PointPlace.objects.filter(cadre__in=keys, end__isnull=True)
    if (
        open_places.filter(start__gt=start).exists()
        or PointPlace.objects.filter(cadre__in=keys, end__gt=start).exists()
    ):
        raise ValidationError({"start": _("There is a later place on record already.")})
    open_places.filter(start=start).delete()
    open_places.update(end=start)
    PointPlace.objects.bulk_create(
        PointPlace(unit=unit, cadre=row.cadre, group=row.group, grade=row.grade, start=start) for row in rows
    )
    append([Entry("points.place", row.cadre, {"group": row.group, "grade": row.grade, "start": start}) for row in rows], by=by, at=at)  # fmt: skip
    return len(rows)


def _not_settled(ledger: PointLedger, start: dt.date) -> dt.date:
    if start < ledger.starts_on and ledger.open_month == ledger.starts_on:
        return ledger.starts_on
    raise ValidationError({"start": _("%(month)s is the first month not settled; choose a day from then on.") % {"month": date_format(ledger.open_month, "YEAR_MONTH_FORMAT")}})  # fmt: skip


@transaction.atomic
def end_place(row: PointPlace, *, by: Any, end: dt.date, at: dt.datetime | None = None) -> None:
    """The cadre leaves the ledger; ``end`` is the first day on which the place no longer holds."""
    allowed(by, "points.keep", row.unit)
    ledger = locked(row.unit)
    not_barred(by, row.cadre)
    if end < ledger.open_month:
        _not_settled(ledger, end)
    if row.end or end <= row.start:
        raise ValidationError({"end": _("The end lies before the beginning.")})
    row.end = end
    row.save(update_fields=["end"])
    record("points.unplace", row.cadre, by=by, at=at, end=end)


@transaction.atomic
def begin_further_duty(
    *, by: Any, unit: Any, cadre: Any, name: str, hours: Decimal | int, start: dt.date, at: dt.datetime | None = None
) -> FurtherDuty:
    """A duty beside the post with its hours per week, from a day on. Raises ValidationError for settled months."""
    allowed(by, "points.keep", unit)
    ledger = locked(unit)
    not_barred(by, cadre)
    if not PointPlace.objects.on(max(start, ledger.starts_on)).filter(unit=unit, cadre=cadre).exists():
        raise ValidationError({"who": _("%(name)s has no place in this ledger on that day.") % {"name": cadre}})
    if start < ledger.open_month:
        start = _not_settled(ledger, start)
    if not 0 < hours <= 80:
        raise ValidationError({"hours": _("Hours per week: more than 0, at most 80.")})
    row = FurtherDuty.objects.create(unit=unit, cadre=cadre, name=name.strip(), hours=hours, start=start)
    record("points.duty", cadre, by=by, at=at, duty=row.name, hours=str(hours), start=start)
    return row


@transaction.atomic
def end_further_duty(row: FurtherDuty, *, by: Any, end: dt.date, at: dt.datetime | None = None) -> None:
    """The first day on which the duty is no longer held."""
    allowed(by, "points.keep", row.unit)
    ledger = locked(row.unit)
    not_barred(by, row.cadre)
    if end < ledger.open_month:
        _not_settled(ledger, end)
    if row.end or end <= row.start:
        raise ValidationError({"end": _("The end lies before the beginning.")})
    row.end = end
    row.save(update_fields=["end"])
    record("points.duty_end", row.cadre, by=by, at=at, duty=row.name, end=end)


@transaction.atomic
def list_routine(*, by: Any, unit: Any, name: str, at: dt.datetime | None = None) -> RoutineTask:
    """Put a task on the unit's list of routine tasks; one that stands there already is given back."""
    allowed(by, "points.keep", unit)
    ledger = locked(unit)
    row, new = RoutineTask.objects.get_or_create(ledger=ledger, name=name.strip(), dropped_on=None)
    if new:
        record("points.routine", ledger, by=by, at=at, name=row.name)
    return row


@transaction.atomic
def drop_routine(row: RoutineTask, *, by: Any, at: dt.datetime | None = None) -> None:
    """Take a task off the list; what was entered for it stays."""
    allowed(by, "points.keep", row.ledger.unit)
    if RoutineTask.objects.filter(pk=row.pk, dropped_on__isnull=True).update(dropped_on=today_of(at)):
        record("points.routine_drop", row.ledger, by=by, at=at, name=row.name)
