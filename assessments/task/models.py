"""The weekly list of a unit: tasks with the daily three-fixes, the areas they may belong to, and settled weeks."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import PROTECTED, DutyPeriod
from accounts.permissions import UNIT_ROLES, Role


def monday(day: dt.date) -> dt.date:
    """The first day of a day's week; a week is named by it."""
    return day - dt.timedelta(days=day.weekday())


class TaskState(models.TextChoices):
    """What became of a task. Silence is neither done nor not done: a task is open until somebody says so."""

    OPEN = "open", _("still open")
    DONE = "done", _("done in time")
    LATE = "late", _("done late")
    MISSED = "missed", _("not done")
    EXCUSED = "excused", _("excused with reason")


class AreaQuerySet(models.QuerySet["Area"]):
    def visible_to(self, user: Any) -> "AreaQuerySet":
        """Unit roles see the areas of their unit and of those below it."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        return self.filter(unit__path__startswith=role.unit.path) if role.role in UNIT_ROLES else self.none()

    def standing(self) -> "AreaQuerySet":
        return self.filter(ended_on__isnull=True)


class Area(models.Model):
    """A part of the unit's ground under one leader ("two leaders split 12 villages")."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="areas")
    name = models.CharField(_("name of the area"), max_length=40)
    leader = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="+", verbose_name=_("responsible leader"))
    villages = models.ManyToManyField("accounts.Unit", related_name="+", blank=True, verbose_name=_("villages"))
    ended_on = models.DateField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["name", "pk"]
        constraints = [
            # Also the index that the week's page and the sheet read a unit's areas with.
            models.UniqueConstraint(fields=["unit", "name"], condition=Q(ended_on__isnull=True), name="area_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/tasks/areas/{self.public_id}/"


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: Any) -> "TaskQuerySet":
        """Unit roles see the lists of their unit and of those below it, the cadre his own tasks; the organizer none:
        it reads the evidence that comes of them.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in UNIT_ROLES:
            return self.filter(unit__path__startswith=role.unit.path)
        return self.filter(cadre_id=user.cadre_id) if role.role == Role.CADRE else self.none()

    def in_week(self, first: dt.date) -> "TaskQuerySet":
        """Those due in the week of this Monday."""
        return self.filter(week=first)

    def open(self) -> "TaskQuerySet":
        return self.filter(state=TaskState.OPEN)

    def on_leave(self) -> "TaskQuerySet":
        """Those whose due day was a day of leave, illness or protected status of the person responsible."""
        away = DutyPeriod.objects.filter(
            Q(end__isnull=True) | Q(end__gt=OuterRef("due_on")),
            cadre=OuterRef("cadre"), start__lte=OuterRef("due_on"), kind__in=PROTECTED,
        )  # fmt: skip
        return self.filter(Exists(away))

    def unsettled(self) -> "TaskQuerySet":
        """Those of weeks that nobody has settled yet."""
        return self.exclude(Exists(SettledWeek.objects.filter(unit=OuterRef("unit"), week=OuterRef("week"))))


class Task(models.Model):
    """One line of a unit's weekly list: what, who, until when. It stands in the week of its due day."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="tasks")
    week = models.DateField()
    content = models.CharField(_("content"), max_length=200)
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="tasks", verbose_name=_("responsible"))
    due_on = models.DateField(_("finish by"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("area"))
    # A target of the year or a key task: unmet for months after its deadline it speaks to criterion C2.
    key = models.BooleanField(_("key target"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=TaskState, default=TaskState.OPEN)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Excused by itself: the due day was a day of leave or protected status.
    on_leave = models.BooleanField(default=False)
    carried_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="carried_to")
    # What the settled week wrote into the record about it, in its present version.
    evidence = models.OneToOneField("assessments.Evidence", models.PROTECT, null=True, related_name="task")
    planned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    # Who said the present state; nobody while it is open.
    said_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["due_on", "pk"]
        indexes = [
            # Read by the week's page, its print and its settlement.
            models.Index(fields=["unit", "week", "due_on"], name="task_unit_week"),
            # Read by "my weekly list" and the cadre's to-dos.
            models.Index(fields=["cadre", "state", "due_on"], name="task_cadre_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["unit", "cadre", "due_on", "content"], name="task_planned_once"),
            models.CheckConstraint(condition=Q(state__in=TaskState.values), name="task_state_known"),
            models.CheckConstraint(condition=Q(due_on__gte=F("week")), name="task_due_in_its_week"),
            models.CheckConstraint(condition=~Q(content=""), name="task_says_something"),
            models.CheckConstraint(
                condition=~Q(state="late") | Q(done_on__isnull=False, done_on__gt=F("due_on")), name="task_late_has_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_on__isnull=True) | Q(done_on__lte=F("due_on")),
                name="task_done_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="excused") | ~Q(reason="") | Q(on_leave=True), name="task_excuse_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(said_by__isnull=False), name="task_state_said_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.content

    def get_absolute_url(self) -> str:
        return f"/tasks/{self.public_id}/"

    @property
    def planned_in_time(self) -> bool:
        """Put on the list no later than on its due day; a deadline that was set afterwards proves nothing."""
        return timezone.localdate(self.planned_at) <= self.due_on

    @property
    def said_by_self(self) -> bool:
        """Reported by the person responsible, not by the unit."""
        return self.said_by is not None and self.said_by.cadre_id == self.cadre_id


class SettledWeek(models.Model):
    """A unit's week that its head or deputy confirmed: from then on the list of that week stands still."""

    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    week = models.DateField()
    settled_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "assessments"
        constraints = [models.UniqueConstraint(fields=["unit", "week"], name="week_settled_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.week}"
