"""Steps of a whole class: many confirmed cases admitted by one decision, all trainees led into the next block."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cohorts.procedure.step import NotVisible, Refused
from cohorts.procedure.workflow import move, move_many
from cohorts.referral.models import Referral, State
from cohorts.training.forms import AdmissionForm
from cohorts.training.page import ClassPage


def refused_of(items: list[tuple[Any, str, dict[str, Any]]], by: Any) -> list[str]:
    """Perform all steps or none; returns the sentences about the cases that stand in the way."""
    try:
        move_many(items, by=by)
    except (Refused, NotVisible):
        return [f"{case}: {sentence}" for case, sentence in _culprits(items, by)] or [
            _("Somebody was first. Look again.")
        ]
    return []


def _culprits(items: list[tuple[Any, str, dict[str, Any]]], by: Any) -> list[tuple[Any, str]]:
    """Which cases are refused, each tried alone in a transaction that is rolled back."""
    found = []
    for case, action, data in items:
        with transaction.atomic():
            try:
                move(case, action, by=by, **data)
            except Refused as refused:
                found.append((case, " ".join(str(refusal) for refusal in refused.refusals)))
            except NotVisible:
                found.append((case, _("Somebody was first. Look again.")))
            transaction.set_rollback(True)
    return found


class Admit(ClassPage):
    """Confirmed cases of the campaign: a chosen list, one decision, all or nothing."""

    grant = "referral.admit"

    def form(self, *data: Any) -> AdmissionForm:
        rows = Referral.objects.visible_to(self.request.user).filter(
            campaign=self.cohort.campaign, state=State.CONFIRMED
        )
        return AdmissionForm(
            *data, cases=rows.select_related("cadre", "unit", "campaign").order_by("unit__path", "cadre__pinyin", "pk")
        )

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.form(), [])

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, [], 422)
        data = form.cleaned_data
        decision = {"cohort": self.cohort, "decided_on": data["decided_on"], "number": data["number"]}
        items = [(case, "admit", decision) for case in data["cases"]]
        reasons = refused_of(items, request.user)
        if reasons:
            return self.page(form, reasons, 409)
        messages.success(request, _("Admitted: %(count)s. Each has a training notice.") % {"count": len(items)})
        return redirect(self.cohort.get_absolute_url())

    def page(self, form: AdmissionForm, reasons: list[str], status: int = 200) -> HttpResponse:
        chosen = {str(value) for value in form["cases"].value() or []}
        cases = [
            {"case": case, "chosen": str(case.pk) in chosen or not form.is_bound}
            for case in form.fields["cases"].queryset
        ]
        context = {"cohort": self.cohort, "form": form, "reasons": reasons, "cases": cases}
        return render(self.request, "cohorts/training/admit.html", context, status=status)


class Forward(ClassPage):
    """All trainees who stand in a closed block of practice go on: to the next theory block, or to the return review."""

    grant = "referral.practise"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = self.cases().filter(state=State.IN_PRACTICE, phase__closed_on__isnull=False)
        last = max((phase.order for phase in self.cohort.phases.all()), default=0)
        items = [(case, "open_review" if case.phase.order == last else "start_theory", {}) for case in rows]
        reasons = refused_of(items, request.user)
        for reason in reasons:
            messages.error(request, reason)
        if items and not reasons:
            messages.success(request, _("Led on: %(count)s.") % {"count": len(items)})
        return redirect(self.cohort.get_absolute_url())
