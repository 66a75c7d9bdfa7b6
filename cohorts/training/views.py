"""Opening a class."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from cohorts.campaign.models import Campaign
from cohorts.referral.forms import day, refuse_into
from cohorts.training.workflow import open_cohort


class CohortForm(forms.Form):
    starts_on = day(gettext_lazy("Begins on"))
    ends_on = day(gettext_lazy("Ends on"))


class NewCohort(PermissionRequiredMixin, View):
    """The next class of the running campaign."""

    permission_required = "referral.admit"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(CohortForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        campaign = Campaign.objects.visible_to(request.user).running().order_by("-opened_on").first()
        if campaign is None:
            raise Http404
        form = CohortForm(request.POST)
        if form.is_valid():
            try:
                open_cohort(by=request.user, campaign=campaign, **form.cleaned_data)
            except ValidationError as error:
                refuse_into(form, error)
            else:
                messages.success(request, _("The class is open; admit confirmed cases next."))
                return redirect("/cases/?state=confirmed")
        return self.page(form, 422)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        return render(
            self.request, "cohorts/referral/list_form.html", {"form": form, "title": _("Open a class")}, status=status
        )
