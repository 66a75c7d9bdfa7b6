"""May this person receive an award, be promoted, leave? One function answers for everything, for many people at once."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.penalty.kinds import BY_CODE
from cohorts.penalty.models import Penalty
from cohorts.referral.models import OPEN, Referral, State


class Purpose(models.TextChoices):
    AWARD = "award", _("merit award")
    PROMOTION = "promotion", _("promotion")
    LEAVING = "leaving", _("transfer, resignation, early retirement")


# Which consequence stands against which purpose; the hold list stands against the purposes of HELD (PRACTICE 15).
AGAINST = {Purpose.AWARD: ("merit_loss",), Purpose.PROMOTION: ("promotion_bar",), Purpose.LEAVING: ()}
HELD = frozenset({Purpose.PROMOTION, Purpose.LEAVING})


@dataclass(frozen=True)
class Reason:
    """Why not: the rule, until when (None: until the case is closed), and the decision; the case for those who may see it."""

    code: str
    referral_id: int
    until: dt.date | None = None
    number: str = ""

    @property
    def rule(self) -> str:
        if self.code == "hold":
            return str(_("On the hold list from the nomination until the case is closed."))
        return str(BY_CODE[self.code].stops)

    @property
    def label(self) -> str:
        return str(_("hold list") if self.code == "hold" else BY_CODE[self.code].label)


@dataclass
class Answer:
    """Yes when nothing stands against it on that day."""

    reasons: list[Reason] = field(default_factory=list)

    @property
    def allowed(self) -> bool:
        return not self.reasons


def eligibility(cadres: Iterable[Any], purpose: str, on: dt.date) -> dict[int, Answer]:
    """Key of each cadre -> answer for that day; two SQL statements for however many cadres.

    The hold list: from the day of the nomination up to the day before the closing step; an open case holds on.
    """
    answers = {cadre.pk: Answer() for cadre in cadres}
    rows = Penalty.objects.in_force(on).filter(kind__in=AGAINST[Purpose(purpose)], referral__cadre__in=answers)
    for row in rows.select_related("referral").order_by("start", "pk"):
        reason = Reason(row.kind, row.referral_id, row.end, row.decision_number)
        answers[row.referral.cadre_id].reasons.append(reason)
    if purpose in HELD:
        midnight = timezone.make_aware(dt.datetime.combine(on + dt.timedelta(days=1), dt.time()))
        held = Referral.objects.exclude(state=State.DRAFT).filter(nominated_at__lt=midnight, cadre__in=answers)
        held = held.filter(Q(state__in=OPEN) | Q(closed_on__gt=on))
        for cadre, case in held.order_by("pk").values_list("cadre", "pk"):
            answers[cadre].reasons.append(Reason("hold", case))
    return answers
