"""Alerts: a code and parameters about one subject in one period. They advise; they decide nothing."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.fields import public_id
from accounts.people.models import barred_cadres
from accounts.permissions import ORGANIZER_ROLES, Role
from cohorts.measure.models import UnitMeasure
from cohorts.question.models import UnitQuestion


class AlertState(models.TextChoices):
    OPEN = "open", _("open")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    RESOLVED = "resolved", _("resolved")
    CLEARED = "cleared", _("cleared: the cause is gone")


STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


class Level(models.IntegerChoices):
    """How far an alert about a unit has climbed: who is asked to act now."""

    GRACE = 0, _("grace period")
    LIAISON = 1, _("liaison")
    HEAD = 2, _("unit head")
    SECTION = 3, _("section")
    LEADER = 4, _("leader")


# The rule that flags a unit because of its open questions.
GAP = "evidence_gap"
# From which level on a unit's own people find an alert about their unit.
SHOWN_FROM = {Role.LIAISON: Level.LIAISON, Role.UNIT_HEAD: Level.HEAD, Role.DEPUTY: Level.HEAD}


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: Any) -> "AlertQuerySet":
        """The organizer's staff, and the unit's own people once it has climbed to them.

        Nobody sees an alert about himself or about one from whose case he is barred; so a gap is shown to the unit's
        people only for the sake of a question of which they may know.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            rows = self.filter(organizer__path__startswith=role.unit.path)
        elif role.role in SHOWN_FROM:
            reached = AlertChange.objects.filter(alert=OuterRef("pk"), level__gte=SHOWN_FROM[role.role])
            rows = self.filter(Exists(reached), unit__path__startswith=role.unit.path)
            asked = UnitQuestion.objects.unanswered().filter(unit=OuterRef("unit"))
            asked = asked.exclude(cadre__in=barred_cadres(user.cadre_id))
            rows = rows.exclude(~Exists(asked), rule=GAP)
        else:
            return self.none()
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
    # The ladder: where it stands, since which day, when that level was last told, and until when it asked for quiet.
    level = models.PositiveSmallIntegerField(_("level reached"), choices=Level, default=Level.GRACE)
    level_since = models.DateField(default=timezone.localdate)
    told_on = models.DateField(null=True)
    quiet_until = models.DateField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["state", "-raised_at", "pk"]
        # Read by the list of standing alerts and by the count on "my tasks".
        indexes = [models.Index(fields=["state", "organizer"], name="alert_standing")]
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject_key", "period"], name="alert_once"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="alert_state_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="alert_level_known"),
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


# What can happen to an alert: by the scan, by people's steps, by the ladder, by those who act on it.
CHANGES = (
    "raise", "renew", "clear", "reopen", "acknowledge", "assign", "resolve", "heed", "climb", "remind", "call", "measure",
)  # fmt: skip


class AlertChangeQuerySet(models.QuerySet["AlertChange"]):
    def visible_to(self, user: Any) -> "AlertChangeQuerySet":
        """Those of alerts within the reader's scope; a measure only where the measure itself is."""
        measures = Q(measure__isnull=True) | Q(measure__in=UnitMeasure.objects.visible_to(user))
        return self.filter(measures, alert__in=Alert.objects.visible_to(user))


class AlertChange(models.Model):
    """One thing that happened to an alert. Append-only, written with the trail's event: histories and indicator count it."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    # The county's day on which it counts; a level is reached and reminded at most once a day.
    day = models.DateField()
    action = models.CharField(max_length=12)
    before = models.CharField(max_length=14, blank=True)
    after = models.CharField(max_length=14)
    level = models.PositiveSmallIntegerField(choices=Level)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    # Who answered a call; what was said, done or promised.
    reached = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    measure = models.ForeignKey("cohorts.UnitMeasure", models.PROTECT, null=True, related_name="+")

    objects = AlertChangeQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-at", "-pk"]
        # Read by an alert's page; by the indicator, which counts a year's climbs.
        indexes = [
            models.Index(fields=["alert", "-at"], name="alert_history"),
            models.Index(fields=["day", "level"], condition=Q(action="climb"), name="alert_climbs_of_year"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(action__in=CHANGES), name="alert_change_known"),
            models.UniqueConstraint(
                fields=["alert", "action", "level", "day"], condition=Q(action__in=["climb", "remind"]), name="alert_climb_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(action="measure", measure__isnull=False) | ~Q(action="measure") & Q(measure__isnull=True), name="alert_change_measure"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.alert_id} {self.action} {self.day}"


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
