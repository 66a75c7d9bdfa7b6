"""What the pages of a class share: access, the phases as a line, the timetable by week, the list of trainees."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View

from cohorts.referral.models import IN_CLASS, Referral
from cohorts.training.attendance import Hours, class_attendance
from cohorts.training.models import Cohort, Session


class ClassPage(View):
    """A page of one class: out of scope 404, without the grant 403."""

    grant = "cohort.read"
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rows = Cohort.objects.visible_to(request.user).select_related(
            "campaign__organizer", "teacher__cadre", "monitor__cadre"
        )
        self.cohort = get_object_or_404(rows.prefetch_related("phases"), public_id=kwargs.pop("public_id"))
        if not request.user.may(self.grant):
            raise PermissionDenied
        self.today = timezone.localdate()
        return super().dispatch(request, *args, **kwargs)

    def cases(self) -> Any:
        """The trainees whom this reader may see, by name."""
        rows = Referral.objects.visible_to(self.request.user).filter(cohort=self.cohort)
        return rows.select_related("cadre", "unit", "campaign", "phase").order_by("cadre__pinyin", "pk")


class SessionPage(View):
    """A page of one session."""

    grant = "cohort.teach"
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rows = Session.objects.visible_to(request.user).select_related("phase__cohort__campaign")
        self.session = get_object_or_404(rows, public_id=kwargs.pop("public_id"))
        if not request.user.may(self.grant):
            raise PermissionDenied
        self.cohort = self.session.phase.cohort
        return super().dispatch(request, *args, **kwargs)

    def cases(self) -> list[Referral]:
        """The trainees on the roll whom this reader may see, by name."""
        mine = Referral.objects.visible_to(self.request.user).filter(pk__in=self.session.roll().values("pk"))
        return list(mine.select_related("cadre", "unit", "campaign").order_by("cadre__pinyin", "pk"))


def phase_line(cohort: Cohort, today: dt.date) -> list[dict[str, Any]]:
    """The phases in order: closed, present, over but still open, to come."""
    line = []
    for phase in cohort.phases.all():
        if phase.closed_on:
            status = "done"
        elif phase.ends_on < today:
            status = "over"
        else:
            status = "present" if phase.starts_on <= today else "to_come"
        line.append({"phase": phase, "status": status})
    return line


def trainee_rows(cohort: Cohort, cases: Any, phases: dict[int, Any]) -> list[dict[str, Any]]:
    """One row per trainee with hours and quiz marks: three statements for the whole class."""
    hours = class_attendance(cohort)
    quiz = getattr(cohort, "quiz", None)
    marks = dict(quiz.results.values_list("case", "marks")) if quiz else {}
    return [
        {"case": case, "hours": hours.get(case.pk, Hours()), "marks": marks.get(case.pk), "phase": phases.get(case.phase_id),
         "monitor": case.pk == cohort.monitor_id, "inside": case.state in IN_CLASS}
        for case in cases
    ]  # fmt: skip


def by_week(sessions: Any) -> list[dict[str, Any]]:
    """Sessions by week and day."""
    weeks = []
    for monday, rows in groupby(sessions, key=lambda s: s.day - dt.timedelta(days=s.day.weekday())):
        days = [{"day": day, "sessions": list(found)} for day, found in groupby(rows, key=lambda s: s.day)]
        weeks.append({"monday": monday, "days": days})
    return weeks


def refusals(error: ValidationError) -> list[str]:
    """The sentences of a refusal, whatever field they belong to."""
    return list(error.messages)


def own_case(user: Any) -> Referral:
    """The signed-in trainee's latest case with a class; raises Http404 when there is none."""
    rows = Referral.objects.visible_to(user).filter(cohort__isnull=False, cadre_id=user.cadre_id)
    case = (
        rows.select_related("cohort__campaign", "cohort__teacher__cadre", "cohort__monitor__cadre", "phase", "campaign")
        .order_by("-cohort__starts_on")
        .first()
    )
    if case is None:
        raise Http404
    return case
