"""What is written with a step about sheets, own days, reports and the end of a team."""

from typing import Any

from accounts.calendar import add_working_days
from accounts.setting.models import setting
from accounts.trail.workflow import Entry
from cohorts.referral.models import AT_THE_TEAM, Referral
from cohorts.referral.workflow import close_team


def _save(row: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def keep_sheet(act: Any) -> None:
    """The sheet on which this name alone was signed."""
    _save(act.row, signed_sheet=act.data.get("sheet"))


def keep_own_day(act: Any) -> None:
    """A name that was sent back may come until its own day and is not late."""
    until = act.data.get("until") or add_working_days(act.day, setting("send_back_days", act.day))
    _save(act.row, follow_until=until, follow_reason="")


def keep_report(act: Any) -> None:
    """Talks and report of the verification (PRACTICE 5)."""
    talks = [
        {"who": talk["who"].strip(), "on": talk["on"].isoformat()}
        for talk in act.data["talks"]
        if talk["who"].strip() and talk["on"]
    ]
    _save(act.row, talks=talks, report_number=act.data["report_number"].strip(),
          report_text=act.data.get("report_text", ""), report_file=act.data.get("report_file"))  # fmt: skip


def end_emptied_team(act: Any) -> list[Entry]:
    """A batch ends with the step that leaves none of its cases at the team."""
    team = act.row.team
    if team is None or Referral.objects.filter(team=team, state__in=AT_THE_TEAM).exists():
        return []
    entry = close_team(team, on=act.day)
    return [entry] if entry else []
