"""Celery tasks: thin, idempotent, one domain call each."""

from celery import shared_task
from django.utils import timezone

from accounts.job import run_once
from cohorts.alert.workflow import scan


@shared_task
def scan_alerts() -> None:
    """Once per ten minutes, however many beats run."""
    now = timezone.now()
    run_once("scan_alerts", f"{now:%Y-%m-%dT%H}:{now.minute // 10}", scan, now=now)
