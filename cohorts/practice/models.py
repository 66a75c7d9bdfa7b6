"""Field practice: who is placed where, what he writes down, what the supervisor says to it, and the villages' ledger."""

import datetime as dt
import uuid
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.models import AccessLog
from accounts.permissions import Role
from cohorts.referral.models import IN_CLASS, Referral, State

# A log may still be written (from paper, too) while the trainee is in class; the ledger also by those who stay (DOMAIN 4).
LOGGING = IN_CLASS | {State.DEFERRED}
KEEPING_LEDGER = LOGGING | {State.STAYED}


def monday(day: dt.date) -> dt.date:
    """The first day of the week; a week of practice is named by it."""
    return day - dt.timedelta(days=day.weekday())


def cases_of(user: Any) -> Any:
    """The cases whose practice this person may see; an inspector's only after a stated purpose, as on the case page."""
    rows = Referral.objects.visible_to(user)
    if user.role and user.role.role == Role.INSPECTOR:
        opened = AccessLog.objects.filter(user=user).exclude(purpose="")
        rows = rows.filter(public_id__in=opened.values("subject_id"))
    return rows


class PlacementQuerySet(models.QuerySet["Placement"]):
    def visible_to(self, user: Any) -> "PlacementQuerySet":
        """A supervisor sees the placements that he supervises; the others those of the cases that they see."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        rows = self.filter(referral__in=cases_of(user))
        return rows.filter(supervisor_user=user) if role.role == Role.FIELD_SUPERVISOR else rows

    def on(self, day: dt.date) -> "PlacementQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def unrated(self, day: dt.date) -> "PlacementQuerySet":
        """At their last day or past it, and without the supervisor's rating."""
        rated = Rating.objects.filter(placement=OuterRef("pk"))
        return self.filter(ends_on__lte=day, referral__state__in=LOGGING).exclude(Exists(rated))

    def on_paper(self) -> "PlacementQuerySet":
        """Of trainees who have no account and therefore write on paper (PRACTICE 24)."""
        return self.filter(referral__cadre__user__isnull=True)


class Placement(models.Model):
    """A trainee's time in one village under one supervisor; ``ends_on`` is the last day, as on paper.

    Placements of a case never overlap: guard ``placement_fits`` under the case's lock. The day of a change belongs to both.
    """

    public_id = public_id()
    referral = models.ForeignKey("cohorts.Referral", models.CASCADE, related_name="placements")
    village = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", verbose_name=_("village"))
    # The name stands on paper; the account is there where the supervisor uses Retrain.
    supervisor = models.CharField(_("field supervisor"), max_length=40)
    supervisor_user = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="placements",
        verbose_name=_("account of the field supervisor"),
    )
    goals = models.CharField(_("goals of the practice"), max_length=300, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    own_town_reason = models.CharField(_("why a village of the own unit's town"), max_length=300, blank=True)
    change_reason = models.CharField(_("why it was changed"), max_length=300, blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["starts_on", "pk"]
        # Read by "my trainees" and its tasks.
        indexes = [models.Index(fields=["supervisor_user", "ends_on"], name="placement_supervised")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="placement_days"
            ),
            models.CheckConstraint(condition=~Q(supervisor=""), name="placement_supervised_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.starts_on}"

    def get_absolute_url(self) -> str:
        return f"/practice/{self.public_id}/"

    def sheet_number(self, day: dt.date) -> str:
        """The number printed on the paper log of the week of ``day``; typed in again when the sheet is entered."""
        return f"{str(self.public_id)[:6].upper()}-{monday(day):%y%m%d}"


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    def current(self) -> "LogEntryQuerySet":
        """Without the entries that a later one corrects."""
        return self.filter(superseded_by__isnull=True)


class LogEntry(models.Model):
    """One day of practice as the trainee states it. Never changed: a correction is a new entry with its reason."""

    public_id = public_id()
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="entries")
    # Names the form that was sent: the same form sent twice stores one entry.
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    day = models.DateField(_("day"))
    place = models.CharField(_("where"), max_length=60)
    done = models.CharField(_("what was done"), max_length=1000)
    people = models.CharField(_("people met"), max_length=200, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=3, decimal_places=1, null=True, blank=True)
    photo = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    # Set where somebody else typed in what stands on paper ("entered for").
    sheet_number = models.CharField(_("number of the sheet"), max_length=20, blank=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    reason = models.CharField(_("reason of the correction"), max_length=200, blank=True)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["placement", "key"], name="log_form_once"),
            models.CheckConstraint(condition=~Q(done="") & ~Q(place=""), name="log_says_something"),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, reason="") | Q(supersedes__isnull=False) & ~Q(reason=""),
                name="log_correction_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(hours__gt=0, hours__lte=24), name="log_hours_of_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.place}"


class SignOff(models.Model):
    """The supervisor's word on one week of a trainee: agreed, or a question back. The latest one counts."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="sign_offs")
    monday = models.DateField()
    agreed = models.BooleanField()
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)
    # Set where the signature stands on the paper sheet.
    sheet_number = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["signed_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(agreed=True) | ~Q(remark=""), name="question_back_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.monday} {self.agreed}"


class Rating(models.Model):
    """The supervisor's points at the end of a placement, by component (``rating.COMPONENTS``); the latest one counts."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="ratings")
    scores = models.JSONField()
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    rated_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    rated_at = models.DateTimeField(default=timezone.now)
    # Set where the supervisor rated on paper and somebody entered it.
    sheet_number = models.CharField(_("number of the sheet"), max_length=20, blank=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["rated_at", "pk"]

    def __str__(self) -> str:
        return str(self.scores)


class Matter(models.TextChoices):
    PROBLEM = "problem", _("problem")
    PROJECT = "project", _("project")
    MEDIATION = "mediation", _("mediation")


class Category(models.TextChoices):
    WATER = "water", _("drinking water")
    POWER = "power", _("electricity")
    ROAD = "road", _("road")
    NETWORK = "network", _("telephone and broadband")
    HOUSING = "housing", _("housing")
    INCOME = "income", _("farming and income")
    SERVICES = "services", _("schooling, health, benefits")
    DISPUTE = "dispute", _("dispute")
    SURVEY = "survey", _("survey and report")
    OTHER = "other", _("other")


class Found(models.TextChoices):
    VISIT = "visit", _("on a visit to the household")
    TOLD = "told", _("told by a villager")
    COMMITTEE = "committee", _("named by the village committee")
    MEETING = "meeting", _("at a villagers' meeting")
    LOOK = "look", _("seen on the spot")


class Confirmer(models.TextChoices):
    COMMITTEE = "committee", _("village committee")
    VILLAGER = "villager", _("villager")


class LedgerState(models.TextChoices):
    OPEN = "open", _("open")
    ACTED = "acted", _("being worked on")
    RESULT_STATED = "result_stated", _("result stated")
    CONFIRMED = "confirmed", _("result confirmed")


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: Any) -> "LedgerQuerySet":
        """A supervisor sees what his trainees keep in the village where he supervises them; the others by case."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        rows = self.filter(referral__in=cases_of(user))
        if role.role != Role.FIELD_SUPERVISOR:
            return rows
        here = Placement.objects.filter(
            referral=OuterRef("referral"), village=OuterRef("village"), supervisor_user=user
        )
        return rows.filter(Exists(here))


class LedgerEntry(models.Model):
    """A problem, project or mediation of a village, kept by one trainee; it counts from its confirmation on.

    ``state`` is written by ``move`` only. It stays open for those who stay at the grassroots.
    """

    public_id = public_id()
    village = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", verbose_name=_("village"))
    referral = models.ForeignKey("cohorts.Referral", models.CASCADE, related_name="ledger")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    matter = models.CharField(_("kind of matter"), max_length=10, choices=Matter)
    category = models.CharField(_("category"), max_length=10, choices=Category)
    title = models.CharField(_("what it is about"), max_length=120)
    place = models.CharField(_("household or place"), max_length=80)
    found = models.CharField(_("how it was found"), max_length=10, choices=Found)
    plan = models.CharField(_("what is to be done"), max_length=500)
    state = models.CharField(max_length=14, choices=LedgerState, default=LedgerState.OPEN)
    version = models.PositiveIntegerField(default=1)
    opened_on = models.DateField(_("found on"), default=timezone.localdate)
    result = models.CharField(_("result"), max_length=500, blank=True)
    result_on = models.DateField(_("day of the result"), null=True, blank=True)
    cost = models.DecimalField(_("cost in yuan"), max_digits=10, decimal_places=2, null=True, blank=True)
    confirmer = models.CharField(_("confirmed by"), max_length=10, choices=Confirmer, blank=True)
    confirmer_name = models.CharField(_("name of who confirmed"), max_length=40, blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    paper_number = models.CharField(_("number of the signed paper"), max_length=40, blank=True)
    paper = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    sheet_number = models.CharField(_("number of the sheet"), max_length=20, blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        # The ledger lists the latest first, of a village or of everybody.
        indexes = [models.Index(fields=["village", "-opened_on"], name="ledger_of_village")]
        constraints = [
            models.UniqueConstraint(fields=["referral", "key"], name="ledger_form_once"),
            models.CheckConstraint(condition=Q(state__in=LedgerState.values), name="ledger_state_known"),
            models.CheckConstraint(condition=Q(cost__isnull=True) | Q(cost__gte=0), name="ledger_cost_positive"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True, confirmer_name="")
                | Q(confirmed_on__isnull=False, result_on__isnull=False) & ~Q(confirmer_name="") & ~Q(result=""),
                name="ledger_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/ledger/{self.public_id}/"

    @property
    def number(self) -> str:
        return f"{self.pk:05d}"

    @property
    def unit(self) -> Any:
        """Whose name a notice of a step names."""
        return self.village


class LedgerAction(models.Model):
    """What was done about an entry on a day."""

    entry = models.ForeignKey(LedgerEntry, models.CASCADE, related_name="actions")
    day = models.DateField(_("day"))
    what = models.CharField(_("what was done"), max_length=500)
    photo = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        app_label = "cohorts"
        ordering = ["day", "pk"]

    def __str__(self) -> str:
        return f"{self.day} {self.what}"
