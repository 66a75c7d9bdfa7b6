"""Plays a round in a simulated county: the real scan, the answers to its questions, the real scan again; then the count."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.calendar import add_working_days
from assessments.criteria.models import Edition
from cohorts.alert.models import Alert
from cohorts.alert.rules import RULES
from cohorts.alert.workflow import scan
from cohorts.procedure.workflow import move_many
from cohorts.question.models import Ground, UnitQuestion
from cohorts.site.simulate.county import DAY, EDITION, County, Office, Person
from cohorts.site.simulate.worlds import World

# Classes of the report: staff of a unit, and cases held back from this number on in one class.
SIZES = ((20, 99), (100, 199), (200, 299), (300, 400))
MANY_DROPPED = 6
Say = Callable[[str], None]


class _Statements:
    """Counts what the scans send to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)

    @contextmanager
    def of_a_scan(self) -> Iterator[None]:
        with connection.execute_wrapper(self):
            yield


def _noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _answer(county: County, on: dt.date) -> None:
    """Units answer, somebody outside decides. Whether an answer is true is known here, never to the scan."""
    rng, world = county.rng, county.world
    truth: dict[int, tuple[Office, Person]] = {
        person.cadre.pk: (office, person) for office in county.offices for person in office.people if person.on_record
    }
    named: list[tuple[Office, Person]] = []
    answers: list[tuple[Any, str, dict[str, Any]]] = []
    verdicts: dict[int, str] = {}
    for question in (
        UnitQuestion.objects.filter(round=county.round).unanswered().order_by("pk").prefetch_related("items")
    ):
        office, person = truth[question.cadre_id]
        settled = rng.random() < (world.excused if office.planted else world.settled)
        if settled and person.true_case and not office.planted:
            named.append((office, person))
        elif settled and not person.true_case and rng.random() < 0.5:
            answers.append((question, "dispute", {"disputed": question.items.all()[0], "answer": "-"}))
            verdicts[question.pk] = "uphold"
        elif settled or rng.random() < 0.5:
            answers.append((question, "explain", {"ground": Ground.OTHER, "answer": "-"}))
            verdicts[question.pk] = "accept" if settled else "refuse"
    county.name(named, _noon(on))
    answered = move_many(answers, by=county.people.head, at=_noon(on))
    decisions = [(row, verdicts[row.pk], {"reason": "-"}) for row in answered]
    move_many(decisions, by=county.people.clerk, at=_noon(on))


def _class_of(staff: int) -> str:
    return next(f"{low}-{high}" for low, high in SIZES if low <= staff <= high)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rules(alerts: list[Alert], offices: dict[int, Office]) -> dict[str, dict[str, Any]]:
    """Per rule: its alerts about these units, and how far the units that it names are the shielding ones."""
    all_shielding = sum(office.shielding for office in offices.values())
    found: dict[str, dict[str, Any]] = {}
    for rule in RULES:
        mine = [alert for alert in alerts if alert.rule == rule.code]
        judged = {a.unit_id for a in mine if offices[a.unit_id].shielding or not offices[a.unit_id].planted}
        hits = sum(offices[key].shielding for key in judged)
        if mine:
            found[rule.code] = {
                "alerts": len(mine), "precision": _share(hits, len(judged)), "recall": _share(hits, all_shielding),
                "false_discovery": _share(len(judged) - hits, len(judged)),
            }  # fmt: skip
    return found


def _count(county: County) -> dict[str, Any]:
    """What a leader sees in the list of alerts, against the truth."""
    offices = {office.unit.pk: office for office in county.offices}
    seen = Alert.objects.visible_to(county.people.leader).standing().filter(organizer=county.people.department)
    alerts = [alert for alert in seen if alert.unit_id in offices]
    flagging = {rule.code for rule in RULES if rule.flags}
    flagged = {alert.unit_id for alert in alerts if alert.rule in flagging}
    by_dropped: dict[str, Counter[str]] = {}
    by_size: dict[str, Counter[str]] = {f"{low}-{high}": Counter() for low, high in SIZES}
    total: Counter[str] = Counter()
    for office in county.offices:
        hit = int(office.unit.pk in flagged)
        if office.shielding:
            counts = {"shielding": 1, "shielding_found": hit}
            dropped = str(office.dropped) if office.dropped < MANY_DROPPED else f"{MANY_DROPPED}+"
            by_dropped.setdefault(dropped, Counter()).update(counts)
        else:
            counts = {} if office.planted else {"honest": 1, "honest_flagged": hit}
        total.update(counts)
        by_size[_class_of(office.unit.staff_in_post)].update(counts)
    keys = ("shielding", "shielding_found", "honest", "honest_flagged")
    return {
        "planted": sum(office.planted for office in county.offices),
        **{key: total[key] for key in keys},
        "by_dropped": {key: {name: row[name] for name in keys[:2]} for key, row in sorted(by_dropped.items())},
        "by_size": {key: {name: row[name] for name in keys} for key, row in by_size.items()},
        "rules": _rules(alerts, offices),
    }


def simulate(
    *, seed: int, units: int, world: World, fraction: float | None = None, say: Say = lambda _line: None
) -> dict[str, Any]:
    """One county with a known truth, in a transaction that is rolled back. ``fraction``: instead of the edition's."""
    began, statements = time.monotonic(), _Statements()
    asked_on = timezone.localdate() - 40 * DAY
    with transaction.atomic():
        say(f"{world.name}, seed {seed}: {units} units ...")
        county = County(world, Random(seed), units, closes_on=asked_on - DAY)
        if fraction is not None:
            rule = county.round.campaign.edition.rule | {"gap_fraction": fraction}
            Edition.objects.filter(code=EDITION).update(rule=rule)
        with statements.of_a_scan():
            scan(on=asked_on, at=_noon(asked_on))
        say(f"{UnitQuestion.objects.filter(round=county.round).count()} questions ...")
        due = add_working_days(asked_on, 1)
        _answer(county, due)
        last = max((q.due_on for q in UnitQuestion.objects.filter(round=county.round)), default=asked_on)
        with statements.of_a_scan():
            scan(on=last + DAY, at=_noon(last + DAY))
        found = _count(county)
        transaction.set_rollback(True)
    seconds = round(time.monotonic() - began, 2)
    return {"world": world.name, "units": units, **found, "seconds": seconds, "statements": statements.count}
