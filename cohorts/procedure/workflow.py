"""``move``: the one function that changes the state of a case or a return."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.notice.workflow import notify
from accounts.trail.workflow import Entry, append
from accounts.wording import refuse
from cohorts.campaign.models import UnitReturn
from cohorts.measure.models import UnitMeasure
from cohorts.penalty.payroll import PayrollList
from cohorts.practice.models import LedgerEntry
from cohorts.procedure.ledger_steps import LEDGER_STEPS
from cohorts.procedure.measure_steps import MEASURE_STEPS
from cohorts.procedure.payroll_steps import PAYROLL_STEPS
from cohorts.procedure.return_steps import RETURN_STEPS
from cohorts.procedure.second_steps import SECOND_STEPS
from cohorts.procedure.step import Act, NotGranted, NotVisible, Refused, Step, stale
from cohorts.procedure.steps import REFERRAL_STEPS
from cohorts.referral.models import CLOSED, Referral, State
from cohorts.referral.second import SecondCheck

TABLES: dict[type[models.Model], tuple[Step, ...]] = {
    Referral: REFERRAL_STEPS,
    UnitReturn: RETURN_STEPS,
    SecondCheck: SECOND_STEPS,
    PayrollList: PAYROLL_STEPS,
    UnitMeasure: MEASURE_STEPS,
    LedgerEntry: LEDGER_STEPS,
}


def table_of(subject: Any) -> tuple[Step, ...]:
    """The steps table of a subject's kind."""
    return TABLES[type(subject)]


def step_named(subject: Any, action: str) -> Step:
    """The line of an action; raises LookupError for an action that the table does not know."""
    for step in table_of(subject):
        if step.action == action:
            return step
    raise LookupError(action)


def available(subject: Any, user: Any) -> list[Step]:
    """The steps that lead on from the present state and that this user's role may take; guards are asked at the act."""
    return [s for s in table_of(subject) if not s.inner and subject.state in s.sources and may_take(subject, s, user)]


def foreseen(subject: Any, step: Step, user: Any) -> list[str]:
    """The sentences with which the step would be refused whatever its form says."""
    act = Act(subject, step.action, user, timezone.now())
    return [str(refusal) for refusal in step.refusals(act, beforehand=True)]


def may_take(subject: Any, step: Step, user: Any) -> bool:
    """Whether the role in use holds a grant of the step, and the row is not one that it may only read."""
    if isinstance(subject, Referral) and subject.only_read_by(user):
        return False
    return any(user.may(grant) for grant in step.grants)


def move(
    subject: Any, action: str, *, by: Any, at: dt.datetime | None = None, version: int | None = None, **data: Any
) -> Any:
    """Perform one step: scope, grant, state and version, guards, compare-and-swap, effects, trail, outbox - or nothing.

    Raises NotVisible (404), NotGranted (403), Refused (409).
    """
    return move_many([(subject, action, data)], by=by, at=at, version=version)[0]


@transaction.atomic
def move_many(
    items: Iterable[tuple[Any, str, dict[str, Any]]],
    *,
    by: Any,
    at: dt.datetime | None = None,
    version: int | None = None,
) -> list[Any]:
    """Perform steps on several rows in one transaction: locks in order of key, the trail's head last."""
    at = at or timezone.now()
    entries: list[Entry] = []
    rows = []
    for subject, action, data in sorted(items, key=lambda item: item[0].pk):
        rows.append(_perform(subject, action, by=by, at=at, version=version, data=data, entries=entries))
    append(entries, by=by, at=at)
    return rows


def _perform(
    subject: Any,
    action: str,
    *,
    by: Any,
    at: dt.datetime,
    version: int | None,
    data: dict[str, Any],
    entries: list[Entry],
    inner: bool = False,
) -> Any:
    model = type(subject)
    step = step_named(subject, action)
    row = model.objects.visible_to(by).filter(pk=subject.pk).select_for_update(of=("self",)).first()
    if row is None:
        raise NotVisible(subject)
    if not inner and not may_take(row, step, by):
        raise NotGranted(action)
    if row.state not in step.sources or version not in (None, row.version):
        raise stale()
    act = Act(row, action, by, at, data)
    if refusals := step.refusals(act):
        raise Refused(refusals)
    before, target = row.state, step.target_for(act)
    act.before = before
    _swap(act, target)
    payload = {"from": before, "to": target, **{key: _plain(value) for key, value in data.items()}}
    entries.append(Entry(f"{row._meta.model_name}.{action}", row, payload))
    for effect in step.effects:
        entries.extend(effect(act) or ())
    for code, recipients in step.notices:
        params = {"case": getattr(row, "number", ""), "unit": row.unit.name}
        notify((u for u in recipients(act) if u.pk != by.pk), code, path=row.get_absolute_url(), at=at, **params)
    for other, other_action in list(step.cascade(act)) if step.cascade else ():
        _perform(other, other_action, by=by, at=at, version=None, data={}, entries=entries, inner=True)
    return row


def _swap(act: Act, target: str) -> None:
    """Compare and swap: the state changes only if nobody changed the row meanwhile."""
    row, before = act.row, act.row.state
    changes: dict[str, Any] = {"state": target, "version": row.version + 1}
    if target != before and isinstance(row, Referral):
        changes["state_since"] = act.at
        if target in CLOSED:
            changes["closed_on"] = act.day
        if target == State.DEFERRED:
            changes["deferred_from"] = State.NOMINATED if before == State.DRAFT else before
    try:
        with transaction.atomic():
            changed = type(row).objects.filter(pk=row.pk, state=before, version=row.version).update(**changes)
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise Refused([refuse("open_case")]) from error
    if not changed:
        raise stale()
    for name, value in changes.items():
        setattr(row, name, value)


def _plain(value: Any) -> Any:
    """What of an act's data enters the trail: identifiers, digests and plain values."""
    if isinstance(value, models.Model):
        if hasattr(value, "sha256"):
            return {"file": str(value.pk), "sha256": value.sha256}
        return str(getattr(value, "public_id", value.pk))
    if isinstance(value, (dt.date, uuid.UUID)):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return str(value)
