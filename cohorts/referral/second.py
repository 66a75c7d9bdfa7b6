"""The drawn sample: cases verified a second time, blind, so that it shows how far two people read a criterion alike."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import BooleanField, Case, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import Departure, barred_cadres
from accounts.permissions import ORGANIZER_ROLES, Role
from assessments.evidence.models import Evidence, Statement
from cohorts.referral.models import Finding, Referral, StrikeReason

# One case in so many is drawn: a fifth.
ONE_IN = 5


def is_drawn(case: Referral) -> bool:
    """Keyed with the house's secret over a random identifier: nobody foresees the answer, and asking again gives the same."""
    digest = salted_hmac("second-verification", str(case.public_id), algorithm="sha256").digest()
    return int.from_bytes(digest, "big") % ONE_IN == 0


def first_word(case: str, criterion: str) -> Coalesce:
    """SQL for what the team said of a criterion: its finding; "not upheld" where it proposed strike-out as not proved.

    ``case`` and ``criterion`` are the paths to both keys in the outer rows. None where it said nothing on criteria.
    """
    finding = Finding.objects.filter(referral=OuterRef(case), criterion=OuterRef(criterion)).values("upheld")[:1]
    struck = When(**{f"{case}__strike_reason": StrikeReason.NOT_PROVED}, then=Value(False))
    return Coalesce(Subquery(finding), Case(struck, default=None, output_field=BooleanField()))


class SecondState(models.TextChoices):
    DRAWN = "drawn", _("drawn, nobody named")
    ASSIGNED = "assigned", _("waits for the second word")
    DONE = "done", _("second word given")


class SecondCheckQuerySet(models.QuerySet["SecondCheck"]):
    def visible_to(self, user: Any) -> "SecondCheckQuerySet":
        """The organizer's staff see those of the cases that they may know of; the second verifier the own ones that wait."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role == Role.VERIFIER:
            rows = self.waiting().filter(checker=user, referral__campaign__organizer__path__startswith=role.unit.path)
            return rows.exclude(referral__cadre__in=barred_cadres(user.cadre_id))
        if role.role in ORGANIZER_ROLES:
            return self.filter(referral__in=Referral.objects.visible_to(user))
        return self.none()

    def waiting(self) -> "SecondCheckQuerySet":
        """Without a word yet. A closed case is checked all the same, the evidence stands; not that of somebody who died."""
        return self.exclude(state=SecondState.DONE).exclude(referral__cadre__left_how=Departure.DIED)

    def overdue(self, on: dt.date) -> "SecondCheckQuerySet":
        return self.waiting().filter(due_on__lt=on)


class SecondCheck(models.Model):
    """A drawn case. ``state`` is written by ``move`` only; the word changes nothing in the case."""

    public_id = public_id()
    referral = models.OneToOneField(Referral, models.PROTECT, related_name="second_check")
    state = models.CharField(_("state"), max_length=8, choices=SecondState, default=SecondState.DRAWN)
    version = models.PositiveIntegerField(default=1)
    # What was said and done after this moment is not shown to the second verifier.
    drawn_at = models.DateTimeField()
    checker = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="second_checks")
    assigned_on = models.DateField(null=True)
    due_on = models.DateField(_("until"))
    done_on = models.DateField(null=True)
    handed_back = models.TextField(_("why it was handed back"), blank=True)

    objects = SecondCheckQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        # Read by the list, those that fall due first on top, and by My tasks of the second verifier.
        indexes = [models.Index(fields=["state", "due_on", "id"], name="second_check_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SecondState.values), name="second_check_state_known"),
            models.CheckConstraint(
                condition=Q(checker__isnull=True, assigned_on__isnull=True)
                | Q(checker__isnull=False, assigned_on__isnull=False),
                name="second_check_named_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.referral)

    def get_absolute_url(self) -> str:
        return f"/second-checks/{self.public_id}/"

    @property
    def is_moot(self) -> bool:
        """Nothing more is checked: the cadre died."""
        return self.state != SecondState.DONE and self.referral.cadre.left_how == Departure.DIED

    @property
    def evidence(self) -> models.QuerySet[Evidence]:
        """The items on which the case rests, each with what the cadre said to it before the first verification was over."""
        said = Prefetch("statements", Statement.objects.filter(made_at__lte=self.drawn_at))
        rows = Evidence.objects.filter(pk__in=self.referral.evidence_links.values("evidence"))
        return rows.select_related("file").prefetch_related(said).order_by("happened_on", "pk")


class SecondFindingQuerySet(models.QuerySet["SecondFinding"]):
    def with_first(self) -> Any:
        """Annotates ``first`` (upheld or not) and ``first_reason``: what the verification team had said."""
        theirs = Finding.objects.filter(referral=OuterRef("second__referral"), criterion=OuterRef("criterion"))
        reason = Coalesce(Subquery(theirs.values("reason")[:1]), F("second__referral__strike_text"))
        return self.annotate(first=first_word("second__referral", "criterion"), first_reason=reason)


class SecondFinding(models.Model):
    """The second verifier's word on one criterion of a case."""

    second = models.ForeignKey(SecondCheck, models.CASCADE, related_name="findings")
    criterion = models.ForeignKey("assessments.Criterion", models.PROTECT, related_name="+")
    upheld = models.BooleanField(_("upheld"))
    reason = models.TextField(_("reason"))

    objects = SecondFindingQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["criterion__code"]
        constraints = [
            models.UniqueConstraint(fields=["second", "criterion"], name="one_second_finding_per_criterion"),
            models.CheckConstraint(condition=~Q(reason=""), name="second_finding_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.upheld}"
