"""Second verifications: the list of drawn cases, the page of one of them, and the files of its evidence."""

from typing import Any

from django import forms
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.calendar import deadline
from accounts.kit.lists import KeysetList
from accounts.kit.widgets import dress
from accounts.models import StoredFile
from cohorts.procedure.consequence_views import events_of
from cohorts.procedure.views import buttons
from cohorts.referral.second import ONE_IN, SecondCheck, SecondState


class SecondFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [("", _("all that wait")), ("overdue", _("overdue")), ("all", _("all"))]
        self.fields["state"].choices = [*own, *SecondState.choices]
        dress(self.fields.values())

    def filter(self, rows: Any) -> Any:
        state = self.cleaned_data["state"] if self.is_valid() else ""
        if state == "all":
            return rows
        if state == "overdue":
            return rows.overdue(timezone.localdate())
        if state == SecondState.DONE:
            return rows.filter(state=state)
        return rows.waiting().filter(state=state) if state else rows.waiting()


class SecondChecks(PermissionRequiredMixin, KeysetList):
    """Drawn cases, those that fall due first on top."""

    permission_required = "criteria.consistency"
    raise_exception = True
    template_name = "cohorts/referral/second_checks.html"
    sorts = {"due": "due_on", "drawn": "drawn_at"}
    sort = "due"

    def rows(self) -> Any:
        self.filter = SecondFilter(self.request.GET)
        rows = SecondCheck.objects.visible_to(self.request.user)
        rows = rows.select_related("referral__cadre", "referral__unit", "referral__campaign", "checker__cadre")
        return self.filter.filter(rows.prefetch_related("referral__criteria"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "filter": self.filter, "today": timezone.localdate(), "one_in": ONE_IN,
        }  # fmt: skip


class OneSecondCheck(View):
    def row(self, public_id: Any) -> SecondCheck:
        user: Any = self.request.user
        rows = SecondCheck.objects.visible_to(user).select_related(
            "referral__cadre", "referral__unit", "referral__campaign__edition", "checker__cadre__unit"
        )
        row = get_object_or_404(rows, public_id=public_id)
        if not (user.may("criteria.consistency") or user.may("second.check")):
            raise PermissionDenied
        return row


class SecondCheckPage(OneSecondCheck):
    """To the second verifier the material and nothing of the first word; to the organizer who is named, then both words."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row, user = self.row(public_id), request.user
        waits = row.state != SecondState.DONE and not row.is_moot
        context: dict[str, Any] = {
            "row": row, "buttons": buttons(row, user), "one_in": ONE_IN,
            "deadline": deadline(row.due_on, since=row.assigned_on or timezone.localtime(row.drawn_at).date()) if waits else None,
        }  # fmt: skip
        if user.may("criteria.consistency"):
            words = row.findings.with_first().select_related("criterion")
            context |= {"words": list(words), "trail": events_of(row)}
            return render(request, "cohorts/referral/second_check.html", context)
        return render(request, "cohorts/referral/second_blind.html", context)


class SecondCheckFile(OneSecondCheck):
    """A file of the case's evidence, as an attachment; no other paper of the case."""

    def get(self, request: HttpRequest, public_id: Any, file_id: Any) -> HttpResponse:
        files = StoredFile.objects.filter(pk__in=self.row(public_id).evidence.values("file"))
        file = get_object_or_404(files, public_id=file_id)
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )
