"""How the background work stands: what the system administrator looks at, and what alerts about the system ask."""

import datetime as dt
import json
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.job import BEAT, Job, JobState, last_tick
from accounts.notice.delivery import mail_is_off
from accounts.notice.models import MAX_ATTEMPTS, Digest, Notice
from accounts.wording import say

# Beat ticks every minute; mail goes out within one; a backup is made every night.
TICK_SILENT_AFTER = dt.timedelta(minutes=5)
MAIL_LATE_AFTER = dt.timedelta(hours=1)
BACKUP_LATE_AFTER = dt.timedelta(hours=36)
LOOKED_BACK = dt.timedelta(hours=24)


class Periodic(NamedTuple):
    """An entry of the schedule: its last run, and when it is due next (None: every minute)."""

    kind: str
    name: str
    last: Job | None
    next_due: dt.datetime | None

    @property
    def figures(self) -> list[tuple[str, Any]]:
        return [(say(f"figure.{key}"), value) for key, value in self.last.outcome.items()] if self.last else []


def periodic_work(now: dt.datetime) -> list[Periodic]:
    """Each entry of the schedule that leaves rows, the next due first."""
    entries = []
    for kind, entry in settings.CELERY_BEAT_SCHEDULE.items():
        if kind == BEAT:
            continue
        schedule, due = entry["schedule"], None
        if hasattr(schedule, "remaining_estimate"):
            due = now + schedule.remaining_estimate(now) + dt.timedelta(seconds=1)
            due = due.replace(second=0, microsecond=0)
        entries.append(Periodic(kind, say(f"job.{kind}"), Job.objects.of_kind(kind).first(), due))
    return sorted(entries, key=lambda entry: entry.next_due or now)


class Outbox(NamedTuple):
    """E-mails that still have to go out; ``oldest`` of them, those that failed and wait, those that were given up."""

    waiting: int
    oldest: dt.datetime | None
    failed: int
    given_up: int
    errors: list[str]
    off: bool


def outbox() -> Outbox:
    alive, waiting, failed, given_up = Q(attempts__lt=MAX_ATTEMPTS), 0, 0, 0
    oldest: list[dt.datetime] = []
    errors: set[str] = set()
    for model in (Notice, Digest):
        rows = model.objects.unsent()
        found = rows.order_by().aggregate(
            waiting=Count("pk", filter=alive), oldest=Min("created_at", filter=alive),
            failed=Count("pk", filter=alive & ~Q(mail_error="")), given_up=Count("pk", filter=~alive),
        )  # fmt: skip
        waiting, failed, given_up = waiting + found["waiting"], failed + found["failed"], given_up + found["given_up"]
        oldest += [found["oldest"]] if found["oldest"] else []
        errors |= set(rows.exclude(mail_error="").order_by().values_list("mail_error", flat=True).distinct())
    return Outbox(waiting, min(oldest, default=None), failed, given_up, sorted(errors), mail_is_off())


def last_backup() -> dt.datetime | None:
    """When the last backup was made, as its marker file says; None when there is none or it cannot be read."""
    try:
        at = dt.datetime.fromisoformat(json.loads(settings.BACKUP_MARKER.read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return at if timezone.is_aware(at) else timezone.make_aware(at)


class Jobs(NamedTuple):
    """How many jobs wait, are under way, were left by a dead worker, failed in the last day."""

    waiting: int
    running: int
    lost: int
    failed: int


def jobs(now: dt.datetime) -> Jobs:
    lost = Job.objects.lost(now).count()
    found = Job.objects.order_by().aggregate(
        waiting=Count("pk", filter=Q(state=JobState.WAITING)),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state=JobState.FAILED, finished_at__gte=now - LOOKED_BACK)),
    )
    return Jobs(found["waiting"], found["running"] - lost, lost, found["failed"])


def is_silent(now: dt.datetime) -> bool:
    """No worker has done what beat sends every minute for five of them."""
    tick = last_tick()
    return tick is None or tick < now - TICK_SILENT_AFTER


def problems(now: dt.datetime) -> list[str]:
    """What the system administrator should do something about, in words; without a single name."""
    found = []
    if is_silent(now):
        found.append(
            _(
                "The clock or the worker stands still: nothing is scanned and no e-mail goes out. Look at beat.log and worker.log and start the service again."
            )
        )
    work = jobs(now)
    if work.lost:
        found.append(
            ngettext("%(n)s job lost its worker; the next tick takes it over.", "%(n)s jobs lost their worker; the next tick takes them over.", work.lost) % {"n": work.lost}
        )  # fmt: skip
    if work.failed:
        found.append(
            ngettext("%(n)s job failed in the last 24 hours; the cause stands in worker.log.", "%(n)s jobs failed in the last 24 hours; the cause stands in worker.log.", work.failed) % {"n": work.failed}
        )  # fmt: skip
    mail = outbox()
    if not mail.off and mail.oldest and mail.oldest < now - MAIL_LATE_AFTER:
        found.append(_("E-mail has been waiting for more than an hour: see whether the mail server answers."))
    if mail.given_up:
        found.append(
            ngettext("%(n)s e-mail was given up after %(tries)s attempts; the notice stands in Retrain.", "%(n)s e-mails were given up after %(tries)s attempts; the notices stand in Retrain.", mail.given_up) % {"n": mail.given_up, "tries": MAX_ATTEMPTS}
        )  # fmt: skip
    backup = last_backup()
    if backup and backup < now - BACKUP_LATE_AFTER:
        found.append(_("The last backup is more than a day and a half old."))
    return found
