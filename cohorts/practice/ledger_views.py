"""The village ledger: list, file, a new entry. The page of an entry stands with the steps, in ``procedure``."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.kit.lists import KeysetList
from cohorts.practice import ledger
from cohorts.practice.forms import LedgerFilter, MatterForm
from cohorts.practice.models import LedgerEntry, Placement, cases_of
from cohorts.practice.views import Granted, PlacementForm
from cohorts.practice.workflow import open_matter
from cohorts.training.models import Cohort

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXPORT = ("practice.enter", "referral.decide")


def filtered(request: HttpRequest) -> tuple[LedgerFilter, Any]:
    """The filter form and the rows that it leaves, for page, totals and file alike."""
    cohorts = Cohort.objects.filter(pk__in=cases_of(request.user).values("cohort")).select_related("campaign")
    form = LedgerFilter(request.GET, cohorts=cohorts)
    rows = LedgerEntry.objects.visible_to(request.user).select_related("village", "referral__cadre")
    return form, form.filter(rows)


class Ledger(KeysetList):
    """Entries of a village (``?q=``), of a class (``?cohort=``), or of everybody in scope."""

    template_name = "cohorts/practice/ledger.html"
    sorts = {"found": "opened_on"}
    sort = "-found"

    def rows(self) -> Any:
        if not self.request.user.may("practice.read"):
            raise PermissionDenied
        self.filter, rows = filtered(self.request)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = self.request.user
        return context | {
            "filter": self.filter, "totals": ledger.totals(self.rows()), "query": self.request.GET.urlencode(),
            "exports": any(user.may(grant) for grant in _EXPORT), "names": not user.may("practice.log"),
        }  # fmt: skip


class LedgerFile(Granted):
    """The same rows as a workbook."""

    grants = _EXPORT

    def get(self, request: HttpRequest) -> HttpResponse:
        _form, rows = filtered(request)
        response = HttpResponse(ledger.xlsx(rows), content_type=_XLSX)
        response["Content-Disposition"] = 'attachment; filename="village-ledger.xlsx"'
        return response


class NewMatter(PlacementForm):
    """A problem, project or mediation of the placement's village."""

    grants = ("practice.log", "practice.enter")

    def form(self, placement: Placement, *data: Any) -> MatterForm:
        return MatterForm(*data[:1], own=self.own)

    def save(self, placement: Placement, form: Any) -> HttpResponse:
        entry = open_matter(placement, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("The entry is open; record each action with its day."))
        return redirect(entry.get_absolute_url())

    def words(self, placement: Placement) -> dict[str, Any]:
        title = _("New entry of the ledger: %(village)s") % {"village": placement.village}
        return {"title": title, "label": _("Open the entry")}
