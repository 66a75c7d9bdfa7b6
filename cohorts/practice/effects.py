"""What is written with a placement or a step of the village ledger."""

from typing import Any

from accounts.notice.workflow import notify
from cohorts.practice.models import LedgerAction, Placement


def keep_placement(act: Any) -> None:
    """The placement, and its notice to the trainee and to the supervisor."""
    data = act.data
    placement = Placement.objects.create(
        referral=act.row, village=data["village"], supervisor=data["supervisor"].strip(), supervisor_user=data.get("supervisor_user"),
        starts_on=data["starts_on"], ends_on=data.get("ends_on"), goals=data.get("goals", ""), own_town_reason=data.get("own_town_reason", ""),
    )  # fmt: skip
    path, params = placement.get_absolute_url(), {"village": placement.village.name, "day": str(placement.starts_on)}
    notify(_account(act.row.cadre), "placed", path=path, at=act.at, **params)
    supervisors = [placement.supervisor_user] if placement.supervisor_user else []
    notify(supervisors, "trainee_placed", path=path, at=act.at, unit=act.row.unit.name, **params)


def end_placement_with_step(act: Any) -> None:
    """Whoever leaves field practice leaves the village: the last day is not later than the step's."""
    running = [p for p in act.row.placements.all() if p.ends_on is None or p.ends_on > act.day]
    for placement in running:
        placement.ends_on = max(placement.starts_on, act.day)
    Placement.objects.bulk_update(running, ["ends_on"])


def keep_action(act: Any) -> None:
    LedgerAction.objects.create(
        entry=act.row, day=act.data["day"], what=act.data["what"], photo=act.data.get("photo"), entered_by=act.by
    )


def keep_result(act: Any) -> None:
    _save(act.row, result=act.data["result"], result_on=act.data["result_on"], cost=act.data.get("cost"))


def keep_confirmation(act: Any) -> None:
    data = act.data
    _save(act.row, confirmer=data["confirmer"], confirmer_name=data["confirmer_name"].strip(), confirmed_on=data["confirmed_on"],
          paper_number=data.get("paper_number", "").strip(), paper=data.get("paper"))  # fmt: skip


def drop_confirmation(act: Any) -> None:
    """What was confirmed stands in the trail; the entry waits for a new result."""
    _save(act.row, confirmer="", confirmer_name="", confirmed_on=None, paper_number="", paper=None)


def trainee(act: Any) -> list[Any]:
    return _account(act.row.referral.cadre)


def supervisors(act: Any) -> list[Any]:
    """The accounts that supervise this trainee in this village."""
    rows = act.row.referral.placements.filter(village=act.row.village, supervisor_user__isnull=False)
    return [p.supervisor_user for p in rows.select_related("supervisor_user")]


def _account(cadre: Any) -> list[Any]:
    user = getattr(cadre, "user", None)
    return [user] if user else []


def _save(row: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
