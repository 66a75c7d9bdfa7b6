"""The case: one cadre, one campaign, one state; and what is found, served and answered in it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import Category, LeadingLevel, barred_cadres
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role


class Stage(models.TextChoices):
    """Five words that everybody knows; every state belongs to one of them."""

    NOMINATE = "nominate", _("Nominate")
    VERIFY = "verify", _("Verify")
    TRAIN = "train", _("Train")
    PRACTICE = "practice", _("Field practice")
    REVIEW = "review", _("Return review")


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    NOMINATED = "nominated", _("nominated")
    STRIKE_OUT_PROPOSED = "strike_out_proposed", _("strike-out proposed")
    DEFERRED = "deferred", _("deferred")
    VERIFIED = "verified", _("verified")
    NOTIFIED = "notified", _("notified")
    CONFIRMED = "confirmed", _("confirmed")
    IN_THEORY = "in_theory", _("in theory block")
    IN_PRACTICE = "in_practice", _("in field practice")
    UNDER_REVIEW = "under_review", _("under review")
    QUALIFIED = "qualified", _("qualified")
    UNQUALIFIED = "unqualified", _("unqualified")
    EXIT_PROPOSED = "exit_proposed", _("exit proposed")
    STRUCK_OUT = "struck_out", _("struck out")
    RELEASED = "released", _("released")
    WITHDRAWN = "withdrawn", _("withdrawn")
    TRANSFERRED = "transferred", _("transferred to discipline")
    RETURNED = "returned", _("returned to unit")
    STAYED = "stayed", _("stays at the grassroots")
    REASSIGNED = "reassigned", _("reassigned")
    EXITED = "exited", _("exited")
    OVERTURNED = "overturned", _("overturned")


STAGE_OF: dict[str, Stage] = {
    State.DRAFT: Stage.NOMINATE, State.NOMINATED: Stage.VERIFY, State.STRIKE_OUT_PROPOSED: Stage.VERIFY,
    State.DEFERRED: Stage.VERIFY, State.VERIFIED: Stage.VERIFY, State.NOTIFIED: Stage.VERIFY, State.STRUCK_OUT: Stage.VERIFY,
    State.RELEASED: Stage.VERIFY, State.WITHDRAWN: Stage.VERIFY, State.TRANSFERRED: Stage.VERIFY,
    State.CONFIRMED: Stage.TRAIN, State.IN_THEORY: Stage.TRAIN, State.IN_PRACTICE: Stage.PRACTICE,
    State.UNDER_REVIEW: Stage.REVIEW, State.QUALIFIED: Stage.REVIEW, State.UNQUALIFIED: Stage.REVIEW, State.EXIT_PROPOSED: Stage.REVIEW,
    State.RETURNED: Stage.REVIEW, State.STAYED: Stage.REVIEW, State.REASSIGNED: Stage.REVIEW, State.EXITED: Stage.REVIEW,
    State.OVERTURNED: Stage.REVIEW,
}  # fmt: skip
# Closed with a result of the return review; the others ended before one.
FINISHED = frozenset({State.RETURNED, State.STAYED, State.REASSIGNED, State.EXITED})
CLOSED = FINISHED | {State.STRUCK_OUT, State.RELEASED, State.WITHDRAWN, State.TRANSFERRED, State.OVERTURNED}
# A draft is not yet counted as open: one open case per cadre counts from the nomination on.
OPEN = tuple(state for state in State.values if state not in CLOSED and state != State.DRAFT)
IN_CLASS = frozenset(
    {State.IN_THEORY, State.IN_PRACTICE, State.UNDER_REVIEW, State.QUALIFIED, State.UNQUALIFIED, State.EXIT_PROPOSED}
)


class Origin(models.TextChoices):
    UNIT = "unit", _("the unit")
    THREE_MECHANISMS = "three_mechanisms", _("the three mechanisms")
    COUNTY = "county", _("named by the county")


class HowRaised(models.TextChoices):
    BALLOT = "ballot", _("ballot")
    EVALUATION = "mass_evaluation", _("mass evaluation")
    PANEL = "panel", _("deliberation panel from records")


class StrikeReason(models.TextChoices):
    NOT_PROVED = "not_proved", _("not proved")
    TOKEN = "token", _("a token referral")
    TOLERATED = "tolerated", _("error tolerance recognised")
    OTHER = "other", _("other")


# What a verification team still has to do; when none of its cases is in one of these, the batch is over.
AT_THE_TEAM = (State.NOMINATED, State.STRIKE_OUT_PROPOSED)


class VerificationTeamQuerySet(models.QuerySet["VerificationTeam"]):
    def visible_to(self, user: Any) -> "VerificationTeamQuerySet":
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            return self.filter(campaign__organizer__path__startswith=role.unit.path)
        return self.none()

    def running(self) -> "VerificationTeamQuerySet":
        return self.filter(ended_on__isnull=True)


class EndGround(models.TextChoices):
    """Why the leader discontinues a case whose cadre is no longer there."""

    DIED = "died", _("the cadre died")
    RETIRED = "retired", _("the cadre retired")
    LEFT = "left", _("the cadre left the service")
    OTHER = "other", _("other")


class VerificationTeam(models.Model):
    """Two or more named people with rights on their cases only, ending with the batch."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=60)
    members = models.ManyToManyField("accounts.User", related_name="teams", verbose_name=_("members"))
    formed_on = models.DateField(default=timezone.localdate)
    ended_on = models.DateField(null=True, blank=True)

    objects = VerificationTeamQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-formed_on", "-pk"]

    def __str__(self) -> str:
        return self.name


def _of_the_organizer(user: Any) -> Q:
    """The organizer's staff and the inspector: its campaigns' cases from the nomination on; the chief also the own drafts."""
    rows = Q(campaign__organizer__path__startswith=user.role.unit.path)
    if user.role.role == Role.CHIEF:
        return rows & ~(Q(state=State.DRAFT) & Q(origin=Origin.UNIT))
    return rows & ~Q(state=State.DRAFT)


def _of_the_team(user: Any) -> Q:
    """A member of a verification team: the batch's cases while the batch lasts."""
    mine = VerificationTeam.objects.filter(pk=OuterRef("team_id"), members=user, ended_on__isnull=True)
    return Q(Exists(mine)) & ~Q(state=State.DRAFT)


def _of_the_unit(user: Any) -> Q:
    """A unit sees what it named itself; the liaison the drafts only, as long as they are drafts."""
    path = user.role.unit.path
    rows = Q(unit__path__startswith=path, origin=Origin.UNIT)
    if user.role.role == Role.LIAISON:
        return rows & Q(state=State.DRAFT)
    if user.role.role == Role.UNIT_HEAD:
        # The unit that a cadre moved to, or that took over a dissolved one, sees the open case; see ``only_read_by``.
        came = Q(cadre__unit__path__startswith=path) | Q(unit__successor__path__startswith=path)
        rows |= came & Q(origin=Origin.UNIT, state__in=OPEN)
    return rows


def _of_the_class(user: Any) -> Q:
    return Q(cohort__teacher=user)


def _of_the_village(user: Any) -> Q:
    placements = apps.get_model("cohorts", "Placement").objects.filter(referral=OuterRef("pk"), supervisor_user=user)
    return Q(Exists(placements))


def _day_number(moment: Any) -> Any:
    """20260131 for 31 January 2026, in SQL and in the county's time: exact where months must be compared."""
    return ExtractYear(moment) * 10_000 + ExtractMonth(moment) * 100 + ExtractDay(moment)


_SCOPES: dict[str, Callable[[Any], Q]] = {
    **dict.fromkeys(ORGANIZER_ROLES | {Role.INSPECTOR}, _of_the_organizer),
    Role.VERIFIER: _of_the_team,
    **dict.fromkeys(UNIT_ROLES, _of_the_unit),
    Role.CLASS_TEACHER: _of_the_class,
    Role.FIELD_SUPERVISOR: _of_the_village,
}


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: Any) -> "ReferralQuerySet":
        """Rows that this person may know of in the role in use; everything else is 404.

        Recusal comes first: nobody finds his own case or one of kin, dispute or interest (Civil Servants Law Art. 76),
        except as the cadre concerned, and then from the notice of reasons on.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role == Role.CADRE:
            return self.filter(cadre_id=user.cadre_id).filter(Exists(Service.objects.filter(referral=OuterRef("pk"))))
        if role.role not in _SCOPES:
            return self.none()
        return self.unbarred_for(user).in_scope_of(user)

    def in_scope_of(self, user: Any) -> "ReferralQuerySet":
        """What the role in use reaches, recusal aside."""
        return self.filter(_SCOPES[user.role.role](user)) if user.role.role in _SCOPES else self.none()

    def unbarred_for(self, user: Any) -> "ReferralQuerySet":
        """Without the own case and those of kin, dispute or interest."""
        return self.exclude(cadre_id__in=barred_cadres(user.cadre_id)) if user.cadre_id else self

    def open(self) -> "ReferralQuerySet":
        return self.filter(state__in=OPEN)

    def to_follow(self) -> "ReferralQuerySet":
        """Drafts that their unit announced as material to follow (PRACTICE 12)."""
        return self.filter(state=State.DRAFT).exclude(follow_reason="")

    def counted(self) -> "ReferralQuerySet":
        """Nominated, whatever came of it."""
        return self.exclude(state=State.DRAFT)

    def with_predecessor(self) -> Any:
        """Annotates ``predecessor_id``: the cadre's previous counted case, if the two stand in succession; else None.

        Counted: its return review has a result and it was not overturned. In succession: no concluded campaign of the
        same organizer lies between the two, and at most 24 months between that result and this nomination (PRACTICE 18).
        No counter is stored: the derivation is two rows.
        """
        between = apps.get_model("cohorts", "Campaign").objects.filter(
            organizer=OuterRef("campaign__organizer"), concluded_on__isnull=False,
            opened_on__gt=OuterRef("campaign__opened_on"), opened_on__lt=OuterRef(OuterRef("campaign__opened_on")),
        )  # fmt: skip
        # A case may have several reviews (after an extension, after an objection); the latest that stands counts, once.
        reviews = apps.get_model("cohorts", "ReturnReview").objects.standing().filter(referral=OuterRef("pk"))
        latest = reviews.annotate(day=_day_number("held_on")).values("day")[:1]
        earlier = (
            Referral.objects.filter(
                cadre=OuterRef("cadre"), campaign__organizer=OuterRef("campaign__organizer"),
                nominated_at__lt=OuterRef("nominated_at"),
            )
            .exclude(state=State.OVERTURNED)
            .annotate(result_day=Subquery(latest))
            .filter(result_day__gte=OuterRef("nominated_day") - 2 * 10_000)
            .exclude(Exists(between))
            .order_by("-nominated_at")
        )  # fmt: skip
        rows = self.annotate(nominated_day=_day_number("nominated_at"))
        return rows.annotate(predecessor_id=Subquery(earlier.values("pk")[:1]))

    def in_succession(self) -> Any:
        return self.with_predecessor().filter(predecessor_id__isnull=False)

    def whose_cadre_is_gone(self, on: Any) -> "ReferralQuerySet":
        """Open cases whose cadre has retired, left or died by a day: the leader discontinues them, or lets them run."""
        return self.open().filter(Q(cadre__left_on__lte=on) | Q(cadre__retires_on__lte=on))

    def reply_clock_over(self, on: Any) -> "ReferralQuerySet":
        return self.filter(state=State.NOTIFIED, reply_due__lt=on)

    def with_reply_to_answer(self) -> "ReferralQuerySet":
        """Replies of which a point has no answer yet."""
        return self.filter(state=State.NOTIFIED, reply_points__isnull=False, reply_points__answer="").distinct()


class Referral(models.Model):
    """A case. ``state`` is written by ``move`` only; the snapshot is frozen at nomination."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="referrals")
    unit_return = models.ForeignKey(
        "cohorts.UnitReturn", models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="referrals")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="referrals", verbose_name=_("cadre"))
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.UNIT)
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    deferred_from = models.CharField(max_length=20, blank=True)
    team = models.ForeignKey(VerificationTeam, models.PROTECT, null=True, blank=True, related_name="cases")
    cohort = models.ForeignKey("cohorts.Cohort", models.PROTECT, null=True, blank=True, related_name="cases")
    # The block of the class in which the trainee stands; it moves on by one with each start of a block.
    phase = models.ForeignKey("cohorts.Phase", models.PROTECT, null=True, blank=True, related_name="cases")
    criteria = models.ManyToManyField("assessments.Criterion", related_name="+", verbose_name=_("criteria"))
    facts = models.TextField(_("facts"), blank=True)
    how_raised = models.CharField(_("how the name came up"), max_length=16, choices=HowRaised, blank=True)
    talk_on = models.DateField(_("date of the talk before referral"), null=True, blank=True)
    talk_by = models.CharField(_("talk held by"), max_length=60, blank=True)
    talk_agreed = models.CharField(_("what was agreed"), max_length=300, blank=True)
    no_talk_reason = models.CharField(_("why there was no talk"), max_length=300, blank=True)
    # The name's own day: announced by the unit with a reason (material to follow), or given when the name was sent back.
    follow_until = models.DateField(_("material to follow until"), null=True, blank=True)
    follow_reason = models.CharField(_("why it follows"), max_length=200, blank=True)
    # The sheet on which this name alone was signed: the deputy's, or the supplementary one.
    signed_sheet = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    # Frozen at nomination.
    person_name = models.CharField(max_length=40, blank=True)
    unit_name = models.CharField(max_length=80, blank=True)
    post = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=24, choices=Category, blank=True)
    level = models.CharField(max_length=3, choices=LeadingLevel, blank=True)
    nominated_at = models.DateTimeField(null=True)
    nominated_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    # Verification.
    verified_on = models.DateField(null=True)
    verified_by = models.ManyToManyField("accounts.Cadre", related_name="+")
    # [{"who": name and office, "on": ISO day}]: whom the team talked with; then the report that all its members signed.
    talks = models.JSONField(_("talks held"), default=list, blank=True)
    report_number = models.CharField(_("number of the verification report"), max_length=60, blank=True)
    report_text = models.TextField(_("text of the report"), blank=True)
    report_file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    tolerance = models.BooleanField(_("error tolerance recognised"), null=True)
    tolerance_reason = models.CharField(_("reason"), max_length=300, blank=True)
    strike_reason = models.CharField(_("ground"), max_length=12, choices=StrikeReason, blank=True)
    strike_text = models.TextField(_("reason"), blank=True)
    # Hearing.
    reply_due = models.DateField(null=True)
    reply_final_on = models.DateField(null=True)
    no_reply_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    end_ground = models.CharField(_("ground"), max_length=8, choices=EndGround, blank=True)
    # Seconded: the unit that holds the post refers, with the host's written opinion.
    host_opinion_on = models.DateField(_("date of the host's opinion"), null=True, blank=True)
    host_opinion_by = models.CharField(_("signed by, for the host unit"), max_length=60, blank=True)
    host_opinion = models.CharField(_("the host's opinion"), max_length=500, blank=True)
    host_opinion_file = models.ForeignKey(
        "accounts.StoredFile", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        # Queues of the organizer sort by the time in a state; the unit's page lists its own cases.
        indexes = [
            models.Index(fields=["campaign", "state", "state_since"], name="referral_queue"),
            models.Index(fields=["unit", "state"], name="referral_unit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="referral_state_known"),
            models.UniqueConstraint(
                fields=["cadre"], condition=Q(state__in=OPEN), name="one_open_case_per_cadre",
                violation_error_message=_("There is an open case for this cadre already."),
            ),
            models.UniqueConstraint(
                fields=["unit_return", "cadre"], condition=Q(state="draft"), name="one_draft_per_return",
                violation_error_message=_("This return names the cadre already."),
            ),
            models.CheckConstraint(
                condition=Q(nominated_at__isnull=True, nominated_by__isnull=True)
                | Q(nominated_at__isnull=False, nominated_by__isnull=False),
                name="referral_nominated_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(follow_reason="") | Q(follow_until__isnull=False), name="referral_follows_until_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="deferred") | ~Q(deferred_from=""), name="referral_deferred_from_a_state"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.person_name or self.cadre.name

    def get_absolute_url(self) -> str:
        return f"/cases/{self.public_id}/"

    def only_read_by(self, user: Any) -> bool:
        """A unit that did not nominate (the new one of a transferred cadre) reads the case; its steps stay where it began."""
        role = user.role
        return bool(role and role.role in UNIT_ROLES and not self.unit.path.startswith(role.unit.path))

    @property
    def stage(self) -> str:
        return STAGE_OF[self.deferred_from or self.state]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def talks_held(self) -> list[dict[str, Any]]:
        """Whom the team talked with, and on which day."""
        return [{"who": talk["who"], "on": dt.date.fromisoformat(talk["on"])} for talk in self.talks]

    @property
    def follows(self) -> bool:
        """Announced as material to follow and not here yet."""
        return self.state == State.DRAFT and bool(self.follow_reason)

    @property
    def came_late(self) -> bool:
        """Nominated after the round's closing day and after the name's own day, if it has one."""
        if self.unit_return is None or self.nominated_at is None:
            return False
        last = max(filter(None, [self.unit_return.round.closes_on, self.follow_until]))
        return timezone.localtime(self.nominated_at).date() > last

    @property
    def sheet_number(self) -> str:
        """The number printed on the sheet that the deputy signs for this name alone; it changes with every change."""
        return f"{str(self.public_id)[:8].upper()}-{self.version}"

    @property
    def number(self) -> str:
        """The case number that people copy and quote."""
        return f"{self.campaign.year}-{self.pk:05d}"


class CaseEvidence(models.Model):
    """The exact version of an item on which the case rests."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="evidence_links")
    evidence = models.ForeignKey("assessments.Evidence", models.PROTECT, related_name="+")

    class Meta:
        app_label = "cohorts"
        constraints = [models.UniqueConstraint(fields=["referral", "evidence"], name="evidence_once_per_case")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.evidence_id}"


class Finding(models.Model):
    """The verification team's word on one criterion of a case."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="findings")
    criterion = models.ForeignKey("assessments.Criterion", models.PROTECT, related_name="+")
    upheld = models.BooleanField(_("upheld"))
    reason = models.TextField(_("reason"))

    class Meta:
        app_label = "cohorts"
        ordering = ["criterion__code"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "criterion"], name="one_finding_per_criterion"),
            models.CheckConstraint(condition=~Q(reason=""), name="finding_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.upheld}"


class ScreeningKind(models.TextChoices):
    DISCIPLINE = "discipline", _("discipline inspection")
    PETITIONS = "petitions", _("petitions office")
    HUMAN_RESOURCES = "human_resources", _("human resources")


class ScreeningLetter(models.Model):
    """A letter that asks another office about a list of names; it is answered by a letter."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="letters")
    kind = models.CharField(_("asked of"), max_length=16, choices=ScreeningKind, default=ScreeningKind.DISCIPLINE)
    number = models.CharField(_("number of the letter"), max_length=60)
    sent_on = models.DateField(_("date of the letter"))
    answer_number = models.CharField(_("number of the answer"), max_length=60, blank=True)
    answered_on = models.DateField(_("date of the answer"), null=True, blank=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["-sent_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="letter_number_once")]

    def __str__(self) -> str:
        return self.number


class Answer(models.TextChoices):
    NO_EFFECT = "no_effect", _("no effect")
    WAIT = "wait", _("under examination: wait")
    TRANSFER = "transfer", _("transferred")


class ScreeningAnswer(models.Model):
    """One name on the letter and the answer to it; no details are stored."""

    letter = models.ForeignKey(ScreeningLetter, models.CASCADE, related_name="answers")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="screenings")
    answer = models.CharField(max_length=10, choices=Answer, blank=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["referral"]
        constraints = [models.UniqueConstraint(fields=["letter", "referral"], name="name_once_per_letter")]

    def __str__(self) -> str:
        return self.answer


class ServiceMethod(models.TextChoices):
    IN_PERSON = "in_person", _("in person, against signature")
    POST = "post", _("registered post")
    RESIDENCE = "residence", _("left at the residence")


class Service(models.Model):
    """The notice of reasons as it was served; the reply clock runs from the day after."""

    referral = models.OneToOneField(Referral, models.CASCADE, related_name="service")
    method = models.CharField(_("method"), max_length=10, choices=ServiceMethod)
    served_on = models.DateField(_("date of service"))
    receipt = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    served_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        app_label = "cohorts"

    def __str__(self) -> str:
        return f"{self.method} {self.served_on}"


class ReplyPoint(models.Model):
    """One point of the cadre's reply and the answer to it; a decision must answer each."""

    public_id = public_id()
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="reply_points")
    text = models.TextField(_("point"))
    received_on = models.DateField()
    file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "cohorts"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True) | ~Q(answer="") & Q(answered_by__isnull=False),
                name="reply_answered_by",
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]
