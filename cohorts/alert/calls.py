"""The call list: units with a return due, missing or sent back, and whom to ring (PRACTICE 24)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.permissions import Role
from accounts.wording import say
from cohorts.alert.return_rules import due_until
from cohorts.alert.workflow import people_over
from cohorts.campaign.models import ReturnState, UnitReturn


@dataclass(frozen=True)
class Line:
    """One unit to call: its return, the people, why, and the calls so far."""

    row: Any
    why: str
    people: list[tuple[str, Any]]
    phone: str
    calls: list[Any]

    @property
    def reason(self) -> str:
        return say(f"call.{self.why}")

    @property
    def reminder(self) -> str:
        """Text for a message on any channel: no name and no case in it (PRACTICE 24)."""
        return say(f"call.text.{self.why}", {"due": self.row.round.closes_on.isoformat()})


def to_call(user: Any, on: dt.date) -> Any:
    """Outstanding returns within the reader's scope that are due, missing or sent back; the most urgent first."""
    rows = UnitReturn.objects.visible_to(user).outstanding()
    rows = rows.filter(round__opens_on__lte=on, round__concluded_on__isnull=True)
    soon = Q(round__closes_on__lte=due_until(on)) | Q(state=ReturnState.SENT_BACK)
    return rows.filter(soon).order_by("round__closes_on", "unit__path")


def _why(row: Any, on: dt.date) -> str:
    if row.state == ReturnState.SENT_BACK:
        return "sent_back"
    return "missing" if row.round.closes_on < on else "due"


def lines(user: Any, on: dt.date) -> list[Line]:
    """The list in a constant number of statements."""
    rows = list(to_call(user, on).select_related("unit", "round__campaign").prefetch_related("calls__called_by__cadre"))
    people = people_over({row.unit_id for row in rows}, [Role.LIAISON, Role.UNIT_HEAD], on)
    return [
        Line(row, _why(row, on), sorted(people[row.unit_id], key=lambda held: held[0] != Role.LIAISON),
             getattr(row.unit, "phone", ""), list(row.calls.all()))
        for row in rows
    ]  # fmt: skip
