"""The pages of a payroll list and of a unit measure, with their steps."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from accounts.models import DecisionEvent
from accounts.permissions import UNIT_ROLES
from accounts.wording import say
from cohorts.measure.models import UnitMeasure
from cohorts.penalty.payroll import PayrollList
from cohorts.procedure.views import buttons


def events_of(subject: Any) -> list[dict[str, Any]]:
    """The trail of one row in words, newest first."""
    rows = DecisionEvent.objects.filter(subject_type=subject._meta.model_name, subject_id=subject.public_id)
    return [
        {"at": e.at, "text": say(f"event.{e.action}"), "actor": f"{say(f'role.{e.actor_role}')} {e.actor}"}
        for e in rows.select_related("actor__cadre").order_by("-seq")
    ]


class PayrollPage(PermissionRequiredMixin, View):
    """The frozen lines, the differences, and the next step."""

    permission_required = "payroll.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = get_object_or_404(
            PayrollList.objects.visible_to(request.user).select_related("organizer", "drawn_by__cadre"),
            public_id=public_id,
        )
        lines = list(row.lines.visible_to(request.user))
        context = {
            "row": row,
            "lines": lines,
            "differences": any(line.difference for line in lines),
            "by_days": any(line.days is not None for line in lines),
            "buttons": buttons(row, request.user),
            "trail": events_of(row),
        }
        return render(request, "cohorts/penalty/payroll_list.html", context)


class MeasurePage(PermissionRequiredMixin, View):
    """One measure: why, what, by which document, and the next step."""

    permission_required = "measure.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = UnitMeasure.objects.visible_to(request.user).select_related(
            "unit", "campaign", "person", "file", "proposed_by__cadre", "decided_by__cadre"
        )
        row = get_object_or_404(rows, public_id=public_id)
        user: Any = request.user
        own = user.role.role in UNIT_ROLES
        context = {"row": row, "buttons": buttons(row, user), "trail": events_of(row), "own": own}
        return render(request, "cohorts/measure/measure.html", context)
