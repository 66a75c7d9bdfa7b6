"""Keeping what happened to alerts: rows beside the trail's events, for questions over many alerts."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from cohorts.alert.models import Alert, AlertChange
from cohorts.procedure.step import Act


def change(alert: Alert, action: str, *, by: Any, at: dt.datetime, day: dt.date, **fields: Any) -> AlertChange:
    """One change, not yet written; state and level are those that the alert has now."""
    fields = {"before": alert.state, "after": alert.state, "level": alert.level} | fields
    role = by.role.role if by.role else ""
    return AlertChange(alert=alert, action=action, by=by, role=role, at=at, day=day, **fields)


def keep_changes(
    alerts: Iterable[Alert], action: str, *, by: Any, at: dt.datetime, day: dt.date, **fields: Any
) -> None:
    """The same change of many alerts, in one statement."""
    AlertChange.objects.bulk_create([change(alert, action, by=by, at=at, day=day, **fields) for alert in alerts])


def keep_change(act: Act) -> None:
    """Effect of every step of an alert."""
    owner = act.data.get("owner")
    note = str(owner) if owner else str(act.data.get("note", "")).strip()
    change(act.row, act.action, by=act.by, at=act.at, day=act.day, before=act.before, note=note).save()
