"""Campaigns, their rounds, and what each unit returned."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role
from accounts.setting.models import setting


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: Any) -> "CampaignQuerySet":
        """The organizer's staff see its campaigns; units see the running ones addressed to them through returns."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES | {Role.DEPARTMENT_ADMIN, Role.INSPECTOR}:
            return self.filter(organizer__path__startswith=role.unit.path)
        return self.none()

    def running(self) -> "CampaignQuerySet":
        return self.filter(concluded_on__isnull=True)

    def offered_to(self, user: Any) -> list["Campaign"]:
        """The running campaigns that this person works on, the newest of the own organizer first."""
        rows = list(self.visible_to(user).running().select_related("organizer").order_by("-opened_on", "-pk"))
        own = user.role.unit_id if user.role else None
        return sorted(rows, key=lambda row: row.organizer_id != own)


def county_package() -> list[str]:
    """A new campaign carries every consequence that the county has switched on."""
    return list(setting("penalties"))


class Campaign(models.Model):
    """One year's re-forging of one organizer, on one approved edition of criteria."""

    public_id = public_id()
    year = models.PositiveSmallIntegerField(_("year"))
    ordinal = models.PositiveSmallIntegerField(_("order in the year"), default=1)
    organizer = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="campaign_set", verbose_name=_("organizer")
    )
    edition = models.ForeignKey(
        "assessments.Edition", models.PROTECT, related_name="campaigns", verbose_name=_("edition of criteria")
    )
    notice_number = models.CharField(_("notice number"), max_length=60)
    opened_on = models.DateField(_("opened on"))
    class_ends_on = models.DateField(_("the class ends on"))
    concluded_on = models.DateField(null=True, blank=True)
    # Consequences are a package of the campaign (codes of cohorts/penalty/kinds.py); for 2018 none are reported.
    penalty_kinds = models.JSONField(_("consequences"), default=county_package, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-year", "-ordinal"]
        constraints = [models.UniqueConstraint(fields=["organizer", "year", "ordinal"], name="campaign_order_once")]

    def __str__(self) -> str:
        return _("Campaign of %(year)s") % {"year": self.year}

    def get_absolute_url(self) -> str:
        return f"/campaigns/{self.public_id}/"


class RoundKind(models.TextChoices):
    FIRST = "first", _("first round")
    SUPPLEMENTARY = "supplementary", _("supplementary round")


class Round(models.Model):
    """One call for returns; both dates are inclusive."""

    public_id = public_id()
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=14, choices=RoundKind)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    # The closing day as first announced, once the round was extended.
    extended_from = models.DateField(null=True, blank=True)
    concluded_on = models.DateField(null=True, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="round_number_once"),
            models.CheckConstraint(condition=Q(closes_on__gte=models.F("opens_on")), name="round_days"),
            models.CheckConstraint(condition=Q(kind__in=RoundKind.values), name="round_kind_known"),
            models.CheckConstraint(
                condition=Q(concluded_on__isnull=True) | Q(cancelled_on__isnull=True), name="round_ends_one_way"
            ),
        ]

    def __str__(self) -> str:
        return _("%(year)s, round %(number)s") % {"year": self.campaign.year, "number": self.number}

    def is_open(self, on: dt.date) -> bool:
        """A return is accepted from the opening day until the round is concluded; after the closing day it is late."""
        return self.opens_on <= on and not self.is_over

    @property
    def is_over(self) -> bool:
        """Concluded or cancelled: nothing more is accepted."""
        return self.concluded_on is not None or self.cancelled_on is not None


class ReturnState(models.TextChoices):
    EXPECTED = "expected", _("expected")
    PREPARED = "prepared", _("prepared")
    FILED = "filed", _("filed")
    SENT_BACK = "sent_back", _("sent back")
    ACCEPTED = "accepted", _("accepted")


# The unit has still something to do.
OUTSTANDING = (ReturnState.EXPECTED, ReturnState.PREPARED, ReturnState.SENT_BACK)


class NilReason(models.TextChoices):
    """The three fixed reasons of a nil return."""

    NONE_FOUND = "none_found", _("the records were checked against every criterion; nobody meets one")
    HANDLED = "handled", _("problems were found and settled by a talk; they do not reach a criterion")
    SMALL = "small", _("small unit; the branch meeting examined everybody")


class UnitMeetingKind(models.TextChoices):
    PARTY_COMMITTEE = "party_committee", _("party committee meeting")
    PARTY_GROUP = "party_group", _("party group meeting")
    OFFICE = "office", _("office meeting")
    BRANCH = "branch", _("branch committee meeting")


class UnitReturnQuerySet(models.QuerySet["UnitReturn"]):
    def visible_to(self, user: Any) -> "UnitReturnQuerySet":
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES | {Role.DEPARTMENT_ADMIN, Role.INSPECTOR}:
            # A unit that organizes is also a unit that reports: its staff see all returns of its campaigns.
            return self.filter(round__campaign__organizer__path__startswith=role.unit.path)
        if role.role in UNIT_ROLES:
            return self.filter(unit__path__startswith=role.unit.path)
        return self.none()

    def outstanding(self) -> "UnitReturnQuerySet":
        """Not on file; a cancelled round asks for nothing."""
        return self.filter(state__in=OUTSTANDING, round__cancelled_on__isnull=True)

    def missing(self, on: dt.date) -> "UnitReturnQuerySet":
        """Never filed, and the closing day is over."""
        return self.outstanding().filter(first_filed_at__isnull=True, round__closes_on__lt=on)

    def late(self) -> "UnitReturnQuerySet":
        """First filed after the closing day, by the county's day."""
        return self.filter(first_filed_at__date__gt=models.F("round__closes_on"))

    def on_file(self) -> "UnitReturnQuerySet":
        return self.filter(state__in=[ReturnState.FILED, ReturnState.ACCEPTED])


class UnitReturn(models.Model):
    """What one unit answers in one round: names, or in writing that there are none."""

    public_id = public_id()
    round = models.ForeignKey(Round, models.PROTECT, related_name="returns")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="returns")
    state = models.CharField(max_length=10, choices=ReturnState, default=ReturnState.EXPECTED)
    version = models.PositiveIntegerField(default=1)
    nil = models.BooleanField(_("nil return"), default=False)
    nil_reason = models.CharField(_("reason"), max_length=12, choices=NilReason, blank=True)
    nil_text = models.TextField(_("what was examined"), blank=True)
    meeting_kind = models.CharField(_("kind of meeting"), max_length=16, choices=UnitMeetingKind, blank=True)
    meeting_on = models.DateField(_("date of the meeting"), null=True, blank=True)
    meeting_members = models.CharField(_("members present"), max_length=300, blank=True)
    meeting_extract = models.TextField(_("extract of the decision"), blank=True)
    # Context for the leader beside a nil return, typed by the unit; never a rule (PRACTICE 14).
    staff_asked = models.PositiveSmallIntegerField(_("staff asked for this year"), null=True, blank=True)
    staff_borrowed = models.PositiveSmallIntegerField(_("staff borrowed this year"), null=True, blank=True)
    # Set once: late is judged by the first filing.
    first_filed_at = models.DateTimeField(null=True)
    filed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    signed_sheet = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    sent_back_reason = models.TextField(blank=True)

    objects = UnitReturnQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["round", "unit__path"]
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="one_return_per_unit_and_round"),
            models.CheckConstraint(condition=Q(state__in=ReturnState.values), name="return_state_known"),
            models.CheckConstraint(condition=Q(nil=False) | ~Q(nil_reason=""), name="nil_return_has_reason"),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True) | Q(first_filed_at__isnull=False, signed_by__isnull=False),
                name="return_filed_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.round}"

    def get_absolute_url(self) -> str:
        return f"/returns/{self.public_id}/"

    @property
    def is_late(self) -> bool:
        """First filed after the closing day (local date)."""
        return bool(self.first_filed_at) and timezone.localtime(self.first_filed_at).date() > self.round.closes_on

    @property
    def sheet_number(self) -> str:
        """The number printed on the sheet that the head signs; it changes with every change of the return."""
        return f"{str(self.public_id)[:8].upper()}-{self.version}"
