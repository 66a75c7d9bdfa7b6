"""Meetings: a whole list is decided by named people, some of whom leave the room for an item."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.permissions import ORGANIZER_ROLES, Role
from accounts.setting.models import SETTINGS, setting
from cohorts.referral.models import Referral


class MeetingKind(models.TextChoices):
    DEPARTMENT = "department", _("department meeting")
    STANDING_COMMITTEE = "standing_committee", _("standing committee")
    PARTY_GROUP = "party_group", _("party group of the supervising body")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> "MeetingQuerySet":
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            return self.filter(campaign__organizer__path__startswith=role.unit.path)
        return self.none()


class Meeting(models.Model):
    """One meeting; ``number`` and ``extract`` are known once it was held."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="meetings")
    kind = models.CharField(_("kind"), max_length=20, choices=MeetingKind)
    held_on = models.DateField(_("date"))
    number = models.CharField(_("number of the minutes"), max_length=60, blank=True)
    extract = models.TextField(_("extract of the decision"), blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MeetingKind.values), name="meeting_kind_known"),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True)
                | Q(recorded_at__isnull=False, recorded_by__isnull=False) & ~Q(number=""),
                name="meeting_recorded_with_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {date_format(self.held_on)}"


class Presence(models.Model):
    """Somebody present; the person may have no account."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="presences")
    name = models.CharField(max_length=40)
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "cohorts"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Result(models.TextChoices):
    AGREED = "agreed", _("confirmed")
    RELEASED = "released", _("released")


class MeetingItem(models.Model):
    """One case on the list, in the meeting's order."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="meeting_items")
    order = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=10, choices=Result, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    left_room = models.ManyToManyField(Presence, related_name="+")

    class Meta:
        app_label = "cohorts"
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["meeting", "referral"], name="case_once_per_meeting")]

    def __str__(self) -> str:
        return f"{self.order} {self.referral_id}"


def route_kind(referral: Referral) -> str:
    """Which route a case takes: another organizer's campaign, the department's own people, section level, institution
    staff, or ordinary."""
    if not referral.campaign.organizer.acts_for_county:
        return "other_organizer"
    if referral.unit.path.startswith(referral.campaign.organizer.path):
        return "own"
    if referral.cadre.is_section_level:
        return "section_level"
    return "institution" if referral.cadre.is_institution_staff else "ordinary"


def route_of(referral: Referral) -> list[str]:
    """The kinds of meeting that must decide, in order (county setting, PRACTICE 2)."""
    kind, routes = route_kind(referral), setting("meeting_routes")
    return routes[kind] if kind in routes else SETTINGS["meeting_routes"].default[kind]


def next_meeting(referral: Referral) -> str:
    """The kind of meeting that is due next; "" when the route is complete."""
    held = set(referral.meeting_items.filter(result=Result.AGREED).values_list("meeting__kind", flat=True))
    return next((kind for kind in route_of(referral) if kind not in held), "")
