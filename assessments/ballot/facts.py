"""What stands on record about those who were rated, for the vote-bias guard."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Count

from assessments.ballot.guard import Facts
from assessments.ballot.models import Ballot, BallotCandidate
from assessments.points.settlement import duty_load, totals
from assessments.task.models import Task, TaskState

# What somebody carried through, in time or not; what was excused or missed is no work done.
CARRIED = (TaskState.DONE, TaskState.LATE)


def year_before(day: dt.date) -> dt.date:
    """The first day of the twelve months that end with the month of this day."""
    return dt.date(day.year, 1, 1) if day.month == 12 else dt.date(day.year - 1, day.month + 1, 1)


def tasks_carried(ballot: Ballot, last: dt.date) -> dict[int, int] | None:
    """Tasks of the unit's weekly list that each carried through; None where the unit keeps no list."""
    tasks = Task.objects.filter(unit=ballot.unit_id, due_on__range=(year_before(last), last))
    if not tasks.exists():
        return None
    carried = tasks.filter(state__in=CARRIED).order_by().values_list("cadre")
    return dict(carried.annotate(n=Count("pk")))


def facts_of(ballot: Ballot, rows: Sequence[BallotCandidate]) -> list[Facts]:
    """Of each row with a result: its share of "poor", the work of the twelve months up to the closing, and the duty
    load of that day. Points are those beyond the base,
    which is for being there. Who stands in the points ledger without an entry has none; who does not stand there, no figure.
    """
    last = ballot.closed_on or ballot.closes_on
    tasks, load = tasks_carried(ballot, last), duty_load(ballot.unit, last)
    points = totals(ballot.unit, year_before(last), last.replace(day=1), base=False)
    return [
        Facts(
            row, row.poor_share, tasks_carried=None if tasks is None else tasks.get(row.cadre_id, 0),
            points=points.get(row.cadre_id, Decimal(0) if row.cadre_id in load else None),
            duty_load=load.get(row.cadre_id),
        )
        for row in rows if row.poor_share is not None
    ]  # fmt: skip
