"""What a draft of the rules would have meant: the settled months reckoned once more from their entries, and the award.

The same pure functions (``rules``) that settle a month reckon each entry by its own version and by the draft; the
difference is added to the statement as it was frozen. So nothing changes under the rules by which a month was settled,
and what a decision on appeal left of an entry counts in the same part.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import cached_property

from accounts.people.models import barred_cadres
from assessments.points.appeal import PARTLY
from assessments.points.entries import AppealState, EntryKind, PointAppeal, PointEntry
from assessments.points.models import PointLedger
from assessments.points.rules import (
    HOURS,
    POSTS,
    SIDE,
    Line,
    Occurrence,
    Rules,
    cents,
    mistake_points,
    monthly_base,
    next_month,
    settle,
    together,
)
from assessments.points.settlement import Presence, occurrences
from assessments.points.share import Claim, NothingToShare, by_points, shares
from assessments.points.statements import AwardShare, PointStatement, Settlement

# A year is tried: the last twelve settled months.
MONTHS = 12
SIDES = ("base", "plus", "minus")
# Month, cadre, side of the statement.
Place = tuple[dt.date, int, str]


class AwardRow(NamedTuple):
    """What one person was given, and would have been given, in fen; nothing when nobody had points above zero."""

    cadre: Any
    before: int
    after: int | None


class AwardTrial(NamedTuple):
    """The last award shared in these months, and what would have been shared by points of the same pot."""

    share: AwardShare
    shared_after: int
    rows: list[AwardRow]


class TrialRow(NamedTuple):
    """A person's line as settled, under the rules in force (``before``) and under the draft (``after``); ``moved``: in how
    many months the place would be another than under the rules in force.
    """

    cadre: Any
    settled: Line
    before: Line
    after: Line
    moved: int

    @property
    def difference(self) -> Decimal:
        return self.after.total - self.before.total

    @property
    def other_place(self) -> bool:
        return self.after.unit_place != self.before.unit_place


class Trial:
    """A draft beside the rules in force on the last twelve settled months of a ledger; a bounded number of statements,
    nothing is written. Months that were settled by an earlier version are reckoned by the rules in force too, so that
    what is different comes from the draft alone.
    """

    def __init__(self, ledger: PointLedger, figures: Rules) -> None:
        self.ledger, self.figures = ledger, figures
        self.versions = {row.pk: row for row in ledger.versions}
        done = list(ledger.settlements.order_by("-month"))
        self.months = sorted(row.month for row in done[:MONTHS])
        self._share = self._last_share()
        wanted = {*self.months, *(row.month for row in done if self._share and row.month.year == self._share.year)}
        self.settlements: dict[dt.date, Settlement] = {row.month: row for row in done if row.month in wanted}
        if self.months:
            self._read()
            self.present = self._lines(ledger.versions[0].figures) if self.older else self.settled
            self.drafted = self._lines(figures)

    def _last_share(self) -> AwardShare | None:
        row = self.ledger.awards.order_by("-year", "-version").first()
        return row if row and self.months and timezone.localdate(row.shared_at) >= self.months[0] else None

    # Reckoning

    def _read(self) -> None:
        """The frozen statements, what stood behind each base, the entries, and all times of each mistake."""
        found: Any = PointStatement.objects.current().filter(settlement__in=self.settlements.values())
        statements = list(found.select_related("cadre", "settlement"))
        self.people = {row.cadre_id: row.cadre for row in statements}
        self.settled: dict[dt.date, list[Line]] = {month: [] for month in self.settlements}
        for row in statements:
            self.settled[row.settlement.month].append(row.line)
        held = Presence(self.ledger.unit, min(self.settlements), next_month(max(self.settlements)), also=self.people)
        self._bases = [(row, _present(held, row)) for row in statements]
        rows = PointEntry.objects.filter(unit=self.ledger.unit, month__in=list(self.settlements)).with_net().order_by()
        fallen = PointAppeal.objects.filter(state=AppealState.UPHELD).exclude(entry__kind__in=PARTLY).values("entry")
        kinds = (EntryKind.BASE, EntryKind.PROJECT, EntryKind.ROUTINE, EntryKind.WORKED, EntryKind.UNFINISHED)
        entries = list(rows.filter(kind__in=kinds).exclude(pk__in=fallen))
        self._left = {(row.month, row.cadre_id): _left(row) for row in entries if row.kind == EntryKind.BASE}
        self._entries = [row for row in entries if row.kind != EntryKind.BASE]
        self._mistakes: dict[tuple[int, str], list[PointEntry]] = defaultdict(list)
        for entry in PointEntry.objects.filter(unit=self.ledger.unit).standing_mistakes().select_related("rules"):
            self._mistakes[entry.cadre_id, entry.name].append(entry)

    def _lines(self, figures: Rules) -> dict[dt.date, list[Line]]:
        """The lines of each month as other rules would have settled them."""
        added: dict[Place, Decimal] = defaultdict(lambda: Decimal("0.00"))
        for place, points in (*self._of_bases(figures), *self._of_entries(figures), *self._of_mistakes(figures)):
            added[place] += points
        return {
            month: settle([replace(line, **{side: getattr(line, side) + added[month, line.cadre, side] for side in SIDES}) for line in lines])
            for month, lines in self.settled.items()
        }  # fmt: skip

    def _of_bases(self, figures: Rules) -> Iterator[tuple[Place, Decimal]]:
        for row, present in self._bases:
            month, own = row.settlement.month, self.versions[row.settlement.rules_id].figures
            then, now = (monthly_base(rules, month, row.working_days, present) for rules in (figures, own))
            yield (month, row.cadre_id, "base"), cents(Fraction(then - now) * self._left.get((month, row.cadre_id), 1))

    def _of_entries(self, figures: Rules) -> Iterator[tuple[Place, Decimal]]:
        for row in self._entries:
            own = self.versions[row.rules_id].figures
            then, now = (rules.worth(row.kind, row.hours or Decimal(0)) for rules in (figures, own))
            yield (row.month, row.cadre_id, SIDE[row.kind]), cents(Fraction(then - now) * _left(row))

    def _of_mistakes(self, figures: Rules) -> Iterator[tuple[Place, Decimal]]:
        """All times of each mistake count, those outside these months too; a difference stands in the entry's month."""
        for rows in self._mistakes.values():
            now = mistake_points(occurrences(rows))
            then = mistake_points(Occurrence(row.pk, row.day, figures) for row in rows)
            for row in rows:
                yield (row.month, row.cadre_id, SIDE[EntryKind.MISTAKE]), then[row.pk] - now[row.pk]

    # Reading

    def rows(self, month: dt.date | None, user: Any) -> tuple[list[TrialRow], int]:
        """The people whom this reader may see, by place under the draft, and how many lines are hidden from him.

        In one month with its places; without a month over all of them, where equals share a place too.
        """
        settled, present, drafted = (self.lines(lines, month) for lines in (self.settled, self.present, self.drafted))
        barred, moved = barred_cadres(user.cadre_id), self._moved()
        found = [
            TrialRow(self.people[key], line, present[key], drafted[key], moved[key])
            for key, line in settled.items() if key not in barred
        ]  # fmt: skip
        found.sort(key=lambda row: (row.after.unit_place is None, row.after.unit_place or 0, row.cadre.pinyin, row.cadre.pk))  # fmt: skip
        return found, len(settled) - len(found)

    def lines(self, side: Mapping[dt.date, list[Line]], month: dt.date | None) -> dict[int, Line]:
        """One side's lines of a month, or of all months together, by cadre."""
        return {line.cadre: line for line in (side[month] if month else together(side[m] for m in self.months))}

    def _moved(self) -> Counter[int]:
        found = Counter[int]()
        for month in self.months:
            now = {line.cadre: line.unit_place for line in self.present[month]}
            found.update(line.cadre for line in self.drafted[month] if line.unit_place != now[line.cadre])
        return found

    @cached_property
    def award(self) -> AwardTrial | None:
        """The last award that was shared in these months, shared once more by the draft; its pot stays exact."""
        if self._share is None:
            return None
        more: dict[int, Decimal] = defaultdict(lambda: Decimal("0.00"))
        for month in self.settlements:
            if month.year == self._share.year:
                for then, now in zip(self.drafted[month], self.settled[month], strict=True):
                    more[now.cadre] += then.total - now.total
        fen = by_points(self._share.pot_fen, self.figures.share)
        lines = list(self._share.lines.select_related("cadre").order_by())
        claims = [Claim(row.cadre_id, row.points + more[row.cadre_id], (row.cadre.pinyin, row.cadre_id)) for row in lines]  # fmt: skip
        try:
            after = {part.key: part.fen for part in shares(fen, claims)}
        except NothingToShare:
            after = {}
        rows = [AwardRow(row.cadre, row.fen, after.get(row.cadre_id)) for row in lines]
        return AwardTrial(
            self._share, fen, sorted(rows, key=lambda row: (-(row.after or 0), row.cadre.pinyin, row.cadre.pk))
        )

    # What cannot be known

    @property
    def uncounted_hours(self) -> int:
        """How many entries of hours worked in these months the draft counts as nothing, because it goes by grade."""
        rows = [row for row in self._entries if row.kind == EntryKind.WORKED and row.month in self.months]
        return len(rows) if self.figures.mode == POSTS else 0

    @property
    def without_hours(self) -> int:
        """In how many of these months hours beyond the average were not recorded, though the draft would count them."""
        if self.figures.mode != HOURS:
            return 0
        return sum(self.versions[self.settlements[month].rules_id].mode == POSTS for month in self.months)

    @property
    def older(self) -> int:
        """How many of these months were settled by a version before the present one."""
        return sum(self.settlements[month].rules_id != self.ledger.versions[0].pk for month in self.months)


def _present(held: Presence, row: PointStatement) -> Mapping[int, int]:
    """Days present in each grade; where the record of days was changed after settling, the frozen ones in the frozen grade."""
    present = held.present(row.cadre_id, row.settlement.month)
    return present if present.total() == row.present_days else {row.grade: row.present_days}


def _left(entry: Any) -> Fraction:
    """The part of an entry's points that its counter-entries left; of an entry worth nothing, all unless one came to it."""
    if entry.points:
        return Fraction(cents(entry.net)) / Fraction(entry.points)
    return Fraction(not entry.net)
