"""Background work as rows: outcome and progress for the page, a unique (kind, period) so that two beats do it once.

Correctness never rests on the broker: a job that somebody asked for waits in its row until a worker takes it, and a job
whose worker died is taken over. Work looks first, showing its progress, and then writes in one transaction that also
marks the row as done: whoever is killed before its commit has done nothing, whoever is killed after it everything.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.failpoint import failpoint
from accounts.fields import public_id

logger = logging.getLogger(__name__)

# A worker's task is ended at its time limit: who is silent for longer is dead.
SILENCE = dt.timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 60)
# A job that took so many workers with it is no longer tried.
MAX_ATTEMPTS = 3
# How long the file of a finished job can be fetched, and how long the rows of periodic work are kept.
KEPT = dt.timedelta(hours=24)
ROWS_KEPT = dt.timedelta(days=30)


class JobState(models.TextChoices):
    WAITING = "waiting", _("waiting for a worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


def _lost(now: dt.datetime) -> Q:
    return Q(state=JobState.RUNNING, touched_at__lt=now - SILENCE)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> "JobQuerySet":
        """One's own jobs; nobody else's."""
        return self.filter(started_by=user)

    def of_kind(self, kind: str) -> "JobQuerySet":
        return self.filter(kind=kind).order_by("-created_at")

    def with_file(self, now: dt.datetime) -> "JobQuerySet":
        """Finished, with a file that can still be fetched."""
        return self.filter(state=JobState.DONE, expires_at__gt=now).exclude(file="")

    def lost(self, now: dt.datetime) -> "JobQuerySet":
        """Begun by a worker that gave no sign of life for eleven minutes."""
        return self.filter(_lost(now))

    def to_do(self, now: dt.datetime) -> "JobQuerySet":
        """Waiting, or lost by its worker."""
        return self.filter(Q(state=JobState.WAITING) | _lost(now))


class Job(models.Model):
    """One piece of background work; ``period`` makes periodic work happen once a period."""

    public_id = public_id()
    kind = models.CharField(max_length=40)
    period = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.RUNNING)
    # Who asked for it; nobody for periodic work.
    started_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="jobs")
    params = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # How many workers have taken it. Only the last of them may write: one that was thought dead finds another number.
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to="jobs/%Y/%m", blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    # The worker's last sign of life.
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["kind", "period"], name="job_once_per_period"),
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_known"),
        ]
        # Read by "last run of this kind" on the alert page and by the health page; by "my tasks" of the owner;
        # by each tick that looks for work.
        indexes = [
            models.Index(fields=["kind", "-created_at"], name="job_kind_latest"),
            models.Index(fields=["started_by", "-created_at"], name="job_owner_latest"),
            models.Index(fields=["touched_at"], condition=Q(state__in=["waiting", "running"]), name="job_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.state}"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.public_id}/"

    @property
    def is_open(self) -> bool:
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def is_lost(self) -> bool:
        """Begun, and its worker gave no sign of life for eleven minutes; or no worker took it in that time."""
        return self.is_open and self.touched_at < timezone.now() - SILENCE

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def lasted(self) -> dt.timedelta | None:
        return self.finished_at - self.created_at if self.finished_at else None

    def progress(self, done: int, total: int) -> None:
        """Tell the page how far the work is; also the worker's sign of life. To be called outside a transaction."""
        self._mine().update(done=done, total=total, touched_at=timezone.now())

    def _mine(self) -> JobQuerySet:
        """This row, as long as no other worker has taken it over."""
        return Job.objects.filter(pk=self.pk, state=JobState.RUNNING, attempts=self.attempts)


class Produced(NamedTuple):
    """What a piece of work leaves: figures for the page and, perhaps, a file."""

    outcome: dict[str, Any]
    name: str = ""
    content: bytes = b""


# Work that writes nothing returns what it found; work that writes returns the function that writes it, to be called in
# the transaction that marks the job as done.
Work = Callable[[Job], Produced | Callable[[], Produced]]
# Kind of job -> what does it. Registered by the apps in ``AppConfig.ready``.
WORK: dict[str, Work] = {}


class _Overtaken(Exception):
    """Another worker has taken the job: what this one found must not be written."""


def ask_for(kind: str, *, by: Any, period: str = "", **params: Any) -> Job:
    """Leave a job for a worker; with ``period`` the one that was asked for already is returned."""
    role = by.role
    params |= {"role": role.role, "over": role.unit_id} if role else {}
    job = Job(kind=kind, state=JobState.WAITING, started_by=by, params=params)
    job.period = period or str(job.public_id)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        return Job.objects.get(kind=kind, period=period)
    return job


def actor_of(job: Job) -> Any:
    """The person who asked, in the role in use then; raises LookupError when it is no longer held."""
    user = job.started_by
    if user is None:
        raise LookupError(f"{job}: nobody asked for it")
    for held in user.roles_in_force():
        if (held.role, held.unit_id) == (job.params.get("role"), job.params.get("over")):
            user.role = held
            return user
    raise LookupError(f"{job}: the role is no longer held")


def perform_waiting(*, seconds: float = 240) -> int:
    """Do every job that waits and take over what a dead worker left, the oldest first; returns how many were taken.

    After so many seconds no further one is begun, for the task's time limit would end it: the next minute goes on.
    """
    until, taken = time.monotonic() + seconds, 0
    for job in list(Job.objects.to_do(timezone.now()).select_related("started_by").order_by("pk")):
        if time.monotonic() < until and _claim(job):
            taken += 1
            try:
                _perform(job, WORK[job.kind])
            except Exception:
                logger.exception("job %s failed", job.public_id)
    return taken


def run_once(kind: str, period: str, work: Work | None = None, *, now: dt.datetime | None = None) -> Job | None:
    """Do the work of this kind unless its period was already begun (by another beat or worker); None then.

    A failure is recorded and raised; the next period tries again. A worker's death is mended by ``perform_waiting``.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, period=period, state=JobState.RUNNING, attempts=1, created_at=now)
    except IntegrityError:
        return None
    failpoint("job.after_begin")
    _perform(job, work or WORK[kind])
    return job


def _claim(job: Job) -> bool:
    """Take a job; one of several workers succeeds. One that nobody survives is given up."""
    now = timezone.now()
    seen = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts)
    if job.attempts >= MAX_ATTEMPTS:
        seen.update(state=JobState.FAILED, finished_at=now)
        return False
    if not seen.update(state=JobState.RUNNING, touched_at=now, attempts=F("attempts") + 1):
        return False
    job.state, job.attempts = JobState.RUNNING, job.attempts + 1
    return True


def _perform(job: Job, work: Work) -> None:
    """Do one job and keep what it leaves; a failure is recorded on the row and raised."""
    try:
        with translation.override(job.started_by.language if job.started_by else None):
            found = work(job)
            with transaction.atomic():
                _finish(job, found)
                failpoint("job.before_commit")
    except _Overtaken:
        logger.warning("job %s was taken over meanwhile: nothing is written twice", job.public_id)
        return
    except Exception:
        job._mine().update(state=JobState.FAILED, finished_at=timezone.now())
        raise
    failpoint("job.after_commit")


def _finish(job: Job, found: Produced | Callable[[], Produced]) -> None:
    """Write what was found and mark the row; the row's lock lets only its present worker in."""
    if not job._mine().update(touched_at=timezone.now()):
        raise _Overtaken
    produced = found() if callable(found) else found
    now = timezone.now()
    if produced.content:
        name = job.file.field.generate_filename(job, str(job.public_id))
        job.file.storage.delete(name)  # what a killed worker left
        job.file.save(str(job.public_id), ContentFile(produced.content), save=False)
        job.file_name, job.expires_at = produced.name, now + KEPT
        failpoint("job.after_file")
    job.state, job.outcome, job.finished_at = JobState.DONE, produced.outcome, now
    job.save(update_fields=["state", "outcome", "finished_at", "file", "file_name", "expires_at"])


def drop_expired_files() -> int:
    """Delete the files of jobs whose time is over; their rows stay, those of periodic work for a month."""
    now, dropped = timezone.now(), 0
    for job in Job.objects.filter(expires_at__lte=now).exclude(file=""):
        job.file.delete(save=False)
        dropped += Job.objects.filter(pk=job.pk).update(file="")
    Job.objects.filter(started_by__isnull=True, finished_at__lt=now - ROWS_KEPT).delete()
    return dropped


BEAT = "beat"


def note_tick() -> None:
    """A worker did what beat sent: the one row by which one sees that both are alive."""
    Job.objects.update_or_create(
        kind=BEAT, period=BEAT, defaults={"state": JobState.DONE, "touched_at": timezone.now()}
    )


def last_tick() -> dt.datetime | None:
    return Job.objects.filter(kind=BEAT).values_list("touched_at", flat=True).first()
