"""The entries of a ledger and the appeals against them. Nothing here is changed or deleted: a correction is a counter-entry."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import public_id
from assessments.points import rules
from assessments.points.models import own_or_in_scope


class EntryKind(models.TextChoices):
    BASE = rules.BASE, gettext_lazy("base of the month")
    PROJECT = rules.PROJECT, gettext_lazy("project")
    ROUTINE = rules.ROUTINE, gettext_lazy("routine task")
    WORKED = rules.WORKED, gettext_lazy("hours worked beyond the average")
    UNFINISHED = rules.UNFINISHED, gettext_lazy("unfinished work")
    MISTAKE = rules.MISTAKE, gettext_lazy("mistake")
    COUNTER = rules.COUNTER, gettext_lazy("counter-entry")


class PointEntryQuerySet(models.QuerySet["PointEntry"]):
    def visible_to(self, user: Any) -> "PointEntryQuerySet":
        rows: PointEntryQuerySet = own_or_in_scope(self, user)
        return rows

    def with_net(self) -> "PointEntryQuerySet":
        """``net``: the points that an entry has after its counter-entries."""
        after = PointEntry.objects.filter(corrects=OuterRef("pk")).order_by().values("corrects").annotate(s=Sum("points"))  # fmt: skip
        return self.annotate(net=F("points") + Coalesce(Subquery(after.values("s")), 0, output_field=models.DecimalField(max_digits=8, decimal_places=2)))  # fmt: skip

    def sides(self) -> "PointEntryQuerySet":
        """``kind_of``: the kind that decides on which side of the statement an entry stands."""
        return self.annotate(kind_of=Coalesce("corrects__kind", "kind"))

    def standing_mistakes(self) -> "PointEntryQuerySet":
        """Mistakes that did not fall on appeal: these count as times of the same mistake."""
        fallen = PointAppeal.objects.filter(state=AppealState.UPHELD).values("entry")
        return self.filter(kind=EntryKind.MISTAKE).exclude(pk__in=fallen)


class PointEntry(models.Model):
    """Points of one cadre in one month, signed; it keeps the version of the rules by which it was reckoned."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="point_entries")
    month = models.DateField(gettext_lazy("month"))
    kind = models.CharField(gettext_lazy("kind"), max_length=10, choices=EntryKind)
    points = models.DecimalField(gettext_lazy("points"), max_digits=8, decimal_places=2)
    reason = models.CharField(gettext_lazy("reason"), max_length=200, blank=True)
    day = models.DateField(gettext_lazy("day"))
    rules = models.ForeignKey("assessments.PointRules", models.PROTECT, related_name="+")
    # The name of a mistake, always the same for the same mistake: by it the times are counted.
    name = models.CharField(gettext_lazy("name of the mistake"), max_length=60, blank=True)
    routine = models.ForeignKey("assessments.RoutineTask", models.PROTECT, null=True, blank=True, related_name="+")
    hours = models.DecimalField(gettext_lazy("hours"), max_digits=5, decimal_places=1, null=True, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="counters")
    appeal = models.ForeignKey(
        "assessments.PointAppeal", models.PROTECT, null=True, blank=True, related_name="counters"
    )
    evidence = models.ForeignKey("assessments.Evidence", models.PROTECT, null=True, blank=True, related_name="+")
    # Given by the form: saving twice adds once.
    key = models.CharField(max_length=100, unique=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = PointEntryQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["day", "pk"]
        indexes = [
            # Read by the month's page and the settlement; by a person's own page and the totals.
            models.Index(fields=["unit", "month", "cadre"], name="point_entry_month"),
            models.Index(fields=["cadre", "-month"], name="point_entry_cadre"),
            # Read by the list of entries, the latest first.
            models.Index(fields=["unit", "-day", "-id"], name="point_entry_latest"),
            # Read when a mistake is entered: its earlier times.
            models.Index(fields=["cadre", "name", "day"], condition=Q(kind="mistake"), name="point_entry_mistakes"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="point_entry_kind_known"),
            models.CheckConstraint(condition=Q(month__day=1), name="point_entry_month_first"),
            models.CheckConstraint(
                condition=Q(kind="counter", corrects__isnull=False) | ~Q(kind="counter") & Q(corrects__isnull=True, appeal__isnull=True),
                name="point_entry_counter_corrects",
            ),
            models.CheckConstraint(condition=Q(kind="mistake") & ~Q(name="") | ~Q(kind="mistake") & Q(name=""), name="point_entry_mistake_named"),
            models.CheckConstraint(
                condition=Q(kind="routine", routine__isnull=False) | ~Q(kind="routine") & Q(routine__isnull=True), name="point_entry_routine_listed"
            ),
            models.CheckConstraint(
                condition=Q(kind="hours", hours__gt=0) | ~Q(kind="hours") & Q(hours__isnull=True), name="point_entry_hours_stated"
            ),
            models.CheckConstraint(
                condition=Q(kind="counter") | Q(kind__in=["unfinished", "mistake"], points__lte=0)
                | Q(kind__in=["base", "project", "routine", "hours"], points__gte=0),
                name="point_entry_sign",
            ),
            models.UniqueConstraint(fields=["cadre", "month"], condition=Q(kind="base"), name="point_entry_one_base"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.points}"

    def get_absolute_url(self) -> str:
        return f"/points/entries/{self.public_id}/"

    @property
    def words(self) -> str:
        """What the entry is for, in the reader's language where the system wrote it."""
        if self.kind == EntryKind.BASE:
            return _("base, by working days present")
        if self.kind == EntryKind.COUNTER and not self.reason:
            return _("the number of times of this mistake changed")
        head = self.name or (str(self.routine) if self.routine_id else "")
        return f"{head}: {self.reason}" if head and self.reason else head or self.reason

    @property
    def can_be_appealed(self) -> bool:
        return self.kind != EntryKind.COUNTER


class AppealState(models.TextChoices):
    OPEN = "open", gettext_lazy("open")
    UPHELD = "upheld", gettext_lazy("upheld")
    REJECTED = "rejected", gettext_lazy("rejected")


class PointAppealQuerySet(models.QuerySet["PointAppeal"]):
    def visible_to(self, user: Any) -> "PointAppealQuerySet":
        rows: PointAppealQuerySet = own_or_in_scope(self, user, "entry__unit", "entry__cadre")
        return rows

    def open(self) -> "PointAppealQuerySet":
        return self.filter(state=AppealState.OPEN)

    def for_decision_by(self, user: Any) -> "PointAppealQuerySet":
        """Open ones that this person may decide: whoever recorded the entry does not."""
        rows = self.visible_to(user).open()
        return rows.exclude(entry__recorded_by__cadre=user.cadre_id) if user.cadre_id else rows


class PointAppeal(models.Model):
    """The cadre's appeal against one entry, and the decision of somebody who did not record it. No deadline."""

    public_id = public_id()
    entry = models.ForeignKey(PointEntry, models.PROTECT, related_name="appeals")
    text = models.TextField(gettext_lazy("what is wrong with the entry"), max_length=1000)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=AppealState, default=AppealState.OPEN)
    reason = models.TextField(gettext_lazy("reason of the decision"), max_length=1000, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = PointAppealQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="point_appeal_says_something"),
            models.CheckConstraint(
                condition=Q(state="open", reason="", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["upheld", "rejected"], decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
                name="point_appeal_decided_with_reason",
            ),
            models.UniqueConstraint(fields=["entry"], condition=Q(state="open"), name="point_appeal_one_open"),
            models.UniqueConstraint(fields=["entry"], condition=Q(state="upheld"), name="point_appeal_upheld_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return self.entry.get_absolute_url()

    @property
    def decided_on(self) -> dt.date | None:
        return timezone.localtime(self.decided_at).date() if self.decided_at else None
