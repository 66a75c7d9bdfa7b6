"""What a month's list must tell payroll about one suspension: a pure rule over its days and the lines that stand."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from cohorts.penalty.kinds import first_of_next_month


class Due(NamedTuple):
    """One line: kind, first day, months so far, and the back months that the change comes too late for (first days)."""

    kind: str
    from_day: dt.date
    months: int
    arrears: list[dt.date]


def months_from(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months from ``first``'s up to, not including, ``last``'s."""
    found, month = [], first.replace(day=1)
    while month < last.replace(day=1):
        found.append(month)
        month = first_of_next_month(month)
    return found


def due(
    start: dt.date, end: dt.date | None, *, lifted: bool, standing: Mapping[str, dt.date], month: dt.date
) -> list[Due]:
    """The lines of the list of ``month`` (a first day). ``standing``: kind -> first day of the line that stands.

    A change of which payroll hears too late names its back months: a late stop the months to be withheld, a late
    resumption the months to be paid. A lifted suspension pays back every month that was withheld.
    """
    if "repay" in standing:
        return []
    if lifted:
        return _lifted(start, standing, month)
    lines = []
    if "stop" not in standing:
        if start.replace(day=1) > month or end == start:
            return []
        until = min(month, end) if end else month
        so_far = min(first_of_next_month(month), _whole(end)) if end else first_of_next_month(month)
        lines.append(Due("stop", start, len(months_from(start, so_far)), months_from(start, until)))
    if end and "resume" not in standing and end.replace(day=1) <= month:
        back = [] if lines else months_from(end, month)
        lines.append(Due("resume", end, len(months_from(start, _whole(end))), back))
    return lines


def _whole(end: dt.date) -> dt.date:
    """The month after the last one in which something was withheld."""
    return first_of_next_month(end - dt.timedelta(days=1))


def _lifted(start: dt.date, standing: Mapping[str, dt.date], month: dt.date) -> list[Due]:
    if "stop" not in standing:
        return []
    until = standing.get("resume", month)
    back = months_from(start, max(until, start))
    return [Due("repay", max(month, start), len(back), back)]
