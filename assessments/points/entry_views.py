"""Writing entries, and one entry: what it changes, its other times, its appeal."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accounts.kit.forms import refuse_into
from assessments.points import forms
from assessments.points.appeal import PARTLY, answer_appeal, make_appeal
from assessments.points.entering import Row, carry_routine, enter_many
from assessments.points.entries import AppealState, EntryKind, PointAppeal, PointEntry
from assessments.points.rules import HOURS, times
from assessments.points.settlement import occurrences, same_mistakes, what_if_fell
from assessments.points.statements import PointStatement
from assessments.points.views import KINDS, LedgerPage


class Enter(LedgerPage):
    """First the kind, then its form; one save for one person or several."""

    permission_required = "points.keep"

    def kind(self) -> str:
        kind = self.request.GET.get("kind", "")
        if kind and kind not in KINDS:
            raise Http404
        return kind

    def get(self, request: HttpRequest) -> HttpResponse:
        kind = self.kind()
        return self.page(forms.EntryForm(ledger=self.ledger, user=request.user, kind=kind) if kind else None, kind)

    def post(self, request: HttpRequest) -> HttpResponse:
        kind = self.kind()
        if not kind:
            return self.page(None, kind, 422)
        form = forms.EntryForm(request.POST, ledger=self.ledger, user=request.user, kind=kind)
        if not form.is_valid():
            return self.page(form, kind, 422)
        data = dict(form.cleaned_data)
        fields = {
            name: data[name] for name in ("day", "reason", "name", "routine", "hours", "evidence") if name in data
        }
        rows = [Row(cadre=cadre, kind=kind, key=f"{data['key']}:{cadre.pk}", **fields) for cadre in form.cadres()]
        try:
            made = enter_many(by=request.user, unit=self.unit, rows=rows, tell=True)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, kind, 409)
        added = [entry for entry in made if entry.added]
        if added:
            points = ", ".join(f"{entry.cadre} {entry.points:+}" for entry in added)
            messages.success(request, ngettext("%(n)s entry recorded: %(points)s", "%(n)s entries recorded: %(points)s", len(added)) % {"n": len(added), "points": points})  # fmt: skip
        else:
            messages.info(request, _("This was recorded already; nothing was added."))
        return redirect(f"/points/{self.query(month=f'{made[0].month:%Y-%m}')}")

    def page(self, form: Any, kind: str, status: int = 200) -> HttpResponse:
        rules = self.ledger.rules_in(self.present_month())
        names = (
            PointEntry.objects.filter(unit=self.unit, kind=EntryKind.MISTAKE)
            .order_by("name")
            .values_list("name", flat=True)
            .distinct()
        )
        context = {
            "form": form, "kind": EntryKind(kind) if kind else None, "unit": self.unit, "ledger": self.ledger, "rules": rules, "figures": rules.figures,
            "kinds": [one for one in KINDS if one != EntryKind.WORKED or rules.mode == HOURS], "query": self.query(),
            "mistakes": list(names[:100]) if kind == EntryKind.MISTAKE else [],
            "back": f"/points/{self.query()}",
        }  # fmt: skip
        return render(self.request, "assessments/points/enter.html", context, status=status)


class Carry(LedgerPage):
    """Last month's routine tasks once more."""

    permission_required = "points.keep"

    def post(self, request: HttpRequest) -> HttpResponse:
        month = self.month(request.POST.get("month", ""))
        try:
            n = carry_routine(by=request.user, unit=self.unit, month=month)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            words = ngettext("%(n)s routine entry added", "%(n)s routine entries added", n) % {"n": n}
            messages.success(request, words if n else _("Nothing to add: they are entered already."))
        return redirect(f"/points/{self.query(month=f'{month:%Y-%m}')}")


class EntryPage(View):
    """One entry: what it did, what if it fell, its other times, its appeals; open to the unit and to the cadre."""

    def row(self, request: HttpRequest, public_id: Any) -> PointEntry:
        rows = PointEntry.objects.visible_to(request.user).with_net()
        rows = rows.select_related("cadre", "unit", "rules", "routine", "corrects", "recorded_by__cadre")
        entry = get_object_or_404(rows, public_id=public_id)
        if not (request.user.may("points.read") or request.user.may("record.own")):
            raise PermissionDenied
        return entry

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(request, self.row(request, public_id))

    def page(self, request: HttpRequest, entry: PointEntry, form: Any = None, status: int = 200) -> HttpResponse:
        user, ledger = request.user, entry.unit.point_ledger
        appeals = list(entry.appeals.select_related("decided_by__cadre"))
        waiting = next((row for row in appeals if row.state == AppealState.OPEN), None)
        own = user.cadre_id == entry.cadre_id
        decides = (
            waiting and user.may("points.answer_appeal") and user.cadre_id != entry.recorded_by.cadre_id and not own
        )
        if decides and form is None:
            form = forms.AnswerForm(partly=entry.kind in PARTLY)
        same = same_mistakes(entry.unit_id, entry.cadre_id, entry.name) if entry.kind == EntryKind.MISTAKE else []
        counted = times(occurrences(same))
        at = next((n for n, row in enumerate(same) if row.pk == entry.pk), None)
        window = [row for row in same if at is not None and _window(row) == _window(same[at])]
        place = [row.pk for row in window].index(entry.pk) if at is not None else 0
        context = {
            "entry": entry, "appeals": appeals, "waiting": waiting, "form": form if decides else None, "own": own,
            "counters": list(entry.counters.select_related("appeal")), "time": counted.get(entry.pk), "former": window[place - 1] if place else None,
            "later": window[place + 1 :], "fall": what_if_fell(ledger, entry) if entry.kind != EntryKind.COUNTER and entry.net else None,
            "may_appeal": own and request.user.may("record.own") and entry.can_be_appealed and waiting is None
            and not any(row.state == AppealState.UPHELD for row in appeals),
            "statements": list(PointStatement.objects.of(ledger, entry.month).filter(cadre=entry.cadre_id).order_by("version")),
            "back": "/points/" if user.may("points.read") else "/points/mine/", "figures": entry.rules.figures,
        }  # fmt: skip
        return render(request, "assessments/points/entry.html", context, status=status)


def _window(row: PointEntry) -> Any:
    return occurrences([row])[0].window


class Answer(EntryPage):
    """The decision on the open appeal of an entry."""

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        entry = self.row(request, public_id)
        if not request.user.may("points.answer_appeal"):
            raise PermissionDenied
        appeal = PointAppeal.objects.visible_to(request.user).open().filter(entry=entry).first()
        form = forms.AnswerForm(request.POST, partly=entry.kind in PARTLY)
        if not form.is_valid():
            return self.page(request, entry, form, 422)
        if appeal is None:
            messages.error(request, _("Somebody was first: this appeal is decided."))
            return self.page(request, entry, None, 409)
        try:
            answer_appeal(appeal, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(request, entry, form, 409)
        messages.success(request, _("The appeal is decided; the cadre is told."))
        return redirect(entry)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return redirect(self.row(request, public_id))


class Appeal(PermissionRequiredMixin, View):
    """The cadre appeals against an own entry."""

    permission_required = "record.own"
    raise_exception = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_permission():
            raise PermissionDenied
        rows = PointEntry.objects.visible_to(request.user).with_net().select_related("unit", "routine", "corrects")
        self.entry = get_object_or_404(rows, public_id=kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(forms.AppealForm())

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = forms.AppealForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            make_appeal(self.entry, by=request.user, text=form.cleaned_data["text"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Your appeal is on record; somebody who did not record the entry decides on it."))
        return redirect("/points/mine/")

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        return render(
            self.request, "assessments/points/appeal.html", {"form": form, "entry": self.entry}, status=status
        )
