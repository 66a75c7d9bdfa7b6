"""Opening classes."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.trail.workflow import record
from cohorts.training.models import Cohort


@transaction.atomic
def open_cohort(
    *, by: Any, campaign: Any, starts_on: dt.date, ends_on: dt.date, at: dt.datetime | None = None
) -> Cohort:
    """Open the campaign's next class; raises ValidationError when it ends before it begins or is open already."""
    if ends_on <= starts_on:
        raise ValidationError({"ends_on": _("The class ends after it begins.")})
    if campaign.cohorts.filter(starts_on=starts_on, ends_on=ends_on).exists():
        raise ValidationError(_("A class of these days is open already."))
    cohort = Cohort.objects.create(
        campaign=campaign, number=campaign.cohorts.count() + 1, starts_on=starts_on, ends_on=ends_on
    )
    record("cohort.open", cohort, by=by, at=at, starts_on=starts_on, ends_on=ends_on)
    return cohort
