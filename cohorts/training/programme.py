"""Programmes as data, and the days on which their phases fall."""

import calendar
import datetime as dt
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import get_language

from accounts.calendar import add_working_days

_FILE = Path(__file__).parent.parent / "data" / "programmes.toml"
_DAY = dt.timedelta(days=1)


class Block(NamedTuple):
    """One block: ``theory`` lasts ``days`` working days, ``practice`` lasts ``months`` calendar months."""

    kind: str
    days: int
    months: int


class Programme(NamedTuple):
    """What a class goes through, in order."""

    code: str
    title_zh: str
    title_en: str
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class Planned(NamedTuple):
    """One phase of a class: ``starts_on`` and ``ends_on`` both belong to it."""

    order: int
    kind: str
    starts_on: dt.date
    ends_on: dt.date


@lru_cache
def programmes() -> dict[str, Programme]:
    """The programmes of ``data/programmes.toml`` by code."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["programme"]
    return {
        row["code"]: Programme(
            row["code"], row["title_zh"], row["title_en"],
            tuple(Block(block["kind"], block.get("days", 0), block.get("months", 0)) for block in row["blocks"]),
        )
        for row in rows
    }  # fmt: skip


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def plan_phases(programme: Programme, starts_on: dt.date) -> list[Planned]:
    """The phases from a first day, which must be a working day, without gap or overlap.

    A theory block begins and ends on a working day. Practice follows the next day and lasts its calendar months, and
    then until the day before the next theory block, so that a weekend between the two belongs to the practice.
    """
    if add_working_days(starts_on - _DAY, 1) != starts_on:
        raise ValueError("A class begins on a working day.")
    plan: list[Planned] = []
    day = starts_on
    for order, block in enumerate(programme.blocks, start=1):
        following = programme.blocks[order].kind if order < len(programme.blocks) else ""
        if block.kind == "theory":
            last = add_working_days(day, block.days - 1)
        else:
            last = months_later(day, block.months) - _DAY
            if following == "theory":
                last = add_working_days(last, 1) - _DAY
        plan.append(Planned(order, block.kind, day, last))
        day = last + _DAY
    return plan
