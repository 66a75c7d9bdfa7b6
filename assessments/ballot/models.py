"""Democratic rating: who may vote and who has voted; and, apart from it, what each candidate was given.

The secrecy of the vote rests on what is never written. There is no ballot paper: marking one adds to the counts of the
candidates and leaves no row of its own, no key, no time and no order. Papers would tell: one without a mark for Wang is
Wang's, because nobody rates himself; one with an agreed pattern of marks is a receipt for whoever bought it; and in
PostgreSQL the hidden columns (``xmin``, ``ctid``) of a row show which transaction wrote it. Therefore each vote writes
every voter's and every candidate's row of the ballot anew, and closing writes the counts once more under new random
keys in random order.

What remains: whoever copies the database, its write-ahead log or its dead rows between two votes can subtract one state
from the other. That takes the server's disk, no account of Retrain; when the ballot is closed the difference is gone.
Counts also tell where all agree: if everybody rated somebody poor, everybody is known to have done so.
"""

import datetime as dt
import uuid
from fractions import Fraction
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import Cadre, Unit, barred_cadres
from accounts.permissions import UNIT_ROLES, Role

# With fewer valid ballots there is no result: neither of the ballot nor of a candidate whom fewer people could judge.
MIN_VALID = 8
# Days after closing for which the list of who has voted is kept, for objections to who was asked.
REGISTER_KEPT = 90


class Mark(models.TextChoices):
    """The short scale of a democratic rating."""

    GOOD = "good", _("good")
    FAIR = "fair", _("fair")
    POOR = "poor", _("poor")
    NONE = "none", _("cannot judge")


COUNTED = (Mark.GOOD, Mark.FAIR, Mark.POOR)


class BallotState(models.TextChoices):
    OPEN = "open", _("voting")
    CLOSED = "closed", _("voting is over")


class BallotQuerySet(models.QuerySet["Ballot"]):
    def visible_to(self, user: Any) -> "BallotQuerySet":
        """Unit roles see the ballots of their unit; a cadre those in which he votes or, once closed, was rated."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in UNIT_ROLES:
            return self.filter(unit__path__startswith=role.unit.path)
        if role.role == Role.CADRE:
            asked = BallotVoter.objects.filter(ballot=OuterRef("pk"), cadre=user.cadre_id)
            rated = BallotCandidate.objects.filter(ballot=OuterRef("pk"), cadre=user.cadre_id)
            return self.filter(Exists(asked) | Q(Exists(rated), state=BallotState.CLOSED))
        return self.none()

    def open(self) -> "BallotQuerySet":
        return self.filter(state=BallotState.OPEN)

    def waiting_for(self, cadre_id: int | None, today: dt.date) -> "BallotQuerySet":
        """Open ballots in which this cadre may still vote."""
        voter = BallotVoter.objects.filter(ballot=OuterRef("pk"), cadre=cadre_id, voted=False)
        return self.open().filter(Exists(voter), closes_on__gte=today)

    def with_turnout(self) -> "BallotQuerySet":
        """``turnout``: how many have voted; while a ballot is open this number is all that anybody sees of it."""
        voted = BallotVoter.objects.filter(ballot=OuterRef("pk"), voted=True).order_by().values("ballot")
        number = models.Subquery(voted.annotate(n=models.Count("pk")).values("n"))
        zero = models.functions.Coalesce(number, 0)
        return self.annotate(turnout=models.functions.Coalesce(F("came"), zero))


class Ballot(models.Model):
    """One rating in one unit. Votes are taken until the end of ``closes_on``; from that day on it may be closed."""

    public_id = public_id()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="ballots", verbose_name=_("unit"))
    title = models.CharField(_("title"), max_length=80)
    state = models.CharField(_("state"), max_length=6, choices=BallotState, default=BallotState.OPEN)
    opened_on = models.DateField(_("opened on"))
    closes_on = models.DateField(_("last day"))
    closed_on = models.DateField(_("closed on"), null=True)
    invited = models.PositiveSmallIntegerField(_("asked"))
    # How many came, known with closing; valid: those who could judge somebody. Shown when closed, never before.
    came = models.PositiveSmallIntegerField(_("came"), null=True)
    valid = models.PositiveSmallIntegerField(_("valid ballots"), default=0)
    # The share of "poor" from which a result may support a nomination: the county's setting of the opening day.
    poor_percent = models.PositiveSmallIntegerField()

    objects = BallotQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["-opened_on", "-pk"]
        # Read by the list of ballots and by "my tasks".
        indexes = [models.Index(fields=["-opened_on", "-id"], name="ballot_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BallotState.values), name="ballot_state_known"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opened_on")), name="ballot_days"),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True, came__isnull=True)
                | Q(state="closed", closed_on__isnull=False, came__isnull=False),
                name="ballot_closed_with_day_and_number",
            ),
            models.CheckConstraint(
                condition=Q(came__isnull=True) | Q(came__lte=F("invited"), valid__lte=F("came")), name="ballot_numbers_fit"
            ),
            # Two at once with nearly the same voters could be subtracted from each other.
            models.UniqueConstraint(fields=["unit"], condition=Q(state="open"), name="one_open_ballot_of_a_unit"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/ballots/{self.public_id}/"

    @property
    def is_open(self) -> bool:
        return self.state == BallotState.OPEN

    def takes_votes(self, today: dt.date) -> bool:
        """Open, and its last day is not over."""
        return self.is_open and today <= self.closes_on

    @property
    def has_result(self) -> bool:
        return not self.is_open and self.valid >= MIN_VALID

    def may_close(self, today: dt.date, turnout: int) -> bool:
        """From the last day on, or when everybody has voted."""
        return self.is_open and (today >= self.closes_on or turnout == self.invited)


class BallotVoter(models.Model):
    """Who may vote and who has; nothing of what was marked."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="voters")
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="+")
    voted = models.BooleanField(default=False)

    class Meta:
        app_label = "assessments"
        constraints = [models.UniqueConstraint(fields=["ballot", "cadre"], name="ballot_voter_once")]

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.cadre_id}"


class BallotCandidateQuerySet(models.QuerySet["BallotCandidate"]):
    def visible_to(self, user: Any) -> "BallotCandidateQuerySet":
        """What was counted: managers without themselves and those whom they are recused from; a cadre the own row."""
        rows = self.filter(ballot__in=Ballot.objects.visible_to(user), ballot__state=BallotState.CLOSED)
        if user.role is not None and user.role.role == Role.CADRE:
            return rows.filter(cadre=user.cadre_id)
        return rows.exclude(cadre__in=barred_cadres(user.cadre_id))


class BallotCandidate(models.Model):
    """Who is rated, and how often with which mark. The counts of a closed ballot are its result, or zero without one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="candidates")
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="+")
    good = models.PositiveSmallIntegerField(_("good"), default=0)
    fair = models.PositiveSmallIntegerField(_("fair"), default=0)
    poor = models.PositiveSmallIntegerField(_("poor"), default=0)
    # The item of evidence that a result was put on record as.
    evidence = models.OneToOneField("assessments.Evidence", models.PROTECT, null=True, related_name="+")

    objects = BallotCandidateQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        constraints = [models.UniqueConstraint(fields=["ballot", "cadre"], name="ballot_candidate_once")]

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.cadre_id}"

    @property
    def answers(self) -> int:
        """Valid answers: whoever could not judge gave none, nor did the person rated."""
        return self.good + self.fair + self.poor

    @property
    def has_result(self) -> bool:
        return self.answers >= MIN_VALID

    @property
    def poor_share(self) -> Fraction | None:
        return Fraction(self.poor, self.answers) if self.has_result else None

    def percent(self, mark: str) -> int:
        """Share of a mark among the valid answers, in whole percent."""
        return round(100 * getattr(self, mark) / self.answers) if self.answers else 0

    @property
    def supports(self) -> bool:
        """Whether the share of "poor" is large enough to be put on record."""
        return self.has_result and 100 * self.poor >= self.ballot.poor_percent * self.answers


def staff_of(unit: Unit, today: dt.date | None = None) -> int:
    """Staff in post as the unit states it, or else its people in service."""
    return unit.staff_in_post or Cadre.objects.filter(unit=unit).in_service(today or timezone.localdate()).count()
