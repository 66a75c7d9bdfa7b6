"""Penalties of a case: separate decisions that start and end."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class PenaltyKind(models.TextChoices):
    SUSPENSION = "suspension", _("allowance suspension")


class PenaltyQuerySet(models.QuerySet["Penalty"]):
    def in_force(self, on: dt.date) -> "PenaltyQuerySet":
        """``start <= day < end``: decided here, so that a dead beat prolongs nothing."""
        return self.filter(start__lte=on).filter(Q(end__isnull=True) | Q(end__gt=on))


class Penalty(models.Model):
    """In force from ``start`` to the day before ``end``."""

    public_id = public_id()
    referral = models.ForeignKey("cohorts.Referral", models.PROTECT, related_name="penalties")
    kind = models.CharField(max_length=12, choices=PenaltyKind)
    decision_number = models.CharField(_("number of the decision"), max_length=60)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True)

    objects = PenaltyQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PenaltyKind.values), name="penalty_kind_known"),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gte=models.F("start")), name="penalty_days"),
            models.UniqueConstraint(fields=["referral", "kind"], name="penalty_once_per_case"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.start}"


def first_of_next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def suspension_days(decided: dt.date, returned: dt.date | None, units: str) -> tuple[dt.date, dt.date | None]:
    """Start and end of a suspension (PRACTICE 16).

    Whole months: from the month after the decision up to and including the month of the return, so the end is the
    first day of the month after it. Days: from the day after the decision to the day of the return.
    """
    if units == "months":
        start = first_of_next_month(decided)
        return start, max(start, first_of_next_month(returned)) if returned else None
    start = decided + dt.timedelta(days=1)
    return start, max(start, returned) if returned else None
