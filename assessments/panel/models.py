"""The deliberation panel: who sits on it, whom it weighs from the record, what each member thinks on his own."""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import barred_cadres
from accounts.permissions import UNIT_ROLES, Role

# Fewer members make no panel, fewer scores no figure.
LEAST = 3
# From this difference between the highest and the lowest score on the panel has to talk about it.
WIDE = 3


class PanelState(models.TextChoices):
    SCORING = "scoring", _("scoring")
    DISCUSSING = "discussing", _("under discussion")
    CONCLUDED = "concluded", _("concluded")
    # Set up by mistake, and given up before any result was open.
    CANCELLED = "cancelled", _("cancelled")


class PanelQuerySet(models.QuerySet["Panel"]):
    def visible_to(self, user: Any) -> "PanelQuerySet":
        """The unit's own panels for its roles, for everybody those on which he sits; none that he may not know of
        because each of its candidates is he himself or one of kin, dispute or interest.
        """
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        sits = Q(Exists(PanelMember.objects.filter(panel=OuterRef("pk"), cadre=user.cadre_id)))
        if role.role in UNIT_ROLES:
            scope = sits | Q(unit__path__startswith=role.unit.path)
        elif role.role == Role.CADRE:
            scope = sits
        else:
            return self.none()
        known = PanelCandidate.objects.filter(panel=OuterRef("pk")).known_to(user)
        return self.filter(scope & Q(Exists(known)))

    def managed_by(self, user: Any) -> "PanelQuerySet":
        """Those of the own unit and of the units below it, in a role of the unit."""
        if user.role is None or user.role.role not in UNIT_ROLES:
            return self.none()
        return self.visible_to(user).filter(unit__path__startswith=user.role.unit.path)


class Panel(models.Model):
    """One deliberation of a unit. Results open by themselves when the last member has finished."""

    public_id = public_id()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="panels", verbose_name=_("unit"))
    edition = models.ForeignKey("assessments.Edition", models.PROTECT, related_name="+", verbose_name=_("edition"))
    title = models.CharField(_("title"), max_length=80)
    held_on = models.DateField(_("day of the deliberation"))
    state = models.CharField(_("state"), max_length=10, choices=PanelState, default=PanelState.SCORING)
    minutes = models.TextField(_("minutes"), blank=True)
    set_up_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    set_up_at = models.DateTimeField(default=timezone.now)
    concluded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    concluded_at = models.DateTimeField(null=True)
    cancelled_on = models.DateField(null=True)
    cancelled_because = models.CharField(_("why the panel is cancelled"), max_length=200, blank=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["-held_on", "-pk"]
        # Read by the list of panels, the latest first.
        indexes = [models.Index(fields=["-held_on", "-id"], name="panel_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PanelState.values), name="panel_state_known"),
            models.CheckConstraint(
                condition=Q(state="concluded", concluded_at__isnull=False, concluded_by__isnull=False) & ~Q(minutes="")
                | ~Q(state="concluded") & Q(concluded_at__isnull=True, concluded_by__isnull=True),
                name="panel_concluded_with_minutes",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_on__isnull=False) & ~Q(cancelled_because="")
                | ~Q(state="cancelled") & Q(cancelled_on__isnull=True, cancelled_because=""),
                name="panel_cancelled_with_reason",
            ),
            # A form sent twice makes one panel; after a cancellation the right one may bear the same title.
            models.UniqueConstraint(
                fields=["unit", "held_on", "title"], condition=~Q(state="cancelled"), name="panel_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/panels/{self.public_id}/"

    @property
    def is_open(self) -> bool:
        """Whether the results may be read: nobody sees any before every member has finished."""
        return self.state in (PanelState.DISCUSSING, PanelState.CONCLUDED)


class PanelMember(models.Model):
    """A seat; whoever cannot take it is excused with a reason, so that the others do not wait for him."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="+", verbose_name=_("member"))
    excused = models.CharField(_("why the member is excused"), max_length=200, blank=True)

    class Meta:
        app_label = "assessments"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["panel", "cadre"], name="panel_seat_once")]

    def __str__(self) -> str:
        return self.cadre.name


class Outcome(models.TextChoices):
    NOMINATE = "nominate", _("nominate")
    REMIND = "remind", _("remind first")
    NOTHING = "nothing", _("no action")


class PanelCandidateQuerySet(models.QuerySet["PanelCandidate"]):
    def known_to(self, user: Any) -> "PanelCandidateQuerySet":
        """Nobody finds himself or one of kin, dispute or interest on the list."""
        return self.exclude(cadre__in=barred_cadres(user.cadre_id))

    def waiting_for(self, cadre_id: int | None) -> "PanelCandidateQuerySet":
        """Those whom this member has still to score, abstain from or be recused from, in the round that is asked for."""
        done = PanelScore.objects.filter(candidate=OuterRef("pk"), round=OuterRef("round"), member__cadre=cadre_id)
        seat = PanelMember.objects.filter(panel=OuterRef("panel"), cadre=cadre_id, excused="")
        return self.filter(Exists(seat), ~Exists(done), panel__state=PanelState.SCORING)


class PanelCandidate(models.Model):
    """One cadre and one criterion that his record meets, with the exact items that were on the table."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="candidates")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="+", verbose_name=_("cadre"))
    criterion = models.ForeignKey("assessments.Criterion", models.PROTECT, related_name="+")
    items = models.ManyToManyField("assessments.Evidence", related_name="+")
    # The latest round of scores asked for: the second one follows a discussion, the first one stays.
    round = models.PositiveSmallIntegerField(default=1)
    discussion = models.TextField(_("what was discussed"), blank=True)
    discussed_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("conclusion"), max_length=10, choices=Outcome, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = PanelCandidateQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["cadre__pinyin", "cadre", "criterion__code"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "cadre", "criterion"], name="panel_candidate_once"),
            models.CheckConstraint(condition=Q(round__in=[1, 2]), name="panel_two_rounds"),
            models.CheckConstraint(
                condition=Q(outcome="", reason="") | Q(outcome__in=Outcome.values) & ~Q(reason=""),
                name="panel_outcome_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(discussion="", discussed_at__isnull=True) | ~Q(discussion="") & Q(discussed_at__isnull=False),
                name="panel_discussion_dated",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.cadre} {self.criterion.code}"


class Stance(models.TextChoices):
    SCORED = "scored", _("scored")
    ABSTAINED = "abstained", _("abstained")
    RECUSED = "recused", _("recused at own request")
    # By the system: the member himself, or one of kin, dispute or interest.
    BARRED = "barred", _("recused by rule")


class PanelScoreQuerySet(models.QuerySet["PanelScore"]):
    def current(self) -> "PanelScoreQuerySet":
        """Of the round that counts."""
        return self.filter(round=F("candidate__round"))


class PanelScore(models.Model):
    """What one member says to one candidate in one round; given once, without sight of the others."""

    candidate = models.ForeignKey(PanelCandidate, models.CASCADE, related_name="scores")
    member = models.ForeignKey(PanelMember, models.CASCADE, related_name="scores")
    round = models.PositiveSmallIntegerField(default=1)
    stance = models.CharField(max_length=10, choices=Stance)
    # 1 = slight, 5 = grave.
    severity = models.PositiveSmallIntegerField(_("severity"), null=True)
    reason = models.CharField(_("reason of the recusal"), max_length=200, blank=True)
    # Once the results are open: why this member disagrees with them.
    disagreement = models.CharField(_("why I disagree"), max_length=300, blank=True)
    disagreed_at = models.DateTimeField(null=True)

    objects = PanelScoreQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = ["round", "member"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "member", "round"], name="panel_score_once_per_round"),
            models.CheckConstraint(
                condition=Q(stance="scored", severity__range=(1, 5))
                | Q(stance__in=["abstained", "recused", "barred"], severity__isnull=True),
                name="panel_score_has_severity",
            ),
            models.CheckConstraint(condition=~Q(stance="recused") | ~Q(reason=""), name="panel_recusal_has_reason"),
            models.CheckConstraint(
                condition=Q(disagreement="", disagreed_at__isnull=True)
                | ~Q(disagreement="") & Q(disagreed_at__isnull=False, stance__in=["scored", "abstained"]),
                name="panel_disagreement_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.candidate_id}: {self.severity or self.stance}"
