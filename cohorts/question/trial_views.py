"""The page on which a draft edition is tried on a campaign, before anybody approves it."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from assessments.criteria.models import Edition
from cohorts.question.trial import campaigns_to_try, try_out


class TrialPage(PermissionRequiredMixin, View):
    """For those who draft and those who approve: figures of units and criteria, no name of a cadre."""

    permission_required = "edition.copy"
    raise_exception = True

    def has_permission(self) -> bool:
        return super().has_permission() or self.request.user.has_perm("edition.approve")

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        user, today = request.user, timezone.localdate()
        edition = get_object_or_404(Edition.objects.approvable_by(user).select_related("based_on"), public_id=public_id)
        campaigns = campaigns_to_try(user, today)
        if key := request.GET.get("campaign"):
            try:
                chosen = get_object_or_404(campaigns, public_id=key)
            except ValidationError as error:
                raise Http404 from error
        else:
            chosen = campaigns.first()
        trial = try_out(edition, chosen, user=user, on=today) if chosen else None
        context = {"edition": edition, "campaigns": campaigns, "chosen": chosen, "trial": trial}
        return render(request, "cohorts/question/trial.html", context)
