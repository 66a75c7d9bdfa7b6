"""Follow-up after the return: what became of the person."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.trail.workflow import record
from cohorts.review.models import FollowUp


@transaction.atomic
def record_follow_up(
    row: FollowUp, *, by: Any, became: str, note: str = "", on: dt.date | None = None, at: dt.datetime | None = None
) -> FollowUp:
    """Enter what became of the person; raises ValidationError before its day and when it was entered already."""
    on = on or timezone.localdate()
    if row.due_on > on:
        raise ValidationError(_("This follow-up is not due yet."))
    changed = FollowUp.objects.filter(pk=row.pk, noted_on__isnull=True).update(
        became=became, note=note, noted_on=on, noted_by=by
    )
    if not changed:
        raise ValidationError(_("Somebody was first: this follow-up is entered already."))
    row.refresh_from_db()
    record("followup.enter", row.referral, by=by, at=at, months=row.months, became=became)
    return row
