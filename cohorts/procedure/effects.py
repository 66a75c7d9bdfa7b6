"""Effects of the steps of a case: what is written with the change of state."""

from collections.abc import Iterable
from typing import Any

from accounts.calendar import add_working_days
from accounts.notice.workflow import holders, nearest_holders
from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.setting.models import setting
from accounts.trail.workflow import Entry
from cohorts.penalty.workflow import end_early, end_with_return, extend_penalties, lift_penalties, start_penalties
from cohorts.procedure.guards import protected
from cohorts.procedure.step import Act
from cohorts.referral.models import EndGround, Finding, ReplyPoint, Service, State
from cohorts.referral.recusal import unbarred


def _save(row: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def freeze_snapshot(act: Act) -> None:
    """Name, unit, post, category and level as they were on the day of the nomination."""
    row, cadre = act.row, act.row.cadre
    _save(row, person_name=cadre.name, unit_name=row.unit.name_on(act.day), post=cadre.post, category=cadre.category, level=cadre.level,
          nominated_at=act.at, nominated_by=act.by)  # fmt: skip


def nominated_or_deferred(act: Act) -> str:
    return State.DEFERRED if protected(act) else State.NOMINATED


def stored_state(act: Act) -> str:
    return act.row.deferred_from


def forget_stored_state(act: Act) -> None:
    """Running clocks start anew after a deferral."""
    _save(act.row, deferred_from="")
    if act.row.state == State.NOTIFIED:
        _save(act.row, reply_due=add_working_days(act.day, setting("reply_days", act.day)))


def keep_findings(act: Act) -> None:
    row = act.row
    Finding.objects.filter(referral=row).delete()
    criteria = {c.code: c for c in row.criteria.all()}
    Finding.objects.bulk_create(
        Finding(referral=row, criterion=criteria[f["code"]], upheld=f["upheld"], reason=f["reason"])
        for f in act.data["findings"]
    )
    _save(row, verified_on=act.day, tolerance=act.data["tolerance"], tolerance_reason=act.data["tolerance_reason"])
    keep_verifiers(act)


def keep_verifiers(act: Act) -> None:
    act.row.verified_by.set(act.row.team.members.values_list("cadre", flat=True))


def keep_strike_ground(act: Act) -> None:
    _save(act.row, strike_reason=act.data["ground"], strike_text=act.data["reason"])


def drop_strike_ground(act: Act) -> None:
    _save(act.row, strike_reason="", strike_text="")


def keep_service(act: Act) -> None:
    """The day of service does not count; the clock runs in working days (county setting, default 5)."""
    data = act.data
    Service.objects.create(
        referral=act.row,
        method=data["method"],
        served_on=data["served_on"],
        receipt=data.get("receipt"),
        served_by=act.by,
    )
    _save(act.row, reply_due=add_working_days(data["served_on"], setting("reply_days", data["served_on"])))


def keep_reply(act: Act) -> None:
    points = [point.strip() for point in act.data.get("points", []) if point.strip()]
    ReplyPoint.objects.bulk_create(
        ReplyPoint(referral=act.row, text=point, received_on=act.day, file=act.data.get("file")) for point in points
    )
    if act.data.get("none"):
        _save(act.row, no_reply_on=act.day)
    elif act.data.get("final"):
        _save(act.row, reply_final_on=act.day)


def keep_answers(act: Act) -> None:
    for point in act.row.reply_points.filter(answer=""):
        answer = act.data["answers"].get(str(point.public_id), "").strip()
        if answer:
            ReplyPoint.objects.filter(pk=point.pk, answer="").update(answer=answer, answered_by=act.by)


def keep_admission(act: Act) -> list[Entry]:
    _save(act.row, cohort=act.data["cohort"])
    return start_penalties(act.row, decided_on=act.data["decided_on"], number=act.data["number"])


def penalties_end_with_return(act: Act) -> list[Entry]:
    """A case that ends with its review gives each consequence its end day: from the return, or the end of the service."""
    return end_with_return(act.row, returned_on=act.data.get("returned_on") or act.data["effective_on"])


def penalties_go_on(act: Act) -> list[Entry]:
    """An extended trainee's suspension goes on; what was planned to the end of the class follows the next one."""
    return extend_penalties(act.row)


def penalties_are_lifted(act: Act) -> list[Entry]:
    """Nothing of an overturned case stays in force."""
    return lift_penalties(act.row, on=act.day)


def keep_end_ground(act: Act) -> None:
    """Why a case was discontinued, as a choice that a report can count."""
    _save(act.row, end_ground=act.data.get("ground", EndGround.OTHER))


def end_penalties(act: Act) -> list[Entry]:
    """A case that ends before its return ends what was decided in it."""
    return end_early(act.row, on=act.day)


def reopened_return(act: Act) -> Iterable[tuple[Any, str]]:
    """A case that is sent back reopens its return - not the head's, when it is a name that the head must not know of."""
    unit_return = act.row.unit_return
    if unit_return and unit_return.signed_by and act.row.cadre_id in barred_cadres(unit_return.signed_by.cadre_id):
        return []
    return [(unit_return, "reopen")] if unit_return and unit_return.state in ("filed", "accepted") else []


def clerks(act: Act) -> list[Any]:
    return unbarred(act.row.cadre_id, holders({Role.CLERK, Role.CHIEF}, over=act.row.campaign.organizer, on=act.day))


def leaders(act: Act) -> list[Any]:
    return unbarred(act.row.cadre_id, holders({Role.LEADER}, over=act.row.campaign.organizer, on=act.day))


def head(act: Act) -> list[Any]:
    return unbarred(act.row.cadre_id, nearest_holders({Role.UNIT_HEAD, Role.DEPUTY}, over=act.row.unit, on=act.day))


def person(act: Act) -> list[Any]:
    user = getattr(act.row.cadre, "user", None)
    return [user] if user else []
