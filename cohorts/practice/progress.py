"""The weeks of a placement: what is expected, what was written, what the supervisor said."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.setting.models import setting
from cohorts.practice.models import LogEntry, Placement, Rating, SignOff, monday

WEEK = dt.timedelta(days=7)


def weeks(starts_on: dt.date, ends_on: dt.date | None, today: dt.date) -> list[dt.date]:
    """The Mondays of the weeks that have begun, the present one included."""
    last = min(ends_on or today, today)
    return [
        monday(starts_on) + n * WEEK for n in range((monday(last) - monday(starts_on)).days // 7 + 1)
    ]  # none before the first day: the range is empty then


def is_over(week: dt.date, ends_on: dt.date | None, today: dt.date) -> bool:
    """Whether a week's entry is expected to be there: its last day in the placement has passed."""
    sunday = week + dt.timedelta(days=6)
    return min(sunday, ends_on or sunday) < today


@dataclass
class Week:
    """One week of one placement."""

    monday: dt.date
    over: bool
    wanted: int
    sheet: str
    entries: list[LogEntry] = field(default_factory=list)
    sign_off: SignOff | None = None

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def covered(self) -> bool:
        return len(self.entries) >= self.wanted

    @property
    def state(self) -> str:
        """``signed``, ``question``, ``waiting`` (for the supervisor), ``missing``, or ``open`` (this week)."""
        if not self.entries:
            return "missing" if self.over else "open"
        word = self.sign_off
        if word is None or max(entry.entered_at for entry in self.entries) > word.signed_at:
            return "waiting"
        return "signed" if word.agreed else "question"


@dataclass
class Progress:
    """Where a placement stands; ``weeks`` the latest first."""

    placement: Placement
    weeks: list[Week]
    rating: Rating | None
    today: dt.date

    @property
    def entries(self) -> int:
        return sum(len(week.entries) for week in self.weeks)

    @property
    def expected(self) -> int:
        return sum(week.over for week in self.weeks)

    @property
    def covered(self) -> int:
        """Weeks that are over and have what was expected of them."""
        return sum(week.over and week.covered for week in self.weeks)

    @property
    def waiting(self) -> list[Week]:
        return [week for week in self.weeks if week.state == "waiting"]

    @property
    def questions(self) -> list[Week]:
        return [week for week in self.weeks if week.state == "question"]

    @property
    def this_week(self) -> Week | None:
        return next((week for week in self.weeks if week.monday == monday(self.today)), None)

    @property
    def over(self) -> bool:
        return self.placement.ends_on is not None and self.placement.ends_on < self.today

    @property
    def days_left(self) -> int | None:
        """Calendar days after today up to the last day; None without a last day or before and after the placement."""
        last = self.placement.ends_on
        return (last - self.today).days if last and self.placement.starts_on <= self.today <= last else None

    @property
    def may_rate(self) -> bool:
        return self.placement.ends_on is not None and self.placement.ends_on <= self.today


def progress_of(placements: Iterable[Placement], today: dt.date) -> dict[int, Progress]:
    """By key of the placement, in four statements whatever their number."""
    placements = list(placements)
    keys, wanted = [p.pk for p in placements], setting("practice_logs_per_week", today)
    entries: dict[tuple[int, dt.date], list[LogEntry]] = defaultdict(list)
    for entry in LogEntry.objects.filter(placement__in=keys).current().select_related("entered_by__cadre", "photo"):
        entries[entry.placement_id, monday(entry.day)].append(entry)
    words = {
        (s.placement_id, s.monday): s for s in SignOff.objects.filter(placement__in=keys).order_by("signed_at", "pk")
    }
    ratings = {r.placement_id: r for r in Rating.objects.filter(placement__in=keys).order_by("rated_at", "pk")}
    return {
        p.pk: Progress(p, _weeks_of(p, today, wanted, entries, words), ratings.get(p.pk), today) for p in placements
    }


def _weeks_of(placement: Placement, today: dt.date, wanted: int, entries: Any, words: Any) -> list[Week]:
    written = {week for key, week in entries if key == placement.pk}
    found = sorted({*weeks(placement.starts_on, placement.ends_on, today), *written}, reverse=True)
    return [
        Week(week, is_over(week, placement.ends_on, today), wanted, placement.sheet_number(week),
             entries.get((placement.pk, week), []), words.get((placement.pk, week)))
        for week in found
    ]  # fmt: skip
