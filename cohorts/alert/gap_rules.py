"""The evidence gap: the only rule that flags a unit. It reads questions and cases, and nothing else."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from accounts.people.models import barred_by
from cohorts.alert.rule import Found, of_return
from cohorts.question.counts import standing_gaps
from cohorts.question.models import UnitQuestion


def evidence_gap(on: dt.date) -> Iterator[Found]:
    """After the day of the answer questions are still open, and they are a quarter or more of nominated and open
    together (the edition's fraction). Each round is decided by itself.
    """
    for gap in standing_gaps(on):
        if gap.flagged:
            yield of_return(gap.unit_return, open=gap.open, of=gap.all)


def may_know(alert: Any, users: list[Any], on: dt.date) -> list[Any]:
    """Of these people those who may know of an open question of the unit: nobody is told of one about himself or kin."""
    asked = set(UnitQuestion.objects.unanswered().due(on).filter(unit=alert.unit_id).values_list("cadre", flat=True))
    barred = barred_by({user.cadre_id for user in users if user.cadre_id})
    return [user for user in users if asked - barred.get(user.cadre_id or 0, set())]
