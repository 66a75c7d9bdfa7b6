"""Alerts, worst first, with the last run of the scan."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin

from accounts.job import Job
from accounts.kit.lists import KeysetList
from cohorts.alert.models import Alert


class Alerts(PermissionRequiredMixin, KeysetList):
    """Standing alerts; ``all=1`` shows the cleared ones too."""

    permission_required = "alert.read"
    raise_exception = True
    template_name = "cohorts/alert/list.html"
    sorts = {"raised": "raised_at"}
    sort = "-raised"

    def rows(self) -> Any:
        rows = Alert.objects.visible_to(self.request.user)
        return rows if "all" in self.request.GET else rows.standing()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            last=Job.objects.filter(kind="scan_alerts").order_by("-created_at").first(), **kwargs
        )
