"""Celery tasks: thin, idempotent, one domain call each: "do what is due in the database"."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import job, periodic
from accounts.failpoint import failpoint
from accounts.notice import delivery

logger = logging.getLogger(__name__)


@shared_task
def tick() -> None:
    job.note_tick()


@shared_task
def send_notices() -> int:
    return delivery.deliver()


@shared_task
def perform_jobs() -> int:
    return job.perform_waiting()


def wake_worker() -> None:
    """Ask a worker to look for waiting jobs at once, after the commit; without a broker beat asks within a minute."""

    def ask() -> None:
        failpoint("job.before_publish")
        try:
            perform_jobs.apply_async(retry=False, expires=600)
        except OperationalError:
            logger.warning("no broker: the job waits for the next minute of beat")

    transaction.on_commit(ask)


def _hour() -> str:
    return f"{timezone.now():%Y-%m-%dT%H}"


@shared_task
def sweep_sessions() -> None:
    job.run_once(periodic.SWEEP, _hour())


@shared_task
def drop_expired_files() -> None:
    job.run_once(periodic.DROP_FILES, _hour())


@shared_task
def export_trail_head() -> None:
    job.run_once(periodic.TRAIL_HEAD, _hour())


@shared_task
def bundle_notices() -> None:
    job.run_once(periodic.MAIL_DIGEST, timezone.localdate().isoformat())
