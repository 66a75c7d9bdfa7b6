"""One table for the head of a unit, without a formula: who, who is explained, who remains, who is still open."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from cohorts.campaign.models import UnitReturn
from cohorts.question.counts import answering, counted, weaker_editions
from cohorts.question.models import SETTLED, UNANSWERED, UnitQuestion
from cohorts.referral.models import Referral


@dataclass
class Line:
    """One person: the questions about him, and the case that names him."""

    cadre: Any
    questions: list[UnitQuestion] = field(default_factory=list)
    case: Referral | None = None
    # Whether the reader may open the case.
    may_open: bool = False

    def stands(self, *states: str) -> bool:
        return any(question.state in states for question in self.questions)


@dataclass
class Table:
    """The people of one return, each in exactly one part; ``open`` is G, ``remaining`` is K."""

    unit_return: UnitReturn
    nominated: list[Line] = field(default_factory=list)
    uncounted: list[Line] = field(default_factory=list)
    open: list[Line] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    explained: list[Line] = field(default_factory=list)
    on: dt.date | None = None

    @property
    def everybody(self) -> list[Line]:
        lines = [*self.nominated, *self.uncounted, *self.open, *self.waiting, *self.explained]
        return sorted(lines, key=lambda line: (line.cadre.pinyin, line.cadre.pk))

    @property
    def remaining(self) -> list[Line]:
        lines = [*self.nominated, *self.open]
        return sorted(lines, key=lambda line: (line.cadre.pinyin, line.cadre.pk))

    @property
    def due_on(self) -> dt.date | None:
        """The last day of an answer that is still open."""
        days = [question.due_on for line in self.open for question in line.questions if question.state in UNANSWERED]
        return max(days, default=None)

    @property
    def is_over(self) -> bool:
        return self.due_on is not None and self.on is not None and self.due_on < self.on


def table_of(unit_return: UnitReturn, user: Any, on: dt.date) -> Table:
    """The table as this reader may know of it: nobody from whom he is barred stands in it, and nobody is counted."""
    questions = UnitQuestion.objects.visible_to(user).filter(round=unit_return.round_id, unit=unit_return.unit_id)
    lines: dict[int, Line] = {}
    for question in questions.select_related(
        "cadre__unit", "criterion", "disputed", "decided_by__cadre", "round__campaign"
    ).prefetch_related("items"):
        lines.setdefault(question.cadre_id, Line(question.cadre)).questions.append(question)
    readable = set(Referral.objects.visible_to(user).filter(unit_return=unit_return).values_list("pk", flat=True))
    cases = Referral.objects.filter(unit_return=unit_return).unbarred_for(user)
    elsewhere = Referral.objects.filter(campaign=unit_return.round.campaign_id, cadre__in=lines).unbarred_for(user)
    counting = set(counted(cases, weaker_editions([unit_return.round_id])).values_list("pk", flat=True))
    for case in answering(cases | elsewhere).select_related("cadre__unit", "campaign").order_by("pk"):
        line = lines.setdefault(case.cadre_id, Line(case.cadre))
        line.case, line.may_open = case, case.pk in readable
    table = Table(unit_return, on=on)
    for line in lines.values():
        _part(table, line, counting).append(line)
    for part in (table.nominated, table.uncounted, table.open, table.waiting, table.explained):
        part.sort(key=lambda line: (line.cadre.pinyin, line.cadre.pk))
    return table


def _part(table: Table, line: Line, counting: set[int]) -> list[Line]:
    if line.case is not None:
        return table.nominated if line.case.pk in counting else table.uncounted
    if line.stands(*UNANSWERED):
        return table.open
    return table.explained if all(question.state in SETTLED for question in line.questions) else table.waiting
