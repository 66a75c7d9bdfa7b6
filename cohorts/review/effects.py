"""Effects of the steps from the return review on: what later readers need is kept with the review."""

from typing import Any

from accounts.calendar import add_working_days
from accounts.setting.models import setting
from cohorts.review import facts
from cohorts.review.guards import weights_of
from cohorts.review.models import (
    FOLLOW_UP_MONTHS,
    Bar,
    ExitProposal,
    FailGround,
    FollowUp,
    Objection,
    Outcome,
    Overturning,
    PanelSeat,
    ReturnReview,
    ReviewPart,
    months_later,
)
from cohorts.review.points import PARTS, missing, total


def _save(row: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _counting(act: Any) -> ReturnReview:
    """The review that counts; the steps behind a review all have one."""
    return ReturnReview.objects.standing().filter(referral=act.row)[0]


def _keep_review(act: Any, *, qualified: bool, ground: str = "") -> None:
    data, weights = act.data, weights_of(act)
    scores, remarks = data["scores"], data.get("remarks", {})
    review = ReturnReview.objects.create(
        referral=act.row, held_on=data["held_on"], defence=data.get("defence", ""), qualified=qualified, fail_ground=ground,
        score=None if missing(scores) else total(scores, weights), recorded_on=act.day,
        objection_due=add_working_days(act.day, setting("objection_days", act.day)),
    )  # fmt: skip
    ReviewPart.objects.bulk_create(
        ReviewPart(review=review, code=part, weight=weights[part], score=scores[part], remark=remarks.get(part, ""))
        for part in PARTS
        if scores.get(part) is not None
    )
    against = {member.pk for member in data.get("dissent", ())}
    PanelSeat.objects.bulk_create(
        PanelSeat(review=review, cadre=member, agrees=member.pk not in against) for member in data["panel"]
    )


def keep_qualified(act: Any) -> None:
    _keep_review(act, qualified=True)


def keep_unqualified(act: Any) -> None:
    over = facts.over_attendance_limit(act.row)
    _keep_review(act, qualified=False, ground=FailGround.ATTENDANCE if over else FailGround.POINTS)


def keep_objection(act: Any) -> None:
    data = act.data
    Objection.objects.create(
        review=_counting(act), waived=bool(data.get("none")), text=str(data.get("text", "")).strip(), file=data.get("file"),
        raised_on=act.day,
    )  # fmt: skip


def keep_answer(act: Any) -> None:
    _save(_counting(act).objection, answer=act.data["reason"], answered_on=act.day, answered_by=act.by)


def set_aside(act: Any) -> None:
    """The objection is upheld: this review counts no longer, another one follows."""
    keep_answer(act)
    _save(_counting(act), set_aside_on=act.day)


def _keep_outcome(act: Any, outcome: str, **fields: Any) -> None:
    _save(_counting(act), outcome=outcome, returned_on=act.data.get("returned_on"), **fields)
    if act.data.get("returned_on"):
        FollowUp.objects.bulk_create(
            FollowUp(referral=act.row, months=months, due_on=months_later(act.data["returned_on"], months))
            for months in FOLLOW_UP_MONTHS
        )


def keep_return(act: Any) -> None:
    _keep_outcome(act, act.data["outcome"], place=act.data.get("place", ""))


def keep_stay(act: Any) -> None:
    data = act.data
    _keep_outcome(act, Outcome.STAYS, village=data["village"], choice_on=data["choice_on"], choice_file=data.get("file"),
                  document=data.get("number", ""))  # fmt: skip


def keep_extension(act: Any) -> None:
    """Back into the theory block of a later class; the allowance suspension goes on."""
    _keep_outcome(act, Outcome.EXTENDED, next_cohort=act.data["cohort"], reason=act.data["reason"])
    _save(act.row, cohort=act.data["cohort"])


def keep_reassignment(act: Any) -> None:
    data = act.data
    _keep_outcome(act, Outcome.REASSIGNED, place=data["place"], reason=data["reason"], document=data["number"])


def keep_proposal(act: Any) -> None:
    data = act.data
    ExitProposal.objects.create(
        referral=act.row, ground=data["ground"], reason=data["reason"], proof=data["proof"], cleared=[bar for bar in Bar.values if bar in data["cleared"]],
        discipline_number=data["discipline_number"], discipline_on=data["discipline_on"], proposed_by=act.by, proposed_on=act.day,
    )  # fmt: skip


def keep_exit(act: Any) -> None:
    data = act.data
    _save(
        act.row.exit, approved_by=data["approved_by"], approval_number=data["approval_number"], approved_on=data["approved_on"],
        examination=data.get("examination", ""), filed_on=data.get("filed_on"), effective_on=data["effective_on"], decided_by=act.by,
    )  # fmt: skip


def keep_on(act: Any) -> None:
    _save(act.row.exit, kept_reason=act.data["reason"], decided_by=act.by)
    _keep_outcome(act, act.data["outcome"], reason=act.data["reason"])


def keep_overturning(act: Any) -> None:
    data = act.data
    Overturning.objects.create(
        referral=act.row, decided_on=data["decided_on"], number=data["number"], reason=data["reason"], decided_by=act.by
    )
