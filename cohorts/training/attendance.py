"""Attendance of a class and the 1/7 rule.

Leave - excused and absent hours together - above one seventh of the class hours: the return review has one choice left,
fail for attendance (programme of the county; exactly one seventh is not above it).
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from cohorts.referral.models import Referral
from cohorts.training.models import Mark, Session

LIMIT = Fraction(1, 7)


class Hours(NamedTuple):
    """Class hours of one trainee: planned for the class, held so far, and how the trainee stood in those held."""

    planned: int = 0
    held: int = 0
    present: int = 0
    late: int = 0
    excused: int = 0
    absent: int = 0

    @property
    def leave(self) -> int:
        return self.excused + self.absent

    @property
    def share(self) -> Fraction:
        """Leave as a share of the planned class hours; 0 while nothing is planned."""
        return Fraction(self.leave, self.planned) if self.planned else Fraction(0)

    @property
    def over_limit(self) -> bool:
        return self.share > LIMIT

    @property
    def spare(self) -> int:
        """Hours of leave that still keep the rule; negative when it is broken."""
        return self.planned // 7 - self.leave

    @property
    def near_limit(self) -> bool:
        """Not above it, but one more half day (four hours) would be."""
        return not self.over_limit and self.planned > 0 and self.spare < 4


def _total(rows: Any) -> Any:
    """The sum of hours of a class's sessions, as a subquery of a case."""
    sessions = rows.filter(phase__cohort=OuterRef("cohort")).order_by().values("phase__cohort")
    return Coalesce(Subquery(sessions.annotate(total=Sum("hours")).values("total")), 0)


def _marked(mark: str) -> Any:
    # Of the present class only: an extended trainee begins the next one with a clean sheet.
    standing = Q(
        attendance__mark=mark,
        attendance__session__cancelled_on__isnull=True,
        attendance__session__phase__cohort=F("cohort"),
    )
    return Coalesce(Sum("attendance__session__hours", filter=standing), 0)


def _hours(cases: Any) -> dict[int, Hours]:
    """One statement for all cases: planned and held hours of their classes, and their own by mark."""
    standing = Session.objects.standing()
    rows = cases.order_by().annotate(
        planned=_total(standing), held=_total(standing.filter(recorded_at__isnull=False)),
        **{mark.value: _marked(mark) for mark in Mark},
    )  # fmt: skip
    return {row[0]: Hours(*row[1:]) for row in rows.values_list("pk", *Hours._fields)}


def class_attendance(cohort: Any) -> dict[int, Hours]:
    """The hours of every case of a class, by primary key of the case; one SQL statement."""
    return _hours(Referral.objects.filter(cohort=cohort))


def attendance_by_case(keys: Iterable[int]) -> dict[int, Hours]:
    """The hours of several cases, by primary key, each in the present class; one SQL statement."""
    return _hours(Referral.objects.filter(pk__in=list(keys), cohort__isnull=False))


def attendance_of(case: Any) -> Hours:
    """The hours of one case; all 0 outside a class."""
    return attendance_by_case([case.pk]).get(case.pk, Hours())
