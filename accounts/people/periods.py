"""Pure rules of periods: in force means ``start <= day < end``; without an end a period goes on."""

import datetime as dt
from typing import NamedTuple


class Period(NamedTuple):
    """From ``start`` to the day before ``end``; None = it goes on."""

    start: dt.date
    end: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def possible(self) -> bool:
        """At least one day long."""
        return self.end is None or self.end > self.start


def overlap(one: Period, other: Period) -> bool:
    """Whether there is a day on which both are in force."""
    return (other.end is None or one.start < other.end) and (one.end is None or other.start < one.end)
