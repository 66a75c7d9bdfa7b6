"""Celery tasks: thin, idempotent, one domain call each."""

from celery import shared_task
from django.utils import timezone

from accounts.job import run_once
from assessments.ballot import workflow as ballot
from cohorts.alert import workflow as alert
from cohorts.alert.ladder_workflow import CLIMB


@shared_task
def scan_alerts() -> None:
    """Once per ten minutes, however many beats run."""
    now = timezone.now()
    run_once(alert.SCAN, f"{now:%Y-%m-%dT%H}:{now.minute // 10}", now=now)


@shared_task
def climb_alerts() -> None:
    """Once a day, before the digest."""
    run_once(CLIMB, timezone.localdate().isoformat())


@shared_task
def send_digests() -> None:
    """Once a day."""
    run_once(alert.DIGEST, timezone.localdate().isoformat())


@shared_task
def destroy_old_registers() -> None:
    """Once a day: who voted in a ballot closed long ago."""
    run_once(ballot.REGISTERS, timezone.localdate().isoformat())
