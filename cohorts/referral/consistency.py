"""How far those who verify and those who decide agree on a criterion, and two who verify the same case without knowing of
each other; how often a decision is overturned, who uses it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from assessments.criteria.models import Criterion, Edition
from cohorts.referral.meeting import MeetingItem, Result
from cohorts.referral.models import Finding, Referral, State
from cohorts.referral.second import SecondCheck, SecondFinding, first_word

# A criterion goes on the agenda when a fifth or more of at least so many words on it did not hold.
FEWEST, LIMIT_PERCENT = 5, 20


@dataclass
class Line:
    """One criterion: nominations that use it, findings on it, what became of the cases in which it was upheld, and how many
    of the drawn ones have a second word that says the same."""

    criterion: Criterion
    used: int = 0
    checked: int = 0
    upheld: int = 0
    decided: int = 0
    released: int = 0
    overturned: int = 0
    drawn: int = 0
    seconded: int = 0
    same: int = 0
    by_unit: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def agreed(self) -> int:
        """Upheld by the team, and the meeting confirmed the case."""
        return self.decided - self.released

    @property
    def agreed_percent(self) -> int:
        return round(100 * self.agreed / self.decided) if self.decided else 0

    @property
    def overturned_percent(self) -> int:
        return round(100 * self.overturned / self.agreed) if self.agreed else 0

    @property
    def units(self) -> list[tuple[str, int]]:
        """Most nominations first."""
        return sorted(self.by_unit.items(), key=lambda entry: (-entry[1], entry[0]))

    @property
    def same_percent(self) -> int:
        return round(100 * self.same / self.seconded) if self.seconded else 0

    @property
    def different(self) -> int:
        """Second words that differ from the first."""
        return self.seconded - self.same

    @property
    def on_the_agenda(self) -> bool:
        """What was released or overturned afterwards did not hold; a second word that differs puts the first in doubt."""
        return _too_many(self.released + self.overturned, self.decided) or _too_many(self.different, self.seconded)


def _too_many(fell: int, words: int) -> bool:
    return words >= FEWEST and 100 * fell >= LIMIT_PERCENT * words


def lines_of(edition: Edition, user: Any) -> list[Line]:
    """Over the cases that this person may know of; two statements, whatever their number.

    Decided: a meeting released the case, or confirmed it for good; a case on its way through two meetings is not. A case
    rests on several criteria at times, and a meeting decides on the case: its word counts for each that was upheld.
    """
    lines = {criterion.pk: Line(criterion) for criterion in edition.criteria.all()}
    finding = Finding.objects.filter(referral=OuterRef("referral"), criterion=OuterRef("criterion")).values("upheld")[
        :1
    ]
    agreed = MeetingItem.objects.filter(referral=OuterRef("referral"), result=Result.AGREED)
    cases = Referral.objects.visible_to(user).counted().filter(campaign__edition=edition)
    checks = SecondCheck.objects.filter(referral=OuterRef("referral"))
    second = SecondFinding.objects.filter(second__referral=OuterRef("referral"), criterion=OuterRef("criterion"))
    rows = Referral.criteria.through.objects.filter(referral__in=cases).annotate(
        finding=Subquery(finding), was_agreed=Exists(agreed), was_drawn=Exists(checks),
        first=first_word("referral", "criterion"), second=Subquery(second.values("upheld")[:1]),
    )  # fmt: skip
    both = Q(first__isnull=False, second__isnull=False)
    upheld, released = Q(finding=True), Q(referral__state=State.RELEASED)
    confirmed = Q(was_agreed=True) & ~Q(referral__state=State.NOTIFIED) & ~released
    found: Any = rows.order_by().values("criterion", "referral__unit__name").annotate(
        used=Count("pk"), checked=Count("pk", filter=Q(finding__isnull=False)), upheld=Count("pk", filter=upheld),
        decided=Count("pk", filter=upheld & (confirmed | released)), released=Count("pk", filter=upheld & released),
        overturned=Count("pk", filter=upheld & confirmed & Q(referral__state=State.OVERTURNED)),
        drawn=Count("pk", filter=Q(was_drawn=True)), seconded=Count("pk", filter=both), same=Count("pk", filter=both & Q(first=F("second"))),
    )  # fmt: skip
    figures = ("used", "checked", "upheld", "decided", "released", "overturned", "drawn", "seconded", "same")
    for row in found:
        line = lines.get(row["criterion"])
        if line is None:
            continue
        line.by_unit[row["referral__unit__name"]] += row["used"]
        for name in figures:
            setattr(line, name, getattr(line, name) + row[name])
    return list(lines.values())
