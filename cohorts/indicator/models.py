"""The standing committee's resolution that makes referring an indicator of the heads' assessment: an object with a date."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def in_force(self, day: dt.date) -> "Resolution | None":
        """The one on which the indicator of a day rests; None: on that day there is no indicator."""
        return self.filter(valid_from__lte=day).order_by("-valid_from").first()


class Resolution(models.Model):
    """In force from ``valid_from`` until a later one; what it says stands here as an extract."""

    public_id = public_id()
    number = models.CharField(_("number of the resolution"), max_length=60, unique=True)
    decided_on = models.DateField(_("date of the resolution"))
    extract = models.TextField(_("extract of the text"), max_length=2000)
    valid_from = models.DateField(_("in force from"), unique=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_from__gte=F("decided_on")), name="resolution_not_backdated"),
        ]

    def __str__(self) -> str:
        return self.number
