"""Signs beside the evidence gap: they ask for a look at a unit, name nobody and flag nobody."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.models import Unit
from accounts.people.models import PATH_STEP
from assessments.evidence.models import Evidence, Kind
from cohorts.alert.rule import Found, of_return
from cohorts.campaign.models import Round, UnitReturn
from cohorts.question.counts import named
from cohorts.referral.models import Referral

# A record counts as silent without an entry of the unit's own for half a year and more - if two thirds of the units do
# write - or when outside recorders wrote so many entries, and so many times as many as the unit.
OUTSIDE_ENTRIES, OUTSIDE_TIMES = 5, 4
# Improbably many: so many names, and so many times the county's share of staff.
MANY_NAMES, MANY_TIMES = 5, 3


@dataclass
class _Entries:
    """What was written about a unit's people since the beginning of the half-year before this one; ``last`` of all times."""

    own: int = 0
    outside: int = 0
    last: dt.date | None = None
    unit: Any = field(default=None)


def half_year_before(on: dt.date) -> dt.date:
    """The first day of the half-year before the current one: figures from it on grow with new facts only."""
    return dt.date(on.year, 1, 1) if on.month > 6 else dt.date(on.year - 1, 7, 1)


def _entries(on: dt.date) -> dict[int, _Entries]:
    """Per reporting unit, in two statements: entries about its people and those below it."""
    units = {unit.path: unit for unit in Unit.objects.reporting()}
    found = {unit.pk: _Entries(unit=unit) for unit in units.values()}
    since = timezone.make_aware(dt.datetime.combine(half_year_before(on), dt.time()))
    rows = (
        Evidence.objects.known_on(on).exclude(kind=Kind.OWN_STATEMENT).order_by().values("cadre__unit__path", "outside")
    )
    recent = Count("pk", filter=Q(recorded_at__gte=since))
    for row in rows.annotate(n=recent, last=Max(TruncDate("recorded_at"))):
        path = row["cadre__unit__path"]
        unit = next((units[path[:n]] for n in range(len(path), 0, -PATH_STEP) if path[:n] in units), None)
        if unit is None:
            continue
        entries = found[unit.pk]
        if row["outside"]:
            entries.outside += row["n"]
        else:
            entries.own += row["n"]
            entries.last = max(filter(None, [entries.last, row["last"]]))
    return found


def silent_record(on: dt.date) -> Iterator[Found]:
    """Few entries of a unit's own beside those from outside, or none for half a year from a unit that wrote before, while
    two thirds of the units write. The daily record is each unit's own choice: who never began one is not silent.

    It asks for an inspection of how the record is kept. Small units and units that no running campaign asks are left alone.
    """
    asked = UnitReturn.objects.filter(round__campaign__concluded_on__isnull=True, round__cancelled_on__isnull=True)
    organizers = dict(asked.order_by("pk").values_list("unit", "round__campaign__organizer"))
    if not organizers:
        return
    entries = {key: row for key, row in _entries(on).items() if key in organizers and not row.unit.is_small}
    writing = sum(row.own > 0 for row in entries.values())
    for key, row in entries.items():
        few = row.outside >= OUTSIDE_ENTRIES and row.own * OUTSIDE_TIMES <= row.outside
        none = row.own == 0 and row.last is not None and 3 * writing >= 2 * len(entries)
        if few or none:
            last = row.last.isoformat() if row.last else "@silent.never"
            params = {"unit": row.unit.name, "own": row.own, "outside": row.outside, "last": last}
            yield Found(row.unit, on.year, key, organizers[key], params)


def improbably_many(on: dt.date) -> Iterator[Found]:
    """Many names from one unit beside the county's share: a pass-on list, or a quarrel, may stand behind it."""
    rounds = Round.objects.filter(opens_on__lte=on, concluded_on__isnull=True, cancelled_on__isnull=True)
    cases = named(Referral.objects.filter(unit_return=OuterRef("pk"))).order_by().values("unit_return")
    rows = UnitReturn.objects.filter(Q(round__in=rounds), unit__staff_in_post__gt=0)
    rows = rows.annotate(names=Coalesce(Subquery(cases.annotate(n=Count("pk")).values("n")), 0))
    by_round: dict[int, list[Any]] = defaultdict(list)
    for row in rows.select_related("unit", "round__campaign").order_by(F("pk")):
        by_round[row.round_id].append(row)
    for returns in by_round.values():
        share = sum(row.names for row in returns) / sum(row.unit.staff_in_post for row in returns)
        for row in returns:
            if row.names >= MANY_NAMES and row.names > MANY_TIMES * share * row.unit.staff_in_post:
                yield of_return(row, names=row.names, staff=row.unit.staff_in_post)
