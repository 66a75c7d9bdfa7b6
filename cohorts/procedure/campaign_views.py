"""Campaigns and their rounds: create, open, extend, cancel, conclude."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.kit.forms import RowsField
from accounts.models import Unit
from assessments.criteria.models import Edition
from cohorts.campaign.models import Campaign, ReturnState, Round, RoundKind, UnitReturn, county_package
from cohorts.campaign.workflow import (
    cancel_round,
    conclude_campaign,
    conclude_round,
    create_campaign,
    extend_round,
    hindrances,
    open_round,
    revise_campaign,
)
from cohorts.penalty.kinds import CHOICES as PENALTY_KINDS
from cohorts.penalty.kinds import KINDS
from cohorts.referral.forms import day, refuse_into
from cohorts.referral.models import Referral

LISTED = 40


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
    penalty_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Consequences of the re-forging"), choices=PENALTY_KINDS, required=False, initial=county_package,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, organizer: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = Edition.objects.approved().usable_by(organizer)
        self.fields["edition"].initial = Edition.objects.in_use(organizer)


class RoundForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=RoundKind.choices)
    opens_on = day(gettext_lazy("Opens on"), initial=timezone.localdate)
    closes_on = day(gettext_lazy("Closes on"))
    units = RowsField(label=gettext_lazy("Units asked (supplementary round)"), queryset=Unit.objects.none(), required=False,
                                           widget=forms.SelectMultiple(attrs={"size": 8}))  # fmt: skip

    def __init__(self, *args: Any, organizer: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = Unit.objects.asked_by(organizer)


class DaysForm(forms.Form):
    """The days of a campaign; the first only until a round is open."""

    opened_on = day(gettext_lazy("Opened on"))
    class_ends_on = day(gettext_lazy("The class ends on"))

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if campaign.rounds.exists():
            del self.fields["opened_on"]


class ExtendForm(forms.Form):
    closes_on = day(gettext_lazy("New closing day"))


class CancelForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ConfirmForm(forms.Form):
    sure = forms.BooleanField(label=gettext_lazy("I have read what this means and want it."))


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
        return self.page(CampaignForm(organizer=request.user.role.unit))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CampaignForm(request.POST, organizer=request.user.role.unit)
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
    """Rounds with their returns in figures; opening a round."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Campaign.objects.visible_to(request.user).select_related("edition", "organizer")
        self.campaign = get_object_or_404(rows, public_id=kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not request.user.may("campaign.read"):
            raise PermissionDenied
        return self.page(RoundForm(organizer=self.campaign.organizer))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not request.user.may("round.open"):
            raise PermissionDenied
        form = RoundForm(request.POST, organizer=self.campaign.organizer)
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
        filed, user = Q(returns__state__in=[ReturnState.FILED, ReturnState.ACCEPTED]), self.request.user
        rounds = self.campaign.rounds.annotate(
            asked=Count("returns"),
            filed=Count("returns", filter=filed),
            nil=Count("returns", filter=filed & Q(returns__nil=True)),
        )
        running = self.campaign.concluded_on is None
        context = {
            "campaign": self.campaign, "rounds": rounds, "form": form, "running": running,
            "may_open": running and user.may("round.open"), "may_conclude": running and user.may("round.conclude"),
            "may_nominate": running and user.may("referral.draft_county"), "may_revise": running and user.may("campaign.create"),
            "may_end": running and user.may("campaign.conclude"),
            "package": [kind.label for kind in KINDS if kind.code in self.campaign.penalty_kinds],
        }  # fmt: skip
        return render(self.request, "cohorts/procedure/campaign.html", context, status=status)


class ActPage(View):
    """A form, what follows from it in words, and one writer; a refusal keeps the input and says why."""

    grant = ""
    title: str | Promise = ""
    button: str | Promise = ""
    back = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(request, **kwargs)
        if not request.user.may(self.grant):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def load(self, request: HttpRequest, **kwargs: Any) -> None:
        raise NotImplementedError

    def form(self, *data: Any) -> forms.Form:
        raise NotImplementedError

    def write(self, data: dict[str, Any]) -> None:
        raise NotImplementedError

    def told(self) -> dict[str, Any]:
        """What the page says before the form."""
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            self.write(form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Done: %(what)s.") % {"what": self.title})
        return redirect(self.back)

    def page(self, form: forms.Form, status: int = 200) -> HttpResponse:
        context = {"form": form, "title": self.title, "button": self.button, "back": self.back, **self.told()}
        return render(self.request, "cohorts/procedure/act.html", context, status=status)


class CampaignAct(ActPage):
    def load(self, request: HttpRequest, **kwargs: Any) -> None:
        rows = Campaign.objects.visible_to(request.user).select_related("organizer")
        self.campaign = get_object_or_404(rows, public_id=kwargs["public_id"])
        self.back = self.campaign.get_absolute_url()


class ReviseCampaign(CampaignAct):
    grant = "campaign.create"
    title = gettext_lazy("Change the days of the campaign")
    button = gettext_lazy("Save")

    def form(self, *data: Any) -> forms.Form:
        row = self.campaign
        return DaysForm(*data, campaign=row, initial={"opened_on": row.opened_on, "class_ends_on": row.class_ends_on})

    def write(self, data: dict[str, Any]) -> None:
        revise_campaign(self.campaign, by=self.request.user, **data)


class ConcludeCampaign(CampaignAct):
    grant = "campaign.conclude"
    title = gettext_lazy("Conclude the campaign")
    button = gettext_lazy("Conclude")

    def form(self, *data: Any) -> forms.Form:
        return ConfirmForm(*data)

    def write(self, data: dict[str, Any]) -> None:
        conclude_campaign(self.campaign, by=self.request.user)

    def told(self) -> dict[str, Any]:
        return {"warning": _("Nothing more is nominated or returned afterwards."), "lines": hindrances(self.campaign)}


@dataclass(frozen=True)
class RoundVerb:
    """One thing that can be done to a round: who, with which form, in which words."""

    grant: str
    title: str | Promise
    form: type[forms.Form]
    write: Callable[..., None]
    warning: str | Promise


ROUND_VERBS = {
    "extend": RoundVerb("round.open", gettext_lazy("Extend the round"), ExtendForm, extend_round,
                        gettext_lazy("The units asked are told the new day. Late is judged by it.")),
    "cancel": RoundVerb("round.open", gettext_lazy("Cancel the round"), CancelForm, cancel_round,
                        gettext_lazy("The units asked are told. Drafts of this round are discarded; their evidence stays on record.")),
    "conclude": RoundVerb("round.conclude", gettext_lazy("Conclude the round"), ConfirmForm, conclude_round,
                          gettext_lazy("Nothing more is accepted in this round afterwards.")),
}  # fmt: skip


class RoundAct(ActPage):
    """Extend, cancel or conclude a round; concluding says what stays missing."""

    def load(self, request: HttpRequest, **kwargs: Any) -> None:
        self.name = kwargs["action"]
        if self.name not in ROUND_VERBS:
            raise Http404
        self.verb = ROUND_VERBS[self.name]
        self.grant = self.verb.grant
        rows = Round.objects.filter(campaign__in=Campaign.objects.visible_to(request.user)).select_related("campaign")
        self.round = get_object_or_404(rows, public_id=kwargs["public_id"])
        self.title, self.button = f"{self.verb.title}: {self.round}", self.verb.title
        self.back = self.round.campaign.get_absolute_url()

    def form(self, *data: Any) -> forms.Form:
        return self.verb.form(*data)

    def write(self, data: dict[str, Any]) -> None:
        data.pop("sure", None)
        self.verb.write(self.round, by=self.request.user, **data)

    def told(self) -> dict[str, Any]:
        lines = []
        if self.name == "conclude":
            missing = UnitReturn.objects.filter(round=self.round).outstanding().select_related("unit")
            names = [row.unit.name for row in missing[: LISTED + 1]]
            follow = Referral.objects.to_follow().filter(unit_return__round=self.round).count()
            if names:
                lines.append(_("Without a return stay: %(units)s.") % {"units": _(", ").join(names[:LISTED])})
            if follow:
                lines.append(_("Announced material that would not be accepted any more: %(n)s.") % {"n": follow})
        return {"warning": self.verb.warning, "lines": lines, "facts": [(_("Closes on"), self.round.closes_on)]}
