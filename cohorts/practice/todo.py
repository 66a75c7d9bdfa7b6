"""What waits in field practice: logs to sign, this week's log, paper to enter, placements and ratings that are missing."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from accounts.permissions import Role
from cohorts.practice.models import LedgerEntry, LedgerState, Placement, cases_of
from cohorts.practice.progress import progress_of
from cohorts.referral.models import State
from cohorts.training.models import Cohort


def todo(user: Any, today: dt.date) -> list[Task]:
    if not user.may("practice.read"):
        return []
    if user.role.role == Role.FIELD_SUPERVISOR:
        return _supervisor(user, today)
    if user.role.role == Role.CADRE:
        return _trainee(user, today)
    return _staff(user, today) if user.may("practice.enter") else []


def _supervisor(user: Any, today: dt.date) -> list[Task]:
    placements = Placement.objects.visible_to(user)
    weeks = sum(len(p.waiting) for p in progress_of(placements, today).values())
    stated = LedgerEntry.objects.visible_to(user).filter(state=LedgerState.RESULT_STATED).count()
    return [
        *task(weeks, _("weeks of a log to sign"), "/practice/"),
        *task(stated, _("results in the village ledger to check and confirm"), "/practice/#ledger"),
        *task(placements.unrated(today).count(), _("ratings due: the placement has ended"), "/practice/", urgent=True),
    ]


def _trainee(user: Any, today: dt.date) -> list[Task]:
    tasks: list[Task] = []
    for progress in progress_of(Placement.objects.visible_to(user).on(today), today).values():
        url = progress.placement.get_absolute_url()
        week = progress.this_week
        if week and not week.covered:
            tasks += task(1, _("This week's log is open: one entry takes a minute"), f"{url}log/")
        tasks += task(len(progress.questions), _("questions of your supervisor about the log"), url)
    return tasks


def _staff(user: Any, today: dt.date) -> list[Task]:
    rows, cases = Placement.objects.visible_to(user), cases_of(user)
    paper = progress_of(rows.on(today).on_paper(), today).values()
    missing = sum(p.expected - p.covered for p in paper)
    tasks = task(missing, _("weeks of paper logs to enter"), "/practice/?show=paper")
    tasks += task(
        rows.unrated(today).count(), _("ratings missing at the end of a placement"), "/practice/?show=unrated"
    )
    if user.may("referral.practise"):
        theory = Q(cases__in=cases.filter(state=State.IN_THEORY))
        for cohort in (
            Cohort.objects.select_related("campaign").annotate(n=Count("cases", filter=theory)).filter(n__gt=0)
        ):
            label = _("%(cohort)s: trainees to be placed in a village") % {"cohort": cohort}
            tasks += task(cohort.n, label, f"/cohorts/{cohort.public_id}/placements/")
    return tasks
