"""The trail: append-only, hash-chained decision events. Its format is final: a chain cannot be migrated."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class DecisionEvent(models.Model):
    """One act: who, in which role, what, on what, with which parameters; ``hash`` covers the event before it."""

    seq = models.PositiveBigIntegerField(unique=True)
    prev_hash = models.CharField(max_length=64, unique=True)
    format = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    actor_role = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    # Canonical JSON of codes and parameters, no sentences. A purge empties payload and salt only.
    payload = models.TextField(blank=True)
    salt = models.CharField(max_length=32, blank=True)
    payload_digest = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "accounts"
        ordering = ["seq"]
        # Read by the case page (trail of one subject), and by the page of the minutes asked (acts of a role since a day).
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "seq"], name="event_subject"),
            models.Index(fields=["actor_role", "at"], name="event_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class TrailHead(models.Model):
    """The one row under whose lock events are appended."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_trail_head")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


class AccessLog(models.Model):
    """Who looked at whose case, for what purpose."""

    public_id = public_id()
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(db_index=True)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)

    class Meta:
        app_label = "accounts"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


def subject_key(subject: Any) -> tuple[str, Any]:
    """How the trail, notices and alerts name a row: model and public identifier."""
    return subject._meta.model_name, subject.public_id
