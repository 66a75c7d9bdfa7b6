"""The vote-bias guard: votes beside facts.

"Who does nothing offends nobody, so nobody votes against him": a ballot punishes those who work among people and spares
those who do not. The guard sets the share of "poor" beside what stands on record and warns of both; it changes no result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from assessments.ballot.models import MIN_VALID

HARD_WORKER, NO_WORK = "hard_worker", "no_work"
Number = int | Decimal | Fraction


@dataclass(frozen=True)
class Facts:
    """One person: share of "poor" (0 to 1), tasks carried, points, grade of duty load; None = not kept in the unit."""

    cadre: Any
    poor_share: Fraction
    tasks_carried: int | None = None
    points: Decimal | None = None
    duty_load: int | None = None


@dataclass(frozen=True)
class Warned:
    """Who, which of the two codes, and the figures with the unit's medians."""

    facts: Facts
    code: str
    medians: Facts


def _known(rows: Iterable[Facts], name: str) -> list[Number]:
    return [value for row in rows if (value := getattr(row, name)) is not None]


def _most(value: Number | None, all_values: Sequence[Number]) -> bool:
    """In the top quarter: no more than a quarter, himself counted, have as much; and above the median."""
    if value is None:
        return False
    return 4 * sum(other >= value for other in all_values) <= len(all_values) and value > _middle(all_values)


def _many(share: Fraction, shares: Sequence[Number]) -> bool:
    """Fewer than a quarter have more "poor", and it is half as much again as the median."""
    return 4 * sum(other > share for other in shares) < len(shares) and share > 0 and 2 * share >= 3 * _middle(shares)


def _bottom(value: Number | None, all_values: Sequence[Number]) -> bool:
    """In the bottom quarter: fewer than a quarter have less; and below half the median."""
    if value is None:
        return False
    return 4 * sum(other < value for other in all_values) < len(all_values) and 2 * value < _middle(all_values)


def _middle(values: Sequence[Any]) -> Any:
    return median(values) if values else None


def medians(rows: Sequence[Facts]) -> Facts:
    """The unit's middle of each figure."""
    names = ("poor_share", "tasks_carried", "points", "duty_load")
    return Facts(cadre=None, **{name: _middle(_known(rows, name)) for name in names})


def warnings(rows: Sequence[Facts]) -> list[Warned]:
    """Hard workers with many "poor", and no work without any; nothing for fewer than ``MIN_VALID`` people.

    Work is tasks carried and points: the top quarter of either is a hard worker, many "poor" are the top quarter and
    half as much again as the median; no work is the bottom quarter, below half the median, of each of the two that the
    unit keeps. The duty load is shown beside them and decides nothing. The limits are ours.
    """
    if len(rows) < MIN_VALID:
        return []
    votes, tasks, points = (_known(rows, name) for name in ("poor_share", "tasks_carried", "points"))
    middle, found = medians(rows), []
    for row in rows:
        low = [_bottom(v, every) for v, every in ((row.tasks_carried, tasks), (row.points, points)) if v is not None]
        if (_most(row.tasks_carried, tasks) or _most(row.points, points)) and _many(row.poor_share, votes):
            found.append(Warned(row, HARD_WORKER, middle))
        elif low and all(low) and not row.poor_share:
            found.append(Warned(row, NO_WORK, middle))
    return found
