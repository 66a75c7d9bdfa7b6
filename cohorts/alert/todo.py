"""What alerts leave to do: take one, finish one's own, call the units; and whether anybody watches at all."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from cohorts.alert.calls import to_call
from cohorts.alert.ladder import RUNGS
from cohorts.alert.models import Alert, AlertState
from cohorts.alert.workflow import beat_is_silent


def todo(user: Any, today: dt.date) -> list[Task]:
    tasks: list[Task] = []
    if user.may("alert.handle"):
        alerts = Alert.objects.visible_to(user)
        fresh = alerts.filter(state=AlertState.OPEN).count()
        tasks += task(fresh, _("alerts that nobody has acknowledged"), "/alerts/?state=open")
        own = alerts.standing().filter(owner=user).count()
        tasks += task(own, _("alerts of yours to resolve"), "/alerts/?owner=me")
        tasks += task(to_call(user, today).count(), _("units to call for their return"), "/alerts/calls/")
    rung = next((rung for rung in RUNGS if user.role and user.role.role in rung.roles), None)
    if rung and user.may("alert.heed"):
        standing = Alert.objects.visible_to(user).standing().filter(level=rung.level).count()
        tasks += task(standing, _("alerts that have climbed to your level"), f"/alerts/?level={rung.code}", urgent=True)
    if user.may("alert.handle") or user.may("health.read"):
        place = "/alerts/" if user.may("alert.read") else "/accounts/"
        silent = _("scan of alerts has not run for half an hour: have beat and worker started")
        tasks += task(int(beat_is_silent()), silent, place, urgent=True)
    return tasks
