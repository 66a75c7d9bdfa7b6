"""The arithmetic of points, without a database: what an entry is worth, the month's base, the ranking.

Points are decimals with two places; a half goes up. Months are their first day.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

CENT = Decimal("0.01")
WEEK_HOURS = 40
GRADES = (1, 2, 3, 4)
# Fewer people than this are shown with their points and without a place.
LEAST_RANKED = 5

POSTS, HOURS = "posts", "hours"
BASE, PROJECT, ROUTINE, WORKED, UNFINISHED, MISTAKE, COUNTER = (
    "base", "project", "routine", "hours", "unfinished", "mistake", "counter",
)  # fmt: skip
# Where the points of a kind stand on the statement; a counter-entry stands where the entry stood that it corrects.
SIDE = {BASE: "base", PROJECT: "plus", ROUTINE: "plus", WORKED: "plus", UNFINISHED: "minus", MISTAKE: "minus"}


def cents(value: Decimal | Fraction) -> Decimal:
    """Rounded to two places, a half up (away from zero)."""
    if isinstance(value, Fraction):
        sign = -1 if value < 0 else 1
        return sign * Decimal(int(abs(value) * 200 + 1) // 2).scaleb(-2)
    return value.quantize(CENT, ROUND_HALF_UP)


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def next_month(month: dt.date) -> dt.date:
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)


class RuleError(ValueError):
    """A figure of the rules that cannot be: ``args`` are its field and what is wrong."""


@dataclass(frozen=True)
class Rules:
    """One version of a unit's rules. Deductions are written as positive figures."""

    mode: str
    base: tuple[Decimal, ...]  # per month, for the grades 1 to 4; used by "posts"
    project: Decimal
    unfinished: Decimal
    mistake: Decimal  # the first time; the k-th time 2^(k-1) times as much
    routine: Decimal  # per routine task and month
    cap: int  # a repeated mistake never costs more than so many times the first
    share: int  # per cent of the award that is shared by points
    factor: Decimal  # points per hour worked; used by "hours"
    window: int  # months within which a mistake counts as the same again: 12 = the calendar year
    hours: tuple[tuple[dt.date, Decimal], ...]  # state average of working hours per month, by the day it holds from

    @classmethod
    def read(cls, mode: str, params: Mapping[str, Any]) -> "Rules":
        """From JSON. Raises RuleError for a missing, unknown or impossible figure."""
        names = {item.name for item in fields(cls)} - {"mode"}
        if set(params) != names:
            raise RuleError(min(set(params) ^ names), "unknown" if set(params) - names else "missing")
        data: dict[str, Any] = {}
        for name, value in params.items():
            try:
                data[name] = _value(name, value)
            except (ArithmeticError, ValueError, TypeError, KeyError) as error:
                raise RuleError(name, "no_figure") from error
        rules = cls(mode=mode, **data)
        rules._check()
        return rules

    def _check(self) -> None:
        if self.mode not in (POSTS, HOURS):
            raise RuleError("mode", "unknown")
        if len(self.base) != len(GRADES) or any(low > high for low, high in pairwise(self.base)):
            raise RuleError("base", "rising")
        for name in ("project", "unfinished", "mistake", "routine", "factor"):
            if not 0 <= getattr(self, name) <= 1000:
                raise RuleError(name, "range")
        if not all(0 <= base <= 1000 for base in self.base):
            raise RuleError("base", "range")
        if not 1 <= self.cap <= 64:
            raise RuleError("cap", "range")
        if not 0 <= self.share <= 100:
            raise RuleError("share", "range")
        if self.window not in (1, 3, 6, 12):
            raise RuleError("window", "range")
        if not self.hours or any(before >= after for (before, _h), (after, _i) in pairwise(self.hours)):
            raise RuleError("hours", "rising")

    def params(self) -> dict[str, Any]:
        """As JSON; ``read`` gives the same rules back."""
        return {
            "base": [str(value) for value in self.base], "cap": self.cap, "share": self.share, "window": self.window,
            "hours": [{"start": start.isoformat(), "hours": str(hours)} for start, hours in self.hours],
        } | {name: str(getattr(self, name)) for name in ("project", "unfinished", "mistake", "routine", "factor")}  # fmt: skip

    def hours_in(self, month: dt.date) -> Decimal:
        """The state average of working hours in a month; before the first date the first figure."""
        held = [hours for start, hours in self.hours if start <= month]
        return held[-1] if held else self.hours[0][1]

    def full_base(self, month: dt.date, grade: int) -> Decimal:
        """The base of a month without a day away, not rounded: by grade, or average working hours x factor."""
        return self.base[grade - 1] if self.mode == POSTS else self.hours_in(month) * self.factor

    def worth(self, kind: str, hours: Decimal = Decimal(0)) -> Decimal:
        """What an entry is worth. A mistake's first time; the k-th time see ``mistake_points``.

        Hours beyond the average count where the rules go by hours, and nothing where they go by grade.
        """
        return {
            PROJECT: self.project, ROUTINE: self.routine, WORKED: cents(hours * self.factor) if self.mode == HOURS else Decimal("0.00"),
            UNFINISHED: -self.unfinished, MISTAKE: -self.mistake,
        }[kind]  # fmt: skip


def _value(name: str, value: Any) -> Any:
    if name == "base":
        return tuple(_decimal(item) for item in value)
    if name == "hours":
        return tuple((dt.date.fromisoformat(str(row["start"])), _decimal(row["hours"])) for row in value)
    if name in ("cap", "share", "window"):
        if isinstance(value, bool) or int(value) != value:
            raise ValueError
        return int(value)
    return _decimal(value)


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    return number


# The month's base


def grade_of(base_grade: int, weekly_hours: Iterable[Decimal | int]) -> int:
    """The grade of a post: one up for each further duty of at least two thirds of the weekly working time, at most 4."""
    return min(GRADES[-1], base_grade + sum(3 * hours >= 2 * WEEK_HOURS for hours in weekly_hours))


def monthly_base(rules: Rules, month: dt.date, working_days: int, present: Mapping[int, int]) -> Decimal:
    """The base of a month, by working days: for each grade, base of the grade x days present in it / working days.

    ``present``: grade -> working days on which the person was there in that grade (not on leave, not seconded).
    """
    if not working_days:
        return Decimal("0.00")
    parts = (Fraction(rules.full_base(month, grade)) * days for grade, days in present.items())
    return cents(sum(parts, Fraction(0)) / working_days)


# The same mistake again


@dataclass(frozen=True)
class Occurrence:
    """One time of a named mistake of one person: which entry, on which day, under which rules."""

    key: int
    day: dt.date
    rules: Rules

    @property
    def window(self) -> tuple[int, int, int]:
        """The span of time within which it counts as the same again."""
        return self.rules.window, self.day.year, (self.day.month - 1) // self.rules.window


def multiplier(time: int, cap: int) -> int:
    """The k-th time costs 2^(k-1) times the first, at most ``cap`` times."""
    return int(min(2 ** min(time - 1, 10), cap))


def mistake_points(occurrences: Iterable[Occurrence]) -> dict[int, Decimal]:
    """Points of each occurrence, from the sorted occurrences: the order in which they were written down is of no account."""
    points: dict[int, Decimal] = {}
    counted: dict[tuple[int, int, int], int] = {}
    for one in sorted(occurrences, key=lambda row: (row.day, row.key)):
        time = counted[one.window] = counted.get(one.window, 0) + 1
        points[one.key] = -one.rules.mistake * multiplier(time, one.rules.cap)
    return points


def times(occurrences: Iterable[Occurrence]) -> dict[int, int]:
    """Which time each occurrence is within its window."""
    found: dict[int, int] = {}
    counted: dict[tuple[int, int, int], int] = {}
    for one in sorted(occurrences, key=lambda row: (row.day, row.key)):
        found[one.key] = counted[one.window] = counted.get(one.window, 0) + 1
    return found


def differences(due: Mapping[int, Decimal], standing: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What must be added to each entry's standing points so that it has its due; what is right already is left out."""
    found = {key: due.get(key, Decimal(0)) - have for key, have in standing.items()}
    return {key: difference for key, difference in found.items() if difference}


# The statement of a month and the ranking


@dataclass(frozen=True)
class Line:
    """One person's month: sums of the entries, days, and (when settled) the places."""

    cadre: int
    group: int
    grade: int
    working_days: int
    present_days: int
    base: Decimal = Decimal("0.00")
    plus: Decimal = Decimal("0.00")
    minus: Decimal = Decimal("0.00")
    unit_place: int | None = field(default=None, compare=False)
    group_place: int | None = field(default=None, compare=False)

    @property
    def total(self) -> Decimal:
        return self.base + self.plus + self.minus

    @property
    def score(self) -> Decimal | None:
        """Points per working day present, four places; None when away all month: neutral, not ranked."""
        if not self.present_days:
            return None
        return (self.total / self.present_days).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def places(scores: Sequence[tuple[int, Decimal | None]]) -> dict[int, int]:
    """Competition ranking (1, 2, 2, 4), the highest first; whoever has no score has no place; none below five people."""
    scored = sorted((score for _key, score in scores if score is not None), reverse=True)
    if len(scored) < LEAST_RANKED:
        return {}
    first: dict[Decimal, int] = {}
    for place, score in enumerate(scored, 1):
        first.setdefault(score, place)
    return {key: first[score] for key, score in scores if score is not None}


def settle(lines: Sequence[Line]) -> list[Line]:
    """The lines with their places in the unit and in the group. Settling what is settled changes nothing."""
    scores = [(line.cadre, line.score) for line in lines]
    in_unit = places(scores)
    in_group: dict[int, int] = {}
    for group in {line.group for line in lines}:
        in_group |= places([(line.cadre, line.score) for line in lines if line.group == group])
    return [
        replace(line, unit_place=in_unit.get(line.cadre), group_place=in_group.get(line.cadre)) for line in lines
    ]  # fmt: skip


def changed(lines: Sequence[Line], cadre: int, side: str, points: Decimal) -> list[Line]:
    """The lines after points are added on one side of one person's, settled anew: what if an entry fell, or came."""
    return settle(
        [replace(line, **{side: getattr(line, side) + points}) if line.cadre == cadre else line for line in lines]
    )  # fmt: skip


def together(months: Iterable[Sequence[Line]]) -> list[Line]:
    """One line for each person over several months, the latest month's group and grade, with places anew."""
    found: dict[int, Line] = {}
    for lines in months:
        for line in lines:
            so_far = found.get(line.cadre)
            found[line.cadre] = (
                line
                if so_far is None
                else replace(line, **{name: getattr(so_far, name) + getattr(line, name) for name in _SUMMED})
            )
    return settle(list(found.values()))


_SUMMED = ("working_days", "present_days", "base", "plus", "minus")
