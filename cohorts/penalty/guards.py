"""Guards of a payroll list's steps; ``act`` is an ``Act`` of the procedure."""

from typing import Any

from accounts.setting.models import setting
from accounts.wording import Refusal, refuse


def before_cutoff(act: Any) -> Refusal | None:
    """After the cut-off day a list is not drawn up anew: the change goes into next month's with its back months."""
    last = setting("payroll_cutoff_day", act.row.month)
    day = act.day
    over = day.replace(day=1) > act.row.month or day.day > last
    return refuse("payroll_cutoff", day=last) if over else None


def executed_properly(act: Any) -> Refusal | None:
    """A day that is not in the future nor before the hand-over, and a voucher."""
    day = act.data["executed_on"]
    if day > act.day or day < act.row.handed_over_on:
        return refuse("payroll_executed_day")
    return None if act.data["voucher"].strip() else refuse("payroll_voucher")


def differences_answered(act: Any) -> Refusal | None:
    answers = act.data["answers"]
    open_lines = [line for line in act.row.lines.different() if not answers.get(line.pk, "").strip()]
    return refuse("payroll_answers") if open_lines else None
