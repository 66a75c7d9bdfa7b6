"""The cohort report's page and its download."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from cohorts.campaign.models import Campaign
from cohorts.report import cohort

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CohortReport(PermissionRequiredMixin, View):
    permission_required = "report.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        campaigns = list(Campaign.objects.visible_to(request.user))
        wanted = request.GET.get("campaign", "")
        campaign = next((c for c in campaigns if str(c.public_id) == wanted), campaigns[0] if campaigns else None)
        table = cohort.rows(campaign) if campaign else []
        context = {
            "campaigns": campaigns, "campaign": campaign, "columns": cohort.columns(),
            "table": [[row[key] for key, _label in cohort.columns()] for row in table],
            "totals": [cohort.totals(table)[key] for key, _label in cohort.columns()], "may_export": request.user.may("report.export"),
        }  # fmt: skip
        return render(request, "cohorts/report/cohort.html", context)


class CohortFile(PermissionRequiredMixin, View):
    permission_required = "report.export"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: object) -> HttpResponse:
        campaign = get_object_or_404(Campaign.objects.visible_to(request.user), public_id=public_id)
        response = HttpResponse(cohort.xlsx(campaign), content_type=_XLSX)
        response["Content-Disposition"] = (
            f'attachment; filename="cohort-report-{campaign.year}-{campaign.ordinal}.xlsx"'
        )
        return response
