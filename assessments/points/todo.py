"""What waits in the points ledger: a month to settle, rules to approve, appeals to decide."""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from assessments.points.drafting import draft_path
from assessments.points.entries import PointAppeal
from assessments.points.models import PointLedger, PointRules
from assessments.points.rules import month_of

# The head is reminded from this day of the following month on.
FROM_DAY = 5


def todo(user: Any, today: dt.date) -> list[Task]:
    tasks: list[Task] = []
    if user.may("points.settle"):
        ledger = PointLedger.objects.visible_to(user).filter(unit=user.role.unit).first()
        last = month_of(month_of(today) - dt.timedelta(days=1))
        due = last if today.day >= FROM_DAY else month_of(last - dt.timedelta(days=1))
        if ledger and ledger.open_month <= due and ledger.versions:
            words = {"month": date_format(ledger.open_month, "YEAR_MONTH_FORMAT")}
            tasks += task(1, _("points of %(month)s to settle") % words, "/points/settle/")
    if user.may("points.rule"):
        drafts = list(PointRules.objects.for_approval_by(user).select_related("ledger__unit").order_by("pk"))
        tasks += task(
            len(drafts), _("drafts of points rules to approve"), draft_path(drafts[0].ledger.unit) if drafts else ""
        )
    if user.may("points.answer_appeal"):
        waiting = PointAppeal.objects.for_decision_by(user)
        first = waiting.select_related("entry").first()
        tasks += task(waiting.count(), _("appeals against points to decide"), first.get_absolute_url() if first else "")
    return tasks
