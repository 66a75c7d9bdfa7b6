"""Background work as rows: outcome and progress for the page, a unique (kind, period) so that two beats do it once.

Correctness never rests on the broker: a job that somebody asked for waits in its row until a worker takes it.
"""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id

logger = logging.getLogger(__name__)

# A worker is stopped after ten minutes (CELERY_TASK_TIME_LIMIT): who is silent for longer is dead.
SILENCE = dt.timedelta(minutes=11)
# How long the file of a finished job can be fetched.
KEPT = dt.timedelta(hours=24)


class JobState(models.TextChoices):
    WAITING = "waiting", _("waiting for a worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> "JobQuerySet":
        """One's own jobs; nobody else's."""
        return self.filter(started_by=user)

    def of_kind(self, kind: str) -> "JobQuerySet":
        return self.filter(kind=kind).order_by("-created_at")

    def with_file(self, now: dt.datetime) -> "JobQuerySet":
        """Finished, with a file that can still be fetched."""
        return self.filter(state=JobState.DONE, expires_at__gt=now).exclude(file="")


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
        # Read by "last run of this kind" on the alert page and by the health page; by "my tasks" of the owner.
        indexes = [
            models.Index(fields=["kind", "-created_at"], name="job_kind_latest"),
            models.Index(fields=["started_by", "-created_at"], name="job_owner_latest"),
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

    def progress(self, done: int, total: int) -> None:
        """Tell the page how far the work is; also the worker's sign of life."""
        Job.objects.filter(pk=self.pk).update(done=done, total=total, touched_at=timezone.now())


class Produced(NamedTuple):
    """What a piece of work leaves: figures for the page and, perhaps, a file."""

    outcome: dict[str, Any]
    name: str = ""
    content: bytes = b""


Work = Callable[[Job], Produced]
# Kind of job -> what does it. Registered by the apps in ``AppConfig.ready``.
WORK: dict[str, Work] = {}


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


def perform_waiting() -> int:
    """Do every job that waits, the oldest first; returns how many this worker took."""
    taken = 0
    for job in list(Job.objects.filter(state=JobState.WAITING).select_related("started_by").order_by("pk")):
        now = timezone.now()
        waiting = Job.objects.filter(pk=job.pk, state=JobState.WAITING)
        if waiting.update(state=JobState.RUNNING, touched_at=now):
            taken += 1
            _perform(job)
    return taken


def _perform(job: Job) -> None:
    """Do one job and keep what it leaves. A failure is logged and recorded; the page says it in words."""
    try:
        with translation.override(job.started_by.language if job.started_by else None):
            produced = WORK[job.kind](job)
    except Exception:
        logger.exception("job %s failed", job.public_id)
        Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=timezone.now())
        return
    now = timezone.now()
    if produced.content:
        job.file.save(str(job.public_id), ContentFile(produced.content), save=False)
        job.file_name, job.expires_at = produced.name, now + KEPT
    job.state, job.outcome, job.finished_at = JobState.DONE, produced.outcome, now
    job.save(update_fields=["state", "outcome", "finished_at", "file", "file_name", "expires_at"])


def drop_expired_files() -> int:
    """Delete the files of jobs whose time is over; the rows stay."""
    dropped = 0
    for job in Job.objects.filter(expires_at__lte=timezone.now()).exclude(file=""):
        job.file.delete(save=False)
        dropped += Job.objects.filter(pk=job.pk).update(file="")
    return dropped


def run_once(
    kind: str, period: str, work: Callable[[], dict[str, Any]], *, now: dt.datetime | None = None
) -> Job | None:
    """Do ``work`` unless this period of this kind was already begun (by another beat or worker); None then.

    ``work`` returns figures for the page. A failure is recorded and raised; the next period tries again.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, period=period, state=JobState.RUNNING, created_at=now)
    except IntegrityError:
        return None
    try:
        outcome = work()
    except Exception:
        Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=timezone.now())
        raise
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, outcome=outcome, finished_at=timezone.now())
    job.refresh_from_db()
    return job
