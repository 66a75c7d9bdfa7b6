"""The registry of alert rules. Adding one is one entry here and one sentence in ``texts``."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from cohorts.campaign.models import RoundKind, UnitReturn
from cohorts.referral.models import Referral, State


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
    """Two counted referrals of one cadre in adjacent campaigns of an organizer, at most 24 months apart.

    Counted: the earlier case's review has a result. Adjacent: no campaign of that organizer lies between the two.
    """
    pairs = (
        Referral.objects.open()
        .filter(
            cadre__referrals__state=State.RETURNED,
            cadre__referrals__campaign__organizer=F("campaign__organizer"),
            cadre__referrals__review__held_on__gt=F("nominated_at__date") - dt.timedelta(days=730),
            cadre__referrals__review__held_on__lte=F("nominated_at__date"),
        )
        .annotate(first_id=F("cadre__referrals__pk"), first_campaign=F("cadre__referrals__campaign"))
        .annotate(
            first_year=F("cadre__referrals__campaign__year"), first_opened=F("cadre__referrals__campaign__opened_on")
        )
        .annotate(
            between=Count(
                "campaign__organizer__campaign_set",
                filter=Q(
                    campaign__organizer__campaign_set__opened_on__gt=F("first_opened"),
                    campaign__organizer__campaign_set__opened_on__lt=F("campaign__opened_on"),
                ),
                distinct=True,
            )
        )
        .filter(between=0)
        .select_related("campaign", "unit")
    )
    for row in pairs:
        params = {"unit": row.unit_name, "first": f"{row.first_year}-{row.first_id:05d}", "second": row.number}
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
