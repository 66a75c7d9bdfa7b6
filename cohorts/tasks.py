"""Celery tasks: thin, idempotent, one domain call each."""

from celery import shared_task
from django.utils import timezone

from accounts.job import run_once
from assessments.ballot import workflow as ballot
from cohorts.alert import workflow as alert


@shared_task
def scan_alerts() -> None:
    """Once per ten minutes, however many beats run."""
    now = timezone.now()
    run_once(alert.SCAN, f"{now:%Y-%m-%dT%H}:{now.minute // 10}", alert.scan, now=now)


@shared_task
def send_digests() -> None:
    """Once a day."""
    run_once("alert_digest", timezone.localdate().isoformat(), alert.send_digests)


@shared_task
def destroy_old_registers() -> None:
    """Once a day: who voted in a ballot closed long ago."""
    today = timezone.localdate()
    run_once("ballot_registers", today.isoformat(), lambda: {"rows": ballot.destroy_old_registers(today)})
