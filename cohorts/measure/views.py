"""Unit measures: the list, a new one, the printable interview record, a unit's record."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.file.workflow import store
from accounts.kit.lists import KeysetList
from accounts.models import Unit
from accounts.permissions import UNIT_ROLES
from cohorts.measure.forms import MeasureFilter, MeasureForm
from cohorts.measure.kinds import BY_CODE, KINDS
from cohorts.measure.models import UnitMeasure
from cohorts.measure.workflow import propose_measure, record_interview
from cohorts.referral.forms import refuse_into


class Measures(PermissionRequiredMixin, KeysetList):
    """Measures in the reader's scope, the newest first; a head sees those against the own unit."""

    permission_required = "measure.read"
    raise_exception = True
    template_name = "cohorts/measure/measures.html"
    sorts = {"proposed": "proposed_at", "unit": "unit__path"}
    sort = "-proposed"

    def rows(self) -> Any:
        self.own = self.request.user.role.role in UNIT_ROLES
        self.filter = MeasureFilter(self.request.GET, own=self.own)
        rows = UnitMeasure.objects.visible_to(self.request.user).select_related("unit", "campaign", "person")
        return self.filter.filter(rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"filter": self.filter, "own": self.own, "own_unit": self.request.user.role.unit}


def _may_record(user: Any, kind: str) -> bool:
    return user.may("measure.propose" if BY_CODE[kind].decided else "measure.interview")


class NewMeasure(View):
    """First the kind, then its form. An interview is on record at once; everything else waits for a leader."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kinds = [kind for kind in KINDS if _may_record(request.user, kind.code)]
        if not self.kinds:
            raise PermissionDenied
        self.kind = request.GET.get("kind", "")
        if self.kind and self.kind not in BY_CODE:
            raise Http404
        if self.kind and not _may_record(request.user, self.kind):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        form = MeasureForm(kind=self.kind, user=request.user, initial={"unit": request.GET.get("unit", "")}) if self.kind else None  # fmt: skip
        return self.page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.kind:
            return self.page(None, 422)
        form = MeasureForm(request.POST, request.FILES, kind=self.kind, user=request.user)
        if not form.is_valid():
            return self.page(form, 422)
        data = dict(form.cleaned_data)
        try:
            with transaction.atomic():
                data["file"] = store(data["file"], by=request.user) if data["file"] else None
                if BY_CODE[self.kind].decided:
                    row = propose_measure(by=request.user, kind=self.kind, **data)
                else:
                    row = record_interview(by=request.user, **data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The interview is recorded.") if row.held_on else _("The proposal waits for a leader's decision."))  # fmt: skip
        return redirect(row.get_absolute_url())

    def page(self, form: MeasureForm | None, status: int = 200) -> HttpResponse:
        context = {"form": form, "kinds": self.kinds, "kind": BY_CODE.get(self.kind)}
        return render(self.request, "cohorts/measure/new.html", context, status=status)


class OneMeasure(PermissionRequiredMixin, View):
    permission_required = "measure.read"
    raise_exception = True

    def row(self, public_id: Any) -> UnitMeasure:
        rows = UnitMeasure.objects.visible_to(self.request.user)
        return get_object_or_404(
            rows.select_related("unit", "campaign", "person", "file", "proposed_by__cadre"), public_id=public_id
        )


class InterviewSheet(OneMeasure):
    """The record of an interview, to print and sign."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = self.row(public_id)
        if row.kind != "interview":
            raise Http404
        return render(request, "cohorts/measure/interview_sheet.html", {"row": row, "back_url": row.get_absolute_url()})


class MeasureFile(OneMeasure):
    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        file = self.row(public_id).file
        if file is None:
            raise Http404
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )


class UnitRecord(PermissionRequiredMixin, View):
    """What stands on a unit's record, year by year; revoked measures stay readable as revoked."""

    permission_required = "measure.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        unit = get_object_or_404(Unit.objects.visible_to(request.user), public_id=public_id)
        rows = UnitMeasure.objects.visible_to(request.user).on_record().filter(unit=unit)
        years: dict[int, list[UnitMeasure]] = {}
        for row in rows.select_related("campaign", "person", "unit").order_by("-campaign__year", "-proposed_at"):
            years.setdefault(row.campaign.year, []).append(row)
        context = {"unit": unit, "years": list(years.items()), "may_add": request.user.may("measure.interview")}
        return render(request, "cohorts/measure/record.html", context)
