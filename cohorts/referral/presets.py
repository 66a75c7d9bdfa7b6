"""A nomination begun from the record: what the address of the form presets, so that nothing is typed twice."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.evidence.measures import months_before
from assessments.evidence.meets import standings
from assessments.evidence.models import Evidence, Kind
from cohorts.referral.models import HowRaised

FACTS_LENGTH, TALK_MONTHS = 4000, 12


def presets(query: Any, cadre: Any, edition: Any) -> dict[str, Any]:
    """Initial values of the draft's form from ``?criteria=CODE&evidence=ID&how=panel`` (each may stand several times).

    Criteria are codes of the edition; evidence the public ids of items about this cadre, in their current version (without
    any: the items that speak to the criteria). What is unknown or about somebody else is left out without a word.
    """
    on = timezone.localdate()
    codes = [code for part in query.getlist("criteria") for code in part.split(",")]
    criteria = list(edition.criteria.filter(code__in=codes))
    found: dict[str, Any] = {}
    how = query.get("how", "")
    if how in HowRaised.values:
        found["how_raised"] = how
    if not criteria:
        return found
    items = _named(query.getlist("evidence"), cadre) or _speaking(cadre, edition, criteria, on)
    found |= {"criteria": [c.pk for c in criteria], "evidence": [item.pk for item in items], "facts": _facts(items)}
    return found | _talk(cadre, {c.code for c in criteria}, on)


def _named(keys: Iterable[str], cadre: Any) -> list[Evidence]:
    """The items of these public ids that are about the cadre; of a corrected one its latest version."""
    known = []
    for key in keys:
        try:
            known.append(uuid.UUID(key))
        except ValueError:
            continue
    rows = set(Evidence.objects.filter(cadre=cadre, public_id__in=known))
    newer = set(Evidence.objects.filter(supersedes__in=rows))
    while newer:
        rows = {row for row in rows if row.pk not in {n.supersedes_id for n in newer}} | newer
        newer = set(Evidence.objects.filter(supersedes__in=rows)) - rows
    return sorted(rows, key=lambda row: (row.happened_on, row.pk))


def _speaking(cadre: Any, edition: Any, criteria: list[Any], on: dt.date) -> list[Evidence]:
    """What the record holds about these criteria today."""
    codes = {c.code for c in criteria}
    rows = [
        row for row in standings(cadre.unit, edition, on) if row.cadre.pk == cadre.pk and row.criterion.code in codes
    ]
    items = {item.pk: item for row in rows for item in row.items}
    return sorted(items.values(), key=lambda item: (item.happened_on, item.pk))


def _facts(items: list[Evidence]) -> str:
    """One line an item: day, what, source; whole lines only, as many as the field holds."""
    text = ""
    for item in items:
        if item.kind in (Kind.TALK, Kind.OWN_STATEMENT):
            continue
        words = {"day": date_format(item.happened_on), "what": item.title, "source": item.source}
        line = _("%(day)s: %(what)s (%(source)s)") % words
        if len(text) + len(line) + 1 > FACTS_LENGTH:
            break
        text += f"{line}\n"
    return text.rstrip("\n")


def _talk(cadre: Any, codes: set[str], on: dt.date) -> dict[str, Any]:
    """The latest talk of the last twelve months about one of the criteria, or about none in particular."""
    rows = Evidence.objects.current().filter(cadre=cadre, kind=Kind.TALK, criterion__in=["", *codes])
    talk = (
        rows.filter(happened_on__gt=months_before(on, TALK_MONTHS), happened_on__lte=on)
        .order_by("happened_on", "pk")
        .last()
    )
    if talk is None:
        return {}
    return {"talk_on": talk.happened_on, "talk_by": talk.source[:60], "talk_agreed": talk.title}
