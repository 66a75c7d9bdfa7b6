"""Classes: phases, sessions with attendance, the opening quiz."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.permissions import ORGANIZER_ROLES, Role
from cohorts.referral.models import CLOSED, Referral, State
from cohorts.training.programme import Programme, programmes


class CohortQuerySet(models.QuerySet["Cohort"]):
    def visible_to(self, user: Any) -> "CohortQuerySet":
        """The organizer's staff see the classes of its campaigns, a teacher the own ones, a trainee the class attended."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            return self.filter(campaign__organizer__path__startswith=role.unit.path)
        if role.role == Role.CLASS_TEACHER:
            return self.filter(teacher=user)
        if role.role == Role.CADRE:
            return self.filter(Exists(Referral.objects.filter(cohort=OuterRef("pk"), cadre_id=user.cadre_id)))
        return self.none()

    def running(self, on: dt.date) -> "CohortQuerySet":
        """Classes with a phase that is still open, or that has yet to come."""
        return self.filter(
            Exists(Phase.objects.filter(cohort=OuterRef("pk"), closed_on__isnull=True)), starts_on__lte=on
        )

    def joinable(self, on: dt.date) -> "CohortQuerySet":
        """Classes that take trainees: not ended, the first block not closed."""
        gone = Phase.objects.filter(cohort=OuterRef("pk"), order=1, closed_on__isnull=False)
        return self.filter(ends_on__gte=on).exclude(Exists(gone))


class Cohort(models.Model):
    """A class of one campaign; ``ends_on`` is the last day of its last phase (inclusive)."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="cohorts")
    number = models.PositiveSmallIntegerField(_("number of the class"))
    programme = models.CharField(_("programme"), max_length=8)
    # The class teacher follows the class from day to day and sees its trainees, no other case.
    teacher = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="cohorts_taught", verbose_name=_("class teacher")
    )
    teacher_phone = models.CharField(_("office phone of the class teacher"), max_length=30, blank=True)
    # One of the trainees.
    monitor = models.ForeignKey(
        "cohorts.Referral", models.PROTECT, null=True, related_name="+", verbose_name=_("monitor")
    )
    starts_on = models.DateField(_("begins on"))
    ends_on = models.DateField(_("ends on"))

    objects = CohortQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="cohort_number_once"),
            models.CheckConstraint(condition=models.Q(ends_on__gt=models.F("starts_on")), name="cohort_days"),
        ]

    def __str__(self) -> str:
        return _("Class %(number)s of %(year)s") % {"number": self.number, "year": self.campaign.year}

    def get_absolute_url(self) -> str:
        return f"/cohorts/{self.public_id}/"

    @property
    def plan(self) -> Programme:
        return programmes()[self.programme]

    def current_phase(self, on: dt.date) -> "Phase | None":
        """The phase whose days hold ``on``; None before the first and after the last."""
        return next((phase for phase in self.phases.all() if phase.starts_on <= on <= phase.ends_on), None)


class PhaseKind(models.TextChoices):
    THEORY = "theory", _("theory block")
    PRACTICE = "practice", _("field practice")


class Phase(models.Model):
    """One block of a class; both days belong to it. Trainees go on when it is closed, never past one."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="phases")
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=PhaseKind)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "cohorts"
        ordering = ["cohort", "order"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "order"], name="phase_order_once"),
            models.CheckConstraint(condition=Q(kind__in=PhaseKind.values), name="phase_kind_known"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="phase_days"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, closed_by__isnull=True)
                | Q(closed_on__isnull=False, closed_by__isnull=False),
                name="phase_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """Theory block 2: the second block of its kind where the programme has several."""
        return (
            f"{self.get_kind_display()} {self.round}" if len(self.cohort.plan.blocks) > 2 else self.get_kind_display()
        )

    @cached_property
    def round(self) -> int:
        """Which block of its kind this is, from 1."""
        return sum(block.kind == self.kind for block in self.cohort.plan.blocks[: self.order])

    @property
    def following(self) -> "Phase | None":
        return next((phase for phase in self.cohort.phases.all() if phase.order == self.order + 1), None)


class SessionKind(models.TextChoices):
    PSYCHOLOGY = "psychology", _("ice-breaking psychology")
    THEORY = "theory", _("theory")
    READING = "reading", _("reading and sharing")
    POLICY = "policy", _("policy")
    TALK = "talk", _("talk")


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        return self.filter(phase__cohort__in=Cohort.objects.visible_to(user))

    def standing(self) -> "SessionQuerySet":
        """On the timetable: not cancelled."""
        return self.filter(cancelled_on__isnull=True)

    def to_record(self, on: dt.date) -> "SessionQuerySet":
        """Held by that day, the roll not recorded yet."""
        return self.standing().filter(day__lte=on, recorded_at__isnull=True)


class Session(models.Model):
    """One session of a theory block; ``hours`` are class hours. Of psychology sessions only attendance is stored."""

    public_id = public_id()
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="sessions")
    kind = models.CharField(_("kind"), max_length=10, choices=SessionKind)
    title = models.CharField(_("title"), max_length=120)
    lecturer = models.CharField(_("lecturer"), max_length=60, blank=True)
    place = models.CharField(_("place"), max_length=80)
    day = models.DateField(_("day"))
    begins_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))
    hours = models.PositiveSmallIntegerField(_("class hours"))
    recorded_at = models.DateTimeField(null=True)
    cancelled_on = models.DateField(null=True)
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["day", "begins_at", "pk"]
        # The timetable of a block, and the rolls that are still to record.
        indexes = [models.Index(fields=["phase", "day", "begins_at"], name="session_timetable")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SessionKind.values), name="session_kind_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="session_times"),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=12), name="session_hours"),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True, cancel_reason="") | Q(cancelled_on__isnull=False) & ~Q(cancel_reason=""),
                name="session_cancelled_with_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/sessions/{self.public_id}/"

    def roll(self) -> Any:
        """Cases on the roll: the trainees in this block, and everybody who stands on the recorded roll."""
        marked = Attendance.objects.filter(session=self, case=OuterRef("pk"))
        inside = Q(phase=self.phase_id, state=State.IN_THEORY)
        return Referral.objects.filter(cohort=self.phase.cohort_id).filter(inside | Exists(marked))


class Mark(models.TextChoices):
    PRESENT = "present", _("present")
    LATE = "late", _("came late")
    EXCUSED = "excused", _("excused")
    ABSENT = "absent", _("absent")


class Attendance(models.Model):
    """Who was there, as it stands now; each correction is an entry of the trail."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance")
    case = models.ForeignKey(Referral, models.CASCADE, related_name="attendance")
    mark = models.CharField(_("mark"), max_length=8, choices=Mark)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        app_label = "cohorts"
        constraints = [
            models.UniqueConstraint(fields=["session", "case"], name="attendance_once"),
            models.CheckConstraint(condition=Q(mark__in=Mark.values), name="attendance_mark_known"),
            models.CheckConstraint(condition=~Q(mark="excused") | ~Q(reason=""), name="attendance_excused_with_reason"),
        ]

    def __str__(self) -> str:
        return self.get_mark_display()


class Quiz(models.Model):
    """The opening quiz of one class; nothing in it counts as a result of the class."""

    cohort = models.OneToOneField(Cohort, models.CASCADE, related_name="quiz")
    pass_mark = models.PositiveSmallIntegerField(_("pass mark"))
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "cohorts"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=False), name="quiz_opened_before_closed"
            )
        ]

    def __str__(self) -> str:
        return str(self.cohort)

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


class Question(models.Model):
    """Two to six choices, one of them right (counted from 0)."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(_("question"), max_length=300)
    choices = models.JSONField()
    right = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField(_("points"))

    class Meta:
        app_label = "cohorts"
        ordering = ["quiz", "order"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "order"], name="question_order_once"),
            models.CheckConstraint(condition=Q(right__lt=6), name="question_right_choice"),
        ]

    def __str__(self) -> str:
        return self.text


class QuizResult(models.Model):
    """One trainee's marks; ``answers`` holds the choice per question, in their order, and is empty for a paper."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="results")
    case = models.ForeignKey(Referral, models.CASCADE, related_name="quiz_results")
    marks = models.PositiveSmallIntegerField(_("marks"))
    answers = models.JSONField(default=list)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "cohorts"
        constraints = [models.UniqueConstraint(fields=["quiz", "case"], name="quiz_once")]

    def __str__(self) -> str:
        return str(self.marks)


def trainees(cohort: Cohort) -> Any:
    """The cases that stand in the class: admitted, and not left early."""
    return Referral.objects.filter(cohort=cohort).exclude(state__in=CLOSED)
