"""What is on record behind each part of a review, gathered from the subjects to the left.

SEAMS for the subjects that bring the figures (each takes cases and answers by the case's key, in a fixed number of queries):
``_quiz_lines`` (training: marks of the quizzes), ``_attendance_lines`` and ``over_attendance_limit`` (training:
``attendance_of(case).over_limit``), ``_practice_lines`` (practice: rating, ledger). Until then a part without records says so.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from cohorts.practice.models import Placement
from cohorts.referral.models import Referral
from cohorts.review.points import PARTS


class Line(NamedTuple):
    """One figure on record: words, and the page where it can be checked ("" = this case's page)."""

    words: str
    url: str = ""


Lines = dict[int, list[Line]]


def over_attendance_limit(case: Referral) -> bool:
    """Whether leave exceeds a seventh of the class hours (Regulation on Cadre Training Art. 15). SEAM: training."""
    return False


def _quiz_lines(keys: list[int]) -> Lines:
    """SEAM: training."""
    return {}


def _attendance_lines(keys: list[int]) -> Lines:
    """SEAM: training."""
    return {}


def _practice_lines(keys: list[int]) -> Lines:
    """The placements. SEAM: practice adds rating and ledger."""
    found: Lines = {}
    for row in Placement.objects.filter(referral__in=keys).select_related("village"):
        found.setdefault(row.referral_id, []).append(Line(f"{row.village} · {row.supervisor}"))
    return found


_SOURCES = {"theory": _quiz_lines, "discipline": _attendance_lines, "practice": _practice_lines}


def facts_of(cases: Iterable[Referral]) -> dict[int, dict[str, list[Line]]]:
    """Per case and part what is on record; the panel's own two parts (villagers, defence) have no record before the review."""
    keys = [case.pk for case in cases]
    sources: dict[str, Any] = {part: source(keys) for part, source in _SOURCES.items()}
    return {key: {part: sources.get(part, {}).get(key, []) for part in PARTS} for key in keys}


def without_record(facts: dict[str, list[Line]]) -> list[str]:
    """The parts that should have a record and have none."""
    return [part for part in _SOURCES if not facts[part]]
