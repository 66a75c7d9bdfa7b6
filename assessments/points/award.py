"""The year's award: the part of the pot that the rules share by points; the rest is paid as before, outside Retrain."""

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.trail.workflow import record
from assessments.points.models import PointLedger
from assessments.points.rules import cents
from assessments.points.settlement import people_of
from assessments.points.share import Claim, NothingToShare, Part, by_points, shares
from assessments.points.statements import AwardLine, AwardShare, PointStatement
from assessments.points.workflow import allowed, locked


class Reckoning(NamedTuple):
    """How a pot is shared: ``shared`` fen by points, ``rest`` as before; the people by key; months not settled yet."""

    per_cent: int
    shared: int
    rest: int
    parts: list[Part]
    total: Decimal
    people: dict[int, Any]
    unsettled: list[dt.date]


def reckon(ledger: PointLedger, year: int, pot_fen: int) -> Reckoning:
    """Share a pot by the settled statements of a year. Raises ValidationError when there is nothing to share by."""
    if pot_fen <= 0:
        raise ValidationError({"pot": _("State the award pot in yuan.")})
    months = [month for month in (dt.date(year, n, 1) for n in range(1, 13)) if month >= ledger.starts_on]
    if not months:
        raise ValidationError(_("The ledger has no month in this year."))
    rows = PointStatement.objects.current().filter(settlement__ledger=ledger, settlement__month__year=year).order_by()
    points = {cadre: cents(total) for cadre, total in rows.values_list("cadre").annotate(s=Sum("total"))}
    people = people_of(points)
    per_cent = ledger.rules_in(months[-1]).figures.share
    shared = by_points(pot_fen, per_cent)
    try:
        parts = shares(shared, [Claim(key, points[key], (people[key].pinyin, key)) for key in points])
    except NothingToShare as error:
        raise ValidationError(_("Nobody has points above zero in the settled months of this year, so nothing can be shared by points.")) from error  # fmt: skip
    total = sum((part.counted for part in parts), Decimal("0.00"))
    unsettled = [month for month in months if month >= ledger.open_month]
    return Reckoning(per_cent, shared, pot_fen - shared, parts, total, people, unsettled)


@transaction.atomic
def share_award(unit: Any, year: int, pot_fen: int, *, by: Any, at: dt.datetime | None = None) -> AwardShare:
    """Freeze the sharing of a year's pot (in fen). Saving the same figures twice gives the same row back.

    Raises ValidationError while a month of the year is not settled, and when all points are zero.
    """
    allowed(by, "points.settle", unit)
    ledger = locked(unit)
    found = reckon(ledger, year, pot_fen)
    if found.unsettled:
        months = _(", ").join(date_format(month, "YEAR_MONTH_FORMAT") for month in found.unsettled)
        raise ValidationError(_("Not settled yet: %(months)s") % {"months": months})
    lines = [(part.key, part.place, part.points, part.fen) for part in found.parts]
    last = AwardShare.objects.filter(ledger=ledger, year=year).order_by("-version").first()
    if last and last.pot_fen == pot_fen:
        then = sorted(last.lines.order_by().values_list("cadre", "place", "points", "fen"))
        if then == sorted(lines):
            return last
    row = AwardShare.objects.create(
        ledger=ledger, year=year, version=last.version + 1 if last else 1, pot_fen=pot_fen, per_cent=found.per_cent,
        shared_fen=found.shared, shared_by=by, shared_at=at or timezone.now(),
    )  # fmt: skip
    AwardLine.objects.bulk_create(AwardLine(share=row, cadre_id=key, place=place, points=points, fen=fen) for key, place, points, fen in lines)  # fmt: skip
    record("points.share", row, by=by, at=at, unit=unit.code, year=year, pot_fen=pot_fen, shared_fen=found.shared)
    return row
