"""Changing the county's settings and its calendar: dated, with the values before and after in the trail."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.calendar import CalendarDay
from accounts.setting.models import SETTINGS, CountySetting, setting
from accounts.trail.workflow import record


@transaction.atomic
def change_setting(
    *, by: Any, key: str, value: Any, start: dt.date, replace: bool = False, at: dt.datetime | None = None
) -> CountySetting:
    """A value in force from ``start`` on. Earlier days keep theirs, because decisions of those days rest on it.

    Raises ValidationError for a past day, for the value that holds on that day already, and for a day that has a value
    of its own - unless ``replace`` says that this one is meant.
    """
    today = timezone.localdate(at)
    if start < today:
        raise ValidationError({"start": _("The past keeps its value: choose today or a later day.")})
    before = setting(key, start)
    if before == value:
        raise ValidationError(_("On that day this value holds already; nothing would change."))
    row = CountySetting.objects.select_for_update().filter(key=key, start=start).first()
    if row and not replace:
        raise ValidationError(
            {"start": _("%(day)s has a value of its own already. Tick “replace” to put this one in its place, or choose another day.") % {"day": date_format(start)}}
        )  # fmt: skip
    try:
        with transaction.atomic():
            if row:
                row.value = value
                row.save(update_fields=["value"])
            else:
                row = CountySetting.objects.create(key=key, value=value, start=start)
    except IntegrityError as error:
        raise ValidationError(_("Somebody was first; look at the history and decide again.")) from error
    record("setting.change", row, by=by, at=at, key=key, before=before, after=value, start=str(start))
    return row


def is_dated(key: str, start: dt.date) -> bool:
    """Whether the setting has a row of its own on that day."""
    return CountySetting.objects.filter(key=key, start=start).exists()


def history(key: str) -> list[CountySetting]:
    """The rows of a setting, the latest first; raises KeyError for an unknown one."""
    SETTINGS[key]
    return list(CountySetting.objects.filter(key=key).order_by("-start"))


@transaction.atomic
def set_day(*, by: Any, day: dt.date, working: bool, note: str, at: dt.datetime | None = None) -> CalendarDay:
    """The county works on that day, or not, whatever the State Council's calendar says. Not for the past."""
    if day < timezone.localdate(at):
        raise ValidationError({"day": _("Deadlines have been reckoned with that day; choose today or a later one.")})
    try:
        with transaction.atomic():
            row = CalendarDay.objects.create(day=day, working=working, note=note)
    except IntegrityError as error:
        raise ValidationError({"day": _("This day has an entry already; remove it first.")}) from error
    record("calendar.set", row, by=by, at=at, day=str(day), working=working, note=note)
    return row


@transaction.atomic
def remove_day(row: CalendarDay, *, by: Any, at: dt.datetime | None = None) -> None:
    """Take an override back. Raises ValidationError once the day has come."""
    if row.day < timezone.localdate(at):
        raise ValidationError(_("Deadlines have been reckoned with that day; it stays."))
    record("calendar.remove", row, by=by, at=at, day=str(row.day), working=row.working)
    row.delete()
