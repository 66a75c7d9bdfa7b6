"""What happened to alerts in words: on an alert's page, and for a unit with its measures and calls."""

from typing import Any

from accounts.permissions import UNIT_ROLES
from accounts.wording import say
from cohorts.alert.models import STANDING, Alert, AlertChange, AlertState, Level, ReminderCall
from cohorts.alert.rules import CLIMBING
from cohorts.measure.models import MeasureState, UnitMeasure

SHOWN = 30


def _actor(row: AlertChange, user: Any) -> str:
    """The unit's own people read the office, not who held it."""
    if not row.by.cadre_id:
        return say("role.system")
    office = say(f"role.{row.role}")
    return office if user.role.role in UNIT_ROLES and row.role not in UNIT_ROLES else f"{office} {row.by}"


def _detail(row: AlertChange) -> str:
    if row.action in ("climb", "remind"):
        return str(Level(row.level).label)
    if row.measure:
        return f"{row.measure.number} {row.measure.get_kind_display()} · {row.measure.get_state_display()}"
    return _answer(row.reached, row.note) if row.reached else row.note


def changes_in_words(rows: Any, user: Any) -> list[dict[str, Any]]:
    """The changes of one alert, newest first; one statement."""
    found = rows.select_related("by__cadre", "measure__campaign").order_by("-at", "-pk")
    return [
        {"at": row.at, "text": say(f"event.alert.{row.action}"), "actor": _actor(row, user), "detail": _detail(row),
         "document": say("follow.measure") if row.measure else "", "document_url": row.measure.get_absolute_url() if row.measure else ""}
        for row in found
    ]  # fmt: skip


def _outcome(alert: Alert) -> str:
    if alert.state == AlertState.RESOLVED:
        return alert.note
    return str(AlertState(alert.state).label)


def _entry(at: Any, what: Any, url: str, outcome: str, *, level: int = 0, standing: bool = False) -> dict[str, Any]:
    words = Level(level).label if level else ""
    return {"at": at, "what": what, "url": url, "outcome": outcome, "level": words, "standing": standing}


def _alerts(rows: Any) -> list[dict[str, Any]]:
    return [
        _entry(a.raised_at, a.text, a.get_absolute_url(), _outcome(a), level=a.level, standing=a.state in STANDING)
        for a in rows.order_by("-raised_at", "-pk")[:SHOWN]
    ]


def _measures(rows: Any) -> list[dict[str, Any]]:
    return [
        _entry(m.proposed_at, m.get_kind_display(), m.get_absolute_url(), f"{m.get_state_display()} {m.document_number}".strip(),
               standing=m.state == MeasureState.PROPOSED)
        for m in rows.order_by("-proposed_at", "-pk")[:SHOWN]
    ]  # fmt: skip


def history_of(unit: Any, user: Any) -> list[dict[str, Any]]:
    """A unit's alerts with their level and outcome, its measures and the calls, newest first; four statements."""
    rung = AlertChange.objects.visible_to(user).filter(alert__unit=unit, action="call").select_related("alert")
    calls = [
        _entry(call.called_at, say("event.unitreturn.call"), call.unit_return.get_absolute_url(), _answer(call.reached, call.answer))
        for call in _calls(unit, user)
    ] + [
        _entry(call.at, say("event.alert.call"), call.alert.get_absolute_url(), _answer(call.reached, call.note), level=call.level)
        for call in rung.order_by("-at", "-pk")[:SHOWN]
    ]  # fmt: skip
    alerts = _alerts(Alert.objects.visible_to(user).filter(unit=unit))
    found = [*alerts, *_measures(UnitMeasure.objects.visible_to(user).filter(unit=unit)), *calls]
    return sorted(found, key=lambda entry: entry["at"], reverse=True)[:SHOWN]


def for_circular(measure: UnitMeasure, user: Any) -> list[dict[str, Any]]:
    """What a circular quotes: the unit's own alerts of that campaign, without any case, and its measures on record."""
    rounds = [f"round:{key}" for key in measure.campaign.rounds.values_list("pk", flat=True)]
    alerts = Alert.objects.visible_to(user).filter(unit=measure.unit, rule__in=CLIMBING, period__in=rounds)
    measures = UnitMeasure.objects.visible_to(user).on_record().filter(unit=measure.unit, campaign=measure.campaign)
    found = [*_alerts(alerts), *_measures(measures.exclude(pk=measure.pk))]
    return sorted(found, key=lambda entry: entry["at"])


def _answer(who: str, answer: str) -> str:
    return say("call.answered", {"who": who, "answer": answer})


def _calls(unit: Any, user: Any) -> Any:
    """Calls for the unit's returns of the campaigns in scope; the unit knows who called it."""
    rows = ReminderCall.objects.filter(unit_return__unit=unit).select_related("unit_return")
    if user.role.role not in UNIT_ROLES:
        rows = rows.filter(unit_return__round__campaign__organizer__path__startswith=user.role.unit.path)
    return rows.order_by("-called_at", "-pk")[:SHOWN]


def follow_through(unit: Any, user: Any) -> dict[str, Any] | None:
    """For the unit's page: what was asked of the unit and what came of it."""
    if not user.may("alert.read"):
        return None
    return {"rows": history_of(unit, user)}
