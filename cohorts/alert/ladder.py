"""The ladder: level by level who is asked, how long, and which measures are offered. It advises; people decide.

An alert about a unit that nobody settles climbs: liaison, unit head, section, leader. Each level has its working days
(county setting). Nothing but the end of the alert stops it; acknowledging only silences the reminders for some days.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Length

from accounts.calendar import add_working_days
from accounts.models import User
from accounts.notice.workflow import told_as
from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.setting.models import setting
from accounts.user.models import RoleAssignment
from accounts.wording import say
from cohorts.alert.gap_rules import may_know
from cohorts.alert.models import STANDING, Alert, Level
from cohorts.alert.rules import RULE_OF
from cohorts.measure.kinds import BY_CODE


@dataclass(frozen=True)
class Rung:
    """``roles`` are asked and told, over the unit or (not ``of_unit``) over the organizer; ``calls``: whom one rings.

    ``measures``: kinds that are offered from here on, besides the reminder, which every level offers.
    """

    level: Level
    code: str
    roles: tuple[str, ...]
    of_unit: bool
    calls: tuple[str, ...]
    measures: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return str(self.level.label)


RUNGS = (
    Rung(Level.LIAISON, "liaison", (Role.LIAISON,), True, (Role.LIAISON,)),
    Rung(Level.HEAD, "head", (Role.UNIT_HEAD,), True, (Role.UNIT_HEAD,), ("interview",)),
    Rung(Level.SECTION, "section", (Role.CLERK, Role.CHIEF), False, (Role.UNIT_HEAD,), ("circular",)),
    Rung(Level.LEADER, "leader", (Role.LEADER,), False, (Role.UNIT_HEAD,), ("commendation", "accountability")),
)  # fmt: skip
RUNG_AT = {rung.level: rung for rung in RUNGS}
RUNG_OF = {rung.code: rung for rung in RUNGS}
# Key of the setting ``ladder_days`` that says how long a level has; the leader's is the last.
DAYS_OF = {Level.GRACE: "grace", Level.LIAISON: "liaison", Level.HEAD: "head", Level.SECTION: "section"}


def climbs(alert: Alert) -> bool:
    """Whether the alert stands and its rule sends it up the ladder."""
    return alert.state in STANDING and alert.rule in RULE_OF and RULE_OF[alert.rule].climbs


def next_climbs(alerts: Iterable[Alert], on: dt.date) -> dict[int, dt.date | None]:
    """By key of an alert the day on which it goes one level up unless it is settled; None at the top and off the ladder.

    Statements grow with the days on which the alerts came to their levels, not with the alerts.
    """
    days = setting("ladder_days", on)
    reckoned: dict[tuple[int, dt.date], dt.date] = {}
    found: dict[int, dt.date | None] = {}
    for alert in alerts:
        place = (alert.level, alert.level_since)
        goes = climbs(alert) and alert.level in DAYS_OF
        if goes and place not in reckoned:
            reckoned[place] = add_working_days(alert.level_since, days[DAYS_OF[Level(alert.level)]])
        found[alert.pk] = reckoned[place] if goes else None
    return found


def next_climb(alert: Alert, on: dt.date) -> dt.date | None:
    return next_climbs([alert], on)[alert.pk]


def at_level_of(alert: Alert, user: Any) -> bool:
    """Whether the alert now asks the role in use."""
    rung = RUNG_AT.get(Level(alert.level))
    return rung is not None and user.role is not None and user.role.role in rung.roles


def offered(alert: Alert, user: Any) -> list[str]:
    """Kinds of measure that this reader may take or propose at the present level."""
    if not climbs(alert):
        return []
    kinds = [kind for rung in RUNGS if rung.level <= alert.level for kind in rung.measures]
    return [kind for kind in kinds if user.may("measure.propose" if BY_CODE[kind].decided else "measure.interview")]


def reminder_text(alert: Alert, next_on: dt.date | None) -> str:
    """Text for a message on any channel: no name and no case in it (PRACTICE 24)."""
    params = {"rule": f"@rule.{alert.rule}", "since": alert.level_since.isoformat()}
    if next_on is None:
        return say("ladder.text.last", params)
    return say("ladder.text", params | {"next": next_on.isoformat()})


def reminder(alert: Alert, on: dt.date) -> str:
    return reminder_text(alert, next_climb(alert, on))


def people_at(alerts: Iterable[Alert], on: dt.date, *, calling: bool = False) -> dict[int, list[User]]:
    """By key of an alert the people of its level (or those to ring); the nearest holder of each role; one statement.

    The alerts bring unit and organizer along. Whoever is barred from a person's matter is not told of it; of a gap that
    is only about somebody from whom they are barred, the deputy is told instead.
    """
    alerts = list(alerts)
    roles = {Role.DEPUTY} | {role for rung in RUNGS for role in (rung.calls if calling else rung.roles)}
    rows = RoleAssignment.objects.in_force(on).filter(role__in=roles, user__is_active=True, unit__isnull=False)
    held = list(rows.select_related("user__cadre", "unit").annotate(depth=Length("unit__path")).order_by("pk"))
    barred = {key: barred_cadres(key) for key in {alert.cadre_id for alert in alerts} - {None}}
    found: dict[int, list[User]] = {}
    for alert in alerts:
        rung = RUNG_AT.get(Level(alert.level))
        if rung is None:
            found[alert.pk] = []
            continue
        place = alert.unit if rung.of_unit or calling else alert.organizer
        over = [row for row in held if row.role in (rung.calls if calling else rung.roles) and row.unit and place.path.startswith(row.unit.path)]  # fmt: skip
        nearest = {role: max(row.depth for row in over if row.role == role) for role in {row.role for row in over}}
        people = [told_as(row) for row in over if row.depth == nearest[row.role]]
        shut = barred.get(alert.cadre_id, set())
        found[alert.pk] = [user for user in dict.fromkeys(people) if user.cadre_id not in shut]
        if rung.of_unit and RULE_OF[alert.rule].flags:
            deputies = [told_as(row) for row in held if row.role == Role.DEPUTY and row.unit_id == alert.unit_id]
            found[alert.pk] = may_know(alert, found[alert.pk], on) or may_know(alert, deputies, on)
    return found
