"""Field practice on the case page."""

from typing import Any

from django.utils import timezone

from accounts.permissions import Role
from cohorts.practice.models import Placement
from cohorts.practice.progress import progress_of
from cohorts.practice.rating import practice_summary, weighted


def panel(case: Any, user: Any) -> dict[str, Any] | None:
    """The placements with their weeks and ratings, and what they amount to; nothing before the first placement."""
    if not user.may("practice.read"):
        return None
    placements = list(Placement.objects.filter(referral=case).select_related("village"))
    if not placements:
        return None
    progress = list(progress_of(placements, timezone.localdate()).values())
    return {
        "rows": [(p, weighted(p.rating.scores) if p.rating else None) for p in progress],
        "summary": practice_summary(case),
        "own": user.role.role == Role.CADRE,
    }
