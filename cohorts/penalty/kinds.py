"""The registry of consequences that follow an admission. Adding one is one entry here and its code in the county's setting.

Re-forging is no disciplinary punishment: on screens these are its consequences. All rules are pure; in force means
``start <= day < end``.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Facts:
    """What the days of a consequence depend on."""

    decided_on: dt.date
    class_ends_on: dt.date
    units: str = "months"
    bar_months: int = 6


@dataclass(frozen=True)
class Kind:
    """``begins`` and ``planned_end`` hold at the admission (None: open until the return), ``at_return`` gives the final end.

    ``stops`` and ``keeps`` say to the cadre what stops and what does not; ``by_law`` tells whether the lawful review
    and appeal exist for it (PRACTICE 21: never promise one that does not).
    """

    code: str
    label: str | Promise
    stops: str | Promise
    keeps: str | Promise
    source: str | Promise
    by_law: bool
    begins: Callable[[Facts], dt.date]
    planned_end: Callable[[Facts], dt.date | None]
    at_return: Callable[[dt.date, dt.date, Facts], dt.date]


def first_of_next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def new_year_after(day: dt.date) -> dt.date:
    return dt.date(day.year + 1, 1, 1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` later; the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = first_of_next_month(dt.date(year, month + 1, 1)) - dt.timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def _suspension_begins(facts: Facts) -> dt.date:
    """Whole months: from the month after the decision. Days: from the day after it (PRACTICE 16)."""
    return first_of_next_month(facts.decided_on) if facts.units == "months" else facts.decided_on + dt.timedelta(days=1)


def _suspension_ends(start: dt.date, returned: dt.date, facts: Facts) -> dt.date:
    """Whole months: up to and including the month of the return. Days: the day of the return is paid again."""
    return max(start, first_of_next_month(returned) if facts.units == "months" else returned)


KINDS: tuple[Kind, ...] = (
    Kind(
        "suspension", _("Suspension of the allowance"),
        stops=_("Only the item named here is not paid."),
        keeps=_("Basic salary, other allowances and social insurance go on."),
        source=_("campaign notice; a decision of its own that can be appealed (Civil Servants Law Arts. 80, 95(7))"), by_law=True,
        begins=_suspension_begins, planned_end=lambda facts: None, at_return=_suspension_ends,
    ),
    Kind(
        "merit_loss", _("No merit awards"),
        stops=_("No nomination for merit awards in the calendar years of the re-forging."),
        keeps=_("The grade of the annual appraisal is given by its own rules and is not set by this."),
        source=_("campaign notice; the annual grade follows the appraisal rules"), by_law=False,
        begins=lambda facts: facts.decided_on,
        planned_end=lambda facts: new_year_after(max(facts.decided_on, facts.class_ends_on)),
        at_return=lambda start, returned, facts: new_year_after(max(start, returned)),
    ),
    Kind(
        "promotion_bar", _("No promotion"),
        stops=_("No promotion until the end day."),
        keeps=_("Rank, post and seniority stay as they are."),
        source=_("campaign notice; the months after the return are a county setting, measured by admonition periods"), by_law=False,
        begins=lambda facts: facts.decided_on,
        planned_end=lambda facts: add_months(max(facts.decided_on, facts.class_ends_on), facts.bar_months),
        at_return=lambda start, returned, facts: add_months(max(start, returned), facts.bar_months),
    ),
)  # fmt: skip
CODES = tuple(kind.code for kind in KINDS)
BY_CODE = {kind.code: kind for kind in KINDS}
CHOICES = [(kind.code, kind.label) for kind in KINDS]
# Kinds that stay open until the return; every other one has its end day from the first day on.
OPEN_ENDED = ("suspension",)
