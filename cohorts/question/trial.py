"""What a draft edition would have meant in a campaign: the same functions, the other rule, nothing written.

Both sides are reckoned anew from the record, so that they differ by the rule only. An answer that a unit gave, and that was
accepted or still waits, counts on both sides; what a unit was never asked it could not answer, and stands as open.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Prefetch, Q

from accounts.calendar import add_working_days
from accounts.people.models import barred_cadres
from accounts.setting.models import setting
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.meets import who_meets
from assessments.evidence.workflow import missing_for
from cohorts.campaign.models import Campaign, Round, UnitReturn
from cohorts.question.counts import answering, counted, is_flagged, named, weaker_editions
from cohorts.question.models import SETTLED, WAITING, UnitQuestion
from cohorts.question.workflow import asked_unit, asked_units, protected, reach_of
from cohorts.referral.models import OPEN, CaseEvidence, Referral

DAY = dt.timedelta(days=1)
# Shares of open questions beside the draft's own, to see what another value would do.
FRACTIONS = (0.15, 0.2, 0.25, 0.33, 0.5)


@dataclass
class UnitLine:
    """One unit in one round: how many it named that count, and who would be open by the old and by the new rule."""

    unit: Any
    round: Round
    nominated: int = 0
    before: set[int] = field(default_factory=set)
    after: set[int] = field(default_factory=set)
    flagged_before: bool = False
    flagged_after: bool = False

    @property
    def changes(self) -> bool:
        return self.before != self.after or self.flagged_before != self.flagged_after


@dataclass
class CriterionLine:
    """How many people's records met a criterion by the old and by the new rule; None where an edition has it not."""

    code: str
    title: str
    before: int | None = None
    after: int | None = None


@dataclass
class Trial:
    """The draft in one campaign; ``base`` is the edition by which the campaign was run."""

    draft: Edition
    base: Edition
    rounds: list[Round]
    lines: list[UnitLine] = field(default_factory=list)
    criteria: list[CriterionLine] = field(default_factory=list)
    nominations: int = 0
    # Of the nominations: those whose items the draft would not let pass, and those on a criterion that it has not.
    lacking: int = 0
    without: int = 0

    @property
    def more(self) -> list[UnitLine]:
        """Units that only the draft flags."""
        return [line for line in self.lines if line.flagged_after and not line.flagged_before]

    @property
    def fewer(self) -> list[UnitLine]:
        return [line for line in self.lines if line.flagged_before and not line.flagged_after]

    @property
    def changed(self) -> list[UnitLine]:
        """Lines to show: whatever differs, and who is flagged either way; the newly flagged first."""
        shown = [line for line in self.lines if line.changes or line.flagged_before or line.flagged_after]
        return sorted(shown, key=lambda line: (line.flagged_after == line.flagged_before, not line.flagged_after))

    @property
    def flagged_before(self) -> int:
        return sum(line.flagged_before for line in self.lines)

    def _asked_by(self, side: str) -> set[int]:
        return set().union(*(getattr(line, side) for line in self.lines))

    @property
    def asked_more(self) -> int:
        """People about whom a unit would be asked by the draft only; whoever stands in two rounds is one."""
        return len(self._asked_by("after") - self._asked_by("before"))

    @property
    def asked_fewer(self) -> int:
        return len(self._asked_by("before") - self._asked_by("after"))

    @property
    def fractions(self) -> list[tuple[int, int, bool]]:
        """(share in per cent, units that it would flag, whether it is the draft's), by the draft's questions."""
        own = self.draft.whole_rule["gap_fraction"]
        return [
            (round(100 * share), sum(is_flagged(len(r.after), r.nominated + len(r.after), share) for r in self.lines), share == own)
            for share in sorted({*FRACTIONS, own})
        ]  # fmt: skip


def _asked(on: dt.date) -> Q:
    """Rounds in which units are asked by now: those that are over, and those with a return on file."""
    return Q(cancelled_on__isnull=True) & (Q(closes_on__lt=on) | Q(pk__in=UnitReturn.objects.on_file().values("round")))


def campaigns_to_try(user: Any, on: dt.date) -> Any:
    """The reader's campaigns with a round in which units are asked, the latest first."""
    rows = Campaign.objects.visible_to(user).filter(pk__in=Round.objects.filter(_asked(on)).values("campaign"))
    return rows.select_related("edition", "organizer").order_by("-opened_on", "-pk")


def try_out(draft: Edition, campaign: Campaign, *, user: Any, on: dt.date) -> Trial:
    """Run a draft on a campaign's rounds, each on the day on which its questions were decided (``on`` at the latest).

    People from whom the reader is barred stand on neither side. The number of statements grows with the rounds only.
    """
    rounds = list(campaign.rounds.filter(_asked(on)).order_by("number"))
    trial = Trial(draft, campaign.edition, rounds)
    barred = barred_cadres(user.cadre_id)
    met: dict[str, dict[str, set[int]]] = {"before": defaultdict(set), "after": defaultdict(set)}
    for round_ in rounds:
        round_.campaign = campaign
        trial.lines += _lines(round_, draft, barred, on, met)
    trial.criteria = _criteria(trial, met)
    _nominations(trial, campaign, barred)
    return trial


def _decided_on(round_: Round, on: dt.date) -> dt.date:
    """The first day after the day of the answer."""
    last = round_.questions.aggregate(last=Max("due_on"))["last"]
    asked_on = round_.closes_on + DAY
    return min(on, (last or add_working_days(asked_on, setting("question_days", asked_on))) + DAY)


def _lines(
    round_: Round, draft: Edition, barred: set[int], on: dt.date, met: dict[str, dict[str, set[int]]]
) -> list[UnitLine]:
    """The units of a round; ``met`` collects who met which criterion by either rule."""
    day, campaign = _decided_on(round_, on), round_.campaign
    units = asked_units(round_, day)
    lines = {unit.pk: UnitLine(unit, round_) for unit in units.values()}
    for key, count in _nominated(round_, barred):
        if key in lines:
            lines[key].nominated = count
    done, answered = _needs_no_question(campaign, day), _answered(campaign)
    found: list[tuple[str, UnitLine, int]] = []
    for side, edition in (("before", campaign.edition), ("after", draft)):
        for row in who_meets(reach_of(round_), edition, day):
            unit, cadre, code = asked_unit(row.cadre, units), row.cadre.pk, row.criterion.code
            if unit is None or cadre in barred:
                continue
            met[side][code].add(cadre)
            if cadre not in done and (cadre, code) not in answered:
                found.append((side, lines[unit.pk], cadre))
    away = protected((cadre for _side, _line, cadre in found), day - DAY)
    for side, line, cadre in found:
        if cadre not in away:
            getattr(line, side).add(cadre)
    for line in lines.values():
        line.flagged_before = _flags(line.before, line.nominated, campaign.edition)
        line.flagged_after = _flags(line.after, line.nominated, draft)
    return sorted(lines.values(), key=lambda line: line.unit.path)


def _flags(waiting: set[int], nominated: int, edition: Edition) -> bool:
    return is_flagged(len(waiting), nominated + len(waiting), edition.whole_rule["gap_fraction"])


def _nominated(round_: Round, barred: set[int]) -> Any:
    """(unit, people named that count in K)."""
    cases = counted(Referral.objects.filter(unit_return__round=round_), weaker_editions([round_])).exclude(
        cadre__in=barred
    )
    return cases.order_by().values_list("unit_return__unit").annotate(n=Count("cadre", distinct=True))


def _needs_no_question(campaign: Campaign, day: dt.date) -> set[int]:
    """Named in the campaign by their unit, or in a case that was open on the day."""
    own = answering(Referral.objects.filter(campaign=campaign))
    open_then = Q(state__in=OPEN) | Q(state_since__date__gt=day)
    other = named(Referral.objects.exclude(campaign=campaign)).filter(open_then, nominated_at__date__lte=day)
    return set((own | other).order_by().values_list("cadre", flat=True))


def _answered(campaign: Campaign) -> set[tuple[int, str]]:
    """(cadre, code) about which the unit gave an answer that was accepted, or that nobody has decided yet."""
    rows = UnitQuestion.objects.filter(round__campaign=campaign, state__in=[*SETTLED, *WAITING])
    return set(rows.order_by().values_list("cadre", "criterion__code"))


def _criteria(trial: Trial, met: dict[str, dict[str, set[int]]]) -> list[CriterionLine]:
    """Criteria that somebody's record meets by either rule, and those that only one edition has."""
    lines: dict[str, CriterionLine] = {}
    for side, edition in (("before", trial.base), ("after", trial.draft)):
        for row in edition.criteria.all():
            line = lines.setdefault(row.code, CriterionLine(row.code, row.title))
            setattr(line, side, len(met[side][row.code]))
    return sorted(
        (line for line in lines.values() if line.before or line.after or None in (line.before, line.after)),
        key=lambda line: line.code,
    )


def _nominations(trial: Trial, campaign: Campaign, barred: set[int]) -> None:
    """How many of the campaign's nominations the draft would have let pass; a case's items count for all its criteria."""
    links = Prefetch("evidence_links", CaseEvidence.objects.select_related("evidence"))
    cases = named(Referral.objects.filter(campaign=campaign)).exclude(cadre__in=barred)
    by_code: dict[str, Criterion] = {row.code: row for row in trial.draft.criteria.all()}
    for case in cases.prefetch_related("criteria", links):
        trial.nominations += 1
        codes = [row.code for row in case.criteria.all()]
        kinds = [link.evidence.kind for link in case.evidence_links.all()]
        if not set(codes) <= set(by_code):
            trial.without += 1
        elif any(missing_for(by_code[code], trial.draft, kinds) for code in codes):
            trial.lacking += 1
