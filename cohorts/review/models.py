"""The return review, what was decided after it, and what became of the person."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import INSTITUTION
from accounts.setting.models import setting
from cohorts.referral.models import Referral, State


class Outcome(models.TextChoices):
    SAME_POST = "same_post", _("same post")
    OTHER_POST = "other_post", _("other post in the unit")
    EXCHANGE = "exchange", _("exchange within the county")
    WAITING = "waiting", _("waiting for a post")
    STAYS = "stays", _("stays in the village, post kept")
    EXTENDED = "extended", _("the class is extended")
    REASSIGNED = "reassigned", _("given another post")


# What a qualified trainee may return to.
RETURNS = (Outcome.SAME_POST, Outcome.OTHER_POST, Outcome.EXCHANGE, Outcome.WAITING)


class FailGround(models.TextChoices):
    POINTS = "points", _("too few points")
    ATTENDANCE = "attendance", _("absent for more than a seventh of the class hours")


class Part(models.TextChoices):
    """The parts of the sheet; the order is that of ``points.PARTS``."""

    THEORY = "theory", _("Theory exam")
    DISCIPLINE = "discipline", _("Attendance and discipline")
    PRACTICE = "practice", _("Practice results")
    VILLAGERS = "villagers", _("Opinion of villagers and host unit")
    DEFENCE = "defence", _("Self-report and defence")


class ReviewQuerySet(models.QuerySet["ReturnReview"]):
    def standing(self) -> "ReviewQuerySet":
        """Not set aside after an objection; the latest of a case is the one that counts."""
        return self.filter(set_aside_on__isnull=True).order_by("-pk")

    def whole(self) -> "ReviewQuerySet":
        """With everything that the case page and the sheet show."""
        return self.select_related(
            "village", "next_cohort__campaign", "choice_file", "objection__file"
        ).prefetch_related("parts", "seats__cadre__unit")


def reviewed(*, qualified: bool, case: str = "pk") -> Exists:
    """Condition on a case: its review that counts - the latest that stands - has this result. ``case`` names its key."""
    later = ReturnReview.objects.standing().filter(referral=OuterRef("referral"), pk__gt=OuterRef("pk"))
    return Exists(ReturnReview.objects.standing().filter(~Exists(later), referral=OuterRef(case), qualified=qualified))


def objection_waits() -> Exists:
    """The condition on a case that an objection to its standing review has no answer yet."""
    reviews = ReturnReview.objects.standing().filter(referral=OuterRef("pk"))
    return Exists(reviews.filter(objection__waived=False, objection__answer=""))


def ready_to_place(on: dt.date) -> Q:
    """The condition on a case that its result may be acted upon: nobody objects any more."""
    reviews = ReturnReview.objects.standing().filter(referral=OuterRef("pk"))
    return Q(Exists(reviews.filter(Q(objection__isnull=False) | Q(objection_due__lt=on)))) & ~Q(objection_waits())


def ripe_for_exit(cases: Any, on: dt.date) -> Any:
    """Of the cases, those of which an exit may be proposed: in succession and unqualified (the report's words); where the
    county has set the milder reading, the earlier case's review is unqualified as well. Annotates ``predecessor_id``.
    """
    rows = cases.with_predecessor().filter(reviewed(qualified=False), predecessor_id__isnull=False)
    if not setting("exit_needs_two_failures", on):
        return rows
    return rows.filter(reviewed(qualified=False, case="predecessor_id"))


class ReturnReview(models.Model):
    """One review of one case: panel, result, and what the leader then decided. An extended case has several."""

    referral = models.ForeignKey("cohorts.Referral", models.CASCADE, related_name="reviews")
    held_on = models.DateField(_("date of the review"))
    panel = models.ManyToManyField("accounts.Cadre", through="PanelSeat", related_name="+", verbose_name=_("panel"))
    defence = models.TextField(_("minutes of the defence"), blank=True)
    # Exact: parts of two decimals, weights in hundredths. Empty only where the attendance left nothing to weigh.
    score = models.DecimalField(_("points"), max_digits=7, decimal_places=4, null=True)
    qualified = models.BooleanField(_("qualified"))
    fail_ground = models.CharField(_("why unqualified"), max_length=12, choices=FailGround, blank=True)
    recorded_on = models.DateField(_("recorded on"))
    objection_due = models.DateField(_("objection until"))
    # An objection that was upheld sets the review aside; another one follows.
    set_aside_on = models.DateField(null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    returned_on = models.DateField(_("day of the return"), null=True)
    place = models.CharField(_("post and unit"), max_length=120, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    document = models.CharField(_("number of the document"), max_length=60, blank=True)
    village = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("village"))
    choice_on = models.DateField(_("date of the cadre's written choice"), null=True)
    choice_file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    next_cohort = models.ForeignKey("cohorts.Cohort", models.PROTECT, null=True, related_name="+")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["pk"]
        # Succession asks for the latest standing review of a case.
        indexes = [models.Index(fields=["referral", "set_aside_on", "id"], name="review_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="review_points"),
            models.CheckConstraint(
                condition=Q(qualified=True, fail_ground="", score__isnull=False) | Q(qualified=False, fail_ground="attendance")
                | Q(qualified=False, fail_ground="points", score__isnull=False),
                name="review_result_has_its_ground",
            ),
            models.CheckConstraint(condition=Q(outcome="") | Q(outcome__in=Outcome.values), name="review_outcome_known"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.referral_id} {self.held_on}"

    @property
    def points(self) -> str:
        """The total without trailing zeros: 82.5, 59.995."""
        return plain(self.score) if self.score is not None else ""


def plain(value: Decimal) -> str:
    """A figure without trailing zeros and never in powers of ten."""
    return f"{value.normalize():f}"


class ReviewPart(models.Model):
    """The score of one part (0-100 points) with the weight of the review's day."""

    review = models.ForeignKey(ReturnReview, models.CASCADE, related_name="parts")
    code = models.CharField(max_length=12, choices=Part)
    weight = models.PositiveSmallIntegerField(_("weight"))
    score = models.DecimalField(_("points"), max_digits=5, decimal_places=2)
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "code"], name="review_part_once"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="review_part_points"),
            models.CheckConstraint(condition=Q(weight__lte=100), name="review_part_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.score}"

    @property
    def points(self) -> str:
        return plain(self.score)

    @property
    def share(self) -> str:
        """What the part gives to the total."""
        return plain(self.score * self.weight / 100)


class PanelSeat(models.Model):
    """A member of the panel and the vote: agrees with the result, or not."""

    review = models.ForeignKey(ReturnReview, models.CASCADE, related_name="seats")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="+")
    agrees = models.BooleanField(_("agrees with the result"), default=True)

    class Meta:
        app_label = "cohorts"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "cadre"], name="one_seat_per_panel")]

    def __str__(self) -> str:
        return str(self.cadre)


class Objection(models.Model):
    """The cadre's objection to a result, or the signed word that there will be none; one per review."""

    review = models.OneToOneField(ReturnReview, models.CASCADE, related_name="objection")
    waived = models.BooleanField(_("there will be no objection"), default=False)
    text = models.TextField(_("objection"), blank=True)
    file = models.ForeignKey("accounts.StoredFile", models.PROTECT, null=True, related_name="+")
    raised_on = models.DateField()
    answer = models.TextField(_("answer"), blank=True)
    answered_on = models.DateField(null=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "cohorts"
        constraints = [
            models.CheckConstraint(condition=Q(waived=True) | ~Q(text=""), name="objection_says_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True) | ~Q(answer="") & Q(answered_by__isnull=False),
                name="objection_answered_by",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def settled(self) -> bool:
        return self.waived or bool(self.answer)


class ExitGround(models.TextChoices):
    """Statutory grounds: the system proposes none, people choose (Civil Servants Law Art. 88; Regulation on the
    Personnel of Public Institutions Arts. 15, 16, 18)."""

    CS_GRADES = "cs88_1", _("Civil Servants Law Art. 88(1): incompetent in the annual appraisal two years in a row")
    CS_POST = "cs88_2", _("Art. 88(2): unequal to the present post and refuses another")
    CS_REFORM = "cs88_3", _("Art. 88(3): refuses a reasonable arrangement in a restructuring")
    CS_DUTY = "cs88_4", _("Art. 88(4): does not fulfil the duties, education had no effect, dismissal does not fit")
    CS_ABSENCE = "cs88_5", _("Art. 88(5): absent more than 15 days running, or more than 30 days in a year")
    PI_ABSENCE = "pi15", _("Regulation Art. 15: absent more than 15 working days running, or more than 30 in a year")
    PI_POST = "pi16_1", _("Regulation Art. 16: unqualified in the annual appraisal and refuses another post")
    PI_GRADES = (
        "pi16_2",
        _("Regulation Art. 16: unqualified in the annual appraisal two years in a row (30 days' notice)"),
    )
    PI_DISMISSED = "pi18", _("Regulation Art. 18: dismissed as a sanction")


def grounds_for(category: str) -> list[ExitGround]:
    """The statutory grounds that exist for a personnel category."""
    prefix = "pi" if category in INSTITUTION else "cs"
    return [ground for ground in ExitGround if ground.value.startswith(prefix)]


class Bar(models.TextChoices):
    """Who may not be dismissed (Civil Servants Law Art. 89); each item is ticked as not applying."""

    INJURY = "injury", _("disabled on duty, and the loss of working ability is confirmed")
    MEDICAL = "medical", _("ill or injured, within the prescribed medical period")
    MATERNITY = "maternity", _("pregnancy, maternity leave or nursing")
    OTHER = "other", _("another case in which laws or regulations forbid dismissal")


class Approval(models.TextChoices):
    COMMITTEE = "committee", _("county committee")
    GOVERNMENT = "government", _("county government")
    SUPERVISOR = "supervisor", _("supervising body of the institution")


def approvals_for(category: str) -> list[Approval]:
    """Who approves an exit (PRACTICE 19)."""
    return [Approval.SUPERVISOR] if category in INSTITUTION else [Approval.COMMITTEE, Approval.GOVERNMENT]


class ExitProposal(models.Model):
    """A proposal to end the service: statutory ground, proof, bar list, discipline's opinion; then the decision's papers."""

    referral = models.OneToOneField("cohorts.Referral", models.CASCADE, related_name="exit")
    ground = models.CharField(_("statutory ground"), max_length=8, choices=ExitGround)
    reason = models.TextField(_("reason"))
    proof = models.ForeignKey("accounts.StoredFile", models.PROTECT, related_name="+")
    cleared = models.JSONField(_("bar list: does not apply"))
    discipline_number = models.CharField(_("number of the discipline commission's opinion"), max_length=60)
    discipline_on = models.DateField(_("date of that opinion"))
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_on = models.DateField()
    examination = models.CharField(_("number of the civil-servant authority's examination"), max_length=60, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=12, choices=Approval, blank=True)
    approval_number = models.CharField(_("number of the approval"), max_length=60, blank=True)
    approved_on = models.DateField(_("date of the approval"), null=True)
    filed_on = models.DateField(_("filed with human resources on"), null=True)
    effective_on = models.DateField(_("the service ends on"), null=True)
    kept_reason = models.TextField(_("why the person is kept on"), blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "cohorts"
        constraints = [models.CheckConstraint(condition=Q(ground__in=ExitGround.values), name="exit_ground_known")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.ground}"

    def get_absolute_url(self) -> str:
        return self.referral.get_absolute_url()

    @property
    def cleared_words(self) -> list[str]:
        return [str(Bar(code).label) for code in self.cleared]


class Overturning(models.Model):
    """The decision that took a case back: nothing of it stays in force."""

    referral = models.OneToOneField("cohorts.Referral", models.CASCADE, related_name="overturning")
    decided_on = models.DateField(_("date of the decision"))
    number = models.CharField(_("number of the decision"), max_length=60)
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        app_label = "cohorts"

    def __str__(self) -> str:
        return self.number


class Became(models.TextChoices):
    SAME = "same", _("in the same post")
    UP = "up", _("moved up")
    DOWN = "down", _("moved down")
    LEFT = "left", _("left the service")


# Months after the return at which somebody asks what became of the person (PRACTICE 20).
FOLLOW_UP_MONTHS = (3, 6, 12)
FOLLOWED = (State.RETURNED, State.STAYED, State.REASSIGNED)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = dt.date(year, month + 1, 1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    return min(last, first + dt.timedelta(days=day.day - 1))


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: Any) -> "FollowUpQuerySet":
        return self.filter(Exists(Referral.objects.visible_to(user).filter(pk=OuterRef("referral_id"))))

    def due(self, on: dt.date) -> "FollowUpQuerySet":
        """Asked for by that day and not entered; a case that was overturned is left in peace."""
        return self.filter(noted_on__isnull=True, due_on__lte=on, referral__state__in=FOLLOWED)


class FollowUp(models.Model):
    """What became of the person 3, 6 and 12 months after the return; planned when the case ends."""

    public_id = public_id()
    referral = models.ForeignKey("cohorts.Referral", models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField(_("months after the return"))
    due_on = models.DateField(_("due on"))
    became = models.CharField(_("what became of the person"), max_length=4, choices=Became, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    noted_on = models.DateField(null=True)
    noted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["months"]
        # The due list reads what is not entered, by day.
        indexes = [models.Index(fields=["noted_on", "due_on", "id"], name="follow_up_due")]
        constraints = [
            models.UniqueConstraint(fields=["referral", "months"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(became="", noted_on__isnull=True) | ~Q(became="") & Q(noted_on__isnull=False),
                name="follow_up_entered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.months}"

    def get_absolute_url(self) -> str:
        return f"/follow-ups/{self.public_id}/"
