"""Ballots: the list, a new one, the page (the manager's and the voter's), closing, the printed result."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.models import Unit, User
from assessments.ballot import workflow
from assessments.ballot.facts import facts_of
from assessments.ballot.forms import PREFIX, NewBallotForm, sent_marks
from assessments.ballot.guard import NO_WORK, medians, warnings
from assessments.ballot.models import MIN_VALID, Ballot, BallotCandidate, BallotVoter, Mark


class OfBallots(View):
    """Managers of the unit and voters share these pages; whoever is neither is kept out."""

    grants: tuple[str, ...] = ("ballot.manage", "ballot.vote")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not any(request.user.may(grant) for grant in self.grants):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def ballot(self, public_id: Any) -> Ballot:
        rows = Ballot.objects.visible_to(self.request.user).with_turnout().select_related("unit")
        return get_object_or_404(rows, public_id=public_id)


class Ballots(OfBallots, KeysetList):
    """Of the own unit for whoever holds them; for a voter those in which he was asked."""

    template_name = "assessments/ballot/ballots.html"
    sorts = {"opened": "opened_on", "unit": "unit__path"}
    sort = "-opened"

    def rows(self) -> Any:
        user = self.request.user
        waiting = Ballot.objects.waiting_for(user.cadre_id, timezone.localdate()).filter(pk=OuterRef("pk"))
        rows = Ballot.objects.visible_to(user).with_turnout().annotate(waits=Exists(waiting))
        return rows.select_related("unit")


class NewBallot(PermissionRequiredMixin, View):
    """Open a ballot in the own unit, or in one below it (``?unit=``)."""

    permission_required = "ballot.manage"
    raise_exception = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_permission():
            raise PermissionDenied
        units = Unit.objects.visible_to(request.user)
        key = request.GET.get("unit", "")
        try:
            self.unit = units.filter(public_id=key).first() if key else request.user.role.unit
        except ValidationError as error:  # no identifier at all
            raise Http404 from error
        if self.unit is None:
            raise Http404
        self.below = units.filter(parent=request.user.role.unit, dissolved_on__isnull=True)[:30]
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(NewBallotForm(unit=self.unit))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewBallotForm(request.POST, unit=self.unit)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            ballot = workflow.open_ballot(by=request.user, unit=self.unit, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The ballot is open; those asked have a notice."))
        return redirect(ballot)

    def page(self, form: NewBallotForm, status: int = 200) -> HttpResponse:
        why = workflow.why_no_ballot(self.unit, timezone.localdate())
        context = {"form": form, "unit": self.unit, "below": self.below, "why_not": why, "least": MIN_VALID,
                   "standing": Ballot.objects.open().filter(unit=self.unit).first()}  # fmt: skip
        return render(self.request, "assessments/ballot/new.html", context, status=status)


class OneBallot(OfBallots):
    """In a unit role: turnout, closing, result. As the cadre concerned: the form to vote, later the own result."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return page_of(request, self.ballot(public_id))


class Vote(OfBallots):
    grants = ("ballot.vote",)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        ballot = self.ballot(public_id)
        sent = sent_marks(request.POST)
        if sent is None:
            return page_of(request, ballot, reasons=[_("The form does not fit this ballot; load the page again.")], status=422)  # fmt: skip
        keys = dict(ballot.candidates.filter(cadre__public_id__in=sent).values_list("cadre__public_id", "cadre"))
        # A person who is not rated here keeps no key: the workflow refuses what it does not know.
        answers = {keys.get(public, 0): mark for public, mark in sent.items()}
        try:
            workflow.vote(ballot, by=request.user, answers=answers)
        except ValidationError as error:
            return page_of(request, ballot, reasons=error.messages, sent=sent, status=409)
        messages.success(request, _("Your vote is counted. Nobody can see what you marked, nor can you change it."))
        return redirect(ballot)


class Close(OfBallots):
    grants = ("ballot.manage",)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        ballot = self.ballot(public_id)
        try:
            ballot = workflow.close_ballot(ballot, by=request.user)
        except ValidationError as error:
            return page_of(request, self.ballot(public_id), reasons=error.messages, status=409)
        messages.success(request, _("The ballot is closed."))
        return redirect(ballot)


class PutOnRecord(OfBallots):
    """One click: the result of one person becomes an item of evidence that supports."""

    grants = ("ballot.manage",)

    def post(self, request: HttpRequest, public_id: Any, cadre_id: Any) -> HttpResponse:
        ballot = self.ballot(public_id)
        rows = BallotCandidate.objects.visible_to(request.user).filter(ballot=ballot)
        row = get_object_or_404(rows, cadre__public_id=cadre_id)
        try:
            workflow.put_on_record(row, by=request.user)
        except ValidationError as error:
            return page_of(request, ballot, reasons=error.messages, status=409)
        messages.success(request, _("On record: it supports a nomination and does not suffice for one."))
        return redirect(ballot)


class Sheet(OfBallots):
    """The result to print and file."""

    grants = ("ballot.manage",)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        ballot = self.ballot(public_id)
        if ballot.is_open:
            raise Http404
        context = _result_of(request.user, ballot) | {
            "ballot": ballot,
            "back_url": ballot.get_absolute_url(),
            "least": MIN_VALID,
        }
        return render(request, "assessments/ballot/sheet.html", context)


def _shown_facts(facts: Any) -> dict[str, Any]:
    """Figures as the page writes them; None where the unit does not keep them."""
    return {
        "poor": None if facts.poor_share is None else round(100 * facts.poor_share),
        "tasks": facts.tasks_carried, "points": facts.points, "load": facts.duty_load,
    }  # fmt: skip


def _result_of(user: User, ballot: Ballot) -> dict[str, Any]:
    """Rows that this reader may see, each with its facts; the medians and warnings reckon with all rows."""
    rows = workflow.result(ballot)
    facts = facts_of(ballot, rows)
    of_row, middle = {f.cadre.pk: f for f in facts}, medians(facts)
    warned = {w.facts.cadre.pk: w for w in warnings(facts)}
    may_see = set(BallotCandidate.objects.visible_to(user).filter(ballot=ballot).values_list("pk", flat=True))
    shown = []
    for row in rows:
        if row.pk not in may_see:
            continue
        row.facts = _shown_facts(of_row[row.pk]) if row.pk in of_row else None
        row.shares = [
            (label, getattr(row, mark), row.percent(mark)) for mark, label in Mark.choices if mark != Mark.NONE
        ]
        row.idle = warned[row.pk].code == NO_WORK if row.pk in warned else False
        row.warned = row.pk in warned
        shown.append(row)
    return {
        "rows": shown, "hidden": len(rows) - len(shown), "middle": _shown_facts(middle), "guarded": len(facts) >= MIN_VALID,
        "warned": [row for row in shown if row.warned],
        "kept": {"tasks": middle.tasks_carried is not None, "points": middle.points is not None, "load": middle.duty_load is not None},
    }  # fmt: skip


def page_of(
    request: HttpRequest, ballot: Ballot, *, reasons: Any = (), sent: Any = None, status: int = 200
) -> HttpResponse:
    """The page in the reader's role, with the reasons of a refusal and what was sent."""
    user, today = request.user, timezone.localdate()
    mine = BallotVoter.objects.filter(ballot=ballot, cadre=user.cadre_id).values_list("voted", flat=True).first()
    context = {"ballot": ballot, "reasons": reasons, "least": MIN_VALID, "has_voted": mine,
               "waits": mine is False and ballot.takes_votes(today)}  # fmt: skip
    if not user.may("ballot.manage"):
        return render(
            request, "assessments/ballot/vote.html", context | _voters_part(user, ballot, sent or {}), status=status
        )
    if ballot.is_open:
        without = BallotVoter.objects.filter(ballot=ballot).exclude(cadre__user__is_active=True).count()
        context |= {"may_close": ballot.may_close(today, ballot.turnout), "without_account": without, "today": today}
    else:
        context |= _result_of(user, ballot)
    return render(request, "assessments/ballot/ballot.html", context, status=status)


def _voters_part(user: User, ballot: Ballot, sent: dict[Any, str]) -> dict[str, Any]:
    """The lines to mark, without oneself; or, of a closed ballot, the own row."""
    if not ballot.is_open:
        return {"own": BallotCandidate.objects.visible_to(user).filter(ballot=ballot).select_related("ballot").first()}
    rated = ballot.candidates.exclude(cadre=user.cadre_id).select_related("cadre").order_by("cadre__pinyin", "cadre")
    lines = [
        {"cadre": row.cadre, "name": f"{PREFIX}{row.cadre.public_id}", "mark": sent.get(row.cadre.public_id, "")}
        for row in rated
    ]
    return {"lines": lines, "marks": Mark.choices}
