"""Consequences in force, the lists for payroll, and the eligibility check."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts import crypto
from accounts.kit.lists import KeysetList
from accounts.models import Cadre
from accounts.people.models import barred_cadres
from cohorts.penalty.eligibility import Purpose, eligibility
from cohorts.penalty.forms import DrawForm, EligibilityForm, PenaltyFilter
from cohorts.penalty.models import Penalty
from cohorts.penalty.payroll import ListState, PayrollList
from cohorts.penalty.sheet import workbook
from cohorts.penalty.workflow import draw_list
from cohorts.referral.forms import refuse_into
from cohorts.referral.models import Referral

SEARCH_LIMIT = 20
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Penalties(PermissionRequiredMixin, KeysetList):
    """Who stands under which consequence: in force today unless asked otherwise."""

    permission_required = "penalty.read"
    raise_exception = True
    template_name = "cohorts/penalty/penalties.html"
    sorts = {"start": "start", "name": "referral__cadre__pinyin"}
    sort = "-start"

    def rows(self) -> Any:
        self.filter = PenaltyFilter(self.request.GET, user=self.request.user)
        rows = Penalty.objects.visible_to(self.request.user).select_related(
            "referral__cadre", "referral__unit", "referral__campaign"
        )
        return self.filter.filter(rows, timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(today=timezone.localdate(), **kwargs)
        return context | {"filter": self.filter}


class PayrollLists(PermissionRequiredMixin, KeysetList):
    """Lists month by month, the newest first."""

    permission_required = "payroll.read"
    raise_exception = True
    template_name = "cohorts/penalty/payroll_lists.html"
    sorts = {"month": "month"}
    sort = "-month"

    def rows(self) -> Any:
        state = self.request.GET.get("state", "")
        rows = PayrollList.objects.visible_to(self.request.user).annotate(
            line_count=Count("lines"), difference_count=Count("lines", filter=~Q(lines__difference=""))
        )
        return rows.filter(state=state) if state in ListState.values else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(states=ListState.choices, state=self.request.GET.get("state", ""), **kwargs)


class NewPayrollList(PermissionRequiredMixin, View):
    """Draw up a month's list."""

    permission_required = "payroll.draw"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(DrawForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DrawForm(request.POST)
        if form.is_valid():
            try:
                row = draw_list(by=request.user, organizer=request.user.role.unit, **form.cleaned_data)
            except ValidationError as error:
                refuse_into(form, error)
                return self.page(form, 409)
            messages.success(request, _("The list is drawn up. Check it, then hand it over."))
            return redirect(row.get_absolute_url())
        return self.page(form, 422)

    def page(self, form: DrawForm, status: int = 200) -> HttpResponse:
        return render(self.request, "cohorts/penalty/payroll_new.html", {"form": form}, status=status)


class PayrollFile(PermissionRequiredMixin, View):
    """The frozen list as XLSX."""

    permission_required = "payroll.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = get_object_or_404(PayrollList.objects.visible_to(request.user), public_id=public_id)
        response = HttpResponse(workbook(row, row.lines.visible_to(request.user)), content_type=_XLSX)
        response["Content-Disposition"] = f'attachment; filename="payroll-{row.number}.xlsx"'
        return response


def people_named(user: Any, words: list[str]) -> list[Cadre]:
    """The people of the reader's scope who bear one of the names or numbers; never those he is recused from.

    A single word is a search: the beginning of a name, of its pinyin or of its initials, at most twenty people.
    """
    rows = Cadre.objects.visible_to(user).exclude(pk__in=barred_cadres(user.cadre_id))
    rows = rows.select_related("unit").order_by("pinyin", "pk")
    if len(words) == 1:
        return list(rows.found_by(words[0])[:SEARCH_LIMIT])
    numbers = [crypto.index(word.upper()) for word in words if len(word) == 18]
    return list(rows.filter(Q(name__in=words) | Q(id_index__in=numbers)))


def not_found(people: list[Cadre], words: list[str]) -> list[str]:
    """The pasted lines that name nobody of the reader's scope."""
    if len(words) == 1:
        return [] if people else words
    known = {cadre.name for cadre in people} | {cadre.id_number for cadre in people}
    return [word for word in words if word not in known and word.upper() not in known]


class Eligibility(PermissionRequiredMixin, View):
    """The question is sent as a POST, so that names and numbers stand in no log; nothing is written."""

    permission_required = "eligibility.ask"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "cohorts/penalty/eligibility.html", {"form": EligibilityForm(), "asked": False})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = EligibilityForm(request.POST)
        if not form.is_valid():
            return render(request, "cohorts/penalty/eligibility.html", {"form": form, "asked": False}, status=422)
        data = form.cleaned_data
        people = people_named(request.user, data["people"])
        answers = eligibility(people, data["purpose"], data["on"])
        wanted = {reason.referral_id for answer in answers.values() for reason in answer.reasons}
        cases = {case.pk: case for case in Referral.objects.visible_to(request.user).filter(pk__in=wanted).select_related("campaign")}  # fmt: skip
        rows = [
            {"cadre": cadre, "allowed": answers[cadre.pk].allowed,
             "reasons": [(reason, cases.get(reason.referral_id)) for reason in answers[cadre.pk].reasons]}
            for cadre in people
        ]  # fmt: skip
        context = {
            "form": form, "asked": True, "rows": rows, "missing": not_found(people, data["people"]),
            "purpose": Purpose(data["purpose"]).label, "on": data["on"], "refused": sum(not row["allowed"] for row in rows),
            "case_links": request.user.may("referral.read"), "now": timezone.now(), "back_url": "/eligibility/",
        }  # fmt: skip
        name = "eligibility_sheet" if "print" in request.POST else "eligibility"
        return render(request, f"cohorts/penalty/{name}.html", context)
