"""What an edition changes against the one that it is based on."""

from typing import Any

from assessments.criteria.models import Criterion, Edition

# Fields that a reader would notice; both languages count.
COMPARED = ("severity", "title_zh", "title_en", "text_zh", "text_en", "example_zh", "example_en", "needs")


def compare(edition: Edition) -> tuple[list[Criterion], list[Criterion]]:
    """The criteria of an edition, each with ``former``, ``added`` and ``changed`` (field names); and those dropped."""
    rows = list(edition.criteria.all())
    before = {c.code: c for c in edition.based_on.criteria.all()} if edition.based_on else {}
    for row in rows:
        former = before.get(row.code)
        row.former = former  # type: ignore[attr-defined]
        row.added = bool(before) and former is None  # type: ignore[attr-defined]
        row.changed = [f for f in COMPARED if former and getattr(former, f) != getattr(row, f)]  # type: ignore[attr-defined]
        row.reworded = any(f.startswith(("title", "text")) for f in row.changed)  # type: ignore[attr-defined]
    codes = {row.code for row in rows}
    return rows, [c for code, c in before.items() if code not in codes]


def rule_changes(edition: Edition) -> dict[str, tuple[Any, Any]]:
    """Parts of the evidence rule that differ: name -> (before, after)."""
    if not edition.based_on:
        return {}
    before, after = edition.based_on.rule, edition.rule
    return {key: (before.get(key), after.get(key)) for key in {**before, **after} if before.get(key) != after.get(key)}
