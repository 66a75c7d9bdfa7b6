"""What waits: this week's look of the own line, only where the unit keeps the record, and from Thursday on."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from assessments.supervision.gaps import THURSDAY, midnight, monday_of
from assessments.supervision.models import Finding, keeper_of, line_of


def todo(user: Any, today: dt.date) -> list[Task]:
    keeper = keeper_of(user.role) if user.may("finding.record") else None
    if keeper is None or today.weekday() < THURSDAY:
        return []
    looked = Q(line=line_of(user.role), seen_at__gte=midnight(monday_of(today)))
    found = (
        Finding.objects.current().filter(keeper=keeper).aggregate(kept=Count("pk"), looked=Count("pk", filter=looked))
    )
    return task(int(bool(found["kept"]) and not found["looked"]), _("no look recorded this week"), "/findings/new/")
