"""Starting and ending penalties; called by the steps of a case."""

import datetime as dt
from typing import Any

from accounts.setting.models import setting
from accounts.trail.workflow import Entry
from cohorts.penalty.models import Penalty, PenaltyKind, suspension_days


def start_suspension(referral: Any, *, decided_on: dt.date, number: str) -> Entry:
    """A decision of its own with the admission (Civil Servants Law Art. 95(7): it can be appealed)."""
    start, _end = suspension_days(decided_on, None, setting("suspension_units", decided_on))
    row = Penalty.objects.create(referral=referral, kind=PenaltyKind.SUSPENSION, decision_number=number, start=start)
    return Entry("penalty.start", row, {"kind": row.kind, "start": start, "number": number})


def end_suspension(referral: Any, *, returned_on: dt.date) -> list[Entry]:
    """Give the suspension its end day; one that had not begun ends where it starts."""
    entries = []
    for row in Penalty.objects.filter(referral=referral, kind=PenaltyKind.SUSPENSION, end__isnull=True):
        months = setting("suspension_units", returned_on) == "months"
        end = suspension_days(returned_on, returned_on, "months")[0] if months else returned_on
        row.end = max(row.start, end)
        row.save(update_fields=["end"])
        entries.append(Entry("penalty.end", row, {"kind": row.kind, "end": row.end}))
    return entries
