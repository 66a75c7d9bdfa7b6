"""A unit's ledger: its dated rules, who stands in which group and grade, further duties, what is routine."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import public_id
from accounts.people.models import barred_cadres
from accounts.permissions import UNIT_ROLES, Role
from assessments.points.rules import GRADES, HOURS, POSTS, RuleError, Rules, next_month
from assessments.points.versions import VERSIONS

GROUPS = (1, 2)


def in_scope(rows: Any, user: Any, unit: str = "unit") -> Any:
    """The rows of the unit in role and below it; the system sees all, other roles none."""
    role = user.role
    if role is None:
        return rows.none()
    if role.role == Role.SYSTEM:
        return rows
    if role.role in UNIT_ROLES:
        return rows.filter(**{f"{unit}__path__startswith": role.unit.path})
    return rows.none()


def own_or_in_scope(rows: Any, user: Any, unit: str = "unit", cadre: str = "cadre") -> Any:
    """The cadre's own rows; for a unit's roles those of the unit, never on oneself or whom a declared relation bars."""
    if user.role is not None and user.role.role == Role.CADRE:
        return rows.filter(**{cadre: user.cadre_id})
    rows = in_scope(rows, user, unit)
    barred = barred_cadres(user.cadre_id)
    return rows.exclude(**{f"{cadre}__in": barred}) if barred else rows


class HeldQuerySet(models.QuerySet[Any]):
    """Rows in force from ``start`` to the day before ``end``."""

    def on(self, day: dt.date) -> Any:
        return self.filter(start__lte=day).filter(Q(end__isnull=True) | Q(end__gt=day))

    def within(self, start: dt.date, end: dt.date) -> Any:
        """In force on some day from ``start`` to the day before ``end``."""
        return self.filter(start__lt=end).filter(Q(end__isnull=True) | Q(end__gt=start))


class PointLedgerQuerySet(models.QuerySet["PointLedger"]):
    def visible_to(self, user: Any) -> "PointLedgerQuerySet":
        rows: PointLedgerQuerySet = in_scope(self, user)
        return rows


class PointLedger(models.Model):
    """A unit keeps points, from the month ``starts_on`` on. It is optional: without this row nothing is asked of anybody."""

    public_id = public_id()
    unit = models.OneToOneField("accounts.Unit", models.PROTECT, related_name="point_ledger")
    starts_on = models.DateField(gettext_lazy("first month"))
    group_one = models.CharField(gettext_lazy("first group"), max_length=40)
    group_two = models.CharField(gettext_lazy("second group"), max_length=40)
    begun_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)

    objects = PointLedgerQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        constraints = [models.CheckConstraint(condition=Q(starts_on__day=1), name="ledger_from_a_first")]

    def __str__(self) -> str:
        return str(self.unit)

    @property
    def groups(self) -> dict[int, str]:
        return {1: self.group_one, 2: self.group_two}

    @cached_property
    def open_month(self) -> dt.date:
        """The first month that is not settled. Months are settled in their order, so all later ones are open too."""
        last = self.settlements.aggregate(last=models.Max("month"))["last"]
        return next_month(last) if last else self.starts_on

    @cached_property
    def versions(self) -> list["PointRules"]:
        """The approved versions of the rules, the latest first; none while the first ones wait for approval."""
        rows = self.rules.filter(state=RulesState.APPROVED).select_related("set_by__cadre", "approved_by__cadre")
        return list(rows.order_by("-starts_on"))

    @cached_property
    def draft(self) -> "PointRules | None":
        """The one version that waits for approval."""
        return self.rules.drafts().select_related("set_by__cadre").first()

    def rules_in(self, month: dt.date) -> "PointRules":
        """The approved version in force in a month. Raises ValidationError before the ledger's first month, and while
        its first rules wait for approval.
        """
        for version in self.versions:
            if version.starts_on <= month:
                return version
        if not self.versions:
            raise ValidationError(_("The rules of this ledger are not approved yet; nothing counts before."))
        raise ValidationError(_("The ledger begins with %(month)s.") % {"month": date_format(self.starts_on, "YEAR_MONTH_FORMAT")})  # fmt: skip


class RulesState(models.TextChoices):
    DRAFT = "draft", gettext_lazy("draft")
    APPROVED = "approved", gettext_lazy("approved")


class PointRulesQuerySet(models.QuerySet["PointRules"]):
    def visible_to(self, user: Any) -> "PointRulesQuerySet":
        rows: PointRulesQuerySet = in_scope(self, user, "ledger__unit")
        return rows

    def drafts(self) -> "PointRulesQuerySet":
        return self.filter(state=RulesState.DRAFT)

    def for_approval_by(self, user: Any) -> "PointRulesQuerySet":
        """Drafts in which this person (one account each) had no hand in whatever role."""
        return self.visible_to(user).drafts().exclude(drafters=user)


class PointRules(models.Model):
    """One version of a ledger's rules: a draft until a second person approves it, then in force from a month until the
    next version. An approved one is never changed; a change is a new draft.
    """

    ledger = models.ForeignKey(PointLedger, models.PROTECT, related_name="rules")
    # Which reported version it began from ("2018", "2019"); its figures may be the unit's own.
    template = models.CharField(gettext_lazy("version"), max_length=10)
    mode = models.CharField(
        max_length=5, choices=[(POSTS, gettext_lazy("by grade of post")), (HOURS, gettext_lazy("by hours worked"))]
    )
    starts_on = models.DateField(gettext_lazy("holds from"))
    params = models.JSONField(encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=8, choices=RulesState, default=RulesState.DRAFT)
    # Whoever wrote it last and when; empty times belong to versions from before a second person had to approve.
    set_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField(null=True)
    # Everybody who had a hand in it: none of them approves it.
    drafters = models.ManyToManyField("accounts.User", related_name="+")
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = PointRulesQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        constraints = [
            models.UniqueConstraint(fields=["ledger", "starts_on"], condition=Q(state="approved"), name="point_rules_one_a_month"),
            models.UniqueConstraint(fields=["ledger"], condition=Q(state="draft"), name="point_rules_one_draft"),
            models.CheckConstraint(condition=Q(mode__in=[POSTS, HOURS]), name="point_rules_mode_known"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="point_rules_from_a_first"),
            models.CheckConstraint(
                condition=Q(state="draft", set_at__isnull=False, approved_by__isnull=True, approved_at__isnull=True)
                | Q(state="approved", approved_by__isnull=True, approved_at__isnull=True, set_at__isnull=True)
                | Q(state="approved", approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("set_by")),
                name="point_rules_second_person",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(VERSIONS[self.template])

    @property
    def title(self) -> str:
        """Which version of the ledger it is, where several began from the same reported one."""
        return _("%(name)s, from %(month)s on") % {"name": self, "month": date_format(self.starts_on, "YEAR_MONTH_FORMAT")}  # fmt: skip

    @cached_property
    def figures(self) -> Rules:
        return Rules.read(self.mode, self.params)

    @property
    def seen(self) -> str:
        """Which writing of the draft somebody had before him; it goes with his answer."""
        return self.set_at.isoformat() if self.set_at else ""

    def clean(self) -> None:
        try:
            Rules.read(self.mode, self.params)
        except RuleError as error:
            words = {
                "rising": _("The figures of the four grades must not fall."),
                "range": _("This figure is out of range."),
            }
            raise ValidationError({error.args[0]: words.get(error.args[1], _("This is no figure."))}) from error


class PointPlace(models.Model):
    """A cadre's group and base grade in a unit's ledger, from ``start`` to the day before ``end``."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="point_places")
    group = models.PositiveSmallIntegerField(gettext_lazy("group"))
    grade = models.PositiveSmallIntegerField(gettext_lazy("grade of the post"))
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = HeldQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        # Read by the month's page and the settlement.
        indexes = [models.Index(fields=["unit", "start"], name="point_place_of_unit")]
        constraints = [
            models.CheckConstraint(condition=Q(group__in=GROUPS), name="point_place_group_known"),
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="point_place_grade_known"),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="point_place_days"),
            models.UniqueConstraint(fields=["cadre"], condition=Q(end__isnull=True), name="point_place_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.group}/{self.grade}"


class FurtherDuty(models.Model):
    """A duty beside the post, with its hours per week; from two thirds of the working week on it lifts the grade by one."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="further_duties")
    name = models.CharField(gettext_lazy("duty"), max_length=60)
    hours = models.DecimalField(gettext_lazy("hours per week"), max_digits=4, decimal_places=1)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = HeldQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        indexes = [models.Index(fields=["unit", "start"], name="further_duty_of_unit")]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=80), name="further_duty_hours"),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="further_duty_days"),
        ]

    def __str__(self) -> str:
        return self.name


class RoutineTask(models.Model):
    """What the unit counts as routine; whoever carries it in a month gets the routine points."""

    public_id = public_id()
    ledger = models.ForeignKey(PointLedger, models.PROTECT, related_name="routines")
    name = models.CharField(gettext_lazy("routine task"), max_length=60)
    dropped_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "assessments"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "name"], condition=Q(dropped_on__isnull=True), name="routine_listed_once"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
