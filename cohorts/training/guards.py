"""What must hold before a trainee is admitted and before a block of the class is left."""

from typing import Any

from accounts.people.models import barred_cadres
from accounts.wording import Refusal, refuse
from cohorts.training.models import PhaseKind


def class_takes(act: Any) -> Refusal | None:
    """The class belongs to the campaign and still takes trainees; the decision is not of a day to come."""
    if act.data["decided_on"] > act.day:
        return refuse("future_day")
    if act.data["cohort"].campaign_id != act.row.campaign_id:
        return refuse("other_campaign")
    return class_still_takes(act)


def class_still_takes(act: Any) -> Refusal | None:
    """The class has not ended, is still in its first block, and its teacher is not recused."""
    cohort = act.data["cohort"]
    if cohort.ends_on < act.day:
        return refuse("class_ended", day=cohort.ends_on.isoformat())
    if cohort.phases.filter(order=1, closed_on__isnull=False).exists():
        return refuse("class_under_way")
    if cohort.teacher_id and act.row.cadre_id in barred_cadres(cohort.teacher.cadre_id):
        return refuse("teacher_barred")
    return None


def _goes_on(act: Any, kind: str) -> Refusal | None:
    """The block of the trainee is closed, and the next one of the programme is of this kind: no block is skipped."""
    phase = act.row.phase
    if phase is None or phase.closed_on is None:
        return refuse("phase_open")
    following = phase.following
    if following is None or following.kind != kind:
        return refuse("no_practice_next") if kind == PhaseKind.PRACTICE else refuse("no_theory_next")
    return None


def practice_follows(act: Any) -> Refusal | None:
    return _goes_on(act, PhaseKind.PRACTICE)


def theory_follows(act: Any) -> Refusal | None:
    return _goes_on(act, PhaseKind.THEORY)


def phases_complete(act: Any) -> Refusal | None:
    """The trainee stands in the last block of the programme, and all blocks are closed."""
    phase = act.row.phase
    if phase is None or phase.following is not None:
        return refuse("phases_to_come")
    if phase.cohort.phases.filter(closed_on__isnull=True).exists():
        return refuse("phase_open")
    return None
