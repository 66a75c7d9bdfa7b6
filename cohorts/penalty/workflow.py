"""Starting and ending consequences; called by the effects of a case's steps, whose trail entries they return."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendar import working_days
from accounts.setting.models import setting
from accounts.trail.workflow import Entry, record
from cohorts.penalty.due import Due, due
from cohorts.penalty.kinds import KINDS, OPEN_ENDED, Facts, first_of_next_month
from cohorts.penalty.models import Penalty, Units
from cohorts.penalty.payroll import LineKind, PayrollLine, PayrollList, channel_of, channel_paths
from cohorts.referral.models import State


def _facts(referral: Any, decided_on: dt.date, units: str) -> Facts:
    ends = referral.cohort.ends_on if referral.cohort_id else referral.campaign.class_ends_on
    return Facts(decided_on, ends, units, setting("promotion_bar_months", decided_on))


def start_penalties(referral: Any, *, decided_on: dt.date, number: str) -> list[Entry]:
    """The campaign's package, without what the county has switched off on that day: one decision each.

    The suspension names the item of the frozen personnel category (Civil Servants Law Art. 95(7): it can be appealed).
    """
    units = setting("suspension_units", decided_on)
    facts = _facts(referral, decided_on, units)
    wanted = set(referral.campaign.penalty_kinds) & set(setting("penalties", decided_on))
    entries = []
    for kind in KINDS:
        if kind.code not in wanted:
            continue
        category = referral.category or referral.cadre.category
        item = setting("suspension_items", decided_on)[category] if kind.code == "suspension" else ""
        row = Penalty.objects.create(
            referral=referral, kind=kind.code, decision_number=number, decided_on=decided_on, basis=referral.campaign.notice_number,
            item=item, units=units, start=kind.begins(facts), end=kind.planned_end(facts),
        )  # fmt: skip
        entries.append(Entry("penalty.start", row, _payload(row) | {"number": number}))
    return entries


def _payload(row: Penalty) -> dict[str, Any]:
    return {"kind": row.kind, "start": row.start, "end": row.end}


def _standing(referral: Any) -> Any:
    return Penalty.objects.filter(referral=referral, lifted_on__isnull=True)


def _set_end(row: Penalty, end: dt.date, action: str) -> list[Entry]:
    if row.end == end:
        return []
    before, row.end = row.end, end
    row.save(update_fields=["end"])
    return [Entry(action, row, _payload(row) | {"before": before})]


def end_with_return(referral: Any, *, returned_on: dt.date) -> list[Entry]:
    """The return (or stay, reassignment, exit) gives each consequence its final end day, by its own rule.

    The suspension ends with the month (or day) of the return; merit loss and promotion bar outlive it.
    """
    entries = []
    for row in _standing(referral):
        facts = _facts(referral, row.decided_on, row.units)
        entries += _set_end(row, row.rule.at_return(row.start, returned_on, facts), "penalty.end")
    return entries


def end_early(referral: Any, *, on: dt.date) -> list[Entry]:
    """A case that closes without a return (withdrawn, transferred, ...) ends what was open; the others keep their end day."""
    entries = []
    for row in _standing(referral).filter(kind__in=OPEN_ENDED, end__isnull=True):
        facts = _facts(referral, row.decided_on, row.units)
        entries += _set_end(row, row.rule.at_return(row.start, on, facts), "penalty.end")
    return entries


def extend_penalties(referral: Any) -> list[Entry]:
    """An extended trainee's class ends later: planned end days follow it; the suspension simply goes on."""
    entries = []
    for row in _standing(referral).exclude(kind__in=OPEN_ENDED):
        planned = row.rule.planned_end(_facts(referral, row.decided_on, row.units))
        entries += _set_end(row, max(row.end, planned), "penalty.extend")
    return entries


def lift_penalties(referral: Any, *, on: dt.date) -> list[Entry]:
    """An overturned case: nothing is in force from that day on, and what was withheld is paid back by the next list."""
    entries = []
    for row in _standing(referral):
        row.end, row.lifted_on = max(row.start, min(row.end or on, on)), on
        row.save(update_fields=["end", "lifted_on"])
        entries.append(Entry("penalty.lift", row, _payload(row)))
    return entries


@transaction.atomic
def draw_list(*, by: Any, organizer: Any, channel: str, month: dt.date, at: dt.datetime | None = None) -> PayrollList:
    """Draw up a month's list of one paying channel; its lines are frozen, so a second export is identical.

    Raises ValidationError for a month that has not begun, that has its list already, or that lies before a later list.
    """
    at = at or timezone.now()
    month = month.replace(day=1)
    lists = PayrollList.objects.filter(organizer=organizer, channel=channel)
    if month > timezone.localtime(at).date():
        raise ValidationError({"month": _("The month has not begun yet.")})
    if lists.filter(month=month).exists():
        raise ValidationError({"month": _("The list of that month is drawn up already.")})
    if lists.filter(month__gt=month).exists():
        raise ValidationError({"month": _("A later month has its list already; the change goes into the next one.")})
    row = PayrollList.objects.create(organizer=organizer, channel=channel, month=month, drawn_by=by, drawn_at=at)
    record("payroll.draw", row, by=by, at=at, month=month, channel=channel, lines=freeze_lines(row))
    return row


def freeze_lines(row: PayrollList) -> int:
    """Write the lines of a list from what is decided now; returns how many. Stable order: unit, name, decision."""
    row.lines.all().delete()
    paths = channel_paths(row.month)
    rows = (
        Penalty.objects.suspensions()
        .filter(referral__campaign__organizer=row.organizer, start__lt=first_of_next_month(row.month))
        .select_related("referral__cadre__unit")
        .order_by("referral__cadre__unit__path", "referral__cadre__pinyin", "pk")
    )
    days = _days_so_far(rows, first_of_next_month(row.month))
    standing: dict[int, dict[str, dt.date]] = {}
    earlier = PayrollLine.objects.standing().filter(penalty__in=rows)
    for penalty, kind, day in earlier.values_list("penalty", "kind", "from_day"):
        standing.setdefault(penalty, {})[kind] = day
    lines = [
        _line(row, penalty, found, days.get(penalty.pk))
        for penalty in rows
        if channel_of(penalty.referral.cadre.unit.path, paths) == row.channel
        for found in due(penalty.start, penalty.end, lifted=penalty.lifted_on is not None,
                         standing=standing.get(penalty.pk, {}), month=row.month)
        # Nothing is paid again to somebody who left the service.
        if (found.kind, penalty.referral.state) != (LineKind.RESUME, State.EXITED)
    ]  # fmt: skip
    for order, line in enumerate(lines, 1):
        line.order = order
    PayrollLine.objects.bulk_create(lines)
    return len(lines)


def _line(row: PayrollList, penalty: Penalty, found: Due, days: int | None) -> PayrollLine:
    cadre = penalty.referral.cadre
    return PayrollLine(
        payroll_list=row, penalty=penalty, kind=found.kind, name=cadre.name, id_tail=cadre.id_number[-4:], unit_name=cadre.unit.name,
        item=penalty.item, units=penalty.units, from_day=found.from_day, months=found.months, days=days,
        arrears=[f"{month:%Y-%m}" for month in found.arrears], decision_number=penalty.decision_number,
    )  # fmt: skip


def _days_so_far(rows: Iterable[Penalty], until: dt.date) -> dict[int, int]:
    """Working days withheld before ``until`` or the end day, of the suspensions counted in days (21.75 make a month)."""
    counted = [row for row in rows if row.units == Units.DAYS]
    if not counted:
        return {}
    worked = working_days(min(row.start for row in counted), until)
    return {row.pk: sum(row.start <= day < (row.end or until) for day in worked) for row in counted}
