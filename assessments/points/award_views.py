"""The year's award: the arithmetic, saving it, and the file for payroll."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.forms import refuse_into
from accounts.kit.workbook import XLSX, table_book
from assessments.points import forms
from assessments.points.award import Reckoning, reckon, share_award
from assessments.points.statements import AwardShare
from assessments.points.views import LedgerPage


def yuan(fen: Any) -> Decimal:
    return Decimal(fen) / 100


def arithmetic(found: Reckoning) -> list[dict[str, Any]]:
    """Each person's line: points / sum x shared = exact, whole fen, remainder, given; in yuan, the remainder in fen."""
    return [
        {
            "cadre": found.people[part.key], "place": part.place, "points": part.points, "counted": part.counted,
            "exact": (Decimal(part.exact.numerator) / Decimal(part.exact.denominator) / 100).quantize(Decimal("0.000001")),
            "whole": yuan(part.whole), "remainder": (Decimal(part.remainder.numerator) / Decimal(part.remainder.denominator)).quantize(Decimal("0.0001")),
            "extra": part.fen - part.whole, "given": yuan(part.fen),
        }
        for part in found.parts
    ]  # fmt: skip


def latest(page: LedgerPage, year: int) -> AwardShare | None:
    """The last version of a year's shares."""
    rows = AwardShare.objects.visible_to(page.request.user).filter(ledger=page.ledger, year=year)
    return rows.select_related("shared_by__cadre").order_by("-version").first()


class SharePage(LedgerPage):
    """GET with a pot is a trial; POST freezes it. What is paid by it is no evidence, so the list is whole for its readers."""

    def get_permission_required(self) -> tuple[str, ...]:
        return ("points.settle" if self.request.method == "POST" else "points.read",)

    def get(self, request: HttpRequest, year: int) -> HttpResponse:
        last = latest(self, year)
        if request.GET.get("pot"):
            form = forms.PotForm(request.GET)
        elif last:
            form = forms.PotForm({"pot": yuan(last.pot_fen)})
        else:
            return self.page(year, forms.PotForm(), last)
        return self.page(year, form, last, status=200 if form.is_valid() else 422)

    def post(self, request: HttpRequest, year: int) -> HttpResponse:
        form = forms.PotForm(request.POST)
        if not form.is_valid():
            return self.page(year, form, latest(self, year), status=422)
        try:
            share_award(self.unit, year, form.fen, by=request.user)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(year, form, latest(self, year), status=409)
        messages.success(request, _("The award is shared and frozen; the list for payroll can be downloaded."))
        return redirect(f"/points/share/{year}/{self.query()}")

    def page(self, year: int, form: Any, last: AwardShare | None, status: int = 200) -> HttpResponse:
        found = None
        if form.is_bound and form.is_valid():
            try:
                found = reckon(self.ledger, year, form.fen)
            except ValidationError as error:
                refuse_into(form, error)
        frozen = bool(
            last and found and last.pot_fen == form.fen and last.shared_fen == found.shared and self._same(last, found)
        )
        context = {
            "year": year, "form": form, "last": last, "found": found, "rows": arithmetic(found) if found else [], "frozen": frozen,
            "pot": yuan(form.fen) if found else None, "shared": yuan(found.shared) if found else None, "rest": yuan(found.rest) if found else None,
            "unit": self.unit, "query": self.query(), "years": [year - 1, year + 1],
        }  # fmt: skip
        return render(self.request, "assessments/points/share.html", context, status=status)

    @staticmethod
    def _same(last: AwardShare, found: Reckoning) -> bool:
        return dict(last.lines.order_by().values_list("cadre", "fen")) == {part.key: part.fen for part in found.parts}


class ShareFile(LedgerPage):
    """The frozen list as a workbook for payroll."""

    def get(self, request: HttpRequest, year: int) -> HttpResponse:
        last = latest(self, year)
        if last is None:
            raise Http404
        lines = last.lines.select_related("cadre").order_by("place", "cadre__pinyin", "cadre")
        about = [
            _("Unit: %(unit)s") % {"unit": self.unit},
            _("Award pot %(pot)s yuan; shared by points %(per_cent)s %% = %(shared)s yuan; the rest is paid as before.")
            % {"pot": yuan(last.pot_fen), "per_cent": last.per_cent, "shared": yuan(last.shared_fen)},
            _("Shared on %(day)s (version %(version)s); downloaded on %(today)s by %(name)s")
            % {"day": date_format(timezone.localtime(last.shared_at)), "version": last.version, "today": date_format(timezone.localdate()), "name": request.user},
        ]  # fmt: skip
        headings = [_("No."), _("Name"), _("Place by points"), _("Points"), _("Yuan")]
        rows: list[list[Any]] = [
            [n, line.cadre.name, line.place, line.points, line.yuan] for n, line in enumerate(lines, 1)
        ]
        rows.append(
            ["", _("Sum"), "", sum((line.points for line in lines), Decimal(0)), yuan(sum(line.fen for line in lines))]
        )
        title = _("Award by points, %(year)s") % {"year": year}
        response = HttpResponse(table_book(title, about, headings, rows), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="points-award-{year}-{last.version}.xlsx"'
        return response
