"""Alerts worst first, each with its page; the call list and its record."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.job import ask_for
from accounts.kit.lists import KeysetList
from accounts.models import DecisionEvent, Unit
from accounts.tasks import wake_worker
from accounts.wording import say
from cohorts.alert.calls import lines
from cohorts.alert.forms import AlertFilter, CallForm
from cohorts.alert.models import Alert
from cohorts.alert.rules import RULE_OF, with_severity
from cohorts.alert.workflow import SCAN, beat_is_silent, last_scan, record_call
from cohorts.campaign.models import UnitReturn
from cohorts.penalty.models import Penalty
from cohorts.procedure.step import Refused
from cohorts.procedure.views import buttons
from cohorts.question.context import reach_by_kind
from cohorts.referral.models import Referral


class Alerts(PermissionRequiredMixin, KeysetList):
    """Standing alerts, the worst first; the filter shows the others too."""

    permission_required = "alert.read"
    raise_exception = True
    template_name = "cohorts/alert/list.html"
    sorts = {"severity": "severity", "raised": "raised_at"}
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
        rows = Alert.objects.visible_to(request.user).select_related("unit", "organizer", "owner__cadre")
        alert = get_object_or_404(rows, public_id=public_id)
        events = DecisionEvent.objects.filter(subject_type="alert", subject_id=alert.public_id).select_related(
            "actor__cadre"
        )
        history = [
            {"at": e.at, "text": say(f"event.{e.action}"), "actor": f"{say(f'role.{e.actor_role}')} {e.actor}" if e.actor.cadre_id
             else say("role.system"), "detail": json.loads(e.payload or "{}").get("note", "")}
            for e in reversed(events)
        ]  # fmt: skip
        context = {
            "alert": alert,
            "facts": [(say(f"fact.{key}"), say("fact", {"value": value})) for key, value in alert.params.items()],
            "behind": _rows_behind(alert, request.user),
            "why": say(f"why.alert.{alert.rule}"),
            "role": request.user.role.get_role_display(),
            "severity": say(f"severity.{RULE_OF[alert.rule].severity}") if alert.rule in RULE_OF else "",
            "buttons": buttons(alert, request.user),
            "history": history,
        }
        return render(request, "cohorts/alert/page.html", context)


class Calls(PermissionRequiredMixin, TemplateView):
    """The call list on the screen: whom to ring, what was answered before, and the form for this call's answer."""

    permission_required = "alert.handle"
    raise_exception = True
    template_name = "cohorts/alert/calls.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = lines(self.request.user, timezone.localdate())
        return super().get_context_data(lines=found, **kwargs)


class CallSheet(Calls):
    """The same list as a sheet to print, with a box to tick and a line for the answer."""

    template_name = "cohorts/alert/call_sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url="/alerts/calls/", today=timezone.localdate(), **kwargs)


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
