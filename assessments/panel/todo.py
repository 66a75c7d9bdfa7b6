"""What waits: names to score, panels to discuss and conclude."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from assessments.panel.models import Panel, PanelCandidate, PanelState


def todo(user: Any, today: dt.date) -> list[Task]:
    tasks: list[Task] = []
    if user.may("panel.score") and user.cadre_id:
        waiting = PanelCandidate.objects.known_to(user).waiting_for(user.cadre_id)
        days = list(waiting.order_by("panel__held_on").values_list("panel__public_id", "panel__held_on"))
        panels = dict.fromkeys(panel for panel, _day in days)
        url = f"/panels/{days[0][0]}/" if len(panels) == 1 else "/panels/"
        tasks += task(len(days), _("names to score on a deliberation panel"), url, bool(days) and days[0][1] <= today)
    if user.may("panel.conclude"):
        open_ones = Panel.objects.managed_by(user).filter(state=PanelState.DISCUSSING)
        keys = list(open_ones.values_list("public_id", flat=True)[:2])
        url = f"/panels/{keys[0]}/" if len(keys) == 1 else "/panels/"
        tasks += task(open_ones.count(), _("deliberation panels to conclude"), url)
    return tasks
