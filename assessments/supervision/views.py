"""Pages of findings: the list with the gaps, a new one, one finding with its photo and chain, its correction."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views import View

from accounts.file.workflow import store
from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.models import Unit
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role
from assessments.supervision.forms import FindingFilter, FindingForm
from assessments.supervision.gaps import county_gaps, gaps, monday_of
from assessments.supervision.models import INSIDE, Finding, line_of
from assessments.supervision.workflow import record_finding, supersede_finding

# This week and the eight before it.
WEEKS = 9
_WITH = ("unit", "cadre", "recorded_by__cadre")


def names_recorders(user: Any) -> bool:
    """Units read which office recorded something, not who there; everybody else reads the name."""
    return user.role.role not in UNIT_ROLES


class Findings(PermissionRequiredMixin, KeysetList):
    """Findings in scope, the newest first; above them, for one unit, which line did not look in which week."""

    permission_required = "finding.read"
    raise_exception = True
    template_name = "assessments/supervision/findings.html"
    sorts = {"seen": "seen_at", "severity": "severity", "unit": "unit__path"}
    sort = "-seen"

    def rows(self) -> Any:
        role = self.request.user.role.role
        self.filter = FindingFilter(self.request.GET, own=role in (Role.TEAM_HEAD, Role.RECORDER))
        rows = Finding.objects.visible_to(self.request.user).current().select_related(*_WITH)
        return self.filter.filter(rows)

    def _panel_unit(self) -> Unit | None:
        """The unit of the role; for the organizer the one whose whole name stands in the filter."""
        role = self.request.user.role
        if role.role in UNIT_ROLES:
            return role.unit
        name = self.request.GET.get("unit", "").strip()
        if role.role not in ORGANIZER_ROLES or not name:
            return None
        return Unit.objects.visible_to(self.request.user).filter(name=name).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, unit, user = super().get_context_data(**kwargs), self._panel_unit(), self.request.user
        lines = gaps(unit, monday_of(timezone.localdate()), WEEKS) if unit else None
        return context | {
            "filter": self.filter, "unit": unit, "lines": lines, "mondays": [look.monday for look in lines[0].weeks] if lines else [],
            "records": user.may("finding.record") and line_of(user.role), "names": names_recorders(user),
        }  # fmt: skip


class Gaps(PermissionRequiredMixin, View):
    """The organizer's view: which units miss looks, in the eight weeks before this one."""

    permission_required = "finding.gaps"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = county_gaps(request.user.role.unit.reach, monday_of(timezone.localdate()), WEEKS - 1)
        sort = request.GET.get("sort", "-total")
        name = sort.removeprefix("-")
        if name in INSIDE:
            rows.sort(key=lambda row: row.missed[name], reverse=sort.startswith("-"))
        elif name != "unit":
            rows.sort(key=lambda row: row.total, reverse=sort.startswith("-"))
        rows.sort(key=lambda row: not row.begun)  # what is not used stands last
        context = {"rows": rows, "lines": INSIDE, "weeks": WEEKS - 1}
        return render(request, "assessments/supervision/gaps.html", context)


class Writes(PermissionRequiredMixin, View):
    """Open to whoever looks on some line."""

    permission_required = "finding.record"
    raise_exception = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not line_of(request.user.role):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def page(self, form: FindingForm, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, "assessments/supervision/form.html", {"form": form, **context}, status=status)


def _day(words: str) -> dt.date | None:
    try:
        return parse_date(words)
    except ValueError:
        return None


class NewFinding(Writes):
    """The place of the last look and this moment are there already; ``?on=`` and ``?place=`` carry them on to the next."""

    def get(self, request: HttpRequest) -> HttpResponse:
        last = Finding.objects.filter(recorded_by=request.user).order_by("-pk").first()
        initial = {"place": request.GET.get("place", "")[:60] or (last.place if last else request.user.role.unit.name)}
        if last:
            initial["office"] = last.office
        on = _day(request.GET.get("on", ""))
        if on and on != timezone.localdate():
            initial["seen_at"] = timezone.make_aware(dt.datetime.combine(on, dt.time()))
        return self.page(FindingForm(user=request.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FindingForm(request.POST, request.FILES, user=request.user, nothing="nothing" in request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            with transaction.atomic():
                data = form.content()
                data["photo"] = store(data["photo"], by=request.user) if data["photo"] else None
                row = record_finding(by=request.user, **data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The finding is recorded."))
        if "next" not in request.POST:
            return redirect("/findings/")
        place = QueryDict(mutable=True)
        place.update({"place": row.place, "on": timezone.localtime(row.seen_at).date().isoformat()})
        return redirect(f"/findings/new/?{place.urlencode()}")


class OneFinding(PermissionRequiredMixin, View):
    permission_required = "finding.read"
    raise_exception = True

    def row(self, public_id: Any) -> Finding:
        rows = Finding.objects.visible_to(self.request.user)
        return get_object_or_404(rows.select_related(*_WITH, "photo", "evidence", "supersedes"), public_id=public_id)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = self.row(public_id)
        chain, seen = [row], Finding.objects.visible_to(request.user).select_related("recorded_by__cadre")
        while earlier := seen.filter(pk=chain[-1].supersedes_id).first():
            chain.append(earlier)
        later = seen.filter(supersedes=row).first()
        context = {
            "row": row, "chain": chain[1:], "later": later, "names": names_recorders(request.user),
            "corrects": later is None and row.recorded_by_id == request.user.pk and line_of(request.user.role) == row.line,
        }  # fmt: skip
        return render(request, "assessments/supervision/finding.html", context)


class Photo(OneFinding):
    """The photo, to those who see the finding."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        file = self.row(public_id).photo
        if file is None:
            raise Http404
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )


class Correct(Writes):
    """A new version of an own finding, with the reason."""

    def row(self, public_id: Any) -> Finding:
        rows = Finding.objects.visible_to(self.request.user).filter(recorded_by=self.request.user)
        row = get_object_or_404(rows.select_related("unit", "cadre", "evidence", "photo"), public_id=public_id)
        if line_of(self.request.user.role) != row.line:
            raise PermissionDenied
        return row

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = self.row(public_id)
        return self.page(FindingForm(user=request.user, corrects=row), row=row)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = self.row(public_id)
        form = FindingForm(request.POST, request.FILES, user=request.user, corrects=row)
        if not form.is_valid():
            return self.page(form, 422, row=row)
        data = form.content()
        try:
            with transaction.atomic():
                data["photo"] = store(data["photo"], by=request.user) if data["photo"] else row.photo
                new = supersede_finding(row, by=request.user, **data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409, row=row)
        messages.success(request, _("The correction is recorded; the earlier version stays readable."))
        return redirect(new.get_absolute_url())
