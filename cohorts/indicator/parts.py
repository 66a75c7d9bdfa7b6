"""The registry of the indicator's parts: each is a number that a query counted, with its rows behind it."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from accounts.setting.models import setting
from accounts.wording import say
from cohorts.alert.models import Alert, AlertChange, AlertState, Level
from cohorts.alert.rules import RULES
from cohorts.campaign.models import UnitReturn
from cohorts.measure.models import UnitMeasure

FULL = 100


@dataclass(frozen=True)
class Part:
    """``rows(year, on)``: the rows that it counts, each with ``unit``. ``weighs``: points are deducted for each of them.

    The code is the key of the setting ``indicator_weights`` and, with ``part.<code>``, the words.
    """

    code: str
    rows: Callable[[int, dt.date], Any]
    weighs: bool = True

    @property
    def label(self) -> str:
        return say(f"part.{self.code}")


def _returns(year: int) -> Any:
    """Returns of rounds that closed in a year; a cancelled round asked for nothing."""
    return UnitReturn.objects.filter(round__closes_on__year=year, round__cancelled_on__isnull=True)


def _on_time(year: int, on: dt.date) -> Any:
    return _returns(year).filter(first_filed_at__date__lte=F("round__closes_on"))


def _late(year: int, on: dt.date) -> Any:
    return _returns(year).late()


def _missing(year: int, on: dt.date) -> Any:
    return _returns(year).missing(on)


def _sent_back(year: int, on: dt.date) -> Any:
    return _returns(year).exclude(sent_back_reason="")


def _climbed(year: int, on: dt.date) -> Any:
    """Alerts that nobody settled before they reached the section."""
    reached = AlertChange.objects.filter(alert=OuterRef("pk"), action="climb", level=Level.SECTION, day__year=year)
    return Alert.objects.filter(Exists(reached))


def _flagged(year: int, on: dt.date) -> Any:
    """Raised by a rule that flags units, and not cleared: what the unit has cleared counts no longer."""
    rules = [rule.code for rule in RULES if rule.flags]
    return Alert.objects.filter(rule__in=rules, raised_at__year=year).exclude(state=AlertState.CLEARED)


def _measures(year: int, on: dt.date) -> Any:
    """In effect, by the day that counts on the record; a revoked one counts no longer."""
    day = Q(held_on__year=year) | Q(held_on__isnull=True, document_on__year=year)
    return UnitMeasure.objects.in_effect().filter(day)


PARTS: tuple[Part, ...] = (
    Part("on_time", _on_time, weighs=False),
    Part("late", _late),
    Part("missing", _missing),
    Part("sent_back", _sent_back),
    Part("climbed", _climbed),
    Part("flagged", _flagged),
    Part("measures", _measures),
)


@dataclass(frozen=True)
class Figure:
    """One part of one unit: how many, and the points deducted for each and together."""

    part: Part
    count: int
    weight: int

    @property
    def deducted(self) -> int:
        return self.count * self.weight


@dataclass(frozen=True)
class Indicator:
    """The indicator of one unit in one year: 100 less what its parts deduct, never below 0."""

    unit_id: int
    figures: tuple[Figure, ...]

    @property
    def value(self) -> int:
        return max(0, FULL - sum(figure.deducted for figure in self.figures))


def last_day(year: int, today: dt.date) -> dt.date:
    """The day on which a year is looked at: its last, or today while it runs."""
    return min(dt.date(year, 12, 31), today)


def indicators(units: Iterable[int], year: int, on: dt.date) -> dict[int, Indicator]:
    """By key of a unit; one statement for each part, however many units."""
    keys = list(units)
    weights = setting("indicator_weights", on)
    counts = {
        part.code: dict(part.rows(year, on).filter(unit__in=keys).order_by().values_list("unit").annotate(n=Count("pk")))
        for part in PARTS
    }  # fmt: skip
    return {
        key: Indicator(key, tuple(
            Figure(part, counts[part.code].get(key, 0), weights.get(part.code, 0) if part.weighs else 0) for part in PARTS
        ))
        for key in keys
    }  # fmt: skip


def rows_behind(part: Part, unit: Any, year: int, on: dt.date, user: Any) -> list[dict[str, str]]:
    """The rows of one figure in words; a link where the reader may open the row. Two statements."""
    found = part.rows(year, on).filter(unit=unit).order_by("pk")
    model = found.model
    related = {UnitReturn: ("unit", "round__campaign"), UnitMeasure: ("unit", "campaign"), Alert: ("unit",)}
    open_to = set(model.objects.visible_to(user).filter(pk__in=found.values("pk")).values_list("pk", flat=True))
    return [
        {"text": getattr(row, "text", "") or str(row), "url": row.get_absolute_url() if row.pk in open_to else ""}
        for row in found.select_related(*related.get(model, ()))
    ]
