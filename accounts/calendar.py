"""Working days: the county's overrides, then the State Council's calendar, then Monday to Friday.

A deadline ends at 24:00 Asia/Shanghai of its last day; the day of service does not count.
"""

import datetime as dt
from typing import NamedTuple

import chinese_calendar
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class CalendarDay(models.Model):
    """The county's own word on one day; it wins over every other source."""

    public_id = public_id()
    day = models.DateField(_("day"), unique=True)
    working = models.BooleanField(_("working day"))
    note = models.CharField(_("note"), max_length=100, blank=True)

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return f"{self.day} {self.working}"


def is_announced(day: dt.date) -> bool:
    """Whether the State Council's calendar of that year is known to the library; otherwise Monday to Friday holds."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def _overrides(first: dt.date, last: dt.date) -> dict[dt.date, bool]:
    return dict(CalendarDay.objects.filter(day__range=(first, last)).values_list("day", "working"))


def _works(day: dt.date, overrides: dict[dt.date, bool]) -> bool:
    if day in overrides:
        return overrides[day]
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def is_working_day(day: dt.date) -> bool:
    """Whether the county works on that day."""
    return _works(day, _overrides(day, day))


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The ``count``-th working day after ``day`` (which itself does not count); ``count`` >= 0, negative goes back."""
    step = dt.timedelta(days=1 if count >= 0 else -1)
    reach = step * (abs(count) * 3 + 30)
    overrides = _overrides(min(day, day + reach), max(day, day + reach))
    left = abs(count)
    while left:
        day += step
        if _works(day, overrides):
            left -= 1
    return day


def working_days_between(first: dt.date, last: dt.date) -> int:
    """Working days after ``first`` up to and including ``last``; negative when ``last`` lies before ``first``."""
    if last < first:
        return -working_days_between(last, first)
    overrides = _overrides(first, last)
    return sum(_works(first + dt.timedelta(days=n), overrides) for n in range(1, (last - first).days + 1))


def working_days(start: dt.date, end: dt.date) -> list[dt.date]:
    """The working days from ``start`` to the day before ``end``, in one query for the whole span."""
    overrides = _overrides(start, end)
    days = (start + dt.timedelta(days=n) for n in range((end - start).days))
    return [day for day in days if _works(day, overrides)]


class Deadline(NamedTuple):
    """A last day and how the reader stands to it today."""

    day: dt.date
    left: int
    share: float

    @property
    def over(self) -> bool:
        return self.left < 0

    @property
    def level(self) -> str:
        """``ok``, ``amber`` from a third of the time left on, ``red`` on the last day and after it."""
        if self.left <= 0:
            return "red"
        return "amber" if self.share <= 1 / 3 else "ok"


def deadline(day: dt.date, *, since: dt.date, today: dt.date | None = None) -> Deadline:
    """How many working days are left of the time between ``since`` and ``day``."""
    today = today or timezone.localdate()
    left = working_days_between(today, day)
    if today > day:
        left = min(left, -1)
    total = max(working_days_between(since, day), 1)
    return Deadline(day, left, left / total)
