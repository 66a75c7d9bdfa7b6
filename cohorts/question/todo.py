"""What questions leave to do: answers of the unit, decisions of somebody outside it."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from cohorts.question.models import UnitQuestion


def todo(user: Any, today: dt.date) -> list[Task]:
    rows = UnitQuestion.objects.visible_to(user)
    if user.may("question.accept") or user.may("question.accept_organizers"):
        # Nobody decides on the answers of the own unit.
        own = [user.cadre.unit.path[:n] for n in range(7, len(user.cadre.unit.path) + 1, 7)] if user.cadre_id else []
        waiting = rows.waiting().exclude(unit__path__in=own).count()
        return task(waiting, _("answers of units to decide on"), "/questions/?state=decide")
    if user.may("question.answer"):
        open_ = rows.unanswered()
        late = open_.due(today).exists()
        return task(open_.count(), _("questions on the record to answer"), "/questions/", urgent=late)
    return []
