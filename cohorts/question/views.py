"""Questions: the unit's table and its answers, the organizer's list and its decisions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.calendar import deadline
from accounts.kit.lists import KeysetList
from accounts.permissions import UNIT_ROLES
from cohorts.campaign.models import UnitReturn
from cohorts.procedure.views import buttons
from cohorts.question.context import token_shares
from cohorts.question.forms import QuestionFilter
from cohorts.question.models import UNANSWERED, UnitQuestion
from cohorts.question.table import table_of
from cohorts.question.workflow import answer_by_naming


class Questions(PermissionRequiredMixin, View):
    """A unit and whoever follows an alert see one table of one return; the organizer otherwise the list."""

    permission_required = "question.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        page = UnitTable if request.user.role.role in UNIT_ROLES or "return" in request.GET else QuestionList
        return page.as_view()(request)


class UnitTable(PermissionRequiredMixin, View):
    """The table of one return: by default the newest one about which the unit was asked."""

    permission_required = "question.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        user, today = request.user, timezone.localdate()
        questions = UnitQuestion.objects.visible_to(user)
        returns = (
            UnitReturn.objects.visible_to(user)
            .select_related("unit", "round__campaign")
            .order_by("-round", "unit__path")
        )
        asked = returns.filter(round__in=questions.values("round"), unit__in=questions.values("unit"))
        if key := request.GET.get("return"):
            try:
                chosen = get_object_or_404(returns, public_id=key)
            except ValidationError as error:
                raise Http404 from error
        else:
            chosen = asked.first()
        context = {
            "table": table_of(chosen, user, today) if chosen else None, "row": chosen, "others": list(asked[:12]),
            "may_answer": user.may("question.answer"), "may_name": user.may("referral.draft"),
            "unanswered": UNANSWERED, "outside": user.role.role not in UNIT_ROLES,
            "shares": token_shares(chosen, today) if chosen and user.role.role not in UNIT_ROLES else [],
        }  # fmt: skip
        return render(request, "cohorts/question/table.html", context)


class QuestionList(PermissionRequiredMixin, KeysetList):
    """All questions in reach, those that fall due first on top."""

    permission_required = "question.read"
    raise_exception = True
    template_name = "cohorts/question/list.html"
    sorts = {"due": "due_on", "unit": "unit__path"}
    sort = "-due"

    def rows(self) -> Any:
        self.filter = QuestionFilter(self.request.GET)
        rows = UnitQuestion.objects.visible_to(self.request.user)
        return self.filter.filter(rows.select_related("unit", "cadre", "criterion", "round__campaign", "disputed"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = context["rows"]
        returns = UnitReturn.objects.visible_to(self.request.user).filter(
            round__in={row.round_id for row in rows}, unit__in={row.unit_id for row in rows}
        )
        keys = {(row.round_id, row.unit_id): row.public_id for row in returns}
        for row in rows:
            row.return_key = keys.get((row.round_id, row.unit_id))
        return context | {"filter": self.filter, "today": timezone.localdate()}


class OneQuestion(PermissionRequiredMixin, View):
    permission_required = "question.read"
    raise_exception = True

    def row(self, public_id: Any) -> UnitQuestion:
        rows = UnitQuestion.objects.visible_to(self.request.user).select_related(
            "unit", "cadre__unit", "criterion__edition", "round__campaign", "disputed", "answered_by__cadre", "decided_by__cadre",
            "file",
        )  # fmt: skip
        return get_object_or_404(rows, public_id=public_id)


class QuestionPage(OneQuestion):
    """The items beside the text of the criterion, what was answered and decided, and what can be done next."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(self.row(public_id), [], 200)

    def page(self, row: UnitQuestion, reasons: list[str], status: int) -> HttpResponse:
        user = self.request.user
        open_ = row.state in UNANSWERED
        unit_return = UnitReturn.objects.visible_to(user).filter(round=row.round, unit=row.unit).first()
        context = {
            "row": row, "items": row.items.select_related("file").prefetch_related("statements"), "buttons": buttons(row, user),
            "reasons": reasons, "is_open": open_, "unit_return": unit_return,
            "may_name": open_ and user.may("referral.draft"),
            "deadline": deadline(row.due_on, since=row.asked_on) if open_ else None,
        }  # fmt: skip
        return render(self.request, "cohorts/question/page.html", context, status=status)


class NameThePerson(OneQuestion):
    """The answer "nominate": begins the draft with criterion and items, and goes on to it."""

    permission_required = "referral.draft"

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = self.row(public_id)
        try:
            case = answer_by_naming(row, by=request.user)
        except ValidationError as error:
            page = QuestionPage()
            page.setup(request, public_id=public_id)
            return page.page(row, error.messages, 409)
        messages.success(request, _("The draft is begun with this criterion and these items; complete and sign it."))
        return redirect(f"{case.get_absolute_url()}edit/")


class QuestionFile(OneQuestion):
    def get(self, request: HttpRequest, public_id: Any) -> FileResponse:
        file = self.row(public_id).file
        if file is None:
            raise Http404
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )
