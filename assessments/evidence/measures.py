"""The measurable criteria: for each code one function over the record, its thresholds belonging to the edition.

A function takes the record (already cut to the day asked about, without what happened on days of leave), the criterion's
threshold and the day, and gives one queryset of ``{"cadre", "have", ...}``: whoever reached the threshold. Each is one
statement for a whole county. Adding a measurable criterion: one function here, ``measurable`` and ``threshold`` in the data.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from assessments.evidence.models import EvidenceQuerySet, Fact, Grade

# Beyond these a person leaves this criterion for the statutory procedure: days on end and days in a year
# (Civil Servants Law Art. 88(5); Institutions Regulation Art. 15, in working days).
STATUTORY_ON_END, STATUTORY_IN_A_YEAR = 15, 30

Threshold = dict[str, int]
Test = Callable[[EvidenceQuerySet, Threshold, dt.date], Any]


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of the month ``months`` earlier, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for number in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, number)
        except ValueError:
            continue
    return dt.date(year, month + 1, min(day.day, 28))


def _window(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> EvidenceQuerySet:
    return record.filter(happened_on__gt=months_before(on, threshold["months"]))


def missed_deadlines(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """B2: so many deadlines missed without an accepted reason."""
    rows: Any = _window(record, threshold, on).filter(fact=Fact.MISSED).order_by().values("cadre")
    return rows.annotate(have=Count("pk")).filter(have__gte=threshold["missed_deadlines"])


def repeated_mistakes(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """B5: the same mistake so many times, some of them after a written reminder of it."""
    reminder = record.filter(
        fact=Fact.REMINDER, cadre=OuterRef("cadre"), key=OuterRef("key"), happened_on__lte=OuterRef("happened_on")
    )
    rows: Any = _window(record, threshold, on).filter(fact=Fact.MISTAKE).annotate(reminded=Exists(reminder))
    rows = rows.order_by().values("cadre", "key").annotate(have=Count("pk"), after=Count("pk", filter=Q(reminded=True)))
    return rows.filter(have__gte=threshold["repeats"], after__gte=threshold["after_warning"])


def annual_grades(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """C1: the latest appraisals, without a better one after them, ended with the lowest grade or the one above it."""
    longest = max(threshold["incompetent_years"], threshold["basic_years"])
    grades = record.filter(fact=Fact.GRADE, happened_on__gt=months_before(on, 12 * (longest + 1)))
    later = grades.filter(cadre=OuterRef("cadre"), happened_on__gt=OuterRef("happened_on")).exclude(key=OuterRef("key"))
    rows: Any = grades.filter(~Exists(later)).order_by().values("cadre", "key").annotate(have=Count("pk"))
    return rows.filter(
        Q(key=Grade.INCOMPETENT, have__gte=threshold["incompetent_years"])
        | Q(key=Grade.BASIC, have__gte=threshold["basic_years"])
    )


def unmet_targets(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """C2: a key target whose deadline lies so many months back and which is still unmet (nothing supersedes it)."""
    rows = record.filter(fact=Fact.TARGET, happened_on__lte=months_before(on, threshold["months_overdue"]))
    return rows.order_by().values("cadre").annotate(have=Count("pk"))


def missed_training(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """C4: required training missed so many times, or its resit failed."""
    rows: Any = _window(record, threshold, on).filter(fact__in=[Fact.TRAINING_ABSENCE, Fact.RESIT_FAILED])
    rows = rows.order_by().values("cadre").annotate(
        have=Count("pk", filter=Q(fact=Fact.TRAINING_ABSENCE)), resits=Count("pk", filter=Q(fact=Fact.RESIT_FAILED))
    )  # fmt: skip
    return rows.filter(Q(have__gte=threshold["absences"]) | Q(resits__gte=threshold["failed_resits"]))


def absences(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """D1: late or away so often, also after a written reminder, and below the limit of the statutory procedure."""
    reminder = record.filter(
        fact=Fact.REMINDER, criterion="D1", cadre=OuterRef("cadre"), happened_on__lte=OuterRef("happened_on")
    )
    rows: Any = (
        _window(record, threshold, on).filter(fact__in=[Fact.LATE, Fact.ABSENT]).annotate(reminded=Exists(reminder))
    )
    away = Q(fact=Fact.ABSENT)
    rows = rows.order_by().values("cadre").annotate(
        late=Count("pk", filter=Q(fact=Fact.LATE)), have=Coalesce(Sum("amount", filter=away), 0),
        on_end=Coalesce(Max("amount", filter=away), 0), after=Count("pk", filter=Q(reminded=True)),
    )  # fmt: skip
    enough = Q(late__gte=threshold["late_or_early"]) | Q(have__gte=threshold["absent_days"])
    return rows.filter(enough, after__gt=0, on_end__lte=STATUTORY_ON_END, have__lte=STATUTORY_IN_A_YEAR)


def verified_complaints(record: EvidenceQuerySet, threshold: Threshold, on: dt.date) -> Any:
    """D4: so many complaints verified; several about one matter (the same number) count once."""
    rows: Any = _window(record, threshold, on).filter(fact=Fact.COMPLAINT).order_by().values("cadre")
    return rows.annotate(have=Count("key", distinct=True)).filter(have__gte=threshold["verified_complaints"])


@dataclass(frozen=True)
class Measure:
    """How a criterion is measured, and which facts stand behind the figure."""

    test: Test
    facts: tuple[Fact, ...]


MEASURES: dict[str, Measure] = {
    "B2": Measure(missed_deadlines, (Fact.MISSED,)),
    "B5": Measure(repeated_mistakes, (Fact.MISTAKE, Fact.REMINDER)),
    "C1": Measure(annual_grades, (Fact.GRADE,)),
    "C2": Measure(unmet_targets, (Fact.TARGET,)),
    "C4": Measure(missed_training, (Fact.TRAINING_ABSENCE, Fact.RESIT_FAILED)),
    "D1": Measure(absences, (Fact.LATE, Fact.ABSENT)),
    "D4": Measure(verified_complaints, (Fact.COMPLAINT,)),
}
