"""Celery tasks: thin, idempotent, one domain call each."""

from celery import shared_task
from django.utils import timezone

from accounts.job import run_once
from cohorts.alert import workflow as alert
from cohorts.alert.ladder_workflow import CLIMB, climb


@shared_task
def scan_alerts() -> None:
    """Once per ten minutes, however many beats run."""
    now = timezone.now()
    run_once(alert.SCAN, f"{now:%Y-%m-%dT%H}:{now.minute // 10}", alert.scan, now=now)


@shared_task
def climb_alerts() -> None:
    """Once a day, before the digest."""
    run_once(CLIMB, timezone.localdate().isoformat(), climb)


@shared_task
def send_digests() -> None:
    """Once a day."""
    run_once("alert_digest", timezone.localdate().isoformat(), alert.send_digests)
