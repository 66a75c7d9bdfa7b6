"""The call list of a rung of the ladder: which units to ring, whom, and the reminder without names and cases."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.models import User
from cohorts.alert.ladder import RUNGS, Rung, next_climbs, people_at, reminder_text
from cohorts.alert.models import Alert, AlertChange
from cohorts.alert.rules import CLIMBING, with_severity


@dataclass(frozen=True)
class RungLine:
    """One alert of the rung: the people to ring, the day on which it climbs, and the reminders so far."""

    alert: Alert
    people: list[User]
    next_on: dt.date | None
    calls: list[AlertChange]
    reminder: str


def _standing(user: Any) -> Any:
    return Alert.objects.visible_to(user).standing().filter(rule__in=CLIMBING)


def rung_tabs(user: Any) -> list[tuple[Rung, int]]:
    """Every rung with how many alerts stand there, in one statement."""
    counts = dict(_standing(user).order_by().values_list("level").annotate(n=Count("pk")))
    return [(rung, counts.get(int(rung.level), 0)) for rung in RUNGS]


def rung_lines(user: Any, rung: Rung, on: dt.date) -> list[RungLine]:
    """The rung's alerts, the worst first; statements do not grow with them, but with the days on which they came here."""
    rows = with_severity(_standing(user).filter(level=rung.level)).select_related("unit", "organizer")
    alerts = list(rows.order_by("-worst", "level_since", "unit__path", "pk"))
    calls: dict[int, list[AlertChange]] = {}
    for call in AlertChange.objects.filter(action="call", alert__in=alerts).select_related("by__cadre").order_by("pk"):
        calls.setdefault(call.alert_id, []).append(call)
    people = people_at(alerts, on, calling=True)
    next_on = next_climbs(alerts, on)
    return [
        RungLine(alert, people[alert.pk], next_on[alert.pk], calls.get(alert.pk, []),
                 reminder_text(alert, next_on[alert.pk]))
        for alert in alerts
    ]  # fmt: skip
