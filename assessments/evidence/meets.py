"""Who meets a criterion: from the record alone, for one unit or a whole county, in a bounded number of statements."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch, Q

from accounts.people.models import NOT_NOMINATED, Cadre
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.measures import MEASURES, months_before
from assessments.evidence.models import SUPPORTING, Evidence, EvidenceQuerySet, Kind, Statement
from assessments.evidence.workflow import missing_for


@dataclass
class Standing:
    """How one cadre's record stands to one criterion: the items, and what they still lack for a nomination.

    ``met``: the measurable test was reached, or, where nothing is measured, the items are what the criterion declares.
    """

    cadre: Cadre
    criterion: Criterion
    met: bool
    items: list[Evidence] = field(default_factory=list)
    missing: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def disputed(self) -> bool:
        return any(item.is_disputed for item in self.items)

    @property
    def ready(self) -> bool:
        """Met, and nothing is missing for a nomination."""
        return self.met and not self.missing


def record_of(unit: Any, on: dt.date) -> EvidenceQuerySet:
    """The record of a unit and everything below it as it stood on a day, of people who can be nominated."""
    gone = Q(cadre__left_on__lte=on) | Q(cadre__retires_on__lte=on) | Q(cadre__category__in=NOT_NOMINATED)
    rows = Evidence.objects.known_on(on).counting()
    return rows.filter(cadre__unit__path__startswith=unit.path).exclude(gone).exclude(kind=Kind.OWN_STATEMENT)


def who_meets(unit: Any, edition: Edition, on: dt.date) -> list[Standing]:
    """Cadres of the unit (and below it) whose record meets a criterion of the edition on a day.

    Never from votes alone, never from a day of leave or illness. Knows nothing of cases.
    """
    record, criteria = record_of(unit, on), list(edition.criteria.all())
    reached = _reached(record, criteria, on) | _declared(record, edition, criteria, on)
    return [row for row in _standings(record, edition, criteria, reached, on) if row.met]


def standings(unit: Any, edition: Edition, on: dt.date) -> list[Standing]:
    """Every cadre and criterion with at least one item that speaks to it; those that meet it first."""
    record, criteria = record_of(unit, on), list(edition.criteria.all())
    reached = _reached(record, criteria, on)
    tagged = set(record.filter(criterion__in=[c.code for c in criteria]).order_by().values_list("cadre", "criterion"))
    by_fact: dict[str, str] = {fact: code for code, measure in MEASURES.items() for fact in measure.facts}
    facts = record.exclude(fact="").order_by().values_list("cadre", "fact").distinct()
    begun = tagged | {(cadre, by_fact[fact]) for cadre, fact in facts if fact in by_fact}
    return _standings(record, edition, criteria, reached | begun, on, reached)


def _measured(criterion: Criterion) -> bool:
    return criterion.measurable and criterion.code in MEASURES and bool(criterion.needs.get("threshold"))


def _reached(record: EvidenceQuerySet, criteria: list[Criterion], on: dt.date) -> set[tuple[int, str]]:
    """(cadre, code) that reached a measurable criterion's threshold: one statement per criterion."""
    return {
        (row["cadre"], criterion.code)
        for criterion in criteria if _measured(criterion)
        for row in MEASURES[criterion.code].test(record, criterion.needs["threshold"], on)
    }  # fmt: skip


def _declared(
    record: EvidenceQuerySet, edition: Edition, criteria: list[Criterion], on: dt.date
) -> set[tuple[int, str]]:
    """(cadre, code) with items enough to be looked at, where nothing is measured: one statement."""
    codes = [criterion.code for criterion in criteria if not _measured(criterion)]
    since = months_before(on, edition.whole_rule["months"])
    rows = record.filter(criterion__in=codes, happened_on__gt=since).order_by().values("cadre", "criterion")
    least = edition.whole_rule["min_items"]
    return {(row["cadre"], row["criterion"]) for row in rows.annotate(n=Count("pk")).filter(n__gte=least)}


def _standings(
    record: EvidenceQuerySet, edition: Edition, criteria: list[Criterion], pairs: set[tuple[int, str]], on: dt.date,
    reached: set[tuple[int, str]] | None = None,
) -> list[Standing]:  # fmt: skip
    """The pairs with their items, in one statement (and one for the statements beside the items)."""
    by_code = {criterion.code: criterion for criterion in criteria}
    pairs = {(cadre, code) for cadre, code in pairs if code in by_code}
    reached = pairs if reached is None else reached
    rows = record.filter(cadre__in={cadre for cadre, _code in pairs}).select_related("cadre__unit", "file")
    spoken = Prefetch("statements", Statement.objects.all())
    found: dict[tuple[int, str], Standing] = {}
    for item in rows.prefetch_related(spoken).order_by("happened_on", "pk"):
        for code in _speaks_to(item, by_code, on):
            if (item.cadre_id, code) in pairs:
                known = found.setdefault((item.cadre_id, code), Standing(item.cadre, by_code[code], False))
                known.items.append(item)
    for key, row in found.items():
        kinds = [item.kind for item in row.items]
        row.missing = missing_for(row.criterion, edition, kinds)
        if _measured(row.criterion):
            row.met = key in reached
        else:
            row.met = not row.missing and bool(set(kinds) - SUPPORTING)
    return sorted(found.values(), key=lambda row: (not row.met, row.cadre.unit.path, row.cadre.pinyin, row.cadre.pk,
                                                    row.criterion.code))  # fmt: skip


def _speaks_to(item: Evidence, by_code: dict[str, Criterion], on: dt.date) -> set[str]:
    """Codes of the criteria to which an item speaks within their window: by its fact, or as the recorder named it."""
    codes = {code for code, measure in MEASURES.items() if item.fact in measure.facts} | {item.criterion}
    found = set()
    for code in codes & set(by_code):
        months = by_code[code].window
        if months is None or item.happened_on > months_before(on, months):
            found.add(code)
    return found
