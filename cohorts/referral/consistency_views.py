"""The page of the criteria's consistency, and behind a criterion its two findings side by side."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from accounts.kit.lists import KeysetList
from assessments.criteria.models import Edition
from cohorts.campaign.models import Campaign
from cohorts.referral.consistency import FEWEST, LIMIT_PERCENT, lines_of
from cohorts.referral.models import Referral
from cohorts.referral.second import ONE_IN, SecondFinding


class Consistency(PermissionRequiredMixin, View):
    """One edition, criterion by criterion; what goes on the agenda is marked."""

    permission_required = "criteria.consistency"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        editions = list(Edition.objects.readable_by(request.user))
        code = request.GET.get("edition")
        campaign = Campaign.objects.visible_to(request.user).order_by("opened_on", "pk").last()
        latest = next((e for e in editions if campaign and e.pk == campaign.edition_id), None)
        edition = next((e for e in editions if e.code == code), latest)
        lines = lines_of(edition, request.user) if edition else []
        context = {"editions": editions, "edition": edition, "lines": lines, "fewest": FEWEST, "limit": LIMIT_PERCENT, "one_in": ONE_IN,
                   "any": any(line.used for line in lines)}  # fmt: skip
        return render(request, "cohorts/referral/consistency.html", context)


class Differences(PermissionRequiredMixin, KeysetList):
    """The second words on one criterion beside the first ones: where they differ, or all of them; the latest on top."""

    permission_required = "criteria.consistency"
    raise_exception = True
    template_name = "cohorts/referral/differences.html"
    sorts = {"done": "second__done_on"}
    sort = "-done"
    page_size = 20

    def rows(self) -> Any:
        user = self.request.user
        self.edition = get_object_or_404(Edition.objects.readable_by(user), code=self.kwargs["edition"])
        self.criterion = get_object_or_404(self.edition.criteria, code=self.kwargs["criterion"])
        rows = SecondFinding.objects.filter(criterion=self.criterion).with_first()
        rows = rows.filter(second__referral__in=Referral.objects.visible_to(user), first__isnull=False)
        if "every" not in self.request.GET:
            rows = rows.exclude(first=F("upheld"))
        return rows.select_related("second__referral__campaign", "second__referral__cadre")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"edition": self.edition, "criterion": self.criterion, "every": "every" in self.request.GET}
