"""What is on record behind each part of a review, gathered from the subjects to the left; a part without records says so."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from cohorts.practice.models import Placement
from cohorts.practice.rating import practice_summaries
from cohorts.referral.models import Referral
from cohorts.review.points import PARTS
from cohorts.training.attendance import attendance_by_case, attendance_of
from cohorts.training.models import QuizResult


class Line(NamedTuple):
    """One figure on record: words, and the page where it can be checked ("" = this case's page)."""

    words: str
    url: str = ""


Lines = dict[int, list[Line]]


def over_attendance_limit(case: Referral) -> bool:
    """Whether leave exceeds a seventh of the class hours (Regulation on Cadre Training Art. 15)."""
    return attendance_of(case).over_limit


def _quiz_lines(keys: list[int]) -> Lines:
    """The marks of the opening quiz; they are on record, and count for nothing by themselves."""
    found: Lines = {}
    for row in QuizResult.objects.filter(case__in=keys).select_related("quiz__cohort"):
        words = {"marks": row.marks, "pass": row.quiz.pass_mark}
        found.setdefault(row.case_id, []).append(
            Line(
                _("opening quiz: %(marks)s points, pass mark %(pass)s") % words,
                f"{row.quiz.cohort.get_absolute_url()}quiz/",
            )
        )
    return found


def _attendance_lines(keys: list[int]) -> Lines:
    """Class hours planned and missed, with the rule of one seventh."""
    found: Lines = {}
    for key, hours in attendance_by_case(keys).items():
        if hours.held:
            words = {"planned": hours.planned, "late": hours.late, "leave": hours.leave}
            text = _("%(planned)s class hours: %(late)s late, %(leave)s missed") % words
            found[key] = [Line(text + (" · " + _("above one seventh") if hours.over_limit else ""))]
    return found


def _practice_lines(keys: list[int]) -> Lines:
    """The placements, and what the supervisors' ratings, logs and the village ledger say."""
    found: Lines = {}
    for row in Placement.objects.filter(referral__in=keys).select_related("village"):
        found.setdefault(row.referral_id, []).append(Line(f"{row.village} · {row.supervisor}"))
    cases = list(Referral.objects.filter(pk__in=found))
    for key, summary in practice_summaries(cases).items():
        words = {
            "covered": summary.weeks_covered,
            "expected": summary.weeks_expected,
            "confirmed": summary.confirmed,
            "ledger": summary.ledger,
        }
        found[key].append(
            Line(
                _("logs in %(covered)s of %(expected)s weeks; %(confirmed)s of %(ledger)s ledger entries confirmed")
                % words
            )
        )
        if summary.rating is not None:
            found[key].append(Line(_("supervisor's rating: %(points)s points") % {"points": f"{summary.rating:.4g}"}))
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
