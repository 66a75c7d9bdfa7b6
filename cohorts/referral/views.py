"""Drafts, verification teams, screening letters."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.file.workflow import store
from accounts.kit.lists import KeysetList
from accounts.models import Cadre, User
from accounts.people.forms import PersonSearch
from accounts.people.models import barred_cadres
from accounts.setting.models import setting
from accounts.wording import say
from assessments.evidence.workflow import missing_for
from cohorts.campaign.models import Campaign, UnitReturn
from cohorts.referral.forms import (
    AnswerForm,
    DraftForm,
    EndTeamForm,
    FollowForm,
    LetterForm,
    TeamForm,
    refuse_into,
)
from cohorts.referral.models import AT_THE_TEAM, Origin, Referral, ScreeningLetter, State, VerificationTeam
from cohorts.referral.presets import presets
from cohorts.referral.recusal import kept_from_heads
from cohorts.referral.workflow import (
    announce_follow,
    answer_letter,
    begin_draft,
    discard_draft,
    end_team,
    form_team,
    revise_draft,
    send_letter,
)


class DraftPage(View):
    """Begin or change a nomination: who, then criteria and evidence, facts, talk."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.case, self.unit_return, self.cadre = None, None, None
        if "public_id" in kwargs:
            self.case = get_object_or_404(
                Referral.objects.visible_to(request.user), public_id=kwargs["public_id"], state=State.DRAFT
            )
            self.unit_return, self.cadre, self.campaign = self.case.unit_return, self.case.cadre, self.case.campaign
        elif "return_id" in kwargs:
            self.unit_return = get_object_or_404(
                UnitReturn.objects.visible_to(request.user), public_id=kwargs["return_id"]
            )
            self.campaign = self.unit_return.round.campaign
        else:
            self.campaign = get_object_or_404(
                Campaign.objects.visible_to(request.user), public_id=kwargs["campaign_id"]
            )
        county = self.unit_return is None
        if not request.user.may("referral.draft_county" if county else "referral.draft"):
            raise PermissionDenied
        # The form shows the evidence about a person: nobody reads it of himself, or of kin, dispute or interest.
        people = Cadre.objects.visible_to(request.user).exclude(pk__in=barred_cadres(request.user.cadre_id))
        self.people = people.filter(unit__path__startswith=self.unit_return.unit.path) if self.unit_return else people
        if self.cadre is None and request.GET.get("cadre"):
            try:
                self.cadre = self.people.filter(public_id=request.GET["cadre"]).select_related("unit").first()
            except ValidationError:
                self.cadre = None
            if self.cadre is None:
                raise Http404
            if self.cadre.why_not_nominated:
                messages.error(request, say(f"guard.{self.cadre.why_not_nominated}"))
                return redirect(request.path)
        return super().dispatch(request, *args, **kwargs)

    def form(self, *data: Any) -> DraftForm:
        if self.case:
            initial: dict[str, Any] = {"version": self.case.version}
        else:
            initial = {} if data else presets(self.request.GET, self.cadre, self.campaign.edition)
        return DraftForm(
            *data,
            cadre=self.cadre,
            edition=self.campaign.edition,
            case=self.case,
            user=self.request.user,
            initial=initial,
        )

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.cadre is None:
            pick = PersonSearch(request.GET)
            words = pick.cleaned_data["q"] if pick.is_valid() else ""
            found = self.people.filter(left_on__isnull=True).select_related("unit").order_by("pinyin", "pk")
            found = list((found.found_by(words) if words else found)[:50])
            for cadre in found:
                cadre.why_not = say(f"guard.{cadre.why_not_nominated}") if cadre.why_not_nominated else ""
            return render(
                request, "cohorts/referral/pick.html", {"pick": pick, "found": found, "unit_return": self.unit_return}
            )
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.cadre is None:
            raise Http404
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            with transaction.atomic():
                items = form.new_items()
                for item in items:
                    item["file"] = store(item["file"], by=request.user) if item["file"] else None
                content = form.content() | {"new_evidence": items}
                if form.cleaned_data.get("host_opinion_file"):
                    content["host_opinion_file"] = store(form.cleaned_data["host_opinion_file"], by=request.user)
                if self.case:
                    case = revise_draft(self.case, by=request.user, version=form.cleaned_data["version"], **content)
                else:
                    origin = Origin.UNIT if self.unit_return else Origin.THREE_MECHANISMS
                    case = begin_draft(
                        by=request.user,
                        cadre=self.cadre,
                        campaign=self.campaign,
                        unit_return=self.unit_return,
                        origin=origin,
                        **content,
                    )
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The draft is saved."))
        return redirect(case.get_absolute_url())

    def page(self, form: DraftForm, status: int = 200) -> HttpResponse:
        groups: dict[str, list[Any]] = {}
        chosen = set(form["criteria"].value() or [])
        used = {str(value) for value in form["evidence"].value() or []}
        kinds = [item.kind for item in form.items if str(item.pk) in used]
        for criterion in form.criteria:
            criterion.chosen = criterion.pk in chosen or str(criterion.pk) in chosen
            criterion.gaps = [say(*gap) for gap in missing_for(criterion, self.campaign.edition, kinds)]
            groups.setdefault(criterion.get_group_display(), []).append(criterion)
        for item in form.items:
            item.chosen = str(item.pk) in used
        context = {
            "form": form,
            "cadre": self.cadre,
            "case": self.case,
            "unit_return": self.unit_return,
            "groups": groups.items(),
            # With a draft or with presets the evidence is judged: an empty form has nothing yet to suffice.
            "judged": self.case is not None or bool(used),
        }
        return render(self.request, "cohorts/referral/draft.html", context, status=status)


class DiscardDraft(View):
    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        case = get_object_or_404(Referral.objects.visible_to(request.user), public_id=public_id, state=State.DRAFT)
        if not (request.user.may("referral.draft") or request.user.may("referral.draft_county")):
            raise PermissionDenied
        back = case.unit_return.get_absolute_url() if case.unit_return else "/cases/"
        discard_draft(case, by=request.user)
        messages.success(request, _("The draft is discarded; its evidence stays on record."))
        return redirect(back)


def chosen_campaign(campaigns: list[Campaign], key: str) -> Campaign | None:
    """The campaign that the address names, else the first; 404 for one that is not offered to this person."""
    if not key:
        return campaigns[0] if campaigns else None
    found = next((row for row in campaigns if str(row.public_id) == key), None)
    if found is None:
        raise Http404
    return found


class ListForm(PermissionRequiredMixin, View):
    """A form over a list of a campaign's cases; a subclass names form, writer and words."""

    raise_exception = True
    template_name = "cohorts/referral/list_form.html"
    title = ""

    def cases(self, campaign: Campaign) -> Any:
        raise NotImplementedError

    def form(self, campaign: Campaign, *data: Any) -> Any:
        raise NotImplementedError

    def write(self, campaign: Campaign, data: dict[str, Any]) -> str:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.campaigns = Campaign.objects.offered_to(request.user)
        self.campaign = chosen_campaign(self.campaigns, request.GET.get("campaign", ""))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.form(self.campaign) if self.campaign else None)

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.campaign is None:
            raise Http404
        form = self.form(self.campaign, request.POST)
        if form.is_valid():
            try:
                return redirect(self.write(self.campaign, form.cleaned_data))
            except ValidationError as error:
                refuse_into(form, error)
        return self.page(form, 422)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"form": form, "title": self.title, "campaign": self.campaign, "campaigns": self.campaigns}
        return render(self.request, self.template_name, context, status=status)


class NewTeam(ListForm):
    permission_required = "team.manage"

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Name a verification team")

    def form(self, campaign: Campaign, *data: Any) -> TeamForm:
        return TeamForm(*data, campaign=campaign, cases=self.cases(campaign))

    def cases(self, campaign: Campaign) -> Any:
        rows = Referral.objects.visible_to(self.request.user).filter(campaign=campaign, state=State.NOMINATED)
        return rows.select_related("cadre", "campaign", "team").order_by("team", "pk")

    def write(self, campaign: Campaign, data: dict[str, Any]) -> str:
        form_team(
            by=self.request.user, campaign=campaign, name=data["name"], members=data["members"], cases=data["cases"]
        )
        messages.success(self.request, _("The team is named and has its cases."))
        return "/teams/"


class TeamList(KeysetList):
    """The batches, the running ones first: who is in them, what they have."""

    template_name = "cohorts/referral/teams.html"
    sorts = {"formed": "formed_on"}
    sort = "-formed"

    def rows(self) -> Any:
        user = self.request.user
        if not user.may("team.read"):
            raise PermissionDenied
        rows = VerificationTeam.objects.visible_to(user).select_related("campaign")
        if self.request.GET.get("ended") != "1":
            rows = rows.running()
        cases = Referral.objects.visible_to(user).select_related("cadre", "campaign").order_by("pk")
        members = User.objects.select_related("cadre__unit")
        return rows.prefetch_related(Prefetch("cases", cases), Prefetch("members", members))


class TeamPage(View):
    """One batch; the section chief may end it before its cases are verified."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = VerificationTeam.objects.visible_to(request.user).select_related("campaign")
        self.team = get_object_or_404(rows, public_id=kwargs["public_id"])
        if not request.user.may("team.read"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(EndTeamForm())

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not request.user.may("team.manage"):
            raise PermissionDenied
        form = EndTeamForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            end_team(self.team, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The team is ended; what it has not verified needs another team."))
        return redirect("/teams/")

    def page(self, form: EndTeamForm, status: int = 200) -> HttpResponse:
        cases = (
            Referral.objects.visible_to(self.request.user).filter(team=self.team).select_related("cadre", "campaign")
        )
        context = {
            "team": self.team, "members": self.team.members.select_related("cadre__unit"), "form": form,
            "cases": cases.order_by("pk"), "left": cases.filter(state__in=AT_THE_TEAM).count(),
            "may_end": (self.team.ended_on is None or form.is_bound) and self.request.user.may("team.manage"),
        }  # fmt: skip
        return render(self.request, "cohorts/referral/team.html", context, status=status)


class FollowPage(View):
    """List a draft as material to follow, or as ready again."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Referral.objects.visible_to(request.user).select_related("unit_return__round", "cadre")
        self.case = get_object_or_404(rows, public_id=kwargs["public_id"], state=State.DRAFT, unit_return__isnull=False)
        if not request.user.may("referral.draft"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        case = self.case
        initial = {"version": case.version, "until": case.follow_until, "reason": case.follow_reason}
        return self.page(FollowForm(initial=initial))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = FollowForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            announce_follow(self.case, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Saved."))
        return redirect(self.case.unit_return.get_absolute_url())

    def page(self, form: FollowForm, status: int = 200) -> HttpResponse:
        last = self.case.unit_return.round.closes_on + dt.timedelta(days=setting("follow_days"))
        context = {"case": self.case, "form": form, "last": last}
        return render(self.request, "cohorts/referral/follow.html", context, status=status)


class DeputySheet(View):
    """The deputy's own sheet for one name that the head must not know of, to print, sign and stamp."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = Referral.objects.visible_to(request.user).select_related("unit", "cadre", "unit_return__round__campaign")
        case = get_object_or_404(rows, public_id=public_id, state=State.DRAFT, unit_return__isnull=False)
        if not request.user.may("referral.nominate_for_head"):
            raise PermissionDenied
        if case.cadre_id not in kept_from_heads(case.unit, timezone.localdate()):
            raise Http404
        return render(request, "cohorts/referral/deputy_sheet.html", {"case": case, "criteria": case.criteria.all(),
                                                                      "back_url": case.get_absolute_url()})  # fmt: skip


class NewLetter(ListForm):
    permission_required = "screening.manage"

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Letter asking for an opinion on a list")

    def form(self, campaign: Campaign, *data: Any) -> LetterForm:
        return LetterForm(*data, cases=self.cases(campaign))

    def cases(self, campaign: Campaign) -> Any:
        rows = Referral.objects.visible_to(self.request.user).open().filter(campaign=campaign, state=State.NOMINATED)
        return rows.select_related("cadre", "campaign").order_by("pk")

    def write(self, campaign: Campaign, data: dict[str, Any]) -> str:
        letter = send_letter(by=self.request.user, campaign=campaign, **data)
        return f"/letters/{letter.public_id}/"


class Letters(PermissionRequiredMixin, View):
    """Letters sent, those without an answer first."""

    permission_required = "screening.manage"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = ScreeningLetter.objects.filter(campaign__in=Campaign.objects.visible_to(request.user)).prefetch_related(
            "answers"
        )[:200]
        return render(request, "cohorts/referral/letters.html", {"rows": rows})


class LetterPage(PermissionRequiredMixin, View):
    """The list and the answer per name; no details are stored."""

    permission_required = "screening.manage"
    raise_exception = True

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.letter = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        letters = ScreeningLetter.objects.filter(campaign__in=Campaign.objects.visible_to(request.user))
        self.letter = get_object_or_404(letters, public_id=kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(AnswerForm(letter=self.letter))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = AnswerForm(request.POST, letter=self.letter)
        if form.is_valid():
            data = form.cleaned_data
            try:
                answer_letter(
                    self.letter,
                    by=request.user,
                    number=data["number"],
                    answered_on=data["answered_on"],
                    answers=form.answers(),
                )
            except ValidationError as error:
                refuse_into(form, error)
            else:
                messages.success(request, _("The answer is recorded."))
                return redirect("/cases/?state=nominated")
        return self.page(form, 422)

    def page(self, form: AnswerForm, status: int = 200) -> HttpResponse:
        return render(
            self.request, "cohorts/referral/letter.html", {"letter": self.letter, "form": form}, status=status
        )
