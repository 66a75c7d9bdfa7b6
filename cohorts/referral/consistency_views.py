"""The page of the criteria's consistency."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from assessments.criteria.models import Edition
from cohorts.referral.consistency import FEWEST, LIMIT_PERCENT, lines_of


class Consistency(PermissionRequiredMixin, View):
    """One edition, criterion by criterion; what goes on the agenda is marked."""

    permission_required = "criteria.consistency"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        editions = list(Edition.objects.readable_by(request.user))
        code = request.GET.get("edition")
        latest = next((e for e in reversed(editions) if e.campaigns.exists()), None)
        edition = next((e for e in editions if e.code == code), latest)
        lines = lines_of(edition, request.user) if edition else []
        context = {"editions": editions, "edition": edition, "lines": lines, "fewest": FEWEST, "limit": LIMIT_PERCENT,
                   "any": any(line.used for line in lines)}  # fmt: skip
        return render(request, "cohorts/referral/consistency.html", context)
