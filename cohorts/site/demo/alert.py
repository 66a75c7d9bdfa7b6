"""Alerts, calls and an export of the demonstration: each state of an alert has one, through the workflow functions."""

import datetime as dt
import tomllib
from typing import Any

from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.job import Produced, note_tick, run_once
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from cohorts.alert.ladder_workflow import climb, ring
from cohorts.alert.models import Alert, AlertState
from cohorts.alert.workflow import SCAN, record_call, scan
from cohorts.campaign.models import Campaign, UnitReturn
from cohorts.indicator.workflow import record_resolution
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

    # A contradicted nil return that nobody settled: raised eight working days ago, it has climbed to the section.
    scan(on=add_working_days(today, -8), at=at(8, 8))
    contradicted = Alert.objects.standing().get(organizer__code="zzb", rule="nil_return_contradicted")
    head = users[f"head-{contradicted.unit.code}"]
    for back in range(7, 0, -1):
        climb(on=add_working_days(today, -back), at=at(back, 8))
        if back == 6:
            ring(
                contradicted,
                by=clerk,
                number=1,
                reached=texts["ladder_reached"],
                answer=texts["ladder_answer"],
                at=at(6, 10),
            )
        if back == 4:
            move(contradicted, "heed", by=head, at=at(4, 11), note=texts["ladder_note"])
    # For a day nobody held the leader's role: cases stood still, and the alerts closed themselves the day after.
    leaders = RoleAssignment.objects.filter(role=Role.LEADER, end__isnull=True)
    vacant = list(leaders.values_list("pk", flat=True))
    leaders.update(end=add_working_days(today, -3))
    scan(on=add_working_days(today, -3), at=at(3, 8))
    RoleAssignment.objects.filter(pk__in=vacant).update(end=None)
    scan(on=add_working_days(today, -2), at=at(2, 8))
    fresh = Alert.objects.filter(organizer__code="zzb", state=AlertState.OPEN).order_by("pk")
    stuck, settled = fresh.filter(rule="case_stuck")[:2]
    move(settled, "acknowledge", by=clerk, at=at(2, 9))
    move(settled, "resolve", by=clerk, at=at(1, 15), note=texts["resolved_note"])
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
    since = dt.date(today.year - 1, 1, 1)
    record_resolution(
        by=admin,
        number=texts["resolution"] % since.year,
        decided_on=since,
        valid_from=since,
        extract=texts["resolution_extract"],
    )
    campaign = (
        Campaign.objects.filter(year=2018).select_related("edition").first()
        or Campaign.objects.select_related("edition").first()
    )
    make_export(by=admin, filters=filters_for(admin, campaign, {}), compare=False, format=Format.XLSX)
    users["chief"].acting_as(Role.CHIEF)
