"""Climbing the ladder day by day, and what people do at a level: ring the unit, take or propose a measure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.calendar import add_working_days, is_working_day
from accounts.job import Job, Produced
from accounts.models import Notice, User
from accounts.notice.workflow import drafted
from accounts.setting.models import setting
from accounts.trail.workflow import Entry, append, record
from accounts.wording import refuse
from cohorts.alert.changes import change, keep_changes
from cohorts.alert.ladder import DAYS_OF, RUNG_AT, climbs, next_climbs, offered, people_at
from cohorts.alert.models import Alert, AlertChange, Level
from cohorts.alert.rules import CLIMBING
from cohorts.campaign.models import Campaign
from cohorts.measure.kinds import BY_CODE
from cohorts.measure.models import UnitMeasure
from cohorts.measure.workflow import propose_measure, record_interview
from cohorts.procedure.step import NotGranted, NotVisible, Refused, stale

CLIMB = "climb_alerts"


def _over(on: dt.date) -> Q:
    """Alerts whose level has had its working days; one climb a day."""
    days, over = setting("ladder_days", on), Q(pk__in=[])
    for level, key in DAYS_OF.items():
        over |= Q(level=level, level_since__lte=add_working_days(on, -days[key]))
    today = AlertChange.objects.filter(alert=OuterRef("pk"), action="climb", day=on)
    return over & ~Q(Exists(today))


def _to_remind(on: dt.date) -> Q:
    """Alerts whose level was last told so many working days ago and has not asked for quiet; 0 days reminds nobody."""
    days = setting("ladder_nag_days", on)
    if not days:
        return Q(pk__in=[])
    quiet = Q(quiet_until__isnull=True) | Q(quiet_until__lt=on)
    return quiet & Q(level__gt=Level.GRACE, told_on__lte=add_working_days(on, -days))


@transaction.atomic
def climb(*, on: dt.date | None = None, at: dt.datetime | None = None) -> dict[str, int]:
    """Once a working day: what is over goes one level up and exactly the new level is told; the others are reminded.

    Twice on a day changes nothing, and on a day on which the county does not work nobody is told anything.
    """
    at = at or timezone.now()
    on = on or timezone.localtime(at).date()
    if not is_working_day(on):
        return {"climbed": 0, "reminded": 0}
    rows = Alert.objects.standing().filter(rule__in=CLIMBING).select_related("unit", "organizer").order_by("pk")
    locked = rows.select_for_update(of=("self",))
    risen = list(locked.filter(_over(on)))
    again = list(locked.filter(_to_remind(on)).exclude(pk__in=[alert.pk for alert in risen]))
    for alert in risen:
        alert.level, alert.level_since, alert.told_on, alert.quiet_until = alert.level + 1, on, on, None
    for alert in again:
        alert.told_on = on
    Alert.objects.bulk_update([*risen, *again], ["level", "level_since", "told_on", "quiet_until"])
    system = User.objects.system()
    entries = []
    for action, alerts in (("climb", risen), ("remind", again)):
        keep_changes(alerts, action, by=system, at=at, day=on)
        entries += [Entry(f"alert.{action}", alert, {"rule": alert.rule, "level": alert.level}) for alert in alerts]
    if entries:
        append(entries, by=system, at=at)
        _tell(risen, again, on, at)
    return {"climbed": len(risen), "reminded": len(again)}


def climb_job(job: Job) -> Callable[[], Produced]:
    """The day's climb, as of the day on which beat asked for it."""
    return lambda: Produced(dict(climb(at=job.created_at)))


def _tell(risen: list[Alert], again: list[Alert], on: dt.date, at: dt.datetime) -> None:
    """One notice per person and occasion: of one alert with its page, of several with the list."""
    people, due = people_at([*risen, *again], on), next_climbs([*risen, *again], on)
    notices: list[Notice] = []
    for code, alerts in (("alert_level", risen), ("alert_remind", again)):
        told: dict[tuple[User, int], list[Alert]] = defaultdict(list)
        for alert in alerts:
            for user in people[alert.pk]:
                told[user, alert.level].append(alert)
        for (user, level), own in told.items():
            notices += _notices(code, user, level, own, due[own[0].pk], at)
    Notice.objects.bulk_create(notices)


def _notices(code: str, user: User, level: int, own: list[Alert], due: dt.date | None, at: dt.datetime) -> list[Notice]:
    rung = RUNG_AT[Level(level)]
    why: dict[str, Any] = {"level": f"@level.{rung.code}"}
    if len(own) > 1:
        units = sorted({alert.unit.name for alert in own})
        path = f"/alerts/?level={rung.code}"
        return drafted([user], f"{code}s", path=path, at=at, count=len(own), units=units[:3], **why)
    alert = own[0]
    why |= {"unit": alert.unit.name, "rule": f"@rule.{alert.rule}"}
    if due is None:
        return drafted([user], f"{code}_last", path=alert.get_absolute_url(), at=at, **why)
    return drafted([user], code, path=alert.get_absolute_url(), at=at, next=due.isoformat(), **why)


def _locked(alert: Alert, by: Any, action: str, allowed: bool) -> Alert:
    """The alert, locked, on the ladder. Raises NotVisible, NotGranted, Refused."""
    row = Alert.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=alert.pk).first()
    if row is None:
        raise NotVisible(alert)
    if not allowed:
        raise NotGranted(action)
    if not climbs(row):
        raise Refused([refuse("alert_settled")])
    return row


@transaction.atomic
def ring(
    alert: Alert, *, by: Any, number: int, reached: str, answer: str, at: dt.datetime | None = None
) -> AlertChange:
    """Keep who was reminded of an alert and what was answered; ``number`` is the reminder's number that the form showed.

    Raises NotGranted, NotVisible, and Refused for an alert that is settled or a form that was sent twice.
    """
    row = _locked(alert, by, "call", by.may("alert.handle"))
    if number != row.changes.filter(action="call").count() + 1:
        raise stale()
    at = at or timezone.now()
    kept = change(row, "call", by=by, at=at, day=timezone.localtime(at).date(), reached=reached, note=answer)
    kept.save()
    record("alert.call", row, by=by, at=at, number=number, reached=reached, answer=answer)
    return kept


def campaign_of(alert: Alert) -> Campaign | None:
    """The campaign that the alert belongs to: that of its round, else the organizer's newest."""
    kind, _colon, key = alert.period.partition(":")
    if kind == "round" and (found := Campaign.objects.filter(rounds__pk=int(key)).first()):
        return found
    return Campaign.objects.filter(organizer=alert.organizer_id).order_by("-opened_on", "-pk").first()


@transaction.atomic
def take_measure(
    alert: Alert, *, by: Any, kind: str, reason: str, at: dt.datetime | None = None, **fields: Any
) -> UnitMeasure:
    """Record an interview, or propose another measure, because of an alert, at a level that offers it.

    Raises NotGranted, NotVisible, Refused; ValidationError, by field, as of the measure itself.
    """
    at = at or timezone.now()
    row = _locked(alert, by, kind, by.may("measure.propose" if BY_CODE[kind].decided else "measure.interview"))
    campaign = campaign_of(row)
    if kind not in offered(row, by) or campaign is None:
        raise Refused([refuse("measure_not_at_level")])
    given = {"campaign": campaign, "unit": row.unit, "reason": reason, "at": at, **fields}
    measure = propose_measure(by=by, kind=kind, **given) if BY_CODE[kind].decided else record_interview(by=by, **given)
    change(row, "measure", by=by, at=at, day=timezone.localtime(at).date(), measure=measure).save()
    record("alert.measure", row, by=by, at=at, kind=kind, measure=str(measure.public_id))
    return measure
