"""An edition's life: copied from an approved one, edited as a draft, approved for good."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from accounts.kit.forms import refuse_into
from assessments.criteria.difference import compare, rule_changes
from assessments.criteria.forms import CopyForm, CriterionForm, EditionForm, SendBackForm
from assessments.criteria.models import Criterion, Edition
from assessments.criteria.workflow import (
    approve_edition,
    copy_edition,
    edit_criterion,
    edit_edition,
    hand_in,
    may_approve,
    remove_criterion,
    send_back,
)


class _EditionPage(PermissionRequiredMixin, View):
    """A page about one edition; the drafting pages are for whoever may begin an edition."""

    permission_required = "edition.copy"
    raise_exception = True
    template_name = "assessments/criteria/form.html"
    title = ""
    button = ""

    @cached_property
    def edition(self) -> Edition:
        """The county drafts and approves its editions, another organizer only its own; nobody knows of the others' drafts."""
        editions = Edition.objects.approvable_by(self.request.user).select_related("based_on")
        return get_object_or_404(editions, public_id=self.kwargs["public_id"])

    def form(self, *data: Any) -> Any:
        raise NotImplementedError

    def write(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            return self.write(form)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"edition": self.edition, "form": form, "title": self.title, "button": self.button} | self.more()
        return render(self.request, self.template_name, context, status=status)

    def more(self) -> dict[str, Any]:
        return {}

    def back_to(self, edition: Edition) -> HttpResponse:
        return redirect(f"/criteria/?edition={edition.code}")


class Copy(_EditionPage):
    """Another organizer, such as the education bureau, begins its own edition from the county's."""

    @cached_property
    def edition(self) -> Edition:
        editions = Edition.objects.usable_by(self.request.user.role.unit)
        return get_object_or_404(editions, public_id=self.kwargs["public_id"])

    @property
    def title(self) -> str:
        return _("New edition from %(code)s") % {"code": self.edition.code}

    @property
    def button(self) -> str:
        return _("Begin the draft")

    def form(self, *data: Any) -> CopyForm:
        year = timezone.localdate().year + 1
        return CopyForm(*data, initial={"code": str(year), "holds_from": dt.date(year, 1, 1)})

    def write(self, form: CopyForm) -> HttpResponse:
        new = copy_edition(self.edition, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("The draft is a copy; change what the county wants changed."))
        return redirect("assessments:edition_edit", public_id=new.public_id)


class EditEdition(_EditionPage):
    """Titles, notes and the evidence rule; and the draft's criteria."""

    template_name = "assessments/criteria/edit.html"

    @property
    def title(self) -> str:
        return _("Draft edition %(code)s") % {"code": self.edition.code}

    def form(self, *data: Any) -> EditionForm:
        return EditionForm(*data, instance=Edition.objects.get(pk=self.edition.pk))

    def write(self, form: EditionForm) -> HttpResponse:
        edit_edition(self.edition, by=self.request.user, **form.content())
        messages.success(self.request, _("Saved."))
        return redirect("assessments:edition_edit", public_id=self.edition.public_id)

    def more(self) -> dict[str, Any]:
        rows, dropped = compare(self.edition)
        user = self.request.user
        return {
            "rows": rows,
            "dropped": dropped,
            "may_approve": user.may("edition.approve") and may_approve(self.edition, user),
        }


class EditCriterion(_EditionPage):
    """Change one criterion of a draft, or add one."""

    template_name = "assessments/criteria/criterion.html"

    @cached_property
    def criterion(self) -> Criterion | None:
        if "code" not in self.kwargs:
            return None
        return get_object_or_404(Criterion, edition=self.edition, code=self.kwargs["code"])

    @property
    def title(self) -> str:
        return str(self.criterion) if self.criterion else _("New criterion")

    @property
    def button(self) -> str:
        return _("Save")

    def form(self, *data: Any) -> CriterionForm:
        # A row of its own: validating a bound form changes the instance.
        row = Criterion.objects.get(pk=self.criterion.pk) if self.criterion else Criterion(edition=self.edition)
        return CriterionForm(*data, instance=row)

    def write(self, form: CriterionForm) -> HttpResponse:
        edit_criterion(self.edition, by=self.request.user, criterion=self.criterion, **form.content())
        messages.success(self.request, _("Saved."))
        return redirect("assessments:edition_edit", public_id=self.edition.public_id)

    def more(self) -> dict[str, Any]:
        return {"criterion": self.criterion}


class RemoveCriterion(_EditionPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(Criterion, edition=self.edition, code=kwargs["code"])
        try:
            remove_criterion(row, by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return self.back_to(self.edition)
        messages.success(request, _("%(code)s is removed from the draft.") % {"code": row.code})
        return redirect("assessments:edition_edit", public_id=self.edition.public_id)


class HandIn(_EditionPage):
    """The draft is ready: those who may approve it are told."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            hand_in(self.edition, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The draft is handed in; a second person approves it or sends it back."))
        return redirect("assessments:edition_edit", public_id=self.edition.public_id)


class Approve(_EditionPage):
    """What changes, and a sentence to type: from here on the edition cannot change. Or the draft goes back."""

    permission_required = "edition.approve"
    template_name = "assessments/criteria/approve.html"

    @property
    def title(self) -> str:
        return _("Approve %(title)s") % {"title": self.edition.title}

    @property
    def sentence(self) -> str:
        return _("Approve %(code)s") % {"code": self.edition.code}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.answer(200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.send_back() if "send_back" in request.POST else self.approve()

    def send_back(self) -> HttpResponse:
        form = SendBackForm(self.request.POST)
        if not form.is_valid():
            return self.answer(422, form=form)
        try:
            send_back(self.edition, by=self.request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.answer(409, form=form)
        messages.success(self.request, _("The draft went back; its drafters are told why."))
        return self.back_to(self.edition)

    def approve(self) -> HttpResponse:
        if " ".join(self.request.POST.get("typed", "").split()) != self.sentence:
            return self.answer(422, error=_("That is not the sentence."))
        try:
            approved = approve_edition(self.edition, by=self.request.user, seen=self.request.POST.get("seen", ""))
        except ValidationError as error:
            return self.answer(409, error=" ".join(error.messages))
        if approved:
            messages.success(self.request, _("The edition is approved; from its day on a campaign may use it."))
        else:
            messages.warning(self.request, _("It was approved already; nothing changed."))
        return self.back_to(self.edition)

    def answer(self, status: int, error: str = "", form: Any = None) -> HttpResponse:
        self.edition.refresh_from_db()
        rows, dropped = compare(self.edition)
        context = {
            "edition": self.edition, "title": self.title, "sentence": self.sentence, "error": error, "dropped": dropped,
            "changed": [row for row in rows if row.added or row.changed], "rule_changes": rule_changes(self.edition),
            "total": len(rows), "form": form or SendBackForm(), "may_decide": may_approve(self.edition, self.request.user),
            "hidden": [{"name": "seen", "value": self.edition.seen}],
            "drafters": self.edition.drafters.select_related("cadre"),
        }  # fmt: skip
        return render(self.request, self.template_name, context, status=status)
