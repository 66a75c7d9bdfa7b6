"""Evidence about a cadre: append-only; a correction is a new row that supersedes."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role


class Kind(models.TextChoices):
    DOC = "doc", _("document")
    TASK = "task", _("task record")
    APPRAISAL = "appraisal", _("annual appraisal")
    ATTENDANCE = "attendance", _("attendance")
    COMPLAINT = "complaint", _("verified complaint")
    INSPECTION = "inspection", _("inspection")
    MEDIA = "media", _("photo, video or system log")
    WARNING = "warning", _("warning letter")
    TALK = "talk", _("talk record")
    TRAINING = "training", _("training record")
    OWN_STATEMENT = "own_statement", _("own statement")
    BALLOT = "ballot", _("ballot")


# These support, never suffice: the own statement is asked for and never counts against the person.
SUPPORTING = frozenset({Kind.TALK, Kind.OWN_STATEMENT, Kind.BALLOT})


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def current(self) -> "EvidenceQuerySet":
        """The last version of each item."""
        return self.filter(superseded_by__isnull=True)

    def visible_to(self, user: Any) -> "EvidenceQuerySet":
        """Unit roles see items about their own people, the organizer's staff those it acts for, the cadre his own."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            return self.filter(cadre__unit__path__startswith=role.unit.reach)
        if role.role in UNIT_ROLES:
            return self.filter(cadre__unit__path__startswith=role.unit.path)
        if role.role == Role.CADRE:
            return self.filter(cadre_id=user.cadre_id)
        return self.none()


class Evidence(models.Model):
    """One item: what happened when, who says so, and the paper behind it."""

    public_id = public_id()
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    title = models.CharField(_("what it shows"), max_length=200)
    happened_on = models.DateField(_("date"))
    source = models.CharField(_("source"), max_length=120)
    outside = models.BooleanField(_("recorded outside the unit"), default=False)
    file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    correction = models.CharField(_("reason of the correction"), max_length=200, blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["happened_on", "pk"]
        # Read by the nomination form, the case page and the contradiction of nil returns.
        indexes = [models.Index(fields=["cadre", "-happened_on"], name="evidence_cadre_day")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="evidence_kind_known"),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, correction="") | Q(supersedes__isnull=False) & ~Q(correction=""),
                name="evidence_correction_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title
