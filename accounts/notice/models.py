"""The outbox: a notice is written with the change; the row is the in-app notice, e-mail goes out from it later."""

from typing import Any

from django.db import models
from django.utils import timezone

from accounts import wording
from accounts.fields import public_id


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> "NoticeQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)

    def to_mail(self, now: Any) -> "NoticeQuerySet":
        """Not yet mailed, with an address, and not claimed by another worker."""
        free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lt=now)
        return self.filter(free, mailed_at__isnull=True, attempts__lt=8, by_mail=True).exclude(recipient__email="")


class Notice(models.Model):
    """A message to one person about one subject, as a code and parameters."""

    public_id = public_id()
    recipient = models.ForeignKey("accounts.User", models.CASCADE, related_name="notices")
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # False: in the app only; the daily digest speaks for it by e-mail.
    by_mail = models.BooleanField(default=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        ordering = ["-created_at", "-pk"]
        # Read by the bell in the top bar and the list of notices.
        indexes = [models.Index(fields=["recipient", "-created_at"], name="notice_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.recipient_id}"

    @property
    def text(self) -> str:
        return wording.say(f"notice.{self.code}", self.params)

    @property
    def why(self) -> str:
        """Why this person gets it."""
        code = f"why.{self.code}"
        return wording.say(code if wording.known(code) else "why.default", self.params)
