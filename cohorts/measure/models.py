"""Measures against a unit or one of its leading cadres, and the unit's record that they make up."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import barred_cadres
from accounts.permissions import ORGANIZER_ROLES, Role
from cohorts.measure.kinds import BY_CODE, CHOICES, CODES, Kind


class MeasureState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    IN_EFFECT = "in_effect", _("in effect")
    REFUSED = "refused", _("refused")
    REVOKED = "revoked", _("revoked")


class UnitMeasureQuerySet(models.QuerySet["UnitMeasure"]):
    def visible_to(self, user: Any) -> "UnitMeasureQuerySet":
        """The organizer's staff see its campaigns' measures, except those on kin, dispute or interest; head and deputy
        those that took effect against their own unit.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            rows = self.filter(campaign__organizer__path__startswith=role.unit.path)
            return rows.exclude(person__in=barred_cadres(user.cadre_id))
        if role.role in (Role.UNIT_HEAD, Role.DEPUTY):
            return self.on_record().filter(unit__path__startswith=role.unit.path)
        return self.none()

    def on_record(self) -> "UnitMeasureQuerySet":
        """What took effect, revoked ones included: a record is never rewritten."""
        return self.filter(state__in=[MeasureState.IN_EFFECT, MeasureState.REVOKED])

    def in_effect(self) -> "UnitMeasureQuerySet":
        return self.filter(state=MeasureState.IN_EFFECT)

    def of(self, kind: str, campaign: Any) -> "UnitMeasureQuerySet":
        """In effect, of one kind in one campaign: what the replay and the report count."""
        return self.in_effect().filter(kind=kind, campaign=campaign)


class UnitMeasure(models.Model):
    """One measure. ``state`` is written by ``move`` only; an interview is on record as soon as it was held."""

    public_id = public_id()
    campaign = models.ForeignKey(
        "cohorts.Campaign", models.PROTECT, related_name="measures", verbose_name=_("campaign")
    )
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="measures", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=16, choices=CHOICES)
    state = models.CharField(_("state"), max_length=10, choices=MeasureState, default=MeasureState.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    reason = models.TextField(_("reason"))
    file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("accounts.Cadre", models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    held_on = models.DateField(_("held on"), null=True)
    held_by = models.CharField(_("held by"), max_length=60, blank=True)
    agreed = models.TextField(_("what was agreed"), blank=True)
    commendation = models.CharField(_("planned commendation"), max_length=120, blank=True)
    commendation_year = models.PositiveSmallIntegerField(_("year of the commendation"), null=True)
    handed_to = models.CharField(_("handed over to"), max_length=80, blank=True)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    document_number = models.CharField(_("number of the document"), max_length=60, blank=True)
    document_on = models.DateField(_("date of the document"), null=True)
    closing_reason = models.TextField(_("why it was refused or revoked"), blank=True)

    objects = UnitMeasureQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        # Read by the page of measures (newest first) and by a unit's record.
        indexes = [
            models.Index(fields=["-proposed_at", "-id"], name="measure_latest"),
            models.Index(fields=["unit", "state"], name="measure_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CODES), name="measure_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MeasureState.values), name="measure_state_known"),
            models.CheckConstraint(
                condition=~Q(kind="interview") | Q(person__isnull=False, held_on__isnull=False), name="measure_interview_of_somebody"
            ),
            # A form sent twice makes one measure.
            models.UniqueConstraint(
                fields=["person", "held_on"], condition=Q(kind="interview", state="in_effect"), name="measure_interview_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit", "kind", "commendation"], condition=Q(state="proposed", person__isnull=True),
                name="measure_proposed_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "person", "kind"], condition=Q(state="proposed"), name="measure_proposed_once_for_person"
            ),
            models.CheckConstraint(
                condition=~Q(kind="commendation") | Q(commendation_year__isnull=False) & ~Q(commendation=""),
                name="measure_commendation_named",
            ),
            models.CheckConstraint(
                condition=Q(document_number="", document_on__isnull=True) | ~Q(document_number="") & Q(document_on__isnull=False),
                name="measure_document_dated",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.unit}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"/measures/{self.public_id}/"

    @property
    def rule(self) -> Kind:
        return BY_CODE[self.kind]

    @property
    def number(self) -> str:
        return f"{self.campaign.year}-M{self.pk:04d}"

    @property
    def day(self) -> Any:
        """The day that counts on the record."""
        return self.held_on or self.document_on or timezone.localtime(self.proposed_at).date()
