"""What the indicator leaves to do: record the resolution, hand last year's file over, fetch a file that is ready."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.job import Job
from accounts.kit.todo import Task, task
from cohorts.indicator.models import Resolution
from cohorts.indicator.parts import last_day
from cohorts.indicator.workflow import INDICATOR, handed_over, units_of


def todo(user: Any, today: dt.date) -> list[Task]:
    if not user.may("report.export"):
        return []
    tasks: list[Task] = []
    for job in Job.objects.visible_to(user).of_kind(INDICATOR).with_file(timezone.now())[:3]:
        tasks += task(1, _("finished export to fetch: %(name)s") % {"name": job.file_name}, job.get_absolute_url())
    year = today.year - 1
    held = Resolution.objects.in_force(dt.date(year, 12, 31)) is not None
    if held and handed_over(year) is None and units_of(user, year, last_day(year, today)).exists():
        label = _("indicator of %(year)s to hand to the assessment office") % {"year": year}
        tasks += task(1, label, f"/indicator/?year={year}")
    return tasks
