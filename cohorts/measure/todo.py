"""What waits: measures to decide; for a head, the measures against the own unit of this year."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from accounts.permissions import Role
from cohorts.measure.models import MeasureState, UnitMeasure


def todo(user: Any, today: dt.date) -> list[Task]:
    rows = UnitMeasure.objects.visible_to(user)
    if user.may("measure.decide"):
        waiting = rows.filter(state=MeasureState.PROPOSED).exclude(proposed_by__cadre=user.cadre_id)
        return task(waiting.count(), _("unit measures to decide"), "/measures/?state=proposed")
    if user.role.role in (Role.UNIT_HEAD, Role.DEPUTY):
        recent = rows.in_effect().filter(proposed_at__year=today.year).count()
        return task(recent, _("measures against us this year"), "/measures/")
    return []
