"""The cohort report: the page, its exports, and the register of exports."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.job import ask_for
from accounts.kit.lists import KeysetList
from accounts.tasks import wake_worker
from accounts.wording import say
from cohorts.report import workflow
from cohorts.report.forms import ReportForm
from cohorts.report.models import Format, ReportExport
from cohorts.report.sections import SECTION_OF

_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}


def _filters_in_words(query: dict[str, Any]) -> str:
    """The kinds of filter that were set, with their values where no other row must be read for them."""
    words = []
    for name in ("round", "cohort", "kind", "unit", "origin"):
        if value := query.get(name):
            shown = say(f"filter.{name}.{value}") if name in ("kind", "origin") else value if name == "unit" else ""
            words.append(f"{say(f'filter.{name}')} {shown}".strip())
    return _(", ").join(words) or _("the whole campaign")


class CohortReport(PermissionRequiredMixin, View):
    """All sections on one page; every figure opens its rows where the reader may see them."""

    permission_required = "report.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        form = ReportForm(request.GET or {}, user=request.user)
        filters = form.filters()
        context = {
            "form": form,
            "filters": filters,
            "tables": workflow.tables(filters, compare=form.compares) if filters else [],
            "compares": form.compares,
            "has_before": bool(filters and form.compares and filters.before()),
            "words": workflow.narrowed_by(filters) if filters else "",
            "may_export": request.user.may("report.export"),
            "asked": [(name, value) for name, value in request.GET.items() if value] if filters else [],
        }
        return render(request, "cohorts/report/cohort.html", context, status=200 if filters or not form.chosen else 422)


class Export(PermissionRequiredMixin, View):
    """One file: at once, or, when it is large, as a job with a page of its own."""

    permission_required = "report.export"
    raise_exception = True

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReportForm(request.POST, user=request.user)
        filters, section = form.filters(), request.POST.get("section", "")
        format = request.POST.get("format", Format.XLSX)
        if filters is None or format not in Format.values or (section and section not in SECTION_OF):
            raise Http404
        asked: dict[str, Any] = {"compare": form.compares, "format": format, "section": section}
        if workflow.is_large(filters):
            job = ask_for(workflow.EXPORT, by=request.user, query=filters.query, **asked)
            wake_worker()
            return redirect(job.get_absolute_url())
        row, content = workflow.make_export(by=request.user, filters=filters, **asked)
        response = HttpResponse(content, content_type=_TYPES[Format(format)])
        response["Content-Disposition"] = f'attachment; filename="{workflow.file_name(row)}"'
        return response


class Exports(PermissionRequiredMixin, KeysetList):
    """The register: who took what when; a file that turns up is compared by its digest."""

    permission_required = "report.export"
    raise_exception = True
    template_name = "cohorts/report/exports.html"
    sorts = {"date": "exported_at"}
    sort = "-date"

    def rows(self) -> Any:
        rows = ReportExport.objects.visible_to(self.request.user)
        return rows.select_related("campaign", "exported_by__cadre")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for row in context["rows"]:
            if row.section and row.section not in SECTION_OF:
                # A file of another page than the report: it has words of its own, and its page is its code.
                row.section_title, row.words = say(f"export.{row.section}"), str(row.filters.get("year", ""))
                row.url = f"/{row.section}/?{urlencode(row.filters)}"
                continue
            row.section_title = SECTION_OF[row.section].title if row.section else ""
            row.words = _filters_in_words(row.filters)
            row.url = f"/reports/cohort/?{urlencode({k: v or '' for k, v in row.filters.items()})}"
        return context
