"""What stops a placement or a step of the village ledger."""

import datetime as dt
from typing import Any

from django.db.models import Q

from accounts.models import RoleAssignment, Unit
from accounts.people.models import UnitKind, barred_cadres
from accounts.permissions import Role
from accounts.wording import Refusal, refuse
from cohorts.practice.models import KEEPING_LEDGER

_FAR = dt.date.max
# Each node of the tree adds seven characters to the path: county, then town or bureau.
_TOWN = 14


def in_own_town(case: Any, village: Unit) -> bool:
    """Whether the village lies in the town to which the trainee's unit belongs."""
    return village.path[:_TOWN] == case.unit.path[:_TOWN]


def placement_fits(act: Any) -> Refusal | None:
    """Village, days, supervisor; nothing overlaps; the own town only with a reason."""
    data, village = act.data, act.data["village"]
    if village.kind != UnitKind.VILLAGE:
        return refuse("not_a_village", unit=village.name)
    if not data["supervisor"].strip():
        return refuse("no_supervisor")
    if in_own_town(act.row, village) and not data.get("own_town_reason", "").strip():
        return refuse("own_town", village=village.name)
    return _days_fit(act) or _supervisor_fits(act)


def _days_fit(act: Any) -> Refusal | None:
    first, last = act.data["starts_on"], act.data.get("ends_on")
    if last and last < first:
        return refuse("placement_days")
    # Only the day of a change belongs to two placements.
    crossing = act.row.placements.filter(starts_on__lt=last or _FAR)
    crossing = crossing.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=first))
    other = crossing.select_related("village").first()
    return refuse("placement_overlaps", village=other.village.name) if other else None


def _supervisor_fits(act: Any) -> Refusal | None:
    """The account, where there is one, supervises over the village and is not barred (Civil Servants Law Art. 76)."""
    user = act.data.get("supervisor_user")
    if user is None:
        return None
    held = RoleAssignment.objects.in_force(act.day).filter(user=user, role=Role.FIELD_SUPERVISOR).select_related("unit")
    if not any(row.unit and act.data["village"].path.startswith(row.unit.path) for row in held):
        return refuse("supervisor_role", name=str(user))
    barred = user.cadre_id is not None and act.row.cadre_id in barred_cadres(user.cadre_id)
    return refuse("supervisor_barred", name=str(user)) if barred else None


def ledger_is_kept(act: Any) -> Refusal | None:
    """The trainee writes while in class, and those who stay go on writing; what stands on paper is entered at any time."""
    if act.by.role.role != Role.CADRE:
        return None
    return None if act.row.referral.state in KEEPING_LEDGER else refuse("ledger_closed")


def action_day(act: Any) -> Refusal | None:
    return _day(act, act.data["day"], act.row.opened_on)


def result_day(act: Any) -> Refusal | None:
    last = act.row.actions.order_by("-day").values_list("day", flat=True).first()
    return _day(act, act.data["result_on"], last or act.row.opened_on)


def confirmation_is_on_paper(act: Any) -> Refusal | None:
    """Who confirmed, on which day, and the signed paper: as an upload or by its number."""
    data = act.data
    if not data["confirmer_name"].strip():
        return refuse("no_confirmer")
    if not data.get("paper") and not data.get("paper_number", "").strip():
        return refuse("no_signed_paper")
    return _day(act, data["confirmed_on"], act.row.result_on)


def _day(act: Any, day: dt.date, earliest: dt.date) -> Refusal | None:
    if day > act.day:
        return refuse("future_day")
    return refuse("before_the_matter", day=earliest.isoformat()) if day < earliest else None
