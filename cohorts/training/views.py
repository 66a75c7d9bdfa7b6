"""Classes: the list, opening one, its page, its people, the end of its phases."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.calendar import is_announced, is_working_day
from accounts.kit.lists import KeysetList
from cohorts.campaign.models import Campaign
from cohorts.referral.forms import refuse_into
from cohorts.referral.models import CLOSED, IN_CLASS, State
from cohorts.training.forms import CloseForm, CohortForm, PeopleForm
from cohorts.training.models import Cohort, PhaseKind
from cohorts.training.page import ClassPage, by_week, phase_line, trainee_rows
from cohorts.training.programme import plan_phases, programmes
from cohorts.training.workflow import (
    close_phase,
    missing_for_close,
    name_monitor,
    name_teacher,
    open_cohort,
    possible_teachers,
)


class CohortList(KeysetList):
    """Classes within the reader's scope, the latest first."""

    template_name = "cohorts/training/cohorts.html"
    sorts = {"start": "starts_on", "end": "ends_on"}
    sort = "-start"

    def rows(self) -> Any:
        if not self.request.user.may("cohort.read"):
            raise PermissionDenied
        rows = Cohort.objects.visible_to(self.request.user).select_related("campaign", "teacher__cadre")
        inside = Count("cases", filter=~Q(cases__state__in=CLOSED))
        return rows.annotate(all_cases=Count("cases"), inside=inside).prefetch_related("phases")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        for cohort in context["rows"]:
            cohort.present = cohort.current_phase(today)
        return context | {"may_open": self.request.user.may("cohort.manage")}


class NewCohort(PermissionRequiredMixin, View):
    """The next class of the running campaign: programme and first day, then the phases, then saved."""

    permission_required = "cohort.manage"
    raise_exception = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and request.user.role:
            self.campaign = next(iter(Campaign.objects.offered_to(request.user)), None)
        return super().dispatch(request, *args, **kwargs)

    def form(self, *data: Any) -> CohortForm | None:
        if self.campaign is None:
            return None
        return CohortForm(*data, teachers=possible_teachers(self.campaign, timezone.localdate()))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if form is None:
            raise Http404
        if not form.is_valid():
            return self.page(form, status=422)
        data = form.cleaned_data
        preview: list[Any] = []
        if is_working_day(data["starts_on"]):
            preview = plan_phases(programmes()[data["programme"]], data["starts_on"])
        if "preview" in request.POST and preview:
            return self.page(form, preview)
        try:
            cohort = open_cohort(by=request.user, campaign=self.campaign, **data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, preview, 422)
        messages.success(request, _("The class is open; admit confirmed cases next."))
        return redirect(f"{cohort.get_absolute_url()}admit/")

    def page(self, form: Any, preview: Any = (), status: int = 200) -> HttpResponse:
        years = sorted({p.ends_on.year for p in preview if not is_announced(p.ends_on)})
        context = {"form": form, "campaign": self.campaign, "preview": preview, "unannounced": years}
        return render(self.request, "cohorts/training/open.html", context, status=status)


class CohortPage(ClassPage):
    """The class: phases, what to do next, trainees, timetable, quiz."""

    def get(self, request: HttpRequest) -> HttpResponse:
        cohort, user = self.cohort, request.user
        phases = {phase.pk: phase for phase in cohort.phases.all()}
        for phase in phases.values():
            phase.cohort = cohort
        sessions = [s for p in cohort.phases.prefetch_related("sessions") for s in p.sessions.all()]
        line = phase_line(cohort, self.today)
        due = [s for s in sessions if not s.recorded_at and not s.cancelled_on and s.day <= self.today]
        rolls = due if user.may("cohort.teach") else []
        rows = trainee_rows(cohort, self.cases(), phases)
        next_open = next((phase for phase in phases.values() if phase.closed_on is None), None)
        years = sorted({p.ends_on.year for p in phases.values() if not is_announced(p.ends_on)})
        context = {
            "cohort": cohort, "line": line, "rows": rows, "weeks": by_week(sessions), "today": self.today,
            "present": cohort.current_phase(self.today), "forward": onward(rows), "monitor": next((row["case"] for row in rows if row["monitor"]), None), "rolls": rolls, "unannounced": years,
            "quiz": getattr(cohort, "quiz", None), "may_teach": user.may("cohort.teach"), "may_manage": user.may("cohort.manage"),
            "may_cases": user.may("referral.read"), "may_place": user.may("referral.practise"),
            "to_close": next_open if next_open and next_open.starts_on <= self.today else None,
            "may_admit": user.may("referral.admit") and cohort.ends_on >= self.today and not line[0]["phase"].closed_on,
            "planned": next((row["hours"].planned for row in rows), 0),
        }  # fmt: skip
        return render(request, "cohorts/training/cohort.html", context)


def onward(rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many trainees stand in a closed block, by the step that leads on: placing, start_theory, open_review."""
    found: dict[str, int] = {}
    for row in rows:
        phase, state = row["phase"], row["case"].state
        if phase is None or phase.closed_on is None:
            continue
        if state == State.IN_THEORY:
            step = "placing"
        elif state == State.IN_PRACTICE:
            step = "start_theory" if phase.following else "open_review"
        else:
            continue
        found[step] = found.get(step, 0) + 1
    return found


class People(ClassPage):
    """Name or change the class teacher (the section) and the monitor (the teacher or the section)."""

    grant = "cohort.teach"

    def form(self, *data: Any) -> PeopleForm:
        manages = self.request.user.may("cohort.manage")
        teachers = possible_teachers(self.cohort.campaign, self.today) if manages else None
        return PeopleForm(
            *data, cohort=self.cohort, teachers=teachers, trainees=self.cases().filter(state__in=IN_CLASS)
        )

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            with transaction.atomic():
                data = form.cleaned_data
                if data.get("teacher"):
                    name_teacher(self.cohort, by=request.user, teacher=data["teacher"], phone=data["phone"])
                if data["monitor"]:
                    name_monitor(self.cohort, by=request.user, case=data["monitor"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Saved."))
        return redirect(self.cohort.get_absolute_url())

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"cohort": self.cohort, "form": form, "title": _("Teacher and monitor"), "label": _("Save")}
        return render(self.request, "cohorts/training/form.html", context, status=status)


class ClosePhase(ClassPage):
    """Close a phase; what is missing is said before."""

    grant = "cohort.manage"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.order = kwargs.pop("order")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(CloseForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CloseForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        phase = self.phase()
        try:
            close_phase(phase, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The phase is closed; the trainees can go on."))
        return redirect(self.cohort.get_absolute_url())

    def phase(self) -> Any:
        return get_object_or_404(self.cohort.phases.select_related("cohort"), order=self.order)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        phase = self.phase()
        missing = [] if form.is_bound or phase.closed_on else missing_for_close(phase, self.today)
        context = {
            "cohort": self.cohort, "phase": phase, "form": form, "missing": missing, "early": self.today < phase.ends_on,
            "sessions": phase.sessions.standing().count(), "theory": phase.kind == PhaseKind.THEORY,
        }  # fmt: skip
        return render(self.request, "cohorts/training/close.html", context, status=status)


class Timetable(ClassPage):
    """The timetable by week on A4 sheets; also for the trainees of the class."""

    def get(self, request: HttpRequest) -> HttpResponse:
        sessions = [
            s for p in self.cohort.phases.prefetch_related("sessions") for s in p.sessions.all() if not s.cancelled_on
        ]
        context = {"cohort": self.cohort, "weeks": by_week(sessions), "back_url": self.cohort.get_absolute_url()}
        return render(request, "cohorts/training/timetable_sheet.html", context)
