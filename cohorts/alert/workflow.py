"""Scanning raises, reopens and clears alerts; a call for a unit's return is kept with its answer."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Sum
from django.utils import timezone

from accounts.job import Job, Produced
from accounts.models import Notice, Unit, User
from accounts.notice.workflow import drafted, notify, told_as
from accounts.permissions import Role, roles_with
from accounts.trail.workflow import Entry, append, canonical, record
from accounts.user.models import RoleAssignment
from accounts.wording import refuse
from cohorts.alert.changes import keep_changes
from cohorts.alert.models import STANDING, Alert, ReminderCall
from cohorts.alert.rule import Found, Rule
from cohorts.alert.rules import RULE_OF, RULES, with_severity
from cohorts.campaign.models import OUTSTANDING, UnitReturn
from cohorts.procedure.step import NotGranted, NotVisible, Refused, stale
from cohorts.procedure.workflow import move_many
from cohorts.question.workflow import keep_questions

SCAN, DIGEST = "scan_alerts", "alert_digest"
# Called with the number of rules that were asked, and of all rules.
Progress = Callable[[int, int], None]
# A scan runs every ten minutes; after three that did not come beat or the worker is silent.
SILENT_AFTER = dt.timedelta(minutes=30)


def _digest(params: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(params).encode()).hexdigest()


def _key(rule: Rule, found: Found) -> tuple[str, str, str]:
    return rule.code, found.subject_key, f"{rule.period}:{found.period}"


def _fresh(rule: Rule, found: Found, at: dt.datetime, on: dt.date) -> Alert:
    code, subject_key, period = _key(rule, found)
    return Alert(
        rule=code, subject_key=subject_key, period=period, params=found.params, digest=_digest(found.params), unit_id=found.unit_id,
        organizer_id=found.organizer_id, cadre_id=found.cadre_id, raised_at=at, state_since=at, level_since=on,
    )  # fmt: skip


def scan(*, on: dt.date | None = None, at: dt.datetime | None = None) -> dict[str, int]:
    """Ask units what their record asks, then run every rule: raise what is new, reopen what came back, renew changed facts, clear what is gone.

    Twice changes nothing: an equal digest writes nothing.
    """
    return look(on=on, at=at)()


def look(
    *, on: dt.date | None = None, at: dt.datetime | None = None, progress: Progress | None = None
) -> Callable[[], dict[str, int]]:
    """The long half of a scan, which asks units and then only reads; returns the short half, which writes in one transaction.

    Scans that write follow one another; one that finds the alerts changed since it looked looks again, under the lock.
    """
    at = at or timezone.now()
    on = on or timezone.localtime(at).date()
    asked = _ask(on, at)
    seen, causes = _mark(), _causes(on, progress)

    @transaction.atomic
    def write() -> dict[str, int]:
        User.objects.select_for_update(no_key=True).get(pk=User.objects.system().pk)
        return _keep(causes if _mark() == seen else _causes(on), on, at) | {"asked": asked}

    return write


@transaction.atomic
def _ask(on: dt.date, at: dt.datetime) -> int:
    """What every scan does first: questions to units, in a transaction of their own, one scan after the other."""
    User.objects.select_for_update(no_key=True).get(pk=User.objects.system().pk)
    return keep_questions(on=on, at=at)


def _mark() -> dict[str, Any]:
    """Differs as soon as somebody has written an alert."""
    return Alert.objects.order_by().aggregate(n=Count("pk"), last=Max("pk"), versions=Sum("version"))


def _causes(on: dt.date, progress: Progress | None = None) -> list[tuple[Rule, Found]]:
    """What every rule finds on the day."""
    causes: list[tuple[Rule, Found]] = []
    for n, rule in enumerate(RULES, 1):
        causes += [(rule, found) for found in rule.find(on)]
        if progress:
            progress(n, len(RULES))
    return causes


def _keep(causes: list[tuple[Rule, Found]], on: dt.date, at: dt.datetime) -> dict[str, int]:
    """Compare the causes with the alerts on record and write the difference."""
    system = User.objects.system()
    known = {(a.rule, a.subject_key, a.period): a for a in Alert.objects.select_for_update().order_by("pk")}
    fresh: list[Alert] = []
    changed: list[Alert] = []
    moves: list[tuple[Any, str, dict[str, Any]]] = []
    standing = set()
    for rule, found in causes:
        key, digest = _key(rule, found), _digest(found.params)
        standing.add(key)
        alert = known.get(key)
        if alert is None:
            fresh.append(_fresh(rule, found, at, on))
        elif alert.digest == digest:
            continue
        elif alert.state in STANDING:
            alert.params, alert.digest, alert.version = found.params, digest, alert.version + 1
            changed.append(alert)
        else:
            moves.append((alert, "reopen", {"params": found.params, "digest": digest}))
    moves += [(a, "clear", {}) for key, a in known.items() if key not in standing and a.state in STANDING]
    Alert.objects.bulk_create(fresh)
    Alert.objects.bulk_update(changed, ["params", "digest", "version"])
    keep_changes(fresh, "raise", by=system, at=at, day=on, before="")
    keep_changes(changed, "renew", by=system, at=at, day=on)
    news = [Entry("alert.raise", a, {"rule": a.rule, **a.params}) for a in fresh]
    news += [Entry("alert.renew", a, {"rule": a.rule, **a.params}) for a in changed]
    if moves:
        move_many(moves, by=system, at=at)
    if news:
        append(news, by=system, at=at)
    reopened = [alert for alert, action, _data in moves if action == "reopen"]
    if news_for := [*fresh, *reopened]:
        _tell(news_for, on, at)
    return {
        "raised": len(fresh), "reopened": len(reopened), "renewed": len(changed), "cleared": len(moves) - len(reopened),
        "standing": Alert.objects.standing().count(),
    }  # fmt: skip


def scan_job(job: Job) -> Callable[[], Produced]:
    """A scan in the background: of beat, or of somebody who asked for it."""
    write = look(progress=job.progress)
    return lambda: Produced(dict(write()))


def digest_job(job: Job) -> Callable[[], Produced]:
    """The day's digests."""
    return lambda: Produced(dict(send_digests()))


def _tell(alerts: list[Alert], on: dt.date, at: dt.datetime) -> None:
    """In the app: those who handle alerts get one line, a unit's head and liaison one line for each return of theirs.

    What climbs the ladder is told by the ladder, to one level after the other.
    """
    told = [a for a in alerts if RULE_OF[a.rule].tells_unit and not RULE_OF[a.rule].climbs]
    handlers = people_over({a.organizer_id for a in alerts}, roles_with("alert.handle"), on)
    units = people_over({a.unit_id for a in told}, [Role.UNIT_HEAD, Role.LIAISON], on)
    notices: list[Notice] = []
    for organizer, people in handlers.items():
        count = sum(a.organizer_id == organizer for a in alerts)
        notices += drafted((u for _, u in people), "alerts_raised", path="/alerts/", at=at, by_mail=False, count=count)
    for alert in told:
        path = RULE_OF[alert.rule].unit_page % alert.subject_key.partition(":")[2]
        notices += drafted((user for _role, user in units[alert.unit_id]), alert.rule, path=path, at=at, **alert.params)
    Notice.objects.bulk_create(notices)


def people_over(units: Iterable[int], roles: Iterable[str], on: dt.date) -> dict[int, list[tuple[str, User]]]:
    """By key of a unit: (role, person) who holds one of the roles over it or above it; two statements for all."""
    rows = RoleAssignment.objects.in_force(on).filter(role__in=list(roles), user__is_active=True)
    held = list(rows.select_related("user__cadre", "unit").order_by("pk"))
    return {
        key: [(row.role, told_as(row)) for row in held if row.unit and path.startswith(row.unit.path)]
        for key, path in Unit.objects.filter(pk__in=set(units)).values_list("pk", "path")
    }


def last_scan() -> Job | None:
    return Job.objects.of_kind(SCAN).first()


def beat_is_silent(now: dt.datetime | None = None) -> bool:
    """No scan was begun in the last half hour: beat or the worker stands still, and no alert can be trusted."""
    since = (now or timezone.now()) - SILENT_AFTER
    return not Job.objects.filter(kind=SCAN, started_by__isnull=True, created_at__gt=since).exists()


@transaction.atomic
def send_digests(*, on: dt.date | None = None, at: dt.datetime | None = None) -> dict[str, int]:
    """One notice a day for each person who handles standing alerts, the worst kinds first; without a name or a case."""
    at = at or timezone.now()
    on = on or timezone.localtime(at).date()
    rows = RoleAssignment.objects.in_force(on).filter(role__in=roles_with("alert.handle"), user__is_active=True)
    told: set[int] = set()
    for held in rows.select_related("user", "unit").order_by("pk"):
        if held.user_id in told:
            continue
        held.user.role = held
        standing = with_severity(Alert.objects.visible_to(held.user).standing())
        kinds = standing.values("rule").annotate(count=Count("pk"), worse=Max("worst")).order_by("-worse", "rule")
        if not kinds:
            continue
        told.add(held.user_id)
        worst = [f"@rule.{kind['rule']}" for kind in kinds[:3]]
        count = sum(kind["count"] for kind in kinds)
        notify([told_as(held)], "alert_digest", path="/alerts/", at=at, count=count, worst=worst)
    return {"told": len(told)}


@transaction.atomic
def record_call(
    *, by: Any, unit_return: UnitReturn, number: int, reached: str, answer: str, at: dt.datetime | None = None
) -> ReminderCall:
    """Keep who was called for a return and what was answered; ``number`` is the call's number that the form showed.

    Raises NotGranted, NotVisible, and Refused for a form that was sent twice or overtaken by somebody else's call.
    """
    if not by.may("alert.handle"):
        raise NotGranted("call")
    row = UnitReturn.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=unit_return.pk).first()
    if row is None:
        raise NotVisible(unit_return)
    if row.state not in OUTSTANDING:
        raise Refused([refuse("call_not_needed")])
    if number != row.calls.count() + 1:
        raise stale()
    at = at or timezone.now()
    try:
        with transaction.atomic():
            call = ReminderCall.objects.create(
                unit_return=row, number=number, called_by=by, called_at=at, reached=reached, answer=answer
            )
    except IntegrityError as error:
        raise stale() from error
    record("unitreturn.call", row, by=by, at=at, number=number, reached=reached, answer=answer)
    return call
