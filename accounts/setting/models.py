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
        },
        _("Which meetings decide, in order, by kind of case"),
    ),
    "electronic_signing": Setting([], _("Kinds of unit that may sign by re-entered password instead of on paper")),
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
