"""A meeting decides a whole list in one transaction."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.trail.workflow import record
from cohorts.procedure.workflow import move_many
from cohorts.referral.meeting import Meeting, MeetingItem, Presence, Result, route_of
from cohorts.referral.models import Referral


@transaction.atomic
def prepare_meeting(
    *, by: Any, campaign: Any, kind: str, held_on: dt.date, cases: Iterable[Referral], at: dt.datetime | None = None
) -> Meeting:
    """Put cases on a meeting's list, in the given order. Raises ValidationError on an empty list, and for
    a case that the same meeting has already."""
    cases = list(cases)
    if not cases:
        raise ValidationError({"cases": _("Choose at least one case.")})
    same_day = MeetingItem.objects.filter(meeting__kind=kind, meeting__held_on=held_on, referral__in=cases)
    if item := same_day.select_related("referral__campaign").first():
        words = _("Case %(case)s is on the list of this day's meeting already.") % {"case": item.referral.number}
        raise ValidationError({"cases": words})
    meeting = Meeting.objects.create(campaign=campaign, kind=kind, held_on=held_on)
    MeetingItem.objects.bulk_create(
        MeetingItem(meeting=meeting, referral=case, order=n) for n, case in enumerate(cases, 1)
    )
    record("meeting.prepare", meeting, by=by, at=at, kind=kind, cases=[c.number for c in cases])
    return meeting


@transaction.atomic
def decide_meeting(
    meeting: Meeting, *, by: Any, number: str, extract: str, present: Iterable[tuple[str, Any]],
    results: dict[int, tuple[str, str, Iterable[str]]], at: dt.datetime | None = None,
) -> Meeting:  # fmt: skip
    """Record the decision over the whole list: all items or none.

    ``present`` are (name, cadre or None); ``results`` gives per item's pk the result, its reason, and the names of those
    who left the room. The last meeting of a case's route confirms; an earlier one agrees; "released" ends the case.
    Raises Refused when one item is refused, ValidationError on an item without result or a meeting recorded already.
    """
    at = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.recorded_at:
        raise ValidationError(_("This meeting is recorded already."))
    if not number.strip() or not extract.strip():
        raise ValidationError(_("State the number of the minutes and the extract of the decision."))
    if meeting.held_on > timezone.localtime(at).date():
        raise ValidationError(_("The meeting lies in the future."))
    rows = {name: Presence.objects.create(meeting=meeting, name=name, cadre=cadre) for name, cadre in present}
    moves = []
    for item in meeting.items.select_related("referral__cadre", "referral__campaign__organizer", "referral__unit"):
        result, reason, left = results.get(item.pk, ("", "", ()))
        if result not in Result.values:
            raise ValidationError(_("Give a result for every case on the list."))
        if result == Result.RELEASED and not reason.strip():
            raise ValidationError(_("State why case %(case)s is released.") % {"case": item.referral.number})
        item.reason = reason
        item.left_room.set(rows[name] for name in left if name in rows)
        item.save(update_fields=["reason"])
        last = route_of(item.referral)[-1] == meeting.kind
        action = "release" if result == Result.RELEASED else "confirm" if last else "agree"
        moves.append(
            (
                item,
                result,
                (item.referral, action, {"item": item, "meeting": meeting, "number": number, "reason": reason}),
            )
        )
    move_many([entry for _item, _result, entry in moves], by=by, at=at)
    for item, result, _entry in moves:
        item.result = result
        item.save(update_fields=["result"])
    meeting.number, meeting.extract, meeting.recorded_by, meeting.recorded_at = number, extract, by, at
    meeting.save(update_fields=["number", "extract", "recorded_by", "recorded_at"])
    record("meeting.decide", meeting, by=by, at=at, number=number, present=list(rows))
    return meeting
