"""What the trainee finds: the page "My class", and the class on the case page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from cohorts.training.attendance import attendance_of
from cohorts.training.models import Attendance, Quiz, QuizResult, Session
from cohorts.training.page import by_week, own_case, phase_line


class MyClass(View):
    """End date first, then what is next, the own attendance with the rule in plain words, the timetable."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.may("class.own"):
            raise PermissionDenied
        try:
            case = own_case(request.user)
        except Http404:
            return render(request, "cohorts/training/my_class.html", {"case": None})
        cohort, now = case.cohort, timezone.localtime()
        sessions = list(Session.objects.standing().filter(phase__cohort=cohort))
        own = {entry.session_id: entry for entry in Attendance.objects.filter(case=case)}
        for session in sessions:
            session.own = own.get(session.pk)
        later = [s for s in sessions if (s.day, s.ends_at) >= (now.date(), now.time())]
        quiz = Quiz.objects.filter(cohort=cohort, opened_at__isnull=False).prefetch_related("questions").first()
        context = {
            "case": case, "cohort": cohort, "line": phase_line(cohort, now.date()), "next": later[0] if later else None,
            "hours": attendance_of(case), "weeks": by_week(sessions), "quiz": quiz, "today": now.date(),
            "result": quiz.results.filter(case=case).first() if quiz else None, "is_monitor": cohort.monitor_id == case.pk,
        }  # fmt: skip
        return render(request, "cohorts/training/my_class.html", context)


def panel(case: Any, user: Any) -> dict[str, Any] | None:
    """The class of a case: phases and attendance, for whoever reads the case; the cadre in plain words."""
    if case.cohort_id is None:
        return None
    cohort = case.cohort
    result = QuizResult.objects.filter(case=case).values_list("marks", "quiz__pass_mark").first()
    return {
        "cohort": cohort, "line": phase_line(cohort, timezone.localdate()), "hours": attendance_of(case), "own": user.may("class.own"),
        "may_open": user.may("cohort.read"), "marks": result, "monitor": cohort.monitor_id == case.pk,
    }  # fmt: skip
