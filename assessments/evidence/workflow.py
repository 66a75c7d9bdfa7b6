"""Recording evidence and judging whether it suffices for a criterion."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.trail.workflow import record
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import SUPPORTING, Evidence, Kind


@transaction.atomic
def add_evidence(
    *, by: Any, cadre: Any, kind: str, title: str, happened_on: dt.date, source: str,
    file: Any = None, outside: bool = False, at: dt.datetime | None = None,
) -> Evidence:  # fmt: skip
    """Record one item about a cadre; it is never changed afterwards, only superseded."""
    item = Evidence.objects.create(cadre=cadre, kind=kind, title=title, happened_on=happened_on, source=source, file=file,
                                   outside=outside, recorded_by=by, recorded_at=at or timezone.now())  # fmt: skip
    record("evidence.add", item, by=by, at=at, kind=kind, sha256=file.sha256 if file else "")
    return item


@transaction.atomic
def supersede(item: Evidence, *, by: Any, reason: str, **changes: Any) -> Evidence:
    """Correct an item by a new version; both stay."""
    fields = {
        name: getattr(item, name) for name in ("cadre", "kind", "title", "happened_on", "source", "outside", "file")
    }
    new = Evidence.objects.create(**{**fields, **changes}, supersedes=item, correction=reason, recorded_by=by)
    record("evidence.supersede", new, by=by, reason=reason)
    return new


def missing_for(criterion: Criterion, edition: Edition, kinds: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """What the evidence still lacks for one criterion, as codes and parameters; empty = enough.

    Source: the declared needs of the criterion and the rule of its edition (LAW_AND_PRECEDENTS section 5). The own
    statement is always asked for and never counts.
    """
    kinds = [kind for kind in kinds if kind != Kind.OWN_STATEMENT]
    rule, needs, code = edition.rule, criterion.needs, criterion.code
    weaker = not rule.get("needs_record", True)
    min_items = rule.get("min_items", 2) if weaker else max(needs.get("min_items", 2), rule.get("min_items", 2))
    min_kinds = rule.get("min_kinds", 2) if weaker else max(needs.get("min_kinds", 2), rule.get("min_kinds", 2))
    missing: list[tuple[str, dict[str, Any]]] = []
    if len(kinds) < min_items:
        missing.append(("missing.items", {"code": code, "have": len(kinds), "need": min_items}))
    if len(set(kinds)) < min_kinds:
        missing.append(("missing.kinds", {"code": code, "have": len(set(kinds)), "need": min_kinds}))
    if not weaker and kinds and not set(kinds) - SUPPORTING:
        missing.append(("missing.record", {"code": code}))
    one_of = needs.get("needs_one_of", [])
    if not weaker and one_of and not set(one_of) & set(kinds):
        missing.append(("missing.one_of", {"code": code, "kinds": [f"@kind.{kind}" for kind in one_of]}))
    return missing
