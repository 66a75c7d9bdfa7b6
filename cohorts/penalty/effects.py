"""Effects of a payroll list's steps; ``act`` is an ``Act`` of the procedure."""

from typing import Any

from accounts.notice.workflow import holders, told_as
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from cohorts.penalty.payroll import ListState, channel_of, channel_paths
from cohorts.penalty.workflow import freeze_lines


def draw_again(act: Any) -> None:
    freeze_lines(act.row)


def keep_hand_over(act: Any) -> None:
    act.row.handed_over_on = act.day
    act.row.save(update_fields=["handed_over_on"])


def with_or_without_differences(act: Any) -> str:
    return (
        ListState.DIFFERENCES if any(text.strip() for text in act.data["differences"].values()) else ListState.EXECUTED
    )


def keep_execution(act: Any) -> None:
    row, data = act.row, act.data
    row.executed_on, row.voucher, row.remark = data["executed_on"], data["voucher"].strip(), data["remark"]
    row.save(update_fields=["executed_on", "voucher", "remark"])
    for line in row.lines.filter(pk__in=[key for key, text in data["differences"].items() if text.strip()]):
        line.difference = data["differences"][line.pk].strip()
        line.save(update_fields=["difference"])


def keep_answers(act: Any) -> None:
    for line in act.row.lines.different():
        line.answer = act.data["answers"][line.pk].strip()
        line.save(update_fields=["answer"])


def payroll_officers(act: Any) -> list[Any]:
    """The payroll officers of the list's channel."""
    paths = channel_paths(act.day)
    held = RoleAssignment.objects.in_force(act.day).filter(role=Role.PAYROLL, user__is_active=True)
    rows = held.select_related("user", "unit")
    return [told_as(row) for row in rows if row.unit and channel_of(row.unit.path, paths) == act.row.channel]


def clerks(act: Any) -> list[Any]:
    return holders({Role.CLERK}, over=act.row.organizer, on=act.day)
