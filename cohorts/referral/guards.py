"""Guards that ask about drafts, sheets, teams and their reports."""

from typing import Any

from accounts.setting.models import setting
from accounts.wording import Refusal, refuse
from cohorts.referral.models import Origin
from cohorts.referral.recusal import kept_from_heads
from cohorts.referral.workflow import may_verify


def head_is_recused(act: Any) -> Refusal | None:
    """The deputy signs a name only where every head of the unit is recused from it."""
    kept = act.row.origin == Origin.UNIT and act.row.cadre_id in kept_from_heads(act.row.unit, act.day)
    return None if kept else refuse("head_nominates")


def unit_met(act: Any) -> Refusal | None:
    """The unit's meeting stands on the return, whoever signs the name."""
    row = act.row.unit_return
    return None if row and row.meeting_on else refuse("no_unit_meeting")


def signed_properly(act: Any) -> Refusal | None:
    """On paper: the signed sheet with the number that the system printed; or the password entered again, where the county allows."""
    if act.data.get("password_entered"):
        return None
    if not act.data.get("sheet"):
        return refuse("no_signature")
    if act.data.get("sheet_number", "").strip().upper() == act.row.sheet_number:
        return None
    return refuse("sheet_number", number=act.row.sheet_number)


def own_day_to_come(act: Any) -> Refusal | None:
    """A name that is sent back may be given a day of its own, not one that is over."""
    until = act.data.get("until")
    return refuse("past_day") if until and until < act.day else None


def on_the_team(act: Any) -> Refusal | None:
    """Only the batch's running team verifies; none of them nominated, or is barred (Civil Servants Law Art. 76).

    A case that comes back to a team that has ended needs another one.
    """
    team = act.row.team
    if team is None or team.ended_on:
        return refuse("no_team")
    members = list(team.members.all())
    if act.by.pk not in {member.pk for member in members}:
        return refuse("not_on_team")
    return refuse("team_barred") if not all(may_verify(act.row, member) for member in members) else None


def talks_held(act: Any) -> Refusal | None:
    """Talks with three people or more (county setting), each with name, office and day (PRACTICE 5)."""
    talks = [talk for talk in act.data.get("talks", []) if talk["who"].strip() and talk["on"]]
    least = setting("talks", act.day)
    if len({talk["who"].strip() for talk in talks}) < least:
        return refuse("few_talks", n=least)
    return refuse("future_day") if any(talk["on"] > act.day for talk in talks) else None


def report_stated(act: Any) -> Refusal | None:
    """One report that every member of the team signed: its number, and the paper or its text."""
    data = act.data
    paper = data.get("report_file") or str(data.get("report_text", "")).strip()
    return None if paper and str(data.get("report_number", "")).strip() else refuse("no_report")
