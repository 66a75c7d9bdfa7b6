"""Alerts, calls and an export of the demonstration: each state of an alert has one, through the workflow functions."""

import datetime as dt
import tomllib
from typing import Any

from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.job import Produced, note_tick, run_once
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from cohorts.alert.models import Alert, AlertState
from cohorts.alert.workflow import SCAN, record_call, scan
from cohorts.campaign.models import Campaign, UnitReturn
from cohorts.procedure.workflow import move
from cohorts.report.filters import filters_for
from cohorts.report.models import Format
from cohorts.report.workflow import make_export
from cohorts.site.demo.county import DATA


def watch(users: dict[str, Any], today: dt.date) -> None:
    """Scans of the last working days, what people did about the alerts, calls, and a report in the register."""
    texts = tomllib.loads((DATA / "demo_alert.toml").read_text(encoding="utf-8"))
    clerk, chief = users["clerk"], users["chief"].acting_as(Role.CHIEF)

    def at(back: int, hour: int) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(add_working_days(today, -back), dt.time(hour)))

    # For a day nobody held the leader's role: cases stood still, and the alerts closed themselves the day after.
    leaders = RoleAssignment.objects.filter(role=Role.LEADER, end__isnull=True)
    vacant = list(leaders.values_list("pk", flat=True))
    leaders.update(end=add_working_days(today, -3))
    scan(on=add_working_days(today, -3), at=at(3, 8))
    RoleAssignment.objects.filter(pk__in=vacant).update(end=None)
    scan(on=add_working_days(today, -2), at=at(2, 8))
    fresh = Alert.objects.filter(organizer__code="zzb", state=AlertState.OPEN).order_by("pk")
    contradicted, stuck = fresh.filter(rule="nil_return_contradicted")[0], fresh.filter(rule="case_stuck")[0]
    move(contradicted, "acknowledge", by=clerk, at=at(2, 9))
    move(contradicted, "resolve", by=clerk, at=at(1, 15), note=texts["resolved_note"])
    move(stuck, "assign", by=chief, at=at(1, 9), owner=clerk)
    move(stuck, "acknowledge", by=clerk, at=at(1, 10))
    # Beat's first scan of a running installation comes within ten minutes, its first tick within one; until then these count.
    note_tick()
    run_once(SCAN, "demonstration", lambda job: lambda: Produced(dict(scan(on=today))))
    due = UnitReturn.objects.outstanding().filter(
        round__concluded_on__isnull=True, round__campaign__organizer__code="zzb"
    )
    called = due.order_by("-state", "pk")[0]  # sent back comes first
    for number, (who, back) in enumerate((("call", 2), ("call_again", 1)), 1):
        record_call(
            by=clerk,
            unit_return=called,
            number=number,
            reached=texts[f"{who}_reached"],
            answer=texts[f"{who}_answer"],
            at=at(back, 10),
        )
    admin = users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
    campaign = (
        Campaign.objects.filter(year=2018).select_related("edition").first()
        or Campaign.objects.select_related("edition").first()
    )
    make_export(by=admin, filters=filters_for(admin, campaign, {}), compare=False, format=Format.XLSX)
    users["chief"].acting_as(Role.CHIEF)
