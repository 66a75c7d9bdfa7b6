"""The life of an alert: one line per step. People acknowledge and resolve; only a scan clears and reopens."""

from collections.abc import Iterable
from typing import Any

from accounts.calendar import add_working_days
from accounts.notice.workflow import holders
from accounts.people.models import barred_cadres
from accounts.permissions import roles_with
from accounts.setting.models import setting
from accounts.wording import Refusal, refuse
from cohorts.alert.changes import keep_change
from cohorts.alert.ladder import at_level_of
from cohorts.alert.models import AlertState as S
from cohorts.alert.models import Level
from cohorts.procedure.step import Act, Step


def handlers(alert: Any, on: Any) -> list[Any]:
    """Who may own an alert: those who handle alerts of its organizer and are not barred from its case."""
    people = holders(roles_with("alert.handle"), over=alert.organizer, on=on)
    barred = barred_cadres(alert.cadre_id)
    return [user for user in people if user.cadre_id not in barred]


def owner_fits(act: Act) -> Refusal | None:
    """The new owner handles alerts here, and does not own it already."""
    owner = act.data.get("owner")
    if owner is None or owner not in handlers(act.row, act.day):
        return refuse("alert_owner")
    return refuse("alert_same_owner") if owner.pk == act.row.owner_id else None


def acts_as_owner(act: Act) -> Refusal | None:
    return None if act.row.owner_id == act.by.pk else refuse("alert_not_owner")


def note_given(act: Act) -> Refusal | None:
    return None if str(act.data.get("note", "")).strip() else refuse("alert_no_note")


def _save(act: Act, **fields: Any) -> None:
    fields["state_since"] = act.at
    for name, value in fields.items():
        setattr(act.row, name, value)
    act.row.save(update_fields=list(fields))


def take(act: Act) -> None:
    """Who acknowledges an alert that has no owner owns it."""
    _save(act, owner=act.row.owner or act.by)


def keep_owner(act: Act) -> None:
    act.row.owner = act.data["owner"]
    act.row.save(update_fields=["owner"])


def keep_note(act: Act) -> None:
    _save(act, note=act.data["note"])


def forget_facts(act: Act) -> None:
    _save(act, digest="")


def take_facts(act: Act) -> None:
    """A cause that came back is looked at anew: its facts, no owner, no note, and the grace period again."""
    _save(act, params=act.data["params"], digest=act.data["digest"], owner=None, note="", level=Level.GRACE, level_since=act.day,
          told_on=None, quiet_until=None)  # fmt: skip


def at_own_level(act: Act) -> Refusal | None:
    return None if at_level_of(act.row, act.by) else refuse("alert_other_level")


def keep_quiet(act: Act) -> None:
    """The level's own person has taken note: it is not reminded for some days. The days of the level run on."""
    if at_level_of(act.row, act.by):
        act.row.quiet_until = add_working_days(act.day, setting("ladder_pause_days", act.day))
        act.row.save(update_fields=["quiet_until"])


def new_owner(act: Act) -> Iterable[Any]:
    return [act.data["owner"]]


ALERT_STEPS: tuple[Step, ...] = (
    Step("acknowledge", (S.OPEN,), S.ACKNOWLEDGED, ("alert.handle",), effects=(take, keep_quiet, keep_change), main=True),
    Step("assign", (S.OPEN, S.ACKNOWLEDGED), "", ("alert.handle",), guards=(owner_fits,), effects=(keep_owner, keep_change), form="alert_owner",
         notices=(("alert_assigned", new_owner),)),
    Step("heed", (S.OPEN, S.ACKNOWLEDGED), "", ("alert.heed",), guards=(at_own_level,), effects=(keep_quiet, keep_change), form="alert_heed"),
    Step("resolve", (S.ACKNOWLEDGED,), S.RESOLVED, ("alert.handle",), guards=(acts_as_owner, note_given), effects=(keep_note, keep_change),
         form="alert_note", main=True),
    Step("clear", (S.OPEN, S.ACKNOWLEDGED), S.CLEARED, ("alert.scan",), effects=(forget_facts, keep_change), inner=True),
    Step("reopen", (S.CLEARED, S.RESOLVED), S.OPEN, ("alert.scan",), effects=(take_facts, keep_change), inner=True),
)  # fmt: skip
