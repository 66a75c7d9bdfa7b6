"""What waits: a ballot to vote in; for the unit, a ballot to close."""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from assessments.ballot.models import Ballot


def todo(user: Any, today: dt.date) -> list[Task]:
    if user.may("ballot.vote"):
        rows = Ballot.objects.waiting_for(user.cadre_id, today).order_by("closes_on")[:3]
        return [
            entry
            for row in rows
            for entry in task(
                1, _("vote in “%(title)s” until %(day)s") % {"title": row, "day": date_format(row.closes_on)},
                row.get_absolute_url(), row.closes_on == today,
            )
        ]  # fmt: skip
    if user.may("ballot.manage"):
        due = Ballot.objects.visible_to(user).open().filter(closes_on__lte=today)
        return task(due.count(), _("ballots to close"), "/ballots/")
    return []
