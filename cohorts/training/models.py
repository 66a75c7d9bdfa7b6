"""Cohorts: one class of one campaign."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class Cohort(models.Model):
    """A class with its days; the programme's phases follow."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="cohorts")
    number = models.PositiveSmallIntegerField(_("number of the class"))
    # The class teacher follows the class from day to day and sees its trainees, no other case.
    teacher = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="cohorts_taught", verbose_name=_("class teacher")
    )
    starts_on = models.DateField(_("begins on"))
    ends_on = models.DateField(_("ends on"))

    class Meta:
        app_label = "cohorts"
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="cohort_number_once"),
            models.CheckConstraint(condition=models.Q(ends_on__gt=models.F("starts_on")), name="cohort_days"),
        ]

    def __str__(self) -> str:
        return _("Class %(number)s of %(year)s") % {"number": self.number, "year": self.campaign.year}
