"""Alerts worst first, each with its page; the call list and its record."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.job import ask_for
from accounts.kit.lists import KeysetList
from accounts.models import Unit
from accounts.permissions import UNIT_ROLES
from accounts.tasks import wake_worker
from accounts.wording import say
from cohorts.alert.calls import lines
from cohorts.alert.forms import AlertFilter, CallForm
from cohorts.alert.history import changes_in_words
from cohorts.alert.ladder import RUNG_AT, RUNG_OF, at_level_of, climbs, next_climb, offered, people_at, reminder
from cohorts.alert.models import Alert, Level
from cohorts.alert.rules import RULE_OF, with_severity
from cohorts.alert.rung_calls import rung_lines, rung_tabs
from cohorts.alert.workflow import SCAN, beat_is_silent, last_scan, record_call
from cohorts.campaign.models import UnitReturn
from cohorts.measure.kinds import BY_CODE
from cohorts.penalty.models import Penalty
from cohorts.procedure.step import Refused
from cohorts.procedure.views import buttons
from cohorts.question.context import reach_by_kind
from cohorts.referral.meeting import Meeting
from cohorts.referral.models import Referral
from cohorts.training.models import Cohort


class Alerts(PermissionRequiredMixin, KeysetList):
    """Standing alerts, the worst first; the filter shows the others too."""

    permission_required = "alert.read"
    raise_exception = True
    template_name = "cohorts/alert/list.html"
    sorts = {"severity": "worst", "raised": "raised_at"}
    sort = "-severity"

    def rows(self) -> Any:
        self.filter = AlertFilter(self.request.GET)
        rows = with_severity(Alert.objects.visible_to(self.request.user)).select_related("unit", "owner__cadre")
        return self.filter.filter(rows, self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        last = last_scan()
        figures = [(say(f"figure.{key}"), value) for key, value in last.outcome.items()] if last else []
        return context | {
            "filter": self.filter,
            "last": last,
            "figures": figures,
            "silent": beat_is_silent(),
            "reach": reach_by_kind(self.request.user),
        }


class ScanNow(PermissionRequiredMixin, View):
    """The chief's button: a scan in the background, its progress on a page of its own; one a minute."""

    permission_required = "alert.scan_now"
    raise_exception = True

    def post(self, request: HttpRequest) -> HttpResponse:
        job = ask_for(SCAN, by=request.user, period=f"{timezone.now():%Y-%m-%dT%H:%M}:{request.user.pk}")
        wake_worker()
        return redirect(job.get_absolute_url())


def _rows_behind(alert: Alert, user: Any) -> list[dict[str, Any]]:
    """The rows that an alert is about, as links, within the reader's scope."""
    kind, _colon, key = alert.subject_key.partition(":")
    if kind == "unitreturn":
        rows = UnitReturn.objects.visible_to(user).filter(public_id=key).select_related("unit", "round__campaign")
        found = [{"label": _("The unit's return"), "text": str(row), "url": row.get_absolute_url()} for row in rows]
        if alert.rule in RULE_OF and RULE_OF[alert.rule].flags:
            found += [
                {
                    "label": _("Questions on the record"),
                    "text": _("the unit's table"),
                    "url": f"/questions/?return={key}",
                }
                for _row in found[:1]
            ]
        return found
    if kind == "unit":
        units = Unit.objects.visible_to(user).filter(public_id=key)
        return [{"label": _("Unit"), "text": str(row), "url": row.get_absolute_url()} for row in units]
    if kind == "meeting":
        meetings = Meeting.objects.visible_to(user).filter(public_id=key)
        return [{"label": _("Meeting"), "text": str(row), "url": f"/meetings/{key}/"} for row in meetings]
    if kind == "cohort":
        classes = Cohort.objects.visible_to(user).filter(public_id=key).select_related("campaign")
        return [{"label": _("Class"), "text": str(row), "url": row.get_absolute_url()} for row in classes]
    cases = Referral.objects.visible_to(user)
    if kind == "penalty":
        cases = cases.filter(pk__in=Penalty.objects.filter(public_id=key).values("referral"))
    elif "first" in alert.params:
        numbers = [int(alert.params[name].rpartition("-")[2]) for name in ("first", "second")]
        cases = cases.filter(pk__in=numbers)
    else:
        cases = cases.filter(public_id=key)
    found = cases.select_related("campaign", "cadre").order_by("pk")
    return [
        {"label": _("Case"), "text": f"{case.number} · {case.get_state_display()}", "url": case.get_absolute_url()}
        for case in found
    ]


class AlertPage(PermissionRequiredMixin, View):
    """One alert: the sentence, the figures and rows behind it, why it comes to the reader, what happened, what next."""

    permission_required = "alert.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = with_severity(Alert.objects.visible_to(request.user)).select_related("unit", "organizer", "owner__cadre")
        alert = get_object_or_404(rows, public_id=public_id)
        user, today = request.user, timezone.localdate()
        rung = RUNG_AT.get(Level(alert.level))
        steps = [b for b in buttons(alert, user) if b["action"] != "heed" or at_level_of(alert, user)]
        context = {
            "rung": rung, "climbs": climbs(alert), "next_climb": next_climb(alert, today),
            "people": people_at([alert], today)[alert.pk] if rung else [], "seen_by_unit": user.role.role in UNIT_ROLES,
            "rings": rung is not None and climbs(alert) and user.may("alert.handle"), "reminder": reminder(alert, today) if rung else "",
            "measures": [BY_CODE[kind] for kind in offered(alert, user)],
            "alert": alert,
            "facts": [(say(f"fact.{key}"), say("fact", {"value": value})) for key, value in alert.params.items()],
            "behind": _rows_behind(alert, request.user),
            "why": say(f"why.alert.{alert.rule}"),
            "role": request.user.role.get_role_display(),
            "severity": say(f"severity.{alert.severity}") if alert.rule in RULE_OF else "",
            "buttons": steps,
            "history": changes_in_words(alert.changes.visible_to(user), user),
        }  # fmt: skip
        return render(request, "cohorts/alert/page.html", context)


class Calls(PermissionRequiredMixin, TemplateView):
    """The call list on the screen: whom to ring, what was answered before, and the form for this call's answer.

    With ``level`` it is the list of one rung of the ladder: the alerts that stand there.
    """

    permission_required = "alert.handle"
    raise_exception = True
    template_name = "cohorts/alert/calls.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, timezone.localdate()
        level = self.request.GET.get("level", "")
        if level and level not in RUNG_OF:
            raise Http404
        return super().get_context_data(
            lines=rung_lines(user, RUNG_OF[level], today) if level else lines(user, today),
            rung=RUNG_OF.get(level), tabs=rung_tabs(user), **kwargs,
        )  # fmt: skip


class CallSheet(Calls):
    """The same list as a sheet to print, with a box to tick and a line for the answer."""

    template_name = "cohorts/alert/call_sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.META["QUERY_STRING"]
        return super().get_context_data(
            back_url=f"/alerts/calls/{'?' if query else ''}{query}", today=timezone.localdate(), **kwargs
        )


class Call(PermissionRequiredMixin, View):
    """One unit's calls and the answer to this one; a form that was sent twice is refused."""

    permission_required = "alert.handle"
    raise_exception = True

    def page(self, form: CallForm, row: Any, reasons: list[str], status: int) -> HttpResponse:
        found = next((line for line in lines(self.request.user, timezone.localdate()) if line.row.pk == row.pk), None)
        context = {"form": form, "row": row, "line": found, "reasons": reasons, "calls": row.calls.all()}
        return render(self.request, "cohorts/alert/call.html", context, status=status)

    def _row(self, public_id: Any) -> Any:
        rows = UnitReturn.objects.visible_to(self.request.user).select_related("unit", "round__campaign")
        return get_object_or_404(rows.prefetch_related("calls__called_by__cadre"), public_id=public_id)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = self._row(public_id)
        return self.page(CallForm(initial={"number": len(row.calls.all()) + 1}), row, [], 200)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row, form = self._row(public_id), CallForm(request.POST)
        if not form.is_valid():
            return self.page(form, row, [], 422)
        try:
            record_call(by=request.user, unit_return=row, **form.cleaned_data)
        except Refused as refused:
            return self.page(form, row, [str(refusal) for refusal in refused.refusals], 409)
        messages.success(request, _("Done: %(what)s.") % {"what": say("event.unitreturn.call")})
        return redirect("/alerts/calls/")
