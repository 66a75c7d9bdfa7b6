"""The outbox: a notice is written with the change; the row is the in-app notice, e-mail goes out from it later."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import wording
from accounts.fields import public_id
from accounts.notice.kinds import Kind, Way, kind_of

# The last attempt lies more than a day after the first: a night without a mail server loses nothing.
MAX_ATTEMPTS = 12


class MailedQuerySet(models.QuerySet[Any]):
    def unsent(self) -> "MailedQuerySet":
        """What still has to go out, by somebody who can be reached; also what was given up."""
        return self.filter(mailed_at__isnull=True, recipient__is_active=True).exclude(recipient__email="")

    def to_mail(self, now: dt.datetime) -> "MailedQuerySet":
        """To be sent now: not given up, not waiting after a failure, and leased to no other worker."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
        due = Q(retry_at__isnull=True) | Q(retry_at__lte=now)
        return self.unsent().filter(free, due, attempts__lt=MAX_ATTEMPTS)


class Mailed(models.Model):
    """A row that goes out as one e-mail: leased to one worker at a time, tried again after a failure, a bounded number of times."""

    # The lease: a worker that took the row has until then to send it.
    claimed_until = models.DateTimeField(null=True)
    # After a failure: not before.
    retry_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The name of the last failure; never an address.
    mail_error = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True


class NoticeQuerySet(MailedQuerySet):
    def visible_to(self, user: Any) -> "NoticeQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)

    def unsent(self) -> "MailedQuerySet":
        return super().unsent().filter(mail=Way.NOW)

    def to_bundle(self) -> "NoticeQuerySet":
        """For the next daily e-mail of their recipients."""
        return self.filter(mail=Way.DIGEST, digest__isnull=True)


class Notice(Mailed):
    """A message to one person about one subject, as a code and parameters."""

    public_id = public_id()
    recipient = models.ForeignKey("accounts.User", models.CASCADE, related_name="notices")
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    # The role, and the unit it is held over, by which the person was chosen; empty where the matter is the person's own.
    role = models.CharField(max_length=20, blank=True)
    over = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    # How it goes out, as the person had chosen when it was written.
    mail = models.CharField(max_length=6, choices=Way, default=Way.NOW)
    # The daily e-mail that speaks for it.
    digest = models.ForeignKey("accounts.Digest", models.SET_NULL, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(mail__in=Way.values), name="notice_mail_known")]
        # Read by the bell in the top bar and the list of notices; by each tick that delivers; once a day.
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_latest"),
            models.Index(fields=["created_at"], condition=Q(mail="now", mailed_at__isnull=True), name="notice_to_mail"),
            models.Index(
                fields=["recipient"], condition=Q(mail="digest", digest__isnull=True), name="notice_to_bundle"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.recipient_id}"

    @property
    def kind(self) -> Kind:
        return kind_of(self.code, self.role)

    @property
    def text(self) -> str:
        return wording.say(f"notice.{self.code}", self.params)

    @property
    def why(self) -> str:
        """Why this person gets it: the reason of the code, or else of its kind; the role and its unit behind it."""
        code = f"why.{self.code}"
        reason = wording.say(code, self.params) if wording.known(code) else str(self.kind.why)
        if not self.role:
            return reason
        words = {"why": reason, "role": wording.say(f"role.{self.role}"), "unit": self.over}
        return wording.say("why.as" if self.over else "why.as_role", words)

    def role_to_open(self, user: Any) -> Any:
        """The role that the person must take into use before the page behind the notice opens; None: the present one will do."""
        fitting = [held for held in user.held if held.role == self.role]
        if not fitting or user.role in fitting:
            return None
        return next((held for held in fitting if held.unit and held.unit.name == self.over), fitting[0])

    @property
    def message_id(self) -> str:
        """The same for each attempt, so that a mail program shows a repeated one once."""
        return f"<{self.public_id}@retrain>"


class Digest(Mailed):
    """One e-mail a day to one person, made of the notices that the person wants so."""

    public_id = public_id()
    recipient = models.ForeignKey("accounts.User", models.CASCADE, related_name="digests")
    day = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = MailedQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["recipient", "day"], name="digest_once_a_day")]
        indexes = [models.Index(fields=["created_at"], condition=Q(mailed_at__isnull=True), name="digest_to_mail")]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.day}"

    @property
    def message_id(self) -> str:
        return f"<digest.{self.public_id}@retrain>"
