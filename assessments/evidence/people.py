"""The record seen from a person."""

import datetime as dt
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from accounts.people.models import barred_cadres
from assessments.evidence.models import Evidence, Fact

SHOWN = 20
NEW_DAYS = 14


def evidence_of_person(cadre: Any, user: Any) -> dict[str, Any] | None:
    """For the person file: evidence on record within scope; nobody reads that of his own or of kin, dispute or interest."""
    if not user.may("record.read") or cadre.pk in barred_cadres(user.cadre_id):
        return None
    rows = cadre.evidence.visible_to(user).current().with_statements().order_by("-happened_on", "-pk")
    return {"rows": list(rows[:SHOWN]), "cadre": cadre, "absent": absent_days(cadre, timezone.localdate())}


def absent_days(cadre: Any, on: dt.date) -> int:
    """Days away without reason in the calendar year so far, as the law counts them for this category of staff."""
    rows = Evidence.objects.filter(cadre=cadre, fact=Fact.ABSENT, happened_on__range=(dt.date(on.year, 1, 1), on))
    return rows.current().counting().aggregate(n=Sum("amount"))["n"] or 0


def todo(user: Any, today: dt.date) -> list[Task]:
    """For the cadre: entries about himself of the last two weeks to which he has said nothing yet."""
    if not user.may("record.own") or user.cadre_id is None:
        return []
    rows = Evidence.objects.filter(
        cadre=user.cadre_id, recorded_at__gte=timezone.now() - dt.timedelta(days=NEW_DAYS)
    ).current()
    return task(rows.filter(statements__isnull=True).count(), _("new entries about you"), "/record/mine/")
