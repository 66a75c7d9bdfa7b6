"""Periodic work as rows: outcome for the page, a unique (kind, period) so that two beats do it once."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id

logger = logging.getLogger(__name__)


class JobState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Job(models.Model):
    """One piece of background work; ``period`` makes periodic work happen once a period."""

    public_id = public_id()
    kind = models.CharField(max_length=40)
    period = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.RUNNING)
    outcome = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["kind", "period"], name="job_once_per_period"),
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_known"),
        ]
        # Read by "last run of this kind" on the alert page and by the health page.
        indexes = [models.Index(fields=["kind", "-created_at"], name="job_kind_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.state}"


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
