"""Consequences of a case: separate decisions that start and end."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from cohorts.penalty.kinds import BY_CODE, CHOICES, CODES, OPEN_ENDED, Kind
from cohorts.referral.models import CLOSED, Referral, State


class PayItem(models.TextChoices):
    """What is suspended, by personnel category (county setting; PRACTICE 16)."""

    WORKING_ALLOWANCE = "working_allowance", _("working allowance")
    INCENTIVE_PAY = "incentive_pay", _("incentive performance pay")


class Units(models.TextChoices):
    MONTHS = "months", _("whole months")
    DAYS = "days", _("days, of 21.75 a month")


class PenaltyQuerySet(models.QuerySet["Penalty"]):
    def visible_to(self, user: Any) -> "PenaltyQuerySet":
        """Whoever may know of the case may know of its consequences."""
        return self.filter(referral__in=Referral.objects.visible_to(user))

    def in_force(self, on: dt.date) -> "PenaltyQuerySet":
        """``start <= day < end``: decided here, so that a dead beat prolongs nothing."""
        return self.filter(start__lte=on).filter(Q(end__isnull=True) | Q(end__gt=on))

    def ended(self, on: dt.date) -> "PenaltyQuerySet":
        return self.filter(end__lte=on)

    def suspensions(self) -> "PenaltyQuerySet":
        return self.filter(kind="suspension")

    def without_end_on_closed_cases(self) -> "PenaltyQuerySet":
        """A closed case never holds an open end; a row here is a fault to be mended."""
        return self.filter(end__isnull=True, referral__state__in=CLOSED)

    def beyond_rule(self, on: dt.date) -> "PenaltyQuerySet":
        """In force although its end rule is over: a suspension after the month (or day) of the closing step, or
        anything on an overturned case.
        """
        late = Q(units=Units.MONTHS, referral__closed_on__lt=on.replace(day=1)) | Q(
            units=Units.DAYS, referral__closed_on__lte=on
        )
        closed = Q(kind__in=OPEN_ENDED, referral__state__in=CLOSED) & late
        return self.in_force(on).filter(closed | Q(referral__state=State.OVERTURNED))


class Penalty(models.Model):
    """In force from ``start`` to the day before ``end``; a decision of its own, with its number and its basis."""

    public_id = public_id()
    referral = models.ForeignKey("cohorts.Referral", models.PROTECT, related_name="penalties")
    kind = models.CharField(_("kind"), max_length=16, choices=CHOICES)
    decision_number = models.CharField(_("number of the decision"), max_length=60)
    decided_on = models.DateField(_("decided on"))
    basis = models.CharField(_("policy basis"), max_length=120)
    item = models.CharField(_("item"), max_length=20, choices=PayItem, blank=True)
    units = models.CharField(_("counted in"), max_length=6, choices=Units, default=Units.MONTHS)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True)
    lifted_on = models.DateField(_("lifted on"), null=True)

    objects = PenaltyQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        # Read by the page of consequences (newest first) and by the eligibility question (by case and day).
        indexes = [
            models.Index(fields=["kind", "start", "id"], name="penalty_by_start"),
            models.Index(fields=["referral", "end"], name="penalty_of_case"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CODES), name="penalty_kind_known"),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gte=models.F("start")), name="penalty_days"),
            models.CheckConstraint(
                condition=Q(end__isnull=False) | Q(kind__in=OPEN_ENDED, lifted_on__isnull=True),
                name="penalty_end_required",
            ),
            models.CheckConstraint(
                condition=Q(kind="suspension") & ~Q(item="") | ~Q(kind="suspension") & Q(item=""),
                name="penalty_item_of_suspension",
            ),
            # A case that was remitted and admitted again may hold a new decision beside the lifted one.
            models.UniqueConstraint(
                fields=["referral", "kind"], condition=Q(lifted_on__isnull=True), name="penalty_once_per_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.start}"

    @property
    def rule(self) -> Kind:
        return BY_CODE[self.kind]

    @property
    def label(self) -> str:
        """In the words of the item: what is suspended depends on the personnel category."""
        if self.kind == "suspension":
            return _("Suspension: %(item)s") % {"item": self.get_item_display()}
        return str(self.rule.label)
