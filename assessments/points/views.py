"""The month of a unit's ledger, the list of its entries, settling, and everybody's own page."""

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
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.people.models import Unit
from assessments.points import forms
from assessments.points.board import board
from assessments.points.drafting import approvers
from assessments.points.entries import EntryKind, PointAppeal, PointEntry
from assessments.points.models import PointLedger
from assessments.points.rules import HOURS, month_of, next_month
from assessments.points.settlement import settle_month
from assessments.points.statements import AwardLine, PointStatement

KINDS = (EntryKind.ROUTINE, EntryKind.PROJECT, EntryKind.WORKED, EntryKind.UNFINISHED, EntryKind.MISTAKE)


def named(users: list[Any]) -> str:
    """People with the role by which they are named, in one line."""
    return _(", ").join(_("%(name)s (%(role)s)") % {"name": user, "role": user.told_as.get_role_display()} for user in users)  # fmt: skip


class LedgerPage(PermissionRequiredMixin, View):
    """A page of one unit's ledger: the unit in role, or one below it named by ``unit`` in the address."""

    permission_required = "points.read"
    raise_exception = True
    needs_ledger = True
    # Nothing is entered, settled or shared before the first rules are approved.
    needs_rules = True

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
        if (self.ledger is None and self.needs_ledger) or (
            self.ledger and not self.ledger.versions and self.needs_rules
        ):
            return self.not_yet(409) if request.method == "POST" else redirect(f"/points/{self.query()}")
        return super().dispatch(request, *args, **kwargs)

    def not_yet(self, status: int = 200, **more: Any) -> HttpResponse:
        """What is missing and who does the next step: a ledger, or the approval of its first rules."""
        draft = self.ledger.draft if self.ledger else None
        context = {
            "unit": self.unit, "ledger": self.ledger, "draft": draft, "approvers": named(approvers(draft)) if draft else "", "query": self.query(),
        }  # fmt: skip
        return render(self.request, "assessments/points/none.html", context | more, status=status)

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

    needs_ledger = needs_rules = False

    def get(self, request: HttpRequest) -> HttpResponse:
        others = PointLedger.objects.visible_to(request.user).exclude(unit=self.unit).select_related("unit")
        context = {"unit": self.unit, "others": list(others.order_by("unit__path")[:20]), "query": self.query()}
        if self.ledger is None or not self.ledger.versions:
            return self.not_yet(**context)
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
            "ledger": ledger, "draft": ledger.draft, "month": month, "board": shown, "group": group, "groups": ledger.groups.items(),
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


class Mine(PermissionRequiredMixin, View):
    """The own statements with the own place only, the own entries, appeals and award."""

    permission_required = "record.own"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        statements = list(
            PointStatement.objects.visible_to(user).current().select_related("settlement__ledger__unit", "settlement__rules").order_by("-settlement__month")[:12]
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
