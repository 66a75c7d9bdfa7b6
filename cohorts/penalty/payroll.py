"""Monthly hand-over lists for payroll: who stops, who resumes, from which month - never why."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import Unit, barred_cadres
from accounts.permissions import Role
from accounts.setting.models import setting
from cohorts.penalty.models import PayItem, Units


class Channel(models.TextChoices):
    """Who pays; one list per channel and month."""

    FINANCE = "finance", _("finance bureau, unified payroll")
    EDUCATION = "education", _("education bureau, accounting centre")


def channel_paths(on: Any = None) -> dict[str, list[str]]:
    """Channel -> the subtrees that it pays; what no channel names is paid by the finance bureau (dated setting)."""
    named = setting("payroll_channels", on)
    codes = [code for units in named.values() for code in units]
    paths = dict(Unit.objects.filter(code__in=codes).values_list("code", "path"))
    return {channel: [paths[code] for code in units if code in paths] for channel, units in named.items()}


def channel_of(path: str, paths: dict[str, list[str]]) -> str:
    """The channel that pays the people of a unit."""
    for channel, prefixes in paths.items():
        if any(path.startswith(prefix) for prefix in prefixes):
            return channel
    return Channel.FINANCE


class ListState(models.TextChoices):
    DRAWN_UP = "drawn_up", _("drawn up")
    HANDED_OVER = "handed_over", _("handed over")
    DIFFERENCES = "differences", _("executed, with differences")
    SETTLED = "settled", _("differences settled")
    EXECUTED = "executed", _("executed")


class PayrollListQuerySet(models.QuerySet["PayrollList"]):
    def visible_to(self, user: Any) -> "PayrollListQuerySet":
        """The organizer's clerks and chief see its lists; the payroll officer those of the own channel, once handed over."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in (Role.CLERK, Role.CHIEF):
            return self.filter(organizer__path__startswith=role.unit.path)
        if role.role == Role.PAYROLL:
            own = channel_of(role.unit.path, channel_paths())
            return self.filter(channel=own).exclude(state=ListState.DRAWN_UP)
        return self.none()


class PayrollList(models.Model):
    """One month's list of one channel. Its lines are frozen when it is drawn up; ``state`` is written by ``move`` only."""

    public_id = public_id()
    organizer = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    channel = models.CharField(_("paying office"), max_length=10, choices=Channel)
    month = models.DateField(_("month"))
    state = models.CharField(_("state"), max_length=12, choices=ListState, default=ListState.DRAWN_UP)
    version = models.PositiveIntegerField(default=1)
    drawn_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(default=timezone.now)
    handed_over_on = models.DateField(_("handed over on"), null=True)
    executed_on = models.DateField(_("executed on"), null=True)
    voucher = models.CharField(_("voucher number"), max_length=60, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    objects = PayrollListQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-month", "channel"]
        # Read by the page of lists, newest month first.
        indexes = [models.Index(fields=["-month", "-id"], name="payroll_list_latest")]
        constraints = [
            models.UniqueConstraint(fields=["organizer", "channel", "month"], name="payroll_list_once_a_month"),
            models.CheckConstraint(condition=Q(state__in=ListState.values), name="payroll_list_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="payroll_list_channel_known"),
            models.CheckConstraint(
                condition=Q(executed_on__isnull=True, voucher="") | Q(executed_on__isnull=False) & ~Q(voucher=""),
                name="payroll_list_executed_with_voucher",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.get_channel_display()}"

    def get_absolute_url(self) -> str:
        return f"/payroll/{self.public_id}/"

    @property
    def unit(self) -> Any:
        """Whose list it is; notices name it."""
        return self.organizer

    @property
    def number(self) -> str:
        return f"{self.month:%Y%m}-{self.pk:04d}"


class LineKind(models.TextChoices):
    STOP = "stop", _("stop")
    RESUME = "resume", _("resume")
    REPAY = "repay", _("pay back and resume")


class PayrollLineQuerySet(models.QuerySet["PayrollLine"]):
    def visible_to(self, user: Any) -> "PayrollLineQuerySet":
        """Of a visible list everything; the organizer's staff without those on whose cases they may not act.

        Payroll executes and decides nothing: its list is whole.
        """
        rows = self.filter(payroll_list__in=PayrollList.objects.visible_to(user))
        if user.may("payroll.execute"):
            return rows
        return rows.exclude(penalty__referral__cadre__in=barred_cadres(user.cadre_id))

    def different(self) -> "PayrollLineQuerySet":
        """Not executed, with the reason that payroll stated."""
        return self.exclude(difference="")

    def standing(self) -> "PayrollLineQuerySet":
        """Executed, or still on their way; a line that was not executed comes again on a later list."""
        return self.filter(difference="")


class PayrollLine(models.Model):
    """One change of one person's pay, in words that payroll needs. ``arrears`` names months as YYYY-MM."""

    public_id = public_id()
    payroll_list = models.ForeignKey(PayrollList, models.CASCADE, related_name="lines")
    penalty = models.ForeignKey("cohorts.Penalty", models.PROTECT, related_name="payroll_lines")
    order = models.PositiveIntegerField()
    kind = models.CharField(_("change"), max_length=6, choices=LineKind)
    name = models.CharField(_("name"), max_length=40)
    id_tail = models.CharField(_("last four of the identity number"), max_length=4, blank=True)
    unit_name = models.CharField(_("unit"), max_length=80)
    item = models.CharField(_("item"), max_length=20, choices=PayItem)
    units = models.CharField(_("counted in"), max_length=6, choices=Units)
    from_day = models.DateField(_("from"))
    months = models.PositiveSmallIntegerField(_("months so far"))
    days = models.PositiveSmallIntegerField(_("working days so far"), null=True)
    arrears = models.JSONField(_("back months"), default=list)
    decision_number = models.CharField(_("number of the decision"), max_length=60)
    difference = models.CharField(_("not executed because"), max_length=200, blank=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = PayrollLineQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["payroll_list", "order"]
        constraints = [
            models.UniqueConstraint(fields=["payroll_list", "order"], name="payroll_line_order_once"),
            models.UniqueConstraint(fields=["payroll_list", "penalty", "kind"], name="payroll_line_once"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="payroll_line_kind_known"),
            models.CheckConstraint(condition=Q(answer="") | ~Q(difference=""), name="payroll_answer_to_difference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def beginning(self) -> str:
        """The month from which it holds, or the day when the suspension is counted in days."""
        return date_format(self.from_day, "YEAR_MONTH_FORMAT" if self.units == Units.MONTHS else "DATE_FORMAT")

    @property
    def back_months(self) -> list[str]:
        """The back months in words."""
        return [date_format(dt.date.fromisoformat(f"{month}-01"), "YEAR_MONTH_FORMAT") for month in self.arrears]
