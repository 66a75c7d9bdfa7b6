"""The county's settings as dated rows with defaults."""

import datetime as dt
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Setting(NamedTuple):
    """A setting's default and what it means."""

    default: Any
    label: str | Promise


SETTINGS: dict[str, Setting] = {
    "reply_days": Setting(5, _("Working days for the reply, counted from the day after service")),
    "meeting_routes": Setting(
        {
            "ordinary": ["department"],
            "section_level": ["department", "standing_committee"],
            "own": ["standing_committee"],
            "institution": ["party_group", "department"],
            "other_organizer": ["party_group"],
        },
        _("Which meetings decide, in order, by kind of case"),
    ),
    "electronic_signing": Setting([], _("Kinds of unit that may sign by re-entered password instead of on paper")),
    "review_weights": Setting(
        {"theory": 20, "discipline": 15, "practice": 35, "villagers": 20, "defence": 10},
        _("Weights of the parts of the return review (together 100)"),
    ),
    "review_pass_points": Setting(60, _("Points from which a return review is passed")),
    "objection_days": Setting(5, _("Working days for an objection to the result of the return review")),
    "exit_needs_two_failures": Setting(
        False, _("An exit proposal also requires that the previous return review was unqualified")
    ),
    "practice_logs_per_week": Setting(1, _("Log entries expected of a trainee in a week of field practice")),
    "follow_days": Setting(15, _("Days after the closing day up to which a unit may announce material to follow")),
    "send_back_days": Setting(5, _("Working days in which a name that was sent back may come again without being late")),
    "talks": Setting(3, _("Talks that a verification holds at least")),
    "return_due_days": Setting(3, _("Working days before the closing day from which a return counts as due")),
    "stuck_days": Setting(
        {
            "nominated": 30, "strike_out_proposed": 10, "deferred": 180, "verified": 15, "notified": 30, "confirmed": 30,
            "under_review": 20, "qualified": 15, "unqualified": 15, "exit_proposed": 30,
        },
        _("Days after which a case counts as stuck, by state"),
    ),
    "export_direct_rows": Setting(2000, _("Rows up to which a report is made at once; above, in the background")),
    "suspension_units": Setting("months", _("Allowance suspension in whole months, or in days of 21.75 a month")),
    "penalties": Setting(["suspension", "merit_loss", "promotion_bar"], _("Consequences that are switched on in this county")),
    "suspension_items": Setting(
        {
            "civil_servant": "working_allowance",
            "managed": "working_allowance",
            "institution_admin": "incentive_pay",
            "institution_technical": "incentive_pay",
            "worker": "incentive_pay",
        },
        _("Which item is suspended, by personnel category"),
    ),
    "promotion_bar_months": Setting(6, _("Months without promotion, counted from the return")),
    "payroll_cutoff_day": Setting(10, _("Day of the month until which the list for payroll is drawn up")),
    "payroll_channels": Setting(
        {"education": []}, _("Units (codes) whose people another office pays; the finance bureau pays the rest")
    ),
}


class CountySetting(models.Model):
    """A value in force from ``start`` on, until a later row."""

    key = models.CharField(max_length=40, choices=[(key, key) for key in SETTINGS])
    value = models.JSONField()
    start = models.DateField()

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["key", "start"], name="setting_once_a_day")]

    def __str__(self) -> str:
        return f"{self.key} {self.start}"


def setting(key: str, on: dt.date | None = None) -> Any:
    """The value in force on a day; raises KeyError for an unknown key."""
    default = SETTINGS[key].default
    row = CountySetting.objects.filter(key=key, start__lte=on or timezone.localdate()).order_by("-start").first()
    return row.value if row else default
