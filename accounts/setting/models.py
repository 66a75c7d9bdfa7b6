"""The county's settings as dated rows with defaults."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.fields import public_id
from accounts.setting.registry import SETTINGS, Setting

__all__ = ["SETTINGS", "CountySetting", "Setting", "SettingDraft", "setting", "signer_of"]


class CountySetting(models.Model):
    """A value in force from ``start`` on, until a later row."""

    public_id = public_id()
    key = models.CharField(max_length=40)
    value = models.JSONField()
    start = models.DateField()

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["key", "start"], name="setting_once_a_day")]

    def __str__(self) -> str:
        return f"{self.key} {self.start}"


class SettingDraft(models.Model):
    """A value that waits for a second person; one for each setting. It is in force nowhere."""

    public_id = public_id()
    key = models.CharField(max_length=40, unique=True)
    value = models.JSONField()
    start = models.DateField()
    drafted_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return f"{self.key} {self.start}"

    @property
    def seen(self) -> str:
        """Names the writing that a reader has before him: it changes with each drafting."""
        return self.drafted_at.isoformat()


def setting(key: str, on: dt.date | None = None) -> Any:
    """The value in force on a day; raises KeyError for an unknown key."""
    default = SETTINGS[key].default
    row = CountySetting.objects.filter(key=key, start__lte=on or timezone.localdate()).order_by("-start").first()
    return row.value if row else default


def signer_of(kind: str, on: dt.date | None = None) -> str:
    """Who signs for a unit of this kind, in words; "" where the county named nobody."""
    return str(dict(SETTINGS["unit_signers"].choices).get(setting("unit_signers", on).get(kind, ""), ""))
