"""Campaigns, the returns board and the unit's own return."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.calendar import deadline
from accounts.kit.lists import KeysetList
from accounts.models import Unit
from accounts.permissions import UNIT_ROLES
from accounts.setting.models import signer_of
from assessments.criteria.models import Edition
from cohorts.campaign.models import Campaign, ReturnState, Round, RoundKind, UnitReturn
from cohorts.campaign.workflow import conclude_round, create_campaign, open_round
from cohorts.procedure.views import buttons
from cohorts.referral.forms import day, refuse_into
from cohorts.referral.models import Referral


class ReturnList(KeysetList):
    """The board for the organizer, the own returns for a unit."""

    template_name = "cohorts/procedure/returns.html"
    sorts = {"unit": "unit__path", "state": "state"}
    sort = "unit"

    def rows(self) -> Any:
        user = self.request.user
        if not user.may("return.read"):
            raise PermissionDenied
        rows = UnitReturn.objects.visible_to(user).select_related("unit", "round__campaign")
        state = self.request.GET.get("state", "")
        if state in ReturnState.values:
            rows = rows.filter(state=state)
        if user.role.role not in UNIT_ROLES:
            rows = rows.filter(round__campaign__in=Campaign.objects.visible_to(user).running())
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(states=ReturnState.choices, state=self.request.GET.get("state", ""), **kwargs)


class ReturnPage(View):
    """One unit's return: its names, its meeting, what is missing, and the steps."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = UnitReturn.objects.visible_to(request.user).select_related(
            "unit", "round__campaign__edition", "signed_by__cadre"
        )
        row = get_object_or_404(rows, public_id=public_id)
        if not request.user.may("return.read"):
            raise PermissionDenied
        cases = (
            Referral.objects.visible_to(request.user)
            .filter(unit_return=row)
            .select_related("cadre", "campaign")
            .order_by("pk")
        )
        left = deadline(row.round.closes_on, since=row.round.opens_on) if not row.filed_at else None
        editable = row.state in (
            ReturnState.EXPECTED,
            ReturnState.PREPARED,
            ReturnState.SENT_BACK,
        ) and request.user.may("referral.draft")
        context = {
            "row": row,
            "cases": cases,
            "deadline": left,
            "editable": editable,
            "buttons": buttons(row, request.user),
        }
        return render(request, "cohorts/procedure/return.html", context)


class ReturnSheet(View):
    """The sheet to print, sign and stamp; its number is checked at the upload."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = get_object_or_404(
            UnitReturn.objects.visible_to(request.user).select_related("unit", "round__campaign"), public_id=public_id
        )
        if not request.user.may("return.prepare"):
            raise PermissionDenied
        cases = (
            Referral.objects.visible_to(request.user)
            .filter(unit_return=row)
            .select_related("cadre")
            .prefetch_related("criteria")
        )
        context = {"row": row, "cases": cases, "signer": signer_of(row.unit.kind)}
        return render(request, "cohorts/procedure/return_sheet.html", context)


class CampaignForm(forms.Form):
    year = forms.IntegerField(
        label=gettext_lazy("Year"), min_value=2018, max_value=2100, initial=lambda: timezone.localdate().year
    )
    ordinal = forms.IntegerField(label=gettext_lazy("Order in the year"), min_value=1, max_value=9, initial=1)
    edition = forms.ModelChoiceField(
        label=gettext_lazy("Edition of criteria (approved ones)"), queryset=Edition.objects.none()
    )
    notice_number = forms.CharField(label=gettext_lazy("Notice number"), max_length=60)
    opened_on = day(gettext_lazy("Opened on"), initial=timezone.localdate)
    class_ends_on = day(gettext_lazy("The class ends on"))
    suspends = forms.BooleanField(
        label=gettext_lazy("The working allowance is suspended during the class"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = Edition.objects.approved()


class RoundForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=RoundKind.choices)
    opens_on = day(gettext_lazy("Opens on"), initial=timezone.localdate)
    closes_on = day(gettext_lazy("Closes on"))
    units = forms.ModelMultipleChoiceField(label=gettext_lazy("Units asked (supplementary round)"), queryset=Unit.objects.reporting(), required=False,
                                           widget=forms.SelectMultiple(attrs={"size": 8}))  # fmt: skip


class CampaignList(PermissionRequiredMixin, View):
    permission_required = "campaign.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = (
            Campaign.objects.visible_to(request.user).select_related("edition", "organizer").prefetch_related("rounds")
        )
        return render(
            request,
            "cohorts/procedure/campaigns.html",
            {"rows": rows, "may_create": request.user.may("campaign.create")},
        )


class NewCampaign(PermissionRequiredMixin, View):
    permission_required = "campaign.create"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(CampaignForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CampaignForm(request.POST)
        if form.is_valid():
            try:
                campaign = create_campaign(by=request.user, organizer=request.user.role.unit, **form.cleaned_data)
            except ValidationError as error:
                refuse_into(form, error)
            else:
                messages.success(request, _("The campaign is created. Open its first round next."))
                return redirect(f"/campaigns/{campaign.public_id}/")
        return self.page(form, 422)

    def page(self, form: CampaignForm, status: int = 200) -> HttpResponse:
        return render(
            self.request, "cohorts/referral/list_form.html", {"form": form, "title": _("New campaign")}, status=status
        )


class CampaignPage(View):
    """Rounds with their returns in figures; opening and concluding a round."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Campaign.objects.visible_to(request.user).select_related("edition", "organizer")
        self.campaign = get_object_or_404(rows, public_id=kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not request.user.may("campaign.read"):
            raise PermissionDenied
        return self.page(RoundForm())

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if "conclude" in request.POST:
            if not request.user.may("round.conclude"):
                raise PermissionDenied
            conclude_round(
                get_object_or_404(Round, campaign=self.campaign, public_id=request.POST["conclude"]), by=request.user
            )
            return redirect(request.path)
        if not request.user.may("round.open"):
            raise PermissionDenied
        form = RoundForm(request.POST)
        if form.is_valid():
            try:
                row = open_round(by=request.user, campaign=self.campaign, **form.cleaned_data)
            except ValidationError as error:
                refuse_into(form, error)
            else:
                messages.success(
                    request, _("The round is open; %(n)s units are notified.") % {"n": row.returns.count()}
                )
                return redirect(request.path)
        return self.page(form, 422)

    def page(self, form: RoundForm, status: int = 200) -> HttpResponse:
        filed = Q(returns__state__in=[ReturnState.FILED, ReturnState.ACCEPTED])
        rounds = self.campaign.rounds.annotate(
            asked=Count("returns"),
            filed=Count("returns", filter=filed),
            nil=Count("returns", filter=filed & Q(returns__nil=True)),
        )
        context = {"campaign": self.campaign, "rounds": rounds, "form": form, "may_open": self.request.user.may("round.open"),
                   "may_conclude": self.request.user.may("round.conclude"), "may_nominate": self.request.user.may("referral.draft_county")}  # fmt: skip
        return render(self.request, "cohorts/procedure/campaign.html", context, status=status)
