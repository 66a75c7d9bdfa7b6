"""Who has had a hand in a case, and so may not sit on its panel or decide again."""

from typing import Any

from accounts.models import DecisionEvent
from cohorts.referral.meeting import Presence
from cohorts.referral.models import Referral
from cohorts.review.models import ExitProposal, PanelSeat


def deciders(case: Referral) -> set[int]:
    """Cadres who decided: in the room when the case was on the list, or recorder of that meeting."""
    items = case.meeting_items.exclude(result="")
    left = items.filter(left_room__isnull=False).values("left_room")
    inside = Presence.objects.filter(meeting__items__in=items, cadre__isnull=False).exclude(pk__in=left)
    recorders = items.values_list("meeting__recorded_by__cadre", flat=True)
    return {key for key in [*inside.values_list("cadre", flat=True), *recorders] if key}


def hands(case: Referral) -> set[int]:
    """Nominator, verifiers and deciders of a case."""
    nominator = {case.nominated_by.cadre_id} if case.nominated_by else set()
    return {key for key in nominator | set(case.verified_by.values_list("pk", flat=True)) | deciders(case) if key}


def review_hands(case: Referral) -> set[int]:
    """Members of the panels and whoever proposed the exit."""
    seats = set(PanelSeat.objects.filter(review__referral=case).values_list("cadre", flat=True))
    return seats | set(ExitProposal.objects.filter(referral=case).values_list("proposed_by__cadre", flat=True))


def took_part(case: Referral, user: Any) -> bool:
    """Whether a person has acted in a case in any way, by the trail and by the panels and meetings."""
    if user.cadre_id is None:
        return False
    acted = DecisionEvent.objects.filter(subject_id=case.public_id, actor__cadre=user.cadre_id).exists()
    return acted or user.cadre_id in hands(case) | review_hands(case)
