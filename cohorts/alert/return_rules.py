"""Causes in the returns of units. Procedural ones are never called shielding (PRACTICE's words)."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.setting.models import setting
from cohorts.alert.rule import Found, of_return
from cohorts.campaign.models import UnitReturn

YEAR = dt.timedelta(days=365)


def _asked(on: dt.date) -> Any:
    """Returns of rounds that have opened and are not concluded."""
    rows = UnitReturn.objects.filter(round__opens_on__lte=on, round__concluded_on__isnull=True)
    return rows.select_related("unit", "round__campaign")


def due_until(on: dt.date) -> dt.date:
    """The last closing day that counts as due on a day (county setting, working days)."""
    return add_working_days(on, setting("return_due_days", on))


def returns_due(on: dt.date) -> Any:
    return _asked(on).outstanding().filter(round__closes_on__range=(on, due_until(on)), first_filed_at__isnull=True)


def returns_missing(on: dt.date) -> Any:
    return _asked(on).outstanding().filter(round__closes_on__lt=on, first_filed_at__isnull=True)


def return_due(on: dt.date) -> Iterator[Found]:
    """Not filed, and the closing day is near."""
    for row in returns_due(on):
        yield of_return(row, due=row.round.closes_on.isoformat())


def return_missing(on: dt.date) -> Iterator[Found]:
    """Not filed, and the closing day is over."""
    for row in returns_missing(on):
        yield of_return(row, due=row.round.closes_on.isoformat())


def return_late(on: dt.date) -> Iterator[Found]:
    """First filed after the closing day; it stands until the round is concluded."""
    for row in _asked(on).filter(first_filed_at__date__gt=F("round__closes_on")):
        filed = timezone.localtime(row.first_filed_at).date()
        yield of_return(row, due=row.round.closes_on.isoformat(), filed=filed.isoformat())


def return_not_as_asked(on: dt.date) -> Iterator[Found]:
    """Sent back to the unit; like a late one it stands until the round is concluded."""
    for row in _asked(on).exclude(sent_back_reason=""):
        yield of_return(row, reason=row.sent_back_reason)


def nil_return_contradicted(on: dt.date) -> Iterator[Found]:
    """A nil return while records from outside the unit, of the 12 months before or after the signature, speak of its people.

    The report of 2018: the first round contradicted what the county knew from daily work (PRACTICE 7).
    """
    items = Q(
        unit__cadres__evidence__outside=True,
        unit__cadres__evidence__superseded_by__isnull=True,
        unit__cadres__evidence__happened_on__lte=F("filed_at__date") + YEAR,
        unit__cadres__evidence__happened_on__gt=F("filed_at__date") - YEAR,
    )
    recent = Q(round__campaign__concluded_on__isnull=True) | Q(filed_at__date__gt=on - YEAR)
    rows = UnitReturn.objects.on_file().filter(recent, nil=True)
    found = rows.annotate(items=Count("unit__cadres__evidence", filter=items)).filter(items__gt=0)
    for row in found.select_related("unit", "round__campaign"):
        filed = timezone.localtime(row.filed_at).date()
        yield of_return(row, filed=filed.isoformat(), items=row.items)
