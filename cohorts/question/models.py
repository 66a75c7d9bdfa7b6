"""Questions to a unit: the record of one of its people meets a criterion, and the round did not name the person."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.fields import public_id
from accounts.people.models import barred_cadres
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role


class QuestionState(models.TextChoices):
    OPEN = "open", _("open")
    NOMINATED = "nominated", _("nominated")
    EXPLAINED = "explained", _("explained, waits for the decision")
    DISPUTED = "disputed", _("record disputed, waits for the decision")
    ACCEPTED = "accepted", _("explanation accepted")
    UPHELD = "dispute_upheld", _("dispute upheld: the record is wrong")
    REFUSED = "refused", _("answer refused, open again")
    MOOT = "moot", _("explained by itself")


# The unit has still something to do; a refused answer leaves the question open.
UNANSWERED = (QuestionState.OPEN, QuestionState.REFUSED)
# An answer waits for somebody outside the unit: meanwhile the question counts neither way.
WAITING = (QuestionState.EXPLAINED, QuestionState.DISPUTED)
# Explained, and somebody outside the unit (or the record itself) says so.
SETTLED = (QuestionState.ACCEPTED, QuestionState.UPHELD, QuestionState.MOOT)


class Ground(models.TextChoices):
    """Why the unit did not name the person."""

    TALK = "talk", _("settled by a talk before the round; the conduct has changed")
    OTHERS = "others", _("the duty or the fault was somebody else's")
    TOLERANCE = "tolerance", _("an honest mistake in reform or innovation (error tolerance)")
    HARDSHIP = "hardship", _("illness or hardship that stands on no duty record")
    PROCEDURE = "procedure", _("another procedure deals with it (discipline, appraisal)")
    OTHER = "other", _("other")


class Moot(models.TextChoices):
    """What explains a question by itself."""

    PROTECTED = "protected", _("illness, leave or protected status on the day of the answer")
    RECORD = "record", _("the record was corrected and meets the criterion no longer")
    GONE = "gone", _("the person retired, left or died")


class UnitQuestionQuerySet(models.QuerySet["UnitQuestion"]):
    def visible_to(self, user: Any) -> "UnitQuestionQuerySet":
        """The organizer's staff those of its campaigns, a unit its own, an inspector those to the organizer itself; nobody one about himself or from which he is
        barred: a head's own question reaches the deputy, never the head.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            rows = self.filter(round__campaign__organizer__path__startswith=role.unit.path)
        elif role.role in UNIT_ROLES:
            rows = self.filter(unit__path__startswith=role.unit.path)
        elif role.role == Role.INSPECTOR:
            # Those to the organizer itself: its own office cannot decide on them.
            organizer = "round__campaign__organizer"
            rows = self.filter(unit=models.F(organizer), **{f"{organizer}__path__startswith": role.unit.path})
        else:
            return self.none()
        return rows.exclude(cadre_id__in=barred_cadres(user.cadre_id))

    def unanswered(self) -> "UnitQuestionQuerySet":
        return self.filter(state__in=UNANSWERED)

    def waiting(self) -> "UnitQuestionQuerySet":
        return self.filter(state__in=WAITING)

    def live(self) -> "UnitQuestionQuerySet":
        """Neither settled nor answered by the nomination."""
        return self.filter(state__in=[*UNANSWERED, *WAITING])

    def due(self, on: dt.date) -> "UnitQuestionQuerySet":
        """The day of the answer is over."""
        return self.filter(due_on__lt=on)


class UnitQuestion(models.Model):
    """One question: who, which criterion, which items. It is no flag and enters no assessment.

    ``state`` is written by ``move`` only.
    """

    public_id = public_id()
    round = models.ForeignKey("cohorts.Round", models.PROTECT, related_name="questions")
    # The unit that the round asks; the cadre may belong to a unit below it.
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="questions")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="+")
    criterion = models.ForeignKey("assessments.Criterion", models.PROTECT, related_name="+")
    # The exact versions on which the question rests.
    items = models.ManyToManyField("assessments.Evidence", related_name="questions")
    asked_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=14, choices=QuestionState, default=QuestionState.OPEN)
    version = models.PositiveIntegerField(default=1)
    # The latest answer; earlier ones stand in the trail.
    ground = models.CharField(_("reason"), max_length=10, choices=Ground, blank=True)
    disputed = models.ForeignKey(
        "assessments.Evidence", models.PROTECT, null=True, related_name="+", verbose_name=_("the wrong item")
    )
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_on = models.DateField(null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    moot = models.CharField(max_length=10, choices=Moot, blank=True)

    objects = UnitQuestionQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["round", "unit", "cadre", "criterion"]
        # Read by the count of every unit in one statement, and by the list in the order of the days.
        indexes = [
            models.Index(fields=["round", "unit", "state"], name="question_count"),
            models.Index(fields=["due_on", "id"], name="question_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "cadre", "criterion"], name="question_once"),
            models.CheckConstraint(condition=Q(state__in=QuestionState.values), name="question_state_known"),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("asked_on")), name="question_days"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True, answered_on__isnull=True, answer="")
                | Q(answered_by__isnull=False, answered_on__isnull=False) & ~Q(answer=""),
                name="question_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True, ground="", disputed__isnull=True)
                | Q(answered_by__isnull=False)
                & (Q(ground="", disputed__isnull=False) | ~Q(ground="") & Q(disputed__isnull=True)),
                name="question_explained_or_disputed",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_on__isnull=True)
                | Q(decided_by__isnull=False, decided_on__isnull=False),
                name="question_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} {self.criterion.code}"

    def get_absolute_url(self) -> str:
        return f"/questions/{self.public_id}/"

    @property
    def number(self) -> str:
        """What a notice quotes in the place of a name."""
        return f"{self.round.campaign.year}-Q{self.pk:05d}"

    @property
    def reason(self) -> str:
        """Why it is settled, in words: the ground of the explanation, the disputed item, or what explains it by itself."""
        if self.state == QuestionState.MOOT:
            return str(self.get_moot_display())
        if self.state in (QuestionState.DISPUTED, QuestionState.UPHELD):
            return wording.say("question.disputes", {"item": str(self.disputed)})
        return str(self.get_ground_display()) if self.ground else ""
