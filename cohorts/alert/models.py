"""Alerts: a code and parameters about one subject in one period. They advise; they decide nothing."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.fields import public_id
from accounts.people.models import barred_cadres
from accounts.permissions import ORGANIZER_ROLES, Role


class AlertState(models.TextChoices):
    OPEN = "open", _("open")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    RESOLVED = "resolved", _("resolved")
    CLEARED = "cleared", _("cleared: the cause is gone")


STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: Any) -> "AlertQuerySet":
        """The organizer's staff; nobody sees an alert about himself or about one from whose case he is barred."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role not in ORGANIZER_ROLES:
            return self.none()
        rows = self.filter(organizer__path__startswith=role.unit.path)
        return rows.exclude(cadre_id__in=barred_cadres(user.cadre_id)) if user.cadre_id else rows

    def standing(self) -> "AlertQuerySet":
        return self.filter(state__in=STANDING)


class Alert(models.Model):
    """Unique on rule, subject and period, so that a scan run twice changes nothing. ``state`` is written by ``move``."""

    public_id = public_id()
    rule = models.CharField(max_length=40)
    # model:public_id of the row that it is about.
    subject_key = models.CharField(max_length=80)
    # round, cohort or year with its key, as the rule declares.
    period = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    # Of the parameters; empty once the cause is gone, so that a cause that comes back is news.
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=14, choices=AlertState, default=AlertState.OPEN)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="alerts")
    organizer = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="alerts")
    note = models.TextField(_("what was done"), blank=True)
    raised_at = models.DateTimeField(default=timezone.now)

    objects = AlertQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["state", "-raised_at", "pk"]
        # Read by the list of standing alerts and by the count on "my tasks".
        indexes = [models.Index(fields=["state", "organizer"], name="alert_standing")]
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject_key", "period"], name="alert_once"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="alert_state_known"),
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(owner__isnull=False), name="alert_resolved_by_owner"
            ),
        ]

    def __str__(self) -> str:
        return wording.say(f"rule.{self.rule}")

    def get_absolute_url(self) -> str:
        return f"/alerts/{self.public_id}/"

    @property
    def text(self) -> str:
        return wording.say(f"alert.{self.rule}", self.params)


class ReminderCall(models.Model):
    """One call made for a unit's return: who called when, and what was answered."""

    unit_return = models.ForeignKey("cohorts.UnitReturn", models.PROTECT, related_name="calls")
    called_at = models.DateTimeField(default=timezone.now)
    called_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    reached = models.CharField(_("who answered"), max_length=40)
    answer = models.CharField(_("answer"), max_length=200)
    # The next call of the same return has the next number: a form that was sent twice is refused.
    number = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "cohorts"
        ordering = ["unit_return", "number"]
        constraints = [models.UniqueConstraint(fields=["unit_return", "number"], name="reminder_call_once")]

    def __str__(self) -> str:
        return f"{self.unit_return_id} {self.number}"

    @property
    def day(self) -> dt.date:
        return timezone.localtime(self.called_at).date()
