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
    "follow_days": Setting(15, _("Days after the closing day up to which a unit may announce material to follow")),
    "send_back_days": Setting(5, _("Working days in which a name that was sent back may come again without being late")),
    "talks": Setting(3, _("Talks that a verification holds at least")),
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
