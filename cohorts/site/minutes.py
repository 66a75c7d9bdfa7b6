"""How many minutes Retrain asks of each role per week: acts of the trail, times what one takes (PRACTICE 23: less work)."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from django.views.generic import TemplateView

from accounts.models import DecisionEvent
from accounts.permissions import ADMINISTRATORS, ORGANIZER_ROLES, Role
from accounts.wording import say


@cache
def table() -> dict[str, Any]:
    return tomllib.loads((Path(settings.BASE_DIR) / "cohorts/data/minutes.toml").read_text(encoding="utf-8"))


def acts(user: Any, now: dt.datetime) -> Any:
    """Per role and act of the last weeks: how often, by how many people - one statement.

    Organizers see all roles of the units that they act for, heads and deputies those of their own unit, everybody else
    what is asked of himself.
    """
    since = now - dt.timedelta(weeks=table()["weeks"])
    rows = DecisionEvent.objects.filter(at__gt=since, at__lte=now, actor_role__in=set(Role.values) - {Role.SYSTEM})
    role, own = user.role, Q(actor=user)
    if role.role in ORGANIZER_ROLES:
        own = Q(actor__cadre__unit__path__startswith=role.unit.reach) & ~Q(actor_role__in=ADMINISTRATORS)
    elif role.role in (Role.UNIT_HEAD, Role.DEPUTY):
        own = Q(actor__cadre__unit__path__startswith=role.unit.path)
    found = rows.filter(own).order_by().values("actor_role", "action")
    return found.annotate(n=Count("pk"), people=Count("actor", distinct=True)).order_by("actor_role", "action")


def minutes_of(user: Any, now: dt.datetime) -> list[dict[str, Any]]:
    """Role by role: minutes per week and person, and the acts behind them, the longest first."""
    data = table()
    roles: dict[str, list[dict[str, Any]]] = {}
    for row in acts(user, now):
        each = data["minutes"].get(row["action"], data["other"])
        row |= {"each": each, "week": round(each * row["n"] / data["weeks"] / row["people"], 1)}
        row["label"] = say(f"event.{row['action']}")
        roles.setdefault(row["actor_role"], []).append(row)
    order = list(Role.values)
    return [
        {"role": say(f"role.{role}"), "acts": sorted(rows, key=lambda row: -row["week"]),
         "people": max(row["people"] for row in rows), "week": round(sum(row["week"] for row in rows), 1)}
        for role, rows in sorted(roles.items(), key=lambda pair: order.index(pair[0]))
    ]  # fmt: skip


class Minutes(TemplateView):
    """The table; everybody may look at it."""

    template_name = "cohorts/site/minutes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = minutes_of(self.request.user, timezone.now()) if self.request.user.role else []
        return super().get_context_data(roles=rows, weeks=table()["weeks"], **kwargs)
