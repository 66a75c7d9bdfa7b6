"""Celery tasks: each says "do what is due in the database" in one call."""

import datetime as dt
import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import job
from accounts.job import run_once
from accounts.notice import workflow as notice
from accounts.trail.heads import export_head
from accounts.user.workflow import sweep

logger = logging.getLogger(__name__)


@shared_task
def send_notices() -> int:
    return notice.deliver()


@shared_task
def sweep_sessions() -> int:
    return sweep()


@shared_task
def perform_jobs() -> int:
    return job.perform_waiting()


@shared_task
def drop_expired_files() -> int:
    return job.drop_expired_files()


def wake_worker() -> None:
    """Ask a worker to look for waiting jobs at once, after the commit; without a broker beat asks within a minute."""

    def ask() -> None:
        try:
            perform_jobs.apply_async(retry=False, expires=600)
        except OperationalError:
            logger.warning("no broker: the job waits for the next minute of beat")

    transaction.on_commit(ask)


@shared_task
def export_trail_head() -> None:
    now = timezone.now()

    def work() -> dict[str, Any]:
        return {"file": export_head(settings.TRAIL_HEAD_DIR / f"{now:%Y%m%dT%H}.json").name}

    run_once("trail_head", f"{now.astimezone(dt.UTC):%Y-%m-%dT%H}", work, now=now)
