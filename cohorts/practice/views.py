"""Pages of field practice: my practice, my trainees, placements, one placement with its log, sign-off and rating."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.models import StoredFile
from accounts.permissions import Role
from cohorts.practice.forms import LogForm, PlacementFilter, RateForm, ReviseForm, SignForm
from cohorts.practice.models import LOGGING, LedgerAction, LedgerEntry, LedgerState, LogEntry, Placement
from cohorts.practice.progress import progress_of
from cohorts.practice.rating import COMPONENTS, weighted
from cohorts.practice.villages import account_of, supervisors
from cohorts.practice.workflow import rate, revise_placement, sign_week, write_log
from cohorts.referral.forms import refuse_into

_WITH = (
    "referral__cadre",
    "referral__campaign",
    "referral__unit",
    "referral__cohort",
    "village__parent",
    "supervisor_user",
)


class Granted(AccessMixin, View):
    """Open to whoever holds one of ``grants``; 403 for the others."""

    grants: tuple[str, ...] = ("practice.read",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not any(request.user.may(grant) for grant in self.grants):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def placement(self, public_id: Any) -> Placement:
        """The placement of the URL within the reader's scope; else 404."""
        rows = Placement.objects.visible_to(self.request.user).select_related(*_WITH)
        return get_object_or_404(rows, public_id=public_id)

    @property
    def own(self) -> bool:
        return bool(self.request.user.role.role == Role.CADRE)


class Practice(Granted):
    """One address, by role: the trainee's practice, the supervisor's trainees, or the placements in scope."""

    def get(self, request: HttpRequest) -> HttpResponse:
        role = request.user.role.role
        if role == Role.CADRE:
            return self.mine()
        return self.supervised() if role == Role.FIELD_SUPERVISOR else PlacementList.as_view()(request)

    def mine(self) -> HttpResponse:
        """Village, supervisor, days left, this week, and the own village's ledger."""
        today, user = timezone.localdate(), self.request.user
        placements = list(Placement.objects.visible_to(user).select_related(*_WITH).order_by("-starts_on", "-pk"))
        progress = progress_of(placements, today)
        now = next((p for p in placements if p.starts_on <= today and (p.ends_on is None or p.ends_on >= today)), None)
        latest = now or (placements[0] if placements else None)
        ledger = LedgerEntry.objects.visible_to(user).select_related("village").order_by("-opened_on", "-pk")
        context = {
            "now": progress[now.pk] if now else None, "latest": progress[latest.pk] if latest else None,
            "others": [progress[p.pk] for p in placements if p is not latest], "ledger": list(ledger[:20]), "today": today,
            "keeps_ledger": latest is not None,
        }  # fmt: skip
        return render(self.request, "cohorts/practice/mine.html", context)

    def supervised(self) -> HttpResponse:
        """The supervisor's trainees: name, unit, village, goals, days - nothing of why they are here (SECURITY, row 10)."""
        today, user = timezone.localdate(), self.request.user
        rows = Placement.objects.visible_to(user).select_related(*_WITH).order_by("-starts_on", "-pk")
        progress = list(progress_of(rows, today).values())
        ledger = (
            LedgerEntry.objects.visible_to(user)
            .filter(state=LedgerState.RESULT_STATED)
            .select_related("referral__cadre")
        )
        context = {
            "running": [p for p in progress if not p.over],
            "over": [p for p in progress if p.over],
            "to_check": list(ledger.order_by("result_on", "pk")[:50]),
        }
        return render(self.request, "cohorts/practice/supervised.html", context)


class PlacementList(KeysetList):
    """Placements in the reader's scope, with their weeks."""

    template_name = "cohorts/practice/placements.html"
    sorts = {"from": "starts_on", "name": "referral__cadre__pinyin"}
    sort = "-from"

    def rows(self) -> Any:
        self.filter = PlacementFilter(self.request.GET)
        return self.filter.filter(Placement.objects.visible_to(self.request.user).select_related(*_WITH))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        progress = progress_of(context["rows"], timezone.localdate())
        return context | {"table": [progress[p.pk] for p in context["rows"]], "filter": self.filter}


class PlacementPage(Granted):
    """One placement: days and goals, the log week by week, sign-off, rating."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(self.placement(public_id))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        """The supervisor signs a week with one tap, or asks back."""
        placement = self.placement(public_id)
        if not request.user.may("practice.sign"):
            raise PermissionDenied
        form = SignForm(request.POST)
        if not form.is_valid():
            return self.page(placement, [_("Choose a week and sign it, or ask back.")], 422)
        try:
            sign_week(placement, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            return self.page(placement, error.messages, 422, form)
        messages.success(
            request, _("The week is signed.") if form.cleaned_data["agreed"] else _("The question is sent.")
        )
        return redirect(
            request.POST["next"] if request.POST.get("next") == "/practice/" else placement.get_absolute_url()
        )

    def page(self, placement: Placement, reasons: Any = (), status: int = 200, form: Any = None) -> HttpResponse:
        user, progress = self.request.user, progress_of([placement], timezone.localdate())[placement.pk]
        rating = progress.rating
        context = {
            "placement": placement, "progress": progress, "own": self.own, "reasons": reasons, "asked": form,
            "writes": (user.may("practice.log") or user.may("practice.enter")) and placement.referral.state in LOGGING,
            "signs": user.may("practice.sign"), "rates": progress.may_rate and (user.may("practice.sign") or user.may("practice.enter")),
            "ends": user.may("referral.practise"), "case_url": placement.referral.get_absolute_url() if user.may("referral.read") else "",
            "points": [(c.label, rating.scores[c.code], c.weight) for c in COMPONENTS] if rating else [],
            "total": weighted(rating.scores) if rating else None,
        }  # fmt: skip
        return render(self.request, "cohorts/practice/placement.html", context, status=status)


class PlacementForm(Granted):
    """A form of a placement on a page of its own: refused input is kept, nothing is saved."""

    template = "cohorts/practice/form.html"

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        placement = self.placement(public_id)
        return self.page(placement, self.form(placement))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        placement = self.placement(public_id)
        form = self.form(placement, request.POST, request.FILES)
        if form.is_valid():
            try:
                return self.save(placement, form)
            except ValidationError as error:
                refuse_into(form, error)
        return self.page(placement, form, 422)

    def form(self, placement: Placement, *data: Any) -> Any:
        raise NotImplementedError

    def save(self, placement: Placement, form: Any) -> HttpResponse:
        raise NotImplementedError

    def words(self, placement: Placement) -> dict[str, Any]:
        """Title, button and what else the template shows."""
        raise NotImplementedError

    def page(self, placement: Placement, form: Any, status: int = 200) -> HttpResponse:
        context = {"placement": placement, "form": form, "own": self.own, **self.words(placement)}
        return render(self.request, self.template, context, status=status)


class WriteLog(PlacementForm):
    """The trainee's entry of a day, or a paper sheet entered for him; ``?corrects=`` names the entry that it replaces."""

    grants = ("practice.log", "practice.enter")

    def corrected(self, placement: Placement) -> LogEntry | None:
        wanted = self.request.GET.get("corrects", "")
        if not wanted:
            return None
        try:
            return get_object_or_404(placement.entries.current(), public_id=wanted)
        except ValidationError as error:
            raise Http404 from error

    def form(self, placement: Placement, *data: Any) -> LogForm:
        # A form that was sent twice names an entry that is corrected by now; the key then finds the correction.
        corrects = self.corrected(placement) if self.request.method == "GET" else self.named(placement)
        initial = {"sheet_number": self.request.GET.get("sheet", "")}
        return LogForm(*data, placement=placement, corrects=corrects, own=self.own, initial=initial)

    def named(self, placement: Placement) -> LogEntry | None:
        wanted = self.request.GET.get("corrects", "")
        try:
            return get_object_or_404(placement.entries, public_id=wanted) if wanted else None
        except ValidationError as error:
            raise Http404 from error

    def save(self, placement: Placement, form: Any) -> HttpResponse:
        entry = write_log(placement, by=self.request.user, supersedes=self.named(placement), **form.cleaned_data)
        messages.success(self.request, _("The entry is stored."))
        if "again" in self.request.POST and entry.sheet_number:
            return redirect(f"{placement.get_absolute_url()}log/?sheet={entry.sheet_number}")
        return redirect("/practice/" if self.own else placement.get_absolute_url())

    def words(self, placement: Placement) -> dict[str, Any]:
        if self.request.GET.get("corrects"):
            title = _("Correct an entry")
        else:
            title = _("Write the log") if self.own else _("Enter a paper log")
        again = "" if self.own or self.request.GET.get("corrects") else _("Save, and the next line of the sheet")
        return {"title": title, "label": _("Save"), "again": again}


class RatePlacement(PlacementForm):
    """The supervisor's points; without an account they are entered from the signed sheet."""

    grants = ("practice.sign", "practice.enter")

    def form(self, placement: Placement, *data: Any) -> RateForm:
        return RateForm(*data[:1], own=self.request.user.may("practice.sign"))

    def save(self, placement: Placement, form: Any) -> HttpResponse:
        rate(placement, by=self.request.user, **form.content())
        messages.success(self.request, _("The rating is stored."))
        return redirect("/practice/" if self.request.user.may("practice.sign") else placement.get_absolute_url())

    def words(self, placement: Placement) -> dict[str, Any]:
        return {"title": _("Rate the field practice"), "label": _("Save the rating")}


class RevisePlacement(PlacementForm):
    """Another last day than planned (or the first one named), another supervisor."""

    grants = ("referral.practise",)

    def form(self, placement: Placement, *data: Any) -> ReviseForm:
        ends_on = placement.ends_on or timezone.localdate()
        initial = {"ends_on": ends_on, "supervisor": placement.supervisor, "goals": placement.goals}
        return ReviseForm(*data[:1], initial=initial)

    def save(self, placement: Placement, form: Any) -> HttpResponse:
        account = account_of(form.cleaned_data["supervisor"], placement.village, supervisors())
        revise_placement(placement, by=self.request.user, supervisor_user=account, **form.cleaned_data)
        messages.success(self.request, _("The placement is changed."))
        return redirect(placement.get_absolute_url())

    def words(self, placement: Placement) -> dict[str, Any]:
        return {"title": _("End or change the placement"), "label": _("Save")}


class PlacementSheet(Granted):
    """The printed notice of a placement, with places for the signatures."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        placement = self.placement(public_id)
        context = {
            "placement": placement,
            "back_url": placement.get_absolute_url(),
            "number": str(placement.public_id)[:8].upper(),
        }
        return render(request, "cohorts/practice/placement_sheet.html", context)


class LogSheet(Granted):
    """The empty paper log of one week (``?day=`` any day of it, by default this week), with its number."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        placement, today = self.placement(public_id), timezone.localdate()
        form = SignForm({"week": request.GET.get("day", "")})
        form.is_valid()
        day = form.cleaned_data.get("week") or min(max(today, placement.starts_on), placement.ends_on or today)
        context = {"placement": placement, "back_url": placement.get_absolute_url(), "number": placement.sheet_number(day),
                   "first": day - dt.timedelta(days=day.weekday()), "lines": range(5)}  # fmt: skip
        return render(request, "cohorts/practice/log_sheet.html", context)


class PracticeFile(Granted):
    """A photo or a signed paper, as an attachment, to those who see its entry."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        user = request.user
        ledger = LedgerEntry.objects.visible_to(user)
        own = (
            StoredFile.objects.filter(pk__in=LogEntry.objects.filter(placement__in=Placement.objects.visible_to(user)).values("photo"))
            | StoredFile.objects.filter(pk__in=LedgerAction.objects.filter(entry__in=ledger).values("photo"))
            | StoredFile.objects.filter(pk__in=ledger.values("paper"))
        )  # fmt: skip
        file = get_object_or_404(own, public_id=public_id)
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )
