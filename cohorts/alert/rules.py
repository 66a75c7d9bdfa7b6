"""The registry of alert rules. Adding one is one entry here and one sentence in ``texts``."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from cohorts.campaign.models import RoundKind, UnitReturn
from cohorts.referral.models import Referral


@dataclass(frozen=True)
class Found:
    """One cause: what it is about, in which period, and the figures behind it."""

    subject_key: str
    period: str
    params: dict[str, Any]


def _nil_return_contradicted(on: dt.date) -> Iterator[Found]:
    """A nil return while records from outside the unit, of the 12 months before the signature, speak of its people."""
    items = Q(
        unit__cadres__evidence__outside=True,
        unit__cadres__evidence__superseded_by__isnull=True,
        unit__cadres__evidence__happened_on__lte=F("filed_at__date"),
        unit__cadres__evidence__happened_on__gt=F("filed_at__date") - dt.timedelta(days=365),
    )
    rows = UnitReturn.objects.on_file().filter(nil=True, round__campaign__concluded_on__isnull=True)
    for row in (
        rows.annotate(items=Count("unit__cadres__evidence", filter=items))
        .filter(items__gt=0)
        .select_related("unit", "round")
    ):
        filed = timezone.localtime(row.filed_at).date()
        params = {"unit": row.unit.name, "filed": filed.isoformat(), "items": row.items}
        yield Found(f"unitreturn:{row.public_id}", f"round:{row.round_id}", params)


def _return_missing(on: dt.date) -> Iterator[Found]:
    """A unit that was asked has not filed and the closing day is over. Procedural, never called shielding."""
    rows = UnitReturn.objects.outstanding().filter(
        round__closes_on__lt=on,
        round__concluded_on__isnull=True,
        first_filed_at__isnull=True,
        round__kind__in=RoundKind.values,
    )
    for row in rows.select_related("unit", "round"):
        yield Found(
            f"unitreturn:{row.public_id}",
            f"round:{row.round_id}",
            {"unit": row.unit.name, "due": row.round.closes_on.isoformat()},
        )


def _repeat_referral(on: dt.date) -> Iterator[Found]:
    """An open case that stands in succession to an earlier one of the same cadre."""
    rows = Referral.objects.open().in_succession().select_related("campaign", "unit")
    firsts = {
        case.pk: case
        for case in Referral.objects.filter(pk__in=rows.values("predecessor_id")).select_related("campaign")
    }
    for row in rows:
        params = {"unit": row.unit_name, "first": firsts[row.predecessor_id].number, "second": row.number}
        yield Found(f"referral:{row.public_id}", f"year:{row.campaign.year}", params)


@dataclass(frozen=True)
class Rule:
    """``find`` yields the causes that stand on a day; it reads, it never writes."""

    code: str
    find: Callable[[dt.date], Iterator[Found]]


RULES = (
    Rule("nil_return_contradicted", _nil_return_contradicted),
    Rule("return_missing", _return_missing),
    Rule("repeat_referral", _repeat_referral),
)
