"""The next five due dates that a schedule means: shown beside the value, so that nobody finds out in the holidays."""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.calendar import add_working_days

SHOWN = 5
Dates = list[tuple[str, dt.date]]


def after_days(value: Any, day: dt.date) -> Dates:
    """What begins today and on the next four working days ends so many working days later."""
    starts = [add_working_days(day, n) if n else day for n in range(SHOWN)]
    return [(_("begun on %(day)s") % {"day": date_format(start)}, add_working_days(start, value)) for start in starts]


def every_days(value: Any, day: dt.date) -> Dates:
    """The five reminders after a level was told today; none when nobody is reminded."""
    if not value:
        return []
    return [(_("reminder %(n)s") % {"n": n}, add_working_days(day, value * n)) for n in range(1, SHOWN + 1)]


def ladder(value: Any, day: dt.date) -> Dates:
    """An alert that is raised today and that nobody settles: the day on which each level is told, and the leader again."""
    words = {"grace": _("liaison"), "liaison": _("unit head"), "head": _("section"), "section": _("leader")}
    found: Dates = []
    for key, who in words.items():
        day = add_working_days(day, value[key])
        found.append((_("told: %(who)s") % {"who": who}, day))
    # The setting for reminders is another one; a week of working days shows the same kind of day.
    return [*found, (_("a week later, still with the leader"), add_working_days(day, 5))]


def day_of_month(value: Any, day: dt.date) -> Dates:
    """The named day of the next five months; in a short month its last."""
    found: Dates = []
    first = day.replace(day=1)
    while len(found) < SHOWN:
        following = (first + dt.timedelta(days=32)).replace(day=1)
        due = min(first + dt.timedelta(days=max(value, 1) - 1), following - dt.timedelta(days=1))
        if due >= day:
            found.append((date_format(first, "YEAR_MONTH_FORMAT"), due))
        first = following
    return found
