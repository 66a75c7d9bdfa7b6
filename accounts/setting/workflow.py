"""Changing the county's settings and its calendar: dated, with the values before and after in the trail."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.calendar import CalendarDay
from accounts.notice.workflow import holders, notify
from accounts.permissions import roles_with
from accounts.setting.models import SETTINGS, CountySetting, SettingDraft, setting
from accounts.trail.workflow import record


@transaction.atomic
def change_setting(
    *, by: Any, key: str, value: Any, start: dt.date, replace: bool = False, at: dt.datetime | None = None
) -> CountySetting:
    """A value in force from ``start`` on. Earlier days keep theirs, because decisions of those days rest on it.

    Raises ValidationError for a past day, for the value that holds on that day already, for a day that has a value of its
    own - unless ``replace`` says that this one is meant -, and for a setting that a second person confirms.
    """
    if SETTINGS[key].second_person:
        raise ValidationError(_("This setting needs a second person: draft the value."))
    return _put(by=by, key=key, value=value, start=start, replace=replace, at=at)


def _check(key: str, value: Any, start: dt.date, today: dt.date) -> Any:
    """The value before. Raises ValidationError for a past day, and for a value that holds already."""
    if start < today:
        raise ValidationError({"start": _("The past keeps its value: choose today or a later day.")})
    before = setting(key, start)
    if before == value:
        raise ValidationError(_("On that day this value holds already; nothing would change."))
    return before


def _put(
    *, by: Any, key: str, value: Any, start: dt.date, replace: bool, at: dt.datetime | None, **who: Any
) -> CountySetting:  # fmt: skip
    before = _check(key, value, start, timezone.localdate(at))
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
    record("setting.change", row, by=by, at=at, key=key, before=before, after=value, start=str(start), **who)
    return row


@transaction.atomic
def draft_setting(*, by: Any, key: str, value: Any, start: dt.date, at: dt.datetime | None = None) -> SettingDraft:
    """A value that a second person confirms; it takes the place of a draft that waits.

    Raises ValidationError for a past day, for the value that holds on that day already, and when nobody else may confirm.
    """
    at = at or timezone.now()
    day = timezone.localdate(at)
    before = _check(key, value, start, day)
    people = [
        user
        for user in holders(roles_with("setting.confirm"), over=by.role.unit, on=day)
        if user.cadre_id != by.cadre_id
    ]
    if not people:
        raise ValidationError(_("Nobody else may confirm a setting; the role of a second person is missing."))
    row, _new = SettingDraft.objects.update_or_create(
        key=key, defaults={"value": value, "start": start, "drafted_by": by, "drafted_at": at}
    )
    record("setting.draft", row, by=by, at=at, key=key, before=before, after=value, start=str(start))
    notify(people, "setting_drafted", path=f"/settings/{key}/", at=at, setting=f"@setting.{key}", day=start.isoformat())
    return row


def may_confirm(draft: SettingDraft, user: Any) -> bool:
    """Another person than the drafter, whatever account he uses."""
    return bool(user.may("setting.confirm") and user.cadre_id != draft.drafted_by.cadre_id)


def _waiting(key: str, seen: str) -> SettingDraft:
    row = SettingDraft.objects.select_for_update(of=("self",)).select_related("drafted_by").filter(key=key).first()
    if row is None:
        raise ValidationError(_("No draft waits any more."))
    if seen != row.seen:
        raise ValidationError(_("The draft was changed since you read it. Read it again."))
    return row


@transaction.atomic
def confirm_setting(key: str, *, by: Any, seen: str, at: dt.datetime | None = None) -> CountySetting:
    """The second person puts a draft in force from its day; ``seen``: the writing that he has read (``SettingDraft.seen``).

    Raises ValidationError when none waits, for the drafter himself, when it changed meanwhile, or when its day is over.
    """
    draft = _waiting(key, seen)
    if not may_confirm(draft, by):
        raise ValidationError(_("You drafted this value; a second person confirms it."))
    drafter = draft.drafted_by
    row = _put(
        by=by, key=key, value=draft.value, start=draft.start, replace=True, at=at, drafted_by=str(drafter.public_id)
    )
    draft.delete()
    notify(
        [drafter],
        "setting_confirmed",
        path=f"/settings/{key}/",
        at=at,
        setting=f"@setting.{key}",
        day=row.start.isoformat(),
    )
    return row


@transaction.atomic
def drop_setting(key: str, *, by: Any, seen: str, at: dt.datetime | None = None) -> None:
    """A draft comes to nothing: its drafter takes it back, or the second person refuses it."""
    draft = _waiting(key, seen)
    record("setting.drop", draft, by=by, at=at, key=key, value=draft.value, start=str(draft.start))
    drafter = draft.drafted_by
    draft.delete()
    if drafter.pk != by.pk:
        notify([drafter], "setting_dropped", path=f"/settings/{key}/", at=at, setting=f"@setting.{key}")


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
