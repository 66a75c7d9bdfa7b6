"""What waits: the month's list until its cut-off day, differences to answer, a list to execute."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from accounts.setting.models import setting
from cohorts.penalty.models import Penalty
from cohorts.penalty.payroll import Channel, ListState, PayrollList, channel_of, channel_paths


def channels_due(organizer: Any, month: dt.date) -> list[str]:
    """Channels with a suspension that runs or ended lately, whose list of the month is not drawn up."""
    earlier = (month - dt.timedelta(days=1)).replace(day=1)
    rows = Penalty.objects.suspensions().filter(
        referral__campaign__organizer=organizer, start__lt=month + dt.timedelta(days=31)
    )
    running = rows.filter(end__isnull=True) | rows.filter(end__gte=earlier)
    paths = channel_paths(month)
    wanted = {
        channel_of(path, paths) for path in running.values_list("referral__cadre__unit__path", flat=True).distinct()
    }
    drawn = PayrollList.objects.filter(organizer=organizer, month=month).values_list("channel", flat=True)
    return [channel for channel in Channel.values if channel in wanted - set(drawn)]


def todo(user: Any, today: dt.date) -> list[Task]:
    tasks: list[Task] = []
    if user.may("payroll.draw"):
        day = setting("payroll_cutoff_day", today)
        missing = channels_due(user.role.unit, today.replace(day=1))
        label = _("payroll lists of this month to draw up (due by day %(day)s)") % {"day": day}
        tasks += task(len(missing), label, "/payroll/new/", urgent=today.day >= day)
        lists = PayrollList.objects.visible_to(user)
        tasks += task(
            lists.filter(state=ListState.DRAWN_UP).count(), _("payroll lists to hand over"), "/payroll/?state=drawn_up"
        )
        tasks += task(lists.filter(state=ListState.DIFFERENCES).count(), _("payroll lists with differences to settle"),
                      "/payroll/?state=differences", urgent=True)  # fmt: skip
    if user.may("payroll.execute"):
        waiting = PayrollList.objects.visible_to(user).filter(state=ListState.HANDED_OVER).count()
        tasks += task(waiting, _("payroll lists to execute"), "/payroll/?state=handed_over", urgent=True)
    return tasks
