"""Celery tasks: each says "do what is due in the database" in one call."""

import datetime as dt
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.job import run_once
from accounts.notice import workflow as notice
from accounts.trail.heads import export_head
from accounts.user.workflow import sweep


@shared_task
def send_notices() -> int:
    return notice.deliver()


@shared_task
def sweep_sessions() -> int:
    return sweep()


@shared_task
def export_trail_head() -> None:
    now = timezone.now()

    def work() -> dict[str, Any]:
        return {"file": export_head(settings.TRAIL_HEAD_DIR / f"{now:%Y%m%dT%H}.json").name}

    run_once("trail_head", f"{now.astimezone(dt.UTC):%Y-%m-%dT%H}", work, now=now)
