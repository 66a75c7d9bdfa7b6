"""What a section of the cohort report is, and the table that page, XLSX and CSV all show."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.wording import say
from cohorts.procedure.narrow import FIGURES

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """``code`` is the key in a row and, with ``column.<code>``, the heading. ``opens``: cases, returns or "" (no rows).

    ``compares``: whether a difference to the campaign before says anything.
    """

    code: str
    opens: str = ""
    number: bool = True
    compares: bool = True

    @property
    def label(self) -> str:
        return say(f"column.{self.code}")


@dataclass(frozen=True)
class Section:
    """``rows(filters)`` gives one dict per row in a constant number of statements.

    A row holds a value per column, ``key`` (the same in every campaign, for the comparison) and ``query`` (what narrows
    the list behind its figures). ``totals`` is False where rows overlap and a sum would count twice.
    """

    code: str
    title: str | Promise
    columns: tuple[Column, ...]
    rows: Callable[[Any], list[Row]]
    totals: bool = True


@dataclass(frozen=True)
class Cell:
    value: Any
    number: bool
    url: str = ""
    difference: bool = False


@dataclass(frozen=True)
class Table:
    """A section with its figures: headings, lines of cells, and the last line with the sums."""

    code: str
    title: str
    columns: list[tuple[str, bool]]
    lines: list[list[Cell]]
    totals: list[Cell]

    @property
    def values(self) -> list[list[Any]]:
        return [[cell.value for cell in line] for line in self.lines]


def _url(column: Column, row: Row, filters: Any) -> str:
    """The list behind a figure, narrowed like the report and to this row; "" where there is none for this reader."""
    if not column.opens or not row[column.code] or not filters.may_open(column.opens):
        return ""
    own = {**row.get("query", {}), **row.get("queries", {}).get(column.code, {})}
    query = {**filters.query, "figure": column.code, **own}
    return f"/{column.opens}/?{urlencode(query)}" if query["figure"] in FIGURES else ""


def _difference(column: Column, row: Row, before: Row | None) -> int | None:
    value, other = row.get(column.code), (before or {}).get(column.code, 0)
    return value - (other or 0) if isinstance(value, int) else None


def _sums(section: Section, rows: list[Row]) -> Row:
    return {c.code: sum(row[c.code] or 0 for row in rows) for c in section.columns if c.number}


def _line(section: Section, row: Row, filters: Any, before: Row | None) -> list[Cell]:
    """A cell per column; with ``before`` a difference beside each figure."""
    line = []
    for column in section.columns:
        value = row[column.code] if column.number else str(row[column.code])
        line.append(Cell(value, column.number, _url(column, row, filters)))
        if before is not None and column.number and column.compares:
            line.append(Cell(_difference(column, row, before), True, difference=True))
    return line


def build(section: Section, filters: Any, before: Any = None) -> Table:
    """The table of a section; ``before`` are the filters on the campaign before, for a column of differences each."""
    rows = section.rows(filters)
    earlier = {row["key"]: row for row in section.rows(before)} if before else {}
    sums, here = _sums(section, rows), {row["key"] for row in rows}
    # A row of the campaign before that has no counterpart now stands with zeros, so that the differences add up.
    rows += [{**row, **dict.fromkeys(sums, 0)} for key, row in earlier.items() if key not in here]
    headings = []
    for column in section.columns:
        headings.append((column.label, column.number))
        if before and column.number and column.compares:
            headings.append((_("± before"), True))
    lines = [_line(section, row, filters, earlier.get(row["key"], {}) if before else None) for row in rows]
    totals: list[Cell] = []
    if section.totals:
        words = {c.code: "" for c in section.columns if not c.number} | {section.columns[0].code: _("Total")}
        total_before = _sums(section, list(earlier.values())) if before else None
        totals = _line(section, {**words, **sums}, filters, total_before)
    return Table(section.code, str(section.title), headings, lines, totals)
