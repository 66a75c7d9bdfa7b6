"""Guards of a second verification; ``act`` is an ``Act`` of the procedure."""

from typing import Any

from accounts.wording import Refusal, refuse
from cohorts.referral.hands import against


def _unfit(act: Any, person: Any) -> Refusal | None:
    reasons = against(act.row, [person], on=act.day)[person.pk]
    if not reasons:
        return None
    return refuse("second_unfit", name=str(person), reasons=[f"@second.{code}" for code in reasons])


def goes_on(act: Any) -> Refusal | None:
    return refuse("second_moot") if act.row.is_moot else None


def somebody_apart(act: Any) -> Refusal | None:
    """The person named has no hand in the case and cannot read it."""
    person = act.data.get("checker")
    return _unfit(act, person) if person else refuse("second_nobody")


def still_apart(act: Any) -> Refusal | None:
    """Whoever gives the word is the one who was named, and is as free of the case as on that day."""
    if act.by.pk != act.row.checker_id:
        return refuse("second_other_person")
    return _unfit(act, act.by)


def every_criterion_answered(act: Any) -> Refusal | None:
    """Upheld or not, with a reason, for each criterion of the case; none upheld is an answer, too."""
    stated = {f["code"] for f in act.data.get("findings", []) if f["upheld"] is not None and f["reason"].strip()}
    return None if stated == set(act.row.referral.criteria.values_list("code", flat=True)) else refuse("findings_open")
