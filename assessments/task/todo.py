"""What waits: weeks to settle; for the cadre, what is due in the next days."""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.todo import Task as Entry
from accounts.kit.todo import task
from accounts.permissions import Role
from assessments.task.models import Task, monday

SOON, SHOWN = 3, 3


def todo(user: Any, today: dt.date) -> list[Entry]:
    if user.role.role == Role.CADRE:
        soon = Task.objects.visible_to(user).open().filter(due_on__lte=today + dt.timedelta(days=SOON))
        late = soon.filter(due_on__lt=today).exists()
        return task(soon.count(), _("tasks due in the next three days"), "/tasks/mine/", urgent=late)
    if not user.may("task.keep"):
        return []
    weeks = Task.objects.filter(unit=user.role.unit, week__lt=monday(today)).unsettled()
    entries: list[Entry] = []
    for week in weeks.order_by("week").values_list("week", flat=True).distinct()[:SHOWN]:
        words = _("week of %(day)s to settle") % {"day": date_format(week)}
        entries += task(1, words, f"/tasks/week/{week.isoformat()}/settle/")
    return entries
