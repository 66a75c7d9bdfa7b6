"""The month of a unit's ledger, its entries, one entry with its appeal, and everybody's own page."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.people.models import Unit
from assessments.points import forms
from assessments.points.appeal import PARTLY, answer_appeal, make_appeal
from assessments.points.board import board
from assessments.points.entering import Row, carry_routine, enter_many
from assessments.points.entries import AppealState, EntryKind, PointAppeal, PointEntry
from assessments.points.models import PointLedger
from assessments.points.rules import HOURS, month_of, next_month, times
from assessments.points.settlement import occurrences, same_mistakes, settle_month, what_if_fell
from assessments.points.statements import AwardLine, PointStatement

KINDS = (EntryKind.ROUTINE, EntryKind.PROJECT, EntryKind.WORKED, EntryKind.UNFINISHED, EntryKind.MISTAKE)


class LedgerPage(PermissionRequiredMixin, View):
    """A page of one unit's ledger: the unit in role, or one below it named by ``unit`` in the address."""

    permission_required = "points.read"
    raise_exception = True
    needs_ledger = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_permission():
            raise PermissionDenied
        self.unit = request.user.role.unit
        named = request.GET.get("unit", "")
        if named:
            try:
                self.unit = get_object_or_404(Unit.objects.visible_to(request.user), public_id=named)
            except ValidationError as error:
                raise Http404 from error
        self.ledger = PointLedger.objects.visible_to(request.user).filter(unit=self.unit).select_related("unit").first()
        if self.ledger is None and self.needs_ledger:
            return self.refuse_without_ledger()
        return super().dispatch(request, *args, **kwargs)

    def refuse_without_ledger(self) -> HttpResponse:
        if self.request.method == "POST":
            return render(
                self.request, "assessments/points/none.html", {"unit": self.unit, "query": self.query()}, status=409
            )
        return redirect(f"/points/{self.query()}")

    def query(self, **more: Any) -> str:
        """The unit in the address again, when it is not the own one."""
        pairs = ({"unit": self.unit.public_id} if self.unit != self.request.user.role.unit else {}) | more
        return "?" + "&".join(f"{name}={value}" for name, value in pairs.items()) if pairs else ""

    def month(self, text: str) -> dt.date:
        """A month of the ledger; 404 before its first month or after the present one."""
        try:
            month = forms.read_month(text)
        except ValidationError as error:
            raise Http404 from error
        if not self.ledger.starts_on <= month <= max(month_of(timezone.localdate()), self.ledger.open_month):
            raise Http404
        return month

    def present_month(self) -> dt.date:
        """Where the work is: the first month not settled, at most the present one."""
        return min(self.ledger.open_month, max(month_of(timezone.localdate()), self.ledger.starts_on))


class Month(LedgerPage):
    """The month: what to enter, the ranking, what is open. Without a ledger: what it is, and that it is optional."""

    needs_ledger = False

    def get(self, request: HttpRequest) -> HttpResponse:
        others = PointLedger.objects.visible_to(request.user).exclude(unit=self.unit).select_related("unit")
        context = {"unit": self.unit, "others": list(others.order_by("unit__path")[:20]), "query": self.query()}
        if self.ledger is None:
            return render(request, "assessments/points/none.html", context)
        month = self.month(request.GET["month"]) if request.GET.get("month") else self.present_month()
        return render(request, "assessments/points/month.html", context | self.of_month(month))

    def of_month(self, month: dt.date) -> dict[str, Any]:
        ledger, user, today = self.ledger, self.request.user, timezone.localdate()
        group = int(self.request.GET["group"]) if self.request.GET.get("group") in ("1", "2") else None
        entries = PointEntry.objects.visible_to(user).filter(unit=self.unit, month=month).exclude(kind=EntryKind.BASE)
        shown = board(ledger, month, group, user)
        before = month_of(month - dt.timedelta(days=1))
        rules = ledger.rules_in(month)
        over = today >= next_month(month)
        appeals = PointAppeal.objects.visible_to(user).open().filter(entry__unit=self.unit)
        return {
            "ledger": ledger, "month": month, "board": shown, "group": group, "groups": ledger.groups.items(),
            "rules": rules, "figures": rules.figures, "settled": ledger.settlements.filter(month=month).select_related("settled_by__cadre").first(),
            "entries": list(entries.select_related("cadre", "routine", "corrects").order_by("-recorded_at", "-pk")[:10]),
            "may_settle": user.may("points.settle") and month == ledger.open_month and over, "over": over,
            "kinds": [kind for kind in KINDS if kind != EntryKind.WORKED or rules.mode == HOURS] if user.may("points.keep") else [],
            "appeals": list(appeals.select_related("entry__cadre")[:20]),
            "before": before if before >= ledger.starts_on else None,
            "after": next_month(month) if next_month(month) <= max(month_of(today), ledger.open_month) else None,
            "routine_before": before >= ledger.starts_on and month >= ledger.open_month and PointEntry.objects.filter(unit=self.unit, month=before, kind=EntryKind.ROUTINE).exists(),
            "month_query": self.query(month=f"{month:%Y-%m}"),
        }  # fmt: skip


class MonthSheet(LedgerPage):
    """The month on paper."""

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        wanted = self.month(month)
        entries = (
            PointEntry.objects.visible_to(request.user)
            .filter(unit=self.unit, month=wanted)
            .exclude(kind=EntryKind.BASE)
        )
        context = {
            "ledger": self.ledger, "month": wanted, "board": board(self.ledger, wanted, None, request.user), "rules": self.ledger.rules_in(wanted),
            "entries": entries.select_related("cadre", "routine", "corrects").order_by("day", "pk"), "back_url": f"/points/{self.query(month=month)}",
            "settled": wanted < self.ledger.open_month,
        }  # fmt: skip
        return render(request, "assessments/points/month_sheet.html", context)


class Entries(PermissionRequiredMixin, KeysetList):
    """All entries in the reader's scope, the latest first."""

    permission_required = "points.read"
    raise_exception = True
    template_name = "assessments/points/entries.html"
    sorts = {"day": "day", "name": "cadre__pinyin"}
    sort = "-day"

    def rows(self) -> Any:
        self.filter = forms.EntryFilter(self.request.GET)
        rows = PointEntry.objects.visible_to(self.request.user).select_related("cadre", "routine", "unit", "corrects")
        if self.filter.is_valid():
            data = self.filter.cleaned_data
            if data["q"]:
                words = data["q"].strip()
                rows = rows.filter(Q(cadre__name__startswith=words) | Q(cadre__pinyin__startswith=words.lower()))
            rows = rows.filter(kind=data["kind"]) if data["kind"] else rows
            rows = rows.filter(month=data["month"].replace(day=1)) if data["month"] else rows
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"filter": self.filter}


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


class Settle(LedgerPage):
    """Freeze the month; the head looks at the lines first."""

    permission_required = "points.settle"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        month = self.month(request.POST.get("month", ""))
        try:
            settle_month(self.unit, month, by=request.user)
        except ValidationError as error:
            return self.page(" ".join(error.messages), 409)
        messages.success(request, _("The month is settled; the statements are frozen."))
        return redirect(f"/points/{self.query(month=f'{month:%Y-%m}')}")

    def page(self, problem: str = "", status: int = 200) -> HttpResponse:
        month = self.ledger.open_month
        open_appeals = PointAppeal.objects.open().filter(entry__unit=self.unit, entry__month=month).count()
        context = {
            "ledger": self.ledger, "month": month, "board": board(self.ledger, month, None, self.request.user), "problem": problem,
            "open_appeals": open_appeals, "query": self.query(), "over": timezone.localdate() >= next_month(month), "from_day": next_month(month),
        }  # fmt: skip
        return render(self.request, "assessments/points/settle.html", context, status=status)


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


class Mine(PermissionRequiredMixin, View):
    """The own statements with the own place only, the own entries, appeals and award."""

    permission_required = "record.own"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        statements = list(
            PointStatement.objects.visible_to(user).current().select_related("settlement__ledger__unit").order_by("-settlement__month")[:12]
        )  # fmt: skip
        _with_sizes(statements)
        entries = PointEntry.objects.visible_to(user).exclude(kind=EntryKind.BASE).with_net()
        entries = entries.select_related("routine", "unit", "corrects").prefetch_related("appeals")
        place = user.cadre.point_places.filter(end__isnull=True).select_related("unit__point_ledger").first()
        shown = list(entries.order_by("-day", "-pk")[:50])
        for entry in shown:
            entry.last_appeal = max(entry.appeals.all(), key=lambda row: row.pk, default=None)
        context = {
            "statements": statements, "entries": shown, "place": place,
            "appeals": list(PointAppeal.objects.visible_to(user).select_related("entry__routine")),
            "awards": list(AwardLine.objects.filter(cadre=user.cadre_id).select_related("share__ledger__unit").order_by("-share__year", "-share__version")),
            "bases": list(PointEntry.objects.visible_to(user).filter(kind=EntryKind.BASE).order_by("-month")[:3]),
        }  # fmt: skip
        return render(request, "assessments/points/mine.html", context)


def _with_sizes(statements: list[PointStatement]) -> None:
    """How many are ranked beside each own place, in the unit and in the group: one statement."""
    rows = PointStatement.objects.current().filter(
        settlement__in=[row.settlement_id for row in statements], score__isnull=False
    )
    sizes = {(s, g): n for s, g, n in rows.order_by().values_list("settlement", "group").annotate(n=Count("pk"))}
    for row in statements:
        row.group_size = sizes.get((row.settlement_id, row.group), 0)
        row.unit_size = sum(n for (settlement, _g), n in sizes.items() if settlement == row.settlement_id)
