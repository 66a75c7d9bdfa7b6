"""Findings of the three-line supervision and of the county's recorders: append-only; a correction supersedes."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.models import Cadre, DutyPeriod, Unit
from accounts.people.models import DutyKind, UnitKind, barred_cadres
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role


class Line(models.TextChoices):
    """Who looks: three lines inside a unit, and the county's recorders from outside."""

    LEADER = "leader", _("top leader")
    IN_CHARGE = "in_charge", _("leader in charge or village team head")
    ROVING = "roving", _("roving inspection")
    OUTSIDE = "outside", _("outside recorder")


INSIDE = (Line.LEADER, Line.IN_CHARGE, Line.ROVING)


class Office(models.TextChoices):
    """The offices that know from outside what units do not write down."""

    INSPECTION = "inspection", _("inspection office")
    ASSESSMENT = "assessment", _("assessment office")
    PETITIONS = "petitions", _("petitions office")
    HOTLINE = "hotline", _("12345 hotline")
    PATROL = "patrol", _("patrol inspection")
    AUDIT = "audit", _("audit office")
    RURAL = "rural", _("rural revitalization office")


# They bring complaints: only the verified conclusion, by its number, never who complained.
OF_COMPLAINTS = frozenset({Office.PETITIONS, Office.HOTLINE})


class Severity(models.IntegerChoices):
    """0 is good news too: looked, and all was in order."""

    IN_ORDER = 0, _("in order, or praise")
    LIGHT = 1, _("light")
    MEDIUM = 2, _("medium")
    GRAVE = 3, _("grave")


def line_of(role: Any) -> str:
    """The line on which a role looks, "" for none. A recorder over the county looks from outside, over a unit he roves."""
    if role is None or role.unit is None:
        return ""
    if role.role == Role.RECORDER:
        return Line.OUTSIDE if role.unit.kind == UnitKind.COUNTY else Line.ROVING
    return {Role.UNIT_HEAD: Line.LEADER, Role.DEPUTY: Line.IN_CHARGE, Role.TEAM_HEAD: Line.IN_CHARGE}.get(role.role, "")


def keeper_of(role: Any) -> Unit | None:
    """The unit whose line looks: a village team looks for its town. None for an outside recorder."""
    if line_of(role) not in INSIDE:
        return None
    unit: Unit = role.unit
    return unit.parent if unit.kind == UnitKind.VILLAGE and unit.parent else unit


def reach_of(role: Any) -> str:
    """The path of everything about which this role may write a finding."""
    keeper = keeper_of(role)
    return keeper.path if keeper else role.unit.reach


def people_within(role: Any, day: dt.date) -> Any:
    """Whom a finding of this role may be about: people of the units in reach, and those seconded to them."""
    reach = reach_of(role)
    here = DutyPeriod.objects.on(day).filter(cadre=OuterRef("pk"), kind=DutyKind.SECONDED, host__path__startswith=reach)
    return Cadre.objects.in_service(day).filter(Q(unit__path__startswith=reach) | Exists(here))


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: Any) -> "FindingQuerySet":
        """Team heads and recorders see what they wrote themselves; unit roles all about their unit, the organizer's staff
        all within reach - nobody what concerns himself or those with whom a relation bars him.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        rows = self.exclude(cadre__in=barred_cadres(user.cadre_id))
        if role.role in ORGANIZER_ROLES:
            return rows.filter(unit__path__startswith=role.unit.reach)
        if role.role in UNIT_ROLES:
            return rows.filter(unit__path__startswith=role.unit.path)
        if role.role in (Role.TEAM_HEAD, Role.RECORDER):
            return rows.filter(recorded_by=user)
        return self.none()

    def current(self) -> "FindingQuerySet":
        """The last version of each finding."""
        return self.filter(superseded_by__isnull=True)


class Finding(models.Model):
    """What somebody saw, when and where; about a cadre, about the unit, or "looked, all in order"."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="findings", verbose_name=_("unit"))
    cadre = models.ForeignKey(
        "accounts.Cadre", models.PROTECT, null=True, related_name="findings", verbose_name=_("cadre")
    )
    line = models.CharField(_("line"), max_length=10, choices=Line)
    # The unit whose line looked; none for an outside recorder, who names the office instead.
    keeper = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="kept_findings")
    office = models.CharField(_("office"), max_length=12, choices=Office, blank=True)
    # At midnight only the day was stated (paper and Excel often know no more).
    seen_at = models.DateTimeField(_("seen at"))
    place = models.CharField(_("place"), max_length=60)
    what = models.CharField(_("what was seen"), max_length=200, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    # The situation that it speaks to: a code of the editions ("D1"), or none.
    criterion = models.CharField(_("criterion"), max_length=4, blank=True)
    photo = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    # What it left on the cadre's record; what it establishes (fact, number, days) stands there.
    evidence = models.OneToOneField("assessments.Evidence", models.PROTECT, null=True, related_name="finding")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    correction = models.CharField(_("reason of the correction"), max_length=200, blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("who looked"))
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = FindingQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        indexes = [
            # Read by the list (newest first; gravest first) and by the gaps of a unit.
            models.Index(fields=["-seen_at", "-id"], name="finding_latest"),
            models.Index(fields=["-severity", "-id"], name="finding_gravest"),
            models.Index(fields=["keeper", "line", "seen_at"], name="finding_lines"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(line__in=Line.values), name="finding_line_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="finding_severity_known"),
            models.CheckConstraint(
                condition=Q(line="outside", keeper__isnull=True, office__in=Office.values)
                | ~Q(line="outside") & Q(keeper__isnull=False, office=""),
                name="finding_inside_or_outside",
            ),
            models.CheckConstraint(condition=Q(severity=0) | ~Q(what=""), name="finding_says_something"),
            models.CheckConstraint(
                condition=Q(evidence__isnull=False) | Q(cadre__isnull=True) | Q(severity=0), name="finding_is_on_record"
            ),
            models.CheckConstraint(
                condition=Q(evidence__isnull=True) | Q(cadre__isnull=False), name="finding_evidence_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, correction="") | Q(supersedes__isnull=False) & ~Q(correction=""),
                name="finding_correction_has_reason",
            ),
            # A form or a sheet sent twice makes one finding.
            models.UniqueConstraint(
                fields=["recorded_by", "seen_at", "cadre", "what"],
                condition=Q(supersedes__isnull=True, cadre__isnull=False), name="finding_once_of_cadre",
            ),
            models.UniqueConstraint(
                fields=["recorded_by", "seen_at", "unit", "what"],
                condition=Q(supersedes__isnull=True, cadre__isnull=True), name="finding_once_of_unit",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.what or str(self.get_severity_display())

    def get_absolute_url(self) -> str:
        return f"/findings/{self.public_id}/"

    @property
    def when(self) -> dt.datetime | dt.date:
        """The moment, or the day alone where no time was stated."""
        local = timezone.localtime(self.seen_at)
        return local if (local.hour, local.minute) != (0, 0) else local.date()
