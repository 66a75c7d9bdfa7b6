"""What the case page shows of the review, its consequences and the follow-up."""

from typing import Any

from django.utils import timezone

from accounts.calendar import deadline
from accounts.permissions import Role
from cohorts.referral.models import FINISHED, Referral, State
from cohorts.review.models import ExitProposal, Overturning, ReturnReview

REVIEWED = (State.QUALIFIED, State.UNQUALIFIED)


def standing_review(case: Referral) -> ReturnReview | None:
    """The review that counts, with everything that is shown of it."""
    return ReturnReview.objects.standing().whole().filter(referral=case).first()


def case_panel(case: Referral, user: Any) -> dict[str, Any] | None:
    """None while there is neither a review nor a decision that took the case back."""
    reviews = list(ReturnReview.objects.whole().filter(referral=case))
    overturning = Overturning.objects.filter(referral=case).first()
    if not reviews and overturning is None:
        return None
    counted = [review for review in reviews if review.set_aside_on is None]
    review = counted[-1] if counted else None
    own = user.role.role == Role.CADRE
    proposal = ExitProposal.objects.filter(referral=case).select_related("proof").first()
    return {
        "case": case, "own": own, "review": review, "earlier": [r for r in reviews if r != review],
        "objection_until": objection_until(case, review), "objection": getattr(review, "objection", None),
        "exit": proposal, "overturning": overturning,
        "follow_ups": [] if own or case.state not in FINISHED else list(case.follow_ups.all()),
        "may_sheet": user.may("review.read") or own, "may_enter": user.may("follow_up.enter"), "today": timezone.localdate(),
    }  # fmt: skip


def objection_until(case: Referral, review: ReturnReview | None) -> Any:
    """How long the cadre may still object; None when that is over, used or waived."""
    if review is None or case.state not in REVIEWED or hasattr(review, "objection"):
        return None
    until = deadline(review.objection_due, since=review.recorded_on)
    return None if until.over else until


def awaited_grants(case: Referral) -> list[str]:
    """Whose word a reviewed case waits for, before the leader decides: the cadre's, or the answer to an objection."""
    review = standing_review(case)
    objection = getattr(review, "objection", None)
    if objection and not objection.settled:
        return ["referral.answer_objection"]
    return ["referral.object"] if objection_until(case, review) else []


def files_of(case: Referral) -> set[int]:
    """Keys of the files that belong to the review and the exit proposal; the proposal's proof is among them."""
    reviews = ReturnReview.objects.filter(referral=case)
    keys = {key for pair in reviews.values_list("choice_file", "objection__file") for key in pair}
    return keys | set(ExitProposal.objects.filter(referral=case).values_list("proof", flat=True))
