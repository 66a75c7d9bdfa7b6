"""The rules of a ledger: drafted by whoever keeps it, approved by a leader who had no hand in the draft.

A draft counts nowhere. From its approval on it is a version that never changes; earlier months keep theirs. Whether a
month may get new rules is asked when they are drafted and again when they are approved: time went on in between.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.notice.workflow import holders, nearest_holders, notify
from accounts.permissions import roles_with
from accounts.trail.workflow import record
from accounts.user.models import User
from assessments.points.entries import PointEntry
from assessments.points.models import PointLedger, PointRules, RulesState
from assessments.points.rules import month_of, next_month
from assessments.points.versions import VERSIONS
from assessments.points.workflow import allowed, locked


@transaction.atomic
def begin_ledger(
    *, by: Any, unit: Any, template: str, starts_on: dt.date, groups: Sequence[str], figures: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> PointLedger:  # fmt: skip
    """Begin a unit's ledger with the month of ``starts_on``; its first rules are a draft on a reported version
    (``template``: "2018" or "2019"). Until that is approved nothing is entered or settled.

    ``groups``: the names of the two groups. ``figures`` replaces single figures of the version.
    Raises ValidationError when the unit keeps a ledger already, the groups bear one name, or a figure cannot be.
    """
    allowed(by, "points.draft_rule", unit)
    one, two = (str(name).strip() for name in groups)
    if not one or not two or one == two:
        raise ValidationError({"group_two": _("The two groups need two names.")})
    if PointLedger.objects.filter(unit=unit).exists():
        raise ValidationError(_("This unit keeps a points ledger already."))
    ledger = PointLedger.objects.create(unit=unit, starts_on=month_of(starts_on), group_one=one, group_two=two, begun_by=by,
                                        begun_at=at or timezone.now())  # fmt: skip
    record("points.begin", ledger, by=by, at=at, unit=unit.code, starts_on=ledger.starts_on, version=template)
    draft_rules(by=by, unit=unit, seen="", template=template, starts_on=starts_on, figures=figures, at=at)
    return ledger


@transaction.atomic
def draft_rules(
    *, by: Any, unit: Any, seen: str, template: str, starts_on: dt.date, figures: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> PointRules:  # fmt: skip
    """Draft new rules from a month on, or change the draft that waits; whoever may approve it is told.

    ``seen``: which writing of the draft ``by`` had before him (``PointRules.seen``), "" when there was none.
    Raises ValidationError for a month that cannot get new rules (``check_month``), a figure that cannot be, and when
    somebody else drafted or changed it meanwhile.
    """
    allowed(by, "points.draft_rule", unit)
    ledger, month = locked(unit), month_of(starts_on)
    row = ledger.draft or PointRules(ledger=ledger)
    _as_seen(row, seen)
    check_month(ledger, month)
    if not ledger.versions:  # the ledger begins with its first rules
        PointLedger.objects.filter(pk=ledger.pk).update(starts_on=month)
    new, version = row.pk is None, VERSIONS[template]
    row.template, row.mode, row.starts_on = template, version.mode, month
    row.params = version.params | dict(figures or {})
    row.clean()
    row.params = row.figures.params()
    row.set_by, row.set_at = by, at or timezone.now()
    row.save()
    row.drafters.add(by)
    record("points.draft" if new else "points.draft_change", ledger, by=by, at=at, starts_on=month, version=template, params=row.params)  # fmt: skip
    notify(approvers(row), "points_rules_drafted", path=draft_path(unit), at=at, unit=unit.name, day=str(month))
    return row


@transaction.atomic
def drop_draft(*, by: Any, unit: Any, seen: str, at: dt.datetime | None = None) -> None:
    """Drop the draft that waits; whoever drafted it is told. ``seen`` as of ``draft_rules``.

    Raises ValidationError when there is none, or somebody changed it meanwhile.
    """
    allowed(by, "points.draft_rule", unit)
    ledger = locked(unit)
    row = _waiting(ledger, seen)
    month, told = row.starts_on, _others_in(row, by)
    row.delete()
    record("points.draft_drop", ledger, by=by, at=at, starts_on=month)
    notify(told, "points_rules_dropped", path=rules_path(unit), at=at, unit=unit.name, day=str(month))


@transaction.atomic
def approve_rules(*, by: Any, unit: Any, seen: str, at: dt.datetime | None = None) -> PointRules:
    """A second person approves the draft; from its month on it is in force and never changes. ``seen`` as of ``draft_rules``.

    Raises ValidationError for whoever had a hand in it, in whatever role; for a month that can no longer get
    new rules; and when there is no draft, or somebody changed it meanwhile.
    """
    allowed(by, "points.rule", unit)
    ledger = locked(unit)
    row = _waiting(ledger, seen)
    if row.drafters.contains(by):
        raise ValidationError(_("Whoever had a hand in the draft does not approve it."))
    check_month(ledger, row.starts_on)
    row.state, row.approved_by, row.approved_at = RulesState.APPROVED, by, at or timezone.now()
    row.save(update_fields=["state", "approved_by", "approved_at"])
    record("points.rules", ledger, by=by, at=at, starts_on=row.starts_on, version=row.template, params=row.params)
    notify(
        _others_in(row, by),
        "points_rules_approved",
        path=rules_path(unit),
        at=at,
        unit=unit.name,
        day=str(row.starts_on),
    )
    return row


def check_month(ledger: PointLedger, month: dt.date) -> None:
    """Raises ValidationError when a month cannot get new rules: settled, written in, or not after the present version."""
    if not ledger.versions:
        return
    if month < ledger.open_month:
        raise ValidationError({"starts_on": _("This month is settled; its rules stay.")})
    latest = ledger.versions[0].starts_on
    if month <= latest:
        raise ValidationError({"starts_on": _("The present version holds from %(day)s; the new one begins later.") % {"day": date_format(latest, "YEAR_MONTH_FORMAT")}})  # fmt: skip
    if PointEntry.objects.filter(unit=ledger.unit_id, day__gte=month).exists():
        raise ValidationError({"starts_on": _("This month has entries already; let the new version begin with a later one.")})  # fmt: skip


def first_month(ledger: PointLedger, today: dt.date) -> dt.date:
    """What is proposed to begin with: the ledger's first month, later on the next month after the present version's."""
    if not ledger.versions:
        return ledger.starts_on
    return max(next_month(month_of(today)), ledger.open_month, next_month(ledger.versions[0].starts_on))


def approvers(draft: PointRules) -> list[User]:
    """Who may approve a draft and had no hand in it: the unit's leaders, without any those of the units above it."""
    roles, unit, hands = roles_with("points.rule"), draft.ledger.unit, set(draft.drafters.all())
    nearest = [user for user in nearest_holders(roles, over=unit) if user not in hands]
    return nearest or [user for user in holders(roles, over=unit) if user not in hands]


def draft_path(unit: Any) -> str:
    return f"/points/draft/?unit={unit.public_id}"


def rules_path(unit: Any) -> str:
    return f"/points/setup/?unit={unit.public_id}#rules"


def _as_seen(row: PointRules, seen: str) -> None:
    if row.seen != seen:
        raise ValidationError(_("Somebody was first: this draft has changed. Look at it again."), code="stale")


def _waiting(ledger: PointLedger, seen: str) -> PointRules:
    if ledger.draft is None:
        raise ValidationError(_("Somebody was first: no draft of the rules waits any more."), code="stale")
    _as_seen(ledger.draft, seen)
    return ledger.draft


def _others_in(row: PointRules, by: Any) -> list[User]:
    return [user for user in row.drafters.filter(is_active=True) if user.pk != by.pk]
