"""Exports that were made in the background and can be fetched."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.job import Job
from accounts.kit.todo import Task, task
from cohorts.report.workflow import EXPORT


def todo(user: Any, today: dt.date) -> list[Task]:
    if not user.may("report.export"):
        return []
    tasks: list[Task] = []
    for job in Job.objects.visible_to(user).of_kind(EXPORT).with_file(timezone.now())[:3]:
        tasks += task(1, _("finished export to fetch: %(name)s") % {"name": job.file_name}, job.get_absolute_url())
    return tasks
