"""Recording evidence and judging whether it suffices for a criterion."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendar import working_days_between
from accounts.trail.workflow import Entry, append, record
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import SUPPORTING, Evidence, Kind, Statement

_COPIED = ("cadre", "kind", "title", "happened_on", "source", "outside", "file", "criterion", "fact", "key", "amount")


@transaction.atomic
def add_evidence(
    *, by: Any, cadre: Any, kind: str, title: str, happened_on: dt.date, source: str,
    file: Any = None, outside: bool = False, criterion: str = "", fact: str = "", key: str = "", amount: int = 1,
    at: dt.datetime | None = None,
) -> Evidence:  # fmt: skip
    """Record one item about a cadre; it is never changed afterwards, only superseded.

    ``amount`` is days of absence (see ``absence_days``). The day of an annual grade is the last day of the year judged.
    """
    item = Evidence.objects.create(cadre=cadre, kind=kind, title=title, happened_on=happened_on, source=source, file=file,
                                   outside=outside, criterion=criterion, fact=fact, key=key, amount=amount,
                                   recorded_by=by, recorded_at=at or timezone.now())  # fmt: skip
    record("evidence.add", item, by=by, at=at, kind=kind, fact=fact, sha256=file.sha256 if file else "")
    return item


@transaction.atomic
def add_many(*, by: Any, items: Iterable[dict[str, Any]], at: dt.datetime | None = None) -> list[Evidence]:
    """Record many items in two statements and one append; each is the keywords of ``add_evidence``."""
    rows = [Evidence(**item, recorded_by=by, recorded_at=at or timezone.now()) for item in items]
    if rows:
        Evidence.objects.bulk_create(rows)
        append((Entry("evidence.add", row, {"kind": row.kind, "fact": row.fact, "sha256": row.file.sha256 if row.file else ""})
                for row in rows), by=by, at=at)  # fmt: skip
    return rows


@transaction.atomic
def add_new(*, by: Any, items: Iterable[dict[str, Any]], at: dt.datetime | None = None) -> list[Evidence]:
    """``add_many`` for a list that may have come before: what stands on record already is passed over."""
    items, same = list(items), ("cadre_id", "happened_on", "fact", "title", "key")
    known = set(Evidence.objects.current().filter(cadre__in={i["cadre"].pk for i in items}).values_list(*same))
    fresh: dict[tuple[Any, ...], dict[str, Any]] = {}
    for item in items:
        row = Evidence(**item)
        fresh.setdefault(tuple(getattr(row, name) for name in same), item)
    return add_many(by=by, items=[item for mark, item in fresh.items() if mark not in known], at=at)


def absence_days(cadre: Any, first: dt.date, last: dt.date) -> int:
    """Days of absence from ``first`` to ``last``, both counted: calendar days for civil servants (Civil Servants Law
    Art. 88(5)), working days for institution staff (Institutions Regulation Art. 15).
    """
    if cadre.is_institution_staff:
        return working_days_between(first - dt.timedelta(days=1), last)
    return (last - first).days + 1


@transaction.atomic
def supersede(item: Evidence, *, by: Any, reason: str, at: dt.datetime | None = None, **changes: Any) -> Evidence:
    """Correct an item by a new version; both stay. Raises ValidationError when it was corrected already."""
    if Evidence.objects.filter(supersedes=item).exists():
        raise ValidationError(_("Somebody was first: this item was corrected already."), code="stale")
    fields = {name: getattr(item, name) for name in _COPIED}
    new = Evidence.objects.create(**{**fields, **changes}, supersedes=item, correction=reason, recorded_by=by,
                                  recorded_at=at or timezone.now())  # fmt: skip
    record("evidence.supersede", new, by=by, at=at, reason=reason)
    return new


@transaction.atomic
def state(item: Evidence, *, by: Any, text: str, disputes: bool = False, at: dt.datetime | None = None) -> Statement:
    """The cadre's own word to an item about himself. Raises PermissionDenied for anybody else."""
    if by.cadre_id is None or by.cadre_id != item.cadre_id:
        raise PermissionDenied
    statement = Statement.objects.create(
        evidence=item, text=text, disputes=disputes, made_by=by, made_at=at or timezone.now()
    )
    record("evidence.state", item, by=by, at=at, disputes=disputes)
    return statement


def missing_for(criterion: Criterion, edition: Edition, kinds: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """What the evidence still lacks for one criterion, as codes and parameters; empty = enough.

    Source: the declared needs of the criterion and the rule of its edition (LAW_AND_PRECEDENTS section 5). The own
    statement is always asked for and never counts.
    """
    kinds = [kind for kind in kinds if kind != Kind.OWN_STATEMENT]
    rule, needs, code = edition.whole_rule, criterion.needs, criterion.code
    weaker = not rule["needs_record"]
    min_items = rule["min_items"] if weaker else max(needs.get("min_items", 2), rule["min_items"])
    min_kinds = rule["min_kinds"] if weaker else max(needs.get("min_kinds", 2), rule["min_kinds"])
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
