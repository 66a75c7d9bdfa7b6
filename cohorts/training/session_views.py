"""Sessions of a class: on the timetable, cancelled, and their rolls."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.referral.forms import refuse_into
from cohorts.training.forms import CancelForm, RollForm, SessionForm
from cohorts.training.models import PhaseKind
from cohorts.training.page import ClassPage, SessionPage
from cohorts.training.workflow import cancel_session, plan_session, record_roll


class NewSession(ClassPage):
    """Put a session on the timetable; "save and next" keeps place and day for the following one."""

    grant = "cohort.teach"

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {key: request.GET[key] for key in ("day", "place", "phase") if key in request.GET}
        return self.page(SessionForm(cohort=self.cohort, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SessionForm(request.POST, cohort=self.cohort)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            session = plan_session(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 422)
        messages.success(request, _("On the timetable: %(title)s.") % {"title": session.title})
        if "another" in request.POST:
            return redirect(f"{request.path}?day={session.day}")
        return redirect(f"{self.cohort.get_absolute_url()}#timetable")

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        blocks = self.cohort.phases.filter(kind=PhaseKind.THEORY, closed_on__isnull=True).exists()
        context = {
            "cohort": self.cohort,
            "form": form if blocks else None,
            "title": _("New session"),
            "label": _("Save"),
            "another": True,
        }
        return render(self.request, "cohorts/training/form.html", context, status=status)


class CancelSession(SessionPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(CancelForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CancelForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            cancel_session(self.session, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The session is cancelled."))
        return redirect(f"{self.cohort.get_absolute_url()}#timetable")

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        title = _("Cancel the session: %(title)s") % {"title": self.session.title}
        context = {
            "cohort": self.cohort,
            "form": form,
            "title": title,
            "label": _("Cancel the session"),
            "danger": True,
        }
        return render(self.request, "cohorts/training/form.html", context, status=status)


class Roll(SessionPage):
    """The roll: everybody present unless marked otherwise; a later change is a correction in the trail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(RollForm(session=self.session, cases=self.cases()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RollForm(request.POST, session=self.session, cases=self.cases())
        if not form.is_valid():
            return self.page(form, 422)
        again = self.session.recorded_at is not None
        try:
            changed = record_roll(self.session, by=request.user, marks=form.marks())
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        if again:
            messages.success(request, _("Corrected entries: %(count)s.") % {"count": changed})
        else:
            messages.success(request, _("The roll is recorded."))
        return redirect(self.cohort.get_absolute_url())

    def page(self, form: RollForm, status: int = 200) -> HttpResponse:
        early = timezone.localdate() < self.session.day
        context = {"session": self.session, "cohort": self.cohort, "form": form, "early": early}
        return render(self.request, "cohorts/training/roll.html", context, status=status)


class RollSheet(SessionPage):
    """The paper roll to sign: equal to the page, recorded later by the teacher."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "session": self.session,
            "cohort": self.cohort,
            "cases": self.cases(),
            "back_url": f"{self.session.get_absolute_url()}roll/",
        }
        return render(request, "cohorts/training/roll_sheet.html", context)
