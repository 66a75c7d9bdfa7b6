"""What the month's page shows: the lines with names and places, the best and the deductions."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.people.models import barred_cadres
from assessments.points.models import PointLedger
from assessments.points.rules import LEAST_RANKED, Line
from assessments.points.settlement import open_lines, people_of
from assessments.points.statements import PointStatement


@dataclass
class BoardRow:
    """A line as shown; ``place`` in the group when one is chosen, else in the unit."""

    cadre: Any
    group: str
    line: Line
    place: int | None
    version: int = 1

    @property
    def neutral(self) -> bool:
        return not self.line.present_days


@dataclass
class Board:
    """``hidden``: how many lines this reader does not see (the own one, and those whom a declared relation bars)."""

    rows: list[BoardRow]
    ranked: int
    hidden: int

    @property
    def best(self) -> list[BoardRow]:
        """The first three places, with ties: who deserves commendation."""
        return [row for row in self.rows if row.place and row.place <= 3]

    @property
    def deducted(self) -> list[BoardRow]:
        """Who lost points, the most first."""
        return sorted((row for row in self.rows if row.line.minus < 0), key=lambda row: row.line.minus)

    @property
    def total(self) -> Decimal:
        return sum((row.line.total for row in self.rows), Decimal("0.00"))


def board(ledger: PointLedger, month: dt.date, group: int | None, user: Any) -> Board:
    """A month's board: from the frozen statements, ranked by the database, or from the record as it stands."""
    if month < ledger.open_month:
        found = _settled(ledger, month, group)
    else:
        found = _open(ledger, month, group)
    ranked = sum(row.line.score is not None for row in found)
    barred = barred_cadres(user.cadre_id)
    rows = [row for row in found if row.cadre.pk not in barred]
    rows.sort(key=lambda row: (row.line.score is None, -(row.line.score or 0), row.cadre.pinyin, row.cadre.pk))
    return Board(rows, ranked, len(found) - len(rows))


def _settled(ledger: PointLedger, month: dt.date, group: int | None) -> list[BoardRow]:
    rows: Any = PointStatement.objects.of(ledger, month).current().select_related("cadre").ranked()
    if group:
        rows = rows.filter(group=group)
    found = []
    for row in rows:
        place, ranked = (row.in_group, row.group_ranked) if group else (row.in_unit, row.unit_ranked)
        shown = place if row.score is not None and ranked >= LEAST_RANKED else None
        found.append(BoardRow(row.cadre, ledger.groups[row.group], row.line, shown, row.version))
    return found


def _open(ledger: PointLedger, month: dt.date, group: int | None) -> list[BoardRow]:
    lines = [line for line in open_lines(ledger, month) if not group or line.group == group]
    people = people_of(line.cadre for line in lines)
    return [
        BoardRow(people[line.cadre], ledger.groups[line.group], line, line.group_place if group else line.unit_place)
        for line in lines
    ]
