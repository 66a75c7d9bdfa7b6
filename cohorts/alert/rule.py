"""What a rule of the registry is, and what it finds."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from accounts.trail.models import subject_key
from accounts.wording import say


class Severity(IntEnum):
    """How soon somebody should look: worst first on every page."""

    NOTE = 1
    WEEK = 2
    TODAY = 3


@dataclass(frozen=True)
class Found:
    """One cause: the row that it is about, the key of its period, whose it is, and the figures behind it."""

    subject: Any
    period: int
    unit_id: int
    organizer_id: int
    params: dict[str, Any]
    cadre_id: int | None = None

    @property
    def subject_key(self) -> str:
        return "{}:{}".format(*subject_key(self.subject))


def of_return(row: Any, **params: Any) -> Found:
    """A cause in a unit's return; the rows bring unit and round__campaign along."""
    return Found(row, row.round_id, row.unit_id, row.round.campaign.organizer_id, {"unit": row.unit.name, **params})


def of_case(case: Any, subject: Any = None, period: int | None = None, **params: Any) -> Found:
    """A cause in a case; the rows bring campaign along. The case's number stands for the person."""
    facts = {"unit": case.unit_name, "case": case.number, **params}
    campaign = case.campaign
    return Found(
        subject or case, period or campaign.year, case.unit_id, campaign.organizer_id, facts, cadre_id=case.cadre_id
    )


@dataclass(frozen=True)
class Rule:
    """``find`` yields the causes that stand on a day, in a constant number of statements; it reads, it never writes.

    ``period`` names what makes an alert new: round, cohort or year. ``tells_unit`` also tells the unit's head and
    liaison, in the app. ``climbs``: about a unit, so it goes up the ladder until something has happened; the ladder then
    tells people, one level after the other. ``flags``: it flags the unit and counts in its indicator. The sentences are ``rule.<code>`` (its name), ``alert.<code>`` and ``why.alert.<code>``.
    """

    code: str
    period: str
    severity: Severity
    find: Callable[[dt.date], Iterator[Found]]
    tells_unit: bool = False
    climbs: bool = False
    # The page on which the unit acts; the key is that of its return.
    unit_page: str = "/returns/%s/"
    # Says that the unit did not do its duty; every other rule asks for a look.
    flags: bool = False

    @property
    def name(self) -> str:
        return say(f"rule.{self.code}")
