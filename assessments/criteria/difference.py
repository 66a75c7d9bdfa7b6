"""What an edition changes against the one that it is based on."""

from typing import Any

from django.utils.translation import gettext as _

from assessments.criteria.models import Criterion, Edition
from assessments.criteria.thresholds import THRESHOLDS

# Fields that a reader would notice; both languages count.
COMPARED = ("severity", "title_zh", "title_en", "text_zh", "text_en", "example_zh", "example_en", "needs", "measurable")


def compare(edition: Edition) -> tuple[list[Criterion], list[Criterion]]:
    """The criteria of an edition, each with ``former``, ``added``, ``changed`` (field names) and the figures
    by which it is counted, now and before; and those dropped.
    """
    rows = list(edition.criteria.all())
    before = {c.code: c for c in edition.based_on.criteria.all()} if edition.based_on else {}
    for row in rows:
        former = before.get(row.code)
        row.former = former  # type: ignore[attr-defined]
        row.added = bool(before) and former is None  # type: ignore[attr-defined]
        row.changed = [f for f in COMPARED if former and getattr(former, f) != getattr(row, f)]  # type: ignore[attr-defined]
        row.figures = figures_in_words(row)  # type: ignore[attr-defined]
        row.former_figures = figures_in_words(former) if former else []  # type: ignore[attr-defined]
        row.reworded = any(f.startswith(("title", "text")) for f in row.changed)  # type: ignore[attr-defined]
    codes = {row.code for row in rows}
    return rows, [c for code, c in before.items() if code not in codes]


def rule_in_words(rule: dict[str, Any]) -> list[str]:
    """A whole evidence rule (``Edition.whole_rule``) as lines to read."""
    percent = round(100 * rule["gap_fraction"])
    record = _("at least one of them a record") if rule["needs_record"] else _("a ballot, a talk or the own statement may stand alone beside another item")  # fmt: skip
    return [
        _("at least %(items)s items of %(kinds)s kinds") % {"items": rule["min_items"], "kinds": rule["min_kinds"]},
        record,
        _("items of the last %(months)s months") % {"months": rule["months"]},
        _("a unit is flagged from %(percent)s %% of open questions on") % {"percent": percent},
    ]


def rule_changes(edition: Edition) -> list[tuple[str, str]]:
    """Lines of the evidence rule that differ from the former edition's: before and after."""
    if not edition.based_on:
        return []
    pairs = zip(rule_in_words(edition.based_on.whole_rule), rule_in_words(edition.whole_rule), strict=True)
    return [(before, after) for before, after in pairs if before != after]


def figures_in_words(criterion: Criterion) -> list[str]:
    """The figures of the measurable test, as lines to read; none where nothing is counted."""
    labels = THRESHOLDS.get(criterion.code, {}) if criterion.measurable else {}
    figures = criterion.needs.get("threshold", {})
    return [_("%(what)s: %(value)s") % {"what": label, "value": figures[name]} for name, label in labels.items() if name in figures]  # fmt: skip
