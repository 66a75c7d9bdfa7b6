"""The one generic step view: form from the steps table, 404 / 403 / 409 as ``move`` says."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.permissions import Role
from accounts.wording import say
from cohorts.procedure.forms import FORMS, SUBJECTS
from cohorts.procedure.step import NotVisible, Refused, Step
from cohorts.procedure.workflow import available, foreseen, may_take, move, step_named


def label_of(subject: Any, step: Step, user: Any) -> str:
    """The verb on the button; a step that somebody takes for himself may have words of its own."""
    code = f"event.{subject._meta.model_name}.{step.action}"
    own = f"{code}.own"
    return say(own) if user.role.role == Role.CADRE and say(own) != own else say(code)


def buttons(subject: Any, user: Any) -> list[dict[str, Any]]:
    """What this user may do next, the main action first."""
    steps = sorted(available(subject, user), key=lambda s: not s.main)
    return [
        {
            "action": s.action,
            "label": label_of(subject, s, user),
            "main": s.main,
            "hindered": foreseen(subject, s, user) if s.main else [],
            "url": f"{subject.get_absolute_url()}do/{s.action}/",
        }
        for s in steps
    ]


class StepPage(View):
    """GET shows the step's form, POST performs it; a refusal keeps the input and says why."""

    subject_kind = "cases"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        model = SUBJECTS[self.subject_kind]
        self.subject = model.objects.visible_to(request.user).filter(public_id=kwargs["public_id"]).first()
        if self.subject is None:
            raise Http404
        try:
            self.step = step_named(self.subject, kwargs["action"])
        except LookupError as error:
            raise Http404 from error
        if self.step.inner:
            raise Http404
        if not may_take(self.subject, self.step, request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = FORMS[self.step.form](subject=self.subject, user=request.user)
        if self.subject.state not in self.step.sources:
            return self.page(form, [_("This step is not possible in the present state.")], 409)
        return self.page(form, foreseen(self.subject, self.step, request.user), 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = FORMS[self.step.form](request.POST, request.FILES, subject=self.subject, user=request.user)
        if not form.is_valid():
            return self.page(form, [], 422)
        try:
            with transaction.atomic():
                data = form.data_for_move()
                move(self.subject, self.step.action, by=request.user, version=form.cleaned_data["version"], **data)
        except NotVisible as error:
            raise Http404 from error
        except Refused as refused:
            return self.page(form, [str(refusal) for refusal in refused.refusals], 409)
        messages.success(request, _("Done: %(what)s.") % {"what": label_of(self.subject, self.step, request.user)})
        return redirect(self.onward())

    def onward(self) -> str:
        """Back to the row while it is still in scope; "save and next" leads to the next case of the own team."""
        rows = type(self.subject).objects.visible_to(self.request.user)
        if self.request.POST.get("onward") == "sign":
            return f"{self.subject.get_absolute_url()}do/sign/"
        if self.request.POST.get("onward") == "queue":
            mine = rows.filter(state__in=self.step.sources, team__members=self.request.user).exclude(pk=self.subject.pk)
            following = mine.order_by("state_since", "pk").first()
            return f"{following.get_absolute_url()}do/{self.step.action}/" if following else "/cases/"
        return self.subject.get_absolute_url() if rows.filter(pk=self.subject.pk).exists() else "/"

    def others(self, form: Any) -> list[dict[str, str]]:
        """Further steps that the same fields serve: one more button each, nothing is typed twice."""
        steps = [step_named(self.subject, action) for action in form.others if action != self.step.action]
        url = self.subject.get_absolute_url()
        user = self.request.user
        return [{"label": label_of(self.subject, step, user), "url": f"{url}do/{step.action}/"} for step in steps]

    def page(self, form: Any, reasons: list[str], status: int) -> HttpResponse:
        context = {
            "subject": self.subject,
            "step": self.step,
            "label": label_of(self.subject, self.step, self.request.user),
            "form": form,
            "reasons": reasons,
            "others": self.others(form),
        }
        return render(self.request, "cohorts/procedure/step.html", context, status=status)
