"""The review list of a class, the printed sheet, the follow-ups."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.setting.models import setting
from cohorts.campaign.models import Campaign
from cohorts.referral.forms import refuse_into
from cohorts.referral.models import Referral, State
from cohorts.review import facts
from cohorts.review.forms import FollowUpForm, ReviewFilter
from cohorts.review.models import FollowUp, Part, ReturnReview
from cohorts.review.panel import standing_review
from cohorts.review.points import PARTS
from cohorts.review.workflow import record_follow_up


class ReviewList(PermissionRequiredMixin, KeysetList):
    """Trainees of a class from the review on: what is missing per part, results, objections."""

    permission_required = "review.read"
    raise_exception = True
    template_name = "cohorts/review/list.html"
    sorts = {"name": "cadre__pinyin", "since": "state_since"}
    sort = "since"

    def rows(self) -> Any:
        user = self.request.user
        self.filter = ReviewFilter(self.request.GET, campaigns=Campaign.objects.visible_to(user))
        reviews = ReturnReview.objects.standing().select_related("objection")
        rows = Referral.objects.visible_to(user).select_related("cadre", "unit", "campaign", "cohort__campaign")
        return self.filter.filter(
            rows.prefetch_related(Prefetch("reviews", queryset=reviews, to_attr="standing")), timezone.localdate()
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        known = facts.facts_of(context["rows"])
        for case in context["rows"]:
            case.review = case.standing[0] if case.standing else None
            case.gaps = (
                [Part(part).label for part in facts.without_record(known[case.pk])]
                if case.state == State.UNDER_REVIEW
                else []
            )
        return context | {"filter": self.filter, "today": timezone.localdate()}


class ReviewSheet(View):
    """One A4: parts, arithmetic, panel, result, the right to object; empty for the panel's pens before there is a result."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = Referral.objects.visible_to(request.user).select_related(
            "cadre", "unit", "campaign__organizer", "cohort__campaign"
        )
        case = get_object_or_404(rows, public_id=public_id)
        if not (request.user.may("review.read") or request.user.may("referral.object")):
            raise PermissionDenied
        review = standing_review(case)
        if review is None and case.state != State.UNDER_REVIEW:
            raise Http404
        weights, known = setting("review_weights"), facts.facts_of([case])[case.pk]
        blank = [{"label": Part(part).label, "weight": weights.get(part), "facts": known[part]} for part in PARTS]
        context = {"case": case, "review": review, "blank": blank, "days": setting("objection_days"),
                   "pass_points": setting("review_pass_points", review.held_on if review else None), "back_url": case.get_absolute_url()}  # fmt: skip
        return render(request, "cohorts/review/sheet.html", context)


class FollowUps(PermissionRequiredMixin, KeysetList):
    """What is due: the longest overdue first."""

    permission_required = "follow_up.enter"
    raise_exception = True
    template_name = "cohorts/review/follow_ups.html"
    sorts = {"due": "due_on"}
    sort = "due"

    def rows(self) -> Any:
        rows = FollowUp.objects.visible_to(self.request.user).due(timezone.localdate())
        return rows.select_related("referral__cadre", "referral__unit", "referral__campaign")


class FollowUpEntry(View):
    """One short entry; then back to the list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = FollowUp.objects.visible_to(request.user).select_related(
            "referral__cadre", "referral__unit", "referral__campaign"
        )
        self.row = get_object_or_404(rows, public_id=kwargs["public_id"])
        if not request.user.may("follow_up.enter"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(FollowUpForm(initial={"became": self.row.became, "note": self.row.note}))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = FollowUpForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            record_follow_up(self.row, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The follow-up is entered."))
        return redirect("/follow-ups/")

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        return render(self.request, "cohorts/review/follow_up.html", {"row": self.row, "form": form}, status=status)
