"""The sheet of a panel: per candidate median, spread and scores, the ranking, and what has still to be discussed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from accounts.wording import say
from assessments.evidence.workflow import missing_for
from assessments.panel.models import LEAST, WIDE, Panel, PanelCandidate, PanelScore


@dataclass(frozen=True)
class Figures:
    """What the scores of one round amount to; ``few``: too few for a median that says anything."""

    scores: tuple[int, ...]

    @property
    def few(self) -> bool:
        return len(self.scores) < LEAST

    @property
    def median(self) -> Fraction:
        middle, odd = divmod(len(self.scores), 2)
        if not self.scores:
            return Fraction(0)
        return Fraction(self.scores[middle] if odd else Fraction(self.scores[middle - 1] + self.scores[middle], 2))

    @property
    def mean(self) -> Fraction:
        return Fraction(sum(self.scores), len(self.scores)) if self.scores else Fraction(0)

    @property
    def spread(self) -> int:
        return self.scores[-1] - self.scores[0] if self.scores else 0

    @property
    def median_text(self) -> str:
        return f"{float(self.median):g}"

    @property
    def mean_text(self) -> str:
        return f"{float(self.mean):.2f}"


def figures(scores: Iterable[int]) -> Figures:
    return Figures(tuple(sorted(scores)))


def places(keys: Sequence[tuple[Any, ...]]) -> list[int]:
    """Place of each key, the highest first; equal keys share a place and the next one is left out."""
    return [1 + sum(other > key for other in keys) for key in keys]


@dataclass
class Row:
    """One candidate on the sheet. ``place`` is None with too few scores."""

    candidate: PanelCandidate
    now: Figures
    first: Figures | None = None
    place: int | None = None
    said: list[PanelScore] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def items(self) -> list[Any]:
        return list(self.candidate.items.all())

    @property
    def disagreements(self) -> list[PanelScore]:
        return [score for score in self.said if score.disagreement]

    @property
    def must_discuss(self) -> bool:
        """A wide spread in either round, or a member who disagrees."""
        rounds = [self.now] if self.first is None else [self.first, self.now]
        return bool(self.disagreements) or any(f.spread >= WIDE for f in rounds)

    @property
    def undiscussed(self) -> bool:
        """It has to be talked about and was not, or not since somebody disagreed."""
        said_at = self.candidate.discussed_at
        return self.must_discuss and (
            said_at is None or any(s.disagreed_at and s.disagreed_at > said_at for s in self.disagreements)
        )

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.now.median, self.now.mean, len(self.items))

    def named(self) -> list[PanelScore]:
        """The words of the round that counts, member by member."""
        return [score for score in self.said if score.round == self.candidate.round]


def ranking(panel: Panel, *, without: Iterable[int] = ()) -> list[Row]:
    """The candidates by median, then mean, then number of items; those with too few scores last.

    Empty while members are scoring. ``without``: keys of cadres whom the reader must not find; places are counted
    without them. Four statements however many there are.
    """
    if not panel.is_open:
        return []
    found = panel.candidates.exclude(cadre__in=set(without)).select_related("cadre__unit", "criterion")
    candidates = list(found.prefetch_related("items", "items__statements", "scores__member__cadre"))
    rows = [_row(panel, candidate) for candidate in candidates]
    ranked = [row for row in rows if not row.now.few]
    for row, place in zip(ranked, places([row.key for row in ranked]), strict=True):
        row.place = place
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0))


def gaps(candidate: PanelCandidate, edition: Any) -> list[str]:
    """What the items of a candidate still lack for a nomination, in words."""
    return [
        say(*gap) for gap in missing_for(candidate.criterion, edition, [item.kind for item in candidate.items.all()])
    ]


def _row(panel: Panel, candidate: PanelCandidate) -> Row:
    said = list(candidate.scores.all())
    first, last = ([s.severity for s in said if s.severity and s.round == n] for n in (1, 2))
    again = candidate.round == 2
    return Row(candidate, figures(last if again else first), figures(first) if again else None, said=said,
               missing=gaps(candidate, panel.edition))  # fmt: skip
