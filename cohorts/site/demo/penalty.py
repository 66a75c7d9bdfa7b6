"""What the room of consequences needs: lists with payroll, measures to decide, an interview on a unit's record."""

import datetime as dt
import tomllib
from typing import Any

from django.utils import timezone

from accounts.notice.models import Notice
from accounts.notice.workflow import mark_read
from accounts.permissions import Role
from accounts.setting.models import CountySetting
from cohorts.measure.workflow import propose_measure, record_interview
from cohorts.models import Penalty
from cohorts.penalty.payroll import Channel
from cohorts.penalty.workflow import draw_list
from cohorts.procedure.workflow import move
from cohorts.site.demo.county import DATA, County


def build(county: County, users: dict[str, Any], campaign: Any) -> None:
    """The finance bureau has a list to execute, the education bureau's centre executed one with a difference."""
    text = tomllib.loads((DATA / "demo_penalty.toml").read_text(encoding="utf-8"))
    CountySetting.objects.get_or_create(
        key="payroll_channels", start=dt.date(2018, 1, 1), defaults={"value": {"education": ["jtj"]}}
    )
    payroll(county, users, text["payroll"])
    measures(county, users, campaign, text)


def payroll(county: County, users: dict[str, Any], text: dict[str, str]) -> None:
    offices = {}
    for code, account, post in (("czj", "demo-payroll", text["post"]), ("jtj", "payroll-jtj", text["centre_post"])):
        unit = county.units[code]
        cadre = county.person(unit, post, ages=(30, 50))
        offices[code] = county.account(account, cadre, f"{unit.name} {post}", Role.PAYROLL)
    clerk, organizer = users["clerk"], county.units["zzb"]
    suspensions = Penalty.objects.suspensions()

    def hand_over(month: dt.date) -> tuple[dict[str, Any], dt.datetime]:
        # A suspension in whole months begins on a first day; the list is drawn up before the cut-off day.
        day = min(month.replace(day=1) + dt.timedelta(days=4), county.today)
        at = timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
        rows = {channel: draw_list(by=clerk, at=at, organizer=organizer, channel=channel, month=month) for channel in Channel.values}  # fmt: skip
        for row in rows.values():
            move(row, "hand_over", by=clerk, at=at)
        return rows, at + dt.timedelta(hours=2)

    def execute(
        row: Any, office: str, at: dt.datetime, *, remark: str = "", differences: dict[int, str] | None = None
    ) -> None:
        day = timezone.localtime(at).date()
        move(row, "execute", by=offices[office], at=at, executed_on=day, voucher=text["voucher"] % day.month, remark=remark,
             differences=differences or {})  # fmt: skip

    # What earlier years decided has long been executed.
    over = suspensions.filter(end__isnull=False).values_list("start", "end")
    for month in sorted({day for days in over for day in days}):
        rows, at = hand_over(month)
        execute(rows[Channel.FINANCE], "czj", at)
        execute(rows[Channel.EDUCATION], "jtj", at)
    mark_read(Notice.objects.filter(recipient__in=offices.values()))
    rows, at = hand_over(suspensions.filter(end__isnull=True).order_by("start").values_list("start", flat=True)[0])
    differences = {rows[Channel.EDUCATION].lines.get().pk: text["difference"]}
    execute(rows[Channel.EDUCATION], "jtj", at, remark=text["remark"], differences=differences)


def measures(county: County, users: dict[str, Any], campaign: Any, text: dict[str, Any]) -> None:
    held = text["interview"]
    record_interview(
        by=users["clerk"], campaign=campaign, unit=county.units[held["unit"]], person=users[f"head-{held['unit']}"].cadre,
        held_on=county.today, held_by=held["held_by"], reason=held["reason"], agreed=held["agreed"],
    )  # fmt: skip
    for row in text["proposal"]:
        fields = {"commendation": row["commendation"], "commendation_year": county.today.year} if "commendation" in row else {}  # fmt: skip
        propose_measure(
            by=users["chief"], kind=row["kind"], campaign=campaign, unit=county.units[row["unit"]], reason=row["reason"], **fields
        )  # fmt: skip
