"""Evidence about a cadre: append-only; a correction is a new row that supersedes."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.fields import public_id
from accounts.people.models import PROTECTED, DutyPeriod, barred_cadres
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role
from assessments.criteria.kinds import SUPPORTING as SUPPORTING  # read beside the items
from assessments.criteria.kinds import Kind


class Fact(models.TextChoices):
    """What an item establishes for the measurable criteria; most items establish none and speak for themselves."""

    MISSED = "missed", _("deadline missed without accepted reason")
    MISTAKE = "mistake", _("mistake at work")
    REMINDER = "reminder", _("written reminder")
    GRADE = "grade", _("annual grade")
    TARGET = "target", _("key target unmet since its deadline")
    TRAINING_ABSENCE = "training_absence", _("missed required training")
    RESIT_FAILED = "resit_failed", _("failed the resit of a training")
    LATE = "late", _("late or left early")
    ABSENT = "absent", _("absent without reason")
    COMPLAINT = "complaint", _("complaint verified, fault of the person")


class Grade(models.TextChoices):
    """Annual grades as the criteria ask for them, for civil servants and institution staff alike."""

    COMPETENT = "competent", _("competent (qualified) or better")
    BASIC = "basic", _("basically competent (basically qualified)")
    INCOMPETENT = "incompetent", _("incompetent (unqualified)")


# Of which kind an item is that establishes a fact.
KIND_OF = {
    Fact.MISSED: Kind.TASK, Fact.MISTAKE: Kind.TASK, Fact.TARGET: Kind.TASK, Fact.REMINDER: Kind.WARNING,
    Fact.GRADE: Kind.APPRAISAL, Fact.LATE: Kind.ATTENDANCE, Fact.ABSENT: Kind.ATTENDANCE,
    Fact.TRAINING_ABSENCE: Kind.ATTENDANCE, Fact.RESIT_FAILED: Kind.TRAINING, Fact.COMPLAINT: Kind.COMPLAINT,
}  # fmt: skip
# What is written about a day of leave or protected status proves nothing: illness and statutory leave are never evidence.
OF_A_DAY = frozenset({Fact.MISSED, Fact.LATE, Fact.ABSENT, Fact.TRAINING_ABSENCE})


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def current(self) -> "EvidenceQuerySet":
        """The last version of each item."""
        return self.filter(superseded_by__isnull=True)

    def known_on(self, day: dt.date) -> "EvidenceQuerySet":
        """The record as it stood at the end of a day: what was written by then, in the version of then."""
        end = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
        later = Q(superseded_by__isnull=True) | Q(superseded_by__recorded_at__gte=end)
        return self.filter(later, recorded_at__lt=end, happened_on__lte=day)

    def counting(self) -> "EvidenceQuerySet":
        """Without what only tells of a day of leave, illness or protected status (Civil Servants Law Art. 89)."""
        away = DutyPeriod.objects.filter(
            Q(end__isnull=True) | Q(end__gt=OuterRef("happened_on")),
            cadre=OuterRef("cadre"), start__lte=OuterRef("happened_on"), kind__in=PROTECTED,
        )  # fmt: skip
        return self.exclude(Exists(away), fact__in=OF_A_DAY)

    def visible_to(self, user: Any) -> "EvidenceQuerySet":
        """Unit roles see items about their own people, the organizer's staff those it acts for, the cadre his own.

        Nobody reads in another role what stands about himself or about kin, dispute or interest.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role == Role.CADRE:
            return self.filter(cadre_id=user.cadre_id)
        if role.role not in ORGANIZER_ROLES | UNIT_ROLES:
            return self.none()
        path = role.unit.reach if role.role in ORGANIZER_ROLES else role.unit.path
        return self.filter(cadre__unit__path__startswith=path).exclude(cadre__in=barred_cadres(user.cadre_id))

    def with_statements(self) -> "EvidenceQuerySet":
        """With what the cadre said to each item: whoever reads the one reads the other."""
        return self.prefetch_related("statements")


class Evidence(models.Model):
    """One item: what happened when, who says so, and the paper behind it."""

    public_id = public_id()
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    title = models.CharField(_("what it shows"), max_length=200)
    happened_on = models.DateField(_("date"))
    source = models.CharField(_("source"), max_length=120)
    outside = models.BooleanField(_("recorded outside the unit"), default=False)
    # The situation that it speaks to, as the recorder sees it: a code of the editions ("B1"), or none.
    criterion = models.CharField(_("criterion"), max_length=4, blank=True)
    fact = models.CharField(_("what it establishes"), max_length=16, choices=Fact, blank=True)
    # What repeats: the name of the mistake or the number of the complaint; the grade of an appraisal.
    key = models.CharField(_("of which sort"), max_length=60, blank=True)
    # Days of absence: calendar days for civil servants, working days for institution staff; else 1.
    amount = models.PositiveSmallIntegerField(_("days"), default=1)
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
        indexes = [
            models.Index(fields=["cadre", "-happened_on"], name="evidence_cadre_day"),
            # Read by the measurable tests of a whole county.
            models.Index(fields=["fact", "happened_on", "cadre"], name="evidence_fact_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="evidence_kind_known"),
            models.CheckConstraint(condition=Q(fact__in=["", *Fact.values]), name="evidence_fact_known"),
            models.CheckConstraint(
                condition=~Q(fact="grade") | Q(key__in=Grade.values, kind="appraisal"), name="evidence_grade_known"
            ),
            models.CheckConstraint(
                condition=~Q(fact__in=["mistake", "complaint"]) | ~Q(key=""), name="evidence_sort_named"
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, correction="") | Q(supersedes__isnull=False) & ~Q(correction=""),
                name="evidence_correction_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/record/items/{self.public_id}/"

    @property
    def is_disputed(self) -> bool:
        return any(statement.disputes for statement in self.statements.all())

    @property
    def of_which(self) -> str:
        """The grade in words, the days of absence, or the name of what repeats."""
        if self.fact == Fact.GRADE:
            return str(Grade(self.key).label)
        if self.fact == Fact.ABSENT:
            return ngettext("%(n)s day", "%(n)s days", self.amount) % {"n": self.amount}
        return self.key


class Statement(models.Model):
    """What the cadre says to an item about himself; it stands beside the item wherever that is shown."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="statements")
    text = models.TextField(_("statement"), max_length=2000)
    disputes = models.BooleanField(_("I dispute this entry"), default=False)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "assessments"
        ordering = ["made_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="statement_says_something")]

    def __str__(self) -> str:
        return self.text[:40]
