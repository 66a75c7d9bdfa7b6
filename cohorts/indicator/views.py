"""The indicator unit by unit and with its parts, the resolution it rests on, its file; and the mirror."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.job import ask_for
from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.models import Unit
from accounts.permissions import Role
from accounts.tasks import wake_worker
from cohorts.campaign.models import Round
from cohorts.indicator.forms import ResolutionForm, YearForm
from cohorts.indicator.mirror import FEWEST, band_of, mirror
from cohorts.indicator.models import Resolution
from cohorts.indicator.parts import FULL, PARTS, indicators, last_day, rows_behind
from cohorts.indicator.workflow import INDICATOR, handed_over, record_resolution, units_of


def _year_form(request: HttpRequest) -> YearForm:
    first = Round.objects.order_by("closes_on").values_list("closes_on__year", flat=True).first()
    today = timezone.localdate()
    form = YearForm(request.GET if "year" in request.GET else None, today=today, since=first or today.year)
    if form.chosen is None:
        raise Http404
    return form


class Indicators(PermissionRequiredMixin, KeysetList):
    """One line per unit in the order of the county's tree; there is no order by value. A head is led to the own unit."""

    permission_required = "indicator.read"
    raise_exception = True
    template_name = "cohorts/indicator/list.html"
    sorts = {"unit": "path"}
    sort = "unit"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.filter = _year_form(request)
        role = request.user.role
        if role.role == Role.UNIT_HEAD:
            return redirect(f"/indicator/units/{role.unit.public_id}/?year={self.filter.chosen}")
        return super().get(request, *args, **kwargs)

    def rows(self) -> Any:
        return units_of(self.request.user, self.filter.chosen, last_day(self.filter.chosen, timezone.localdate()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, year = super().get_context_data(**kwargs), self.filter.chosen
        on = last_day(year, timezone.localdate())
        resolution = Resolution.objects.in_force(on)
        found = indicators([unit.pk for unit in context["rows"]], year, on) if resolution else {}
        for unit in context["rows"]:
            unit.indicator = found.get(unit.pk)
        user = self.request.user
        return context | {
            "filter": self.filter, "year": year, "on": on, "resolution": resolution, "parts": PARTS, "full": FULL,
            "handed": handed_over(year), "may_export": user.may("report.export") and resolution is not None,
        }  # fmt: skip


class UnitIndicator(PermissionRequiredMixin, View):
    """One unit: each part with its number, the points deducted, and the rows behind it."""

    permission_required = "indicator.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        user, form = request.user, _year_form(request)
        rows = Unit.objects.visible_to(user)
        if user.role.role == Role.UNIT_HEAD:
            rows = rows.filter(pk=user.role.unit_id)
        unit = get_object_or_404(rows, public_id=public_id)
        on = last_day(form.chosen, timezone.localdate())
        resolution, figures, value = Resolution.objects.in_force(on), [], None
        asked = units_of(user, form.chosen, on).filter(pk=unit.pk).exists()
        if resolution and asked:
            found = indicators([unit.pk], form.chosen, on)[unit.pk]
            value = found.value
            figures = [(figure, rows_behind(figure.part, unit, form.chosen, on, user)) for figure in found.figures]
        context = {
            "unit": unit, "filter": form, "year": form.chosen, "on": on, "resolution": resolution, "figures": figures,
            "value": value, "full": FULL, "asked": asked, "own": user.role.role == Role.UNIT_HEAD,
        }  # fmt: skip
        return render(request, "cohorts/indicator/unit.html", context)


class Resolutions(PermissionRequiredMixin, View):
    """On which resolution the indicator rests from which day on; the department administrator records a new one."""

    permission_required = "indicator.read"
    raise_exception = True

    def page(self, form: ResolutionForm | None, status: int = 200) -> HttpResponse:
        rows = Resolution.objects.select_related("recorded_by__cadre")
        context = {"rows": rows, "form": form, "now": Resolution.objects.in_force(timezone.localdate())}
        return render(self.request, "cohorts/indicator/resolutions.html", context, status=status)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ResolutionForm() if request.user.may("resolution.record") else None)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.may("resolution.record"):
            raise PermissionDenied
        form = ResolutionForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            record_resolution(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The resolution is recorded."))
        return redirect(request.path)


class HandOver(PermissionRequiredMixin, View):
    """The file for the assessment office, made by a worker; its page offers it for a day."""

    permission_required = "report.export"
    raise_exception = True

    def post(self, request: HttpRequest) -> HttpResponse:
        year = request.POST.get("year", "")
        today = timezone.localdate()
        if not year.isdecimal() or not 2000 < int(year) <= today.year:
            raise Http404
        if Resolution.objects.in_force(last_day(int(year), today)) is None:
            messages.error(request, _("No resolution of the standing committee holds for that day: the indicator does not exist."))  # fmt: skip
            return redirect(f"/indicator/?year={year}")
        minute = f"{timezone.now():%Y-%m-%dT%H:%M}:{request.user.pk}:{year}"
        job = ask_for(INDICATOR, by=request.user, period=minute, year=int(year))
        wake_worker()
        return redirect(job.get_absolute_url())


class Mirror(PermissionRequiredMixin, View):
    """The own unit beside at least five comparable ones: own value, quarters, median, number of units."""

    permission_required = "mirror.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        form, unit = _year_form(request), request.user.role.unit
        lines = mirror(unit, form.chosen, last_day(form.chosen, timezone.localdate()), request.user)
        context = {
            "unit": unit,
            "filter": form,
            "year": form.chosen,
            "lines": lines,
            "band": band_of(unit.staff_in_post),
            "fewest": FEWEST,
        }
        return render(request, "cohorts/indicator/mirror.html", context)
