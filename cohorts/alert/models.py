"""Alerts: a code and parameters about one subject in one period. They advise; they decide nothing."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.fields import public_id
from accounts.permissions import ORGANIZER_ROLES, Role


class AlertState(models.TextChoices):
    OPEN = "open", _("open")
    CLEARED = "cleared", _("cleared: the cause is gone")


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: Any) -> "AlertQuerySet":
        """The county's organizer; another organizer, such as the education bureau, must not read of the county's cases."""
        role = user.role
        if role is None:
            return self.none()
        county = role.role in ORGANIZER_ROLES and role.unit.acts_for_county
        return self if county or role.role == Role.SYSTEM else self.none()

    def standing(self) -> "AlertQuerySet":
        return self.filter(state=AlertState.OPEN)


class Alert(models.Model):
    """Unique on rule, subject and period, so that a scan run twice changes nothing."""

    public_id = public_id()
    rule = models.CharField(max_length=40)
    subject_key = models.CharField(max_length=80)
    period = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=14, choices=AlertState, default=AlertState.OPEN)
    raised_at = models.DateTimeField(default=timezone.now)

    objects = AlertQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["state", "-raised_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject_key", "period"], name="alert_once"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="alert_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_key}"

    @property
    def text(self) -> str:
        return wording.say(f"alert.{self.rule}", self.params)
