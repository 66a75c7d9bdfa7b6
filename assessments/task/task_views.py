"""One task: its page, what may be done on it; and the own list of the person responsible."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.kit.forms import refuse_into
from accounts.models import DecisionEvent
from accounts.wording import say
from assessments.task import forms, workflow
from assessments.task.models import SettledWeek, Task, TaskState, monday


def _task(request: HttpRequest, public_id: Any) -> Task:
    """A task in the reader's scope; else 404."""
    rows = Task.objects.visible_to(request.user).select_related(
        "unit", "cadre", "area__leader", "said_by__cadre", "carried_from", "carried_to", "evidence", "planned_by__cadre"
    )
    return get_object_or_404(rows, public_id=public_id)


@dataclass(frozen=True)
class Deed:
    """What may be done on one task's page: words on the button, grant, form, verb."""

    label: str | Promise
    grant: str
    form: Callable[..., Any]
    perform: Callable[..., Any]


DEEDS: dict[str, Deed] = {
    "mark": Deed(gettext_lazy("State what became of it"), "task.keep", forms.OneMarkForm, workflow.mark),
    "carry": Deed(gettext_lazy("Carry over"), "task.keep", forms.CarryForm, workflow.carry_over),
    "excuse": Deed(gettext_lazy("Accept an excuse"), "task.settle", forms.ExcuseForm, workflow.accept_excuse),
}


def _deeds_of(task: Task, user: Any, settled: bool) -> list[dict[str, Any]]:
    carried = hasattr(task, "carried_to")
    possible = {
        "mark": not settled,
        "carry": not carried and task.state in (TaskState.MISSED, TaskState.EXCUSED),
        "excuse": settled and task.state in (TaskState.LATE, TaskState.MISSED) and task.cadre_id != user.cadre_id,
    }
    return [
        {"url": f"{task.get_absolute_url()}{name}/", "label": deed.label}
        for name, deed in DEEDS.items()
        if possible[name] and user.may(deed.grant)
    ]


class TaskPage(View):
    """One task with its history; the person responsible sees the own ones."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        user = request.user
        if not user.may("task.keep") and not user.may("record.own"):
            raise PermissionDenied
        task = _task(request, public_id)
        settled = SettledWeek.objects.filter(unit=task.unit, week=task.week).select_related("settled_by__cadre").first()
        events = DecisionEvent.objects.filter(subject_type="task", subject_id=task.public_id).select_related(
            "actor__cadre"
        )
        history = [self.line(event) for event in events]
        history.append({"at": task.planned_at, "text": _("Put on the list"), "actor": str(task.planned_by)})
        if settled:
            history.append(
                {"at": settled.settled_at, "text": say("event.task.settle"), "actor": str(settled.settled_by)}
            )
        history.sort(key=lambda line: line["at"], reverse=True)
        context = {
            "task": task, "settled": settled, "history": history, "buttons": _deeds_of(task, user, settled is not None),
            "own": not user.may("task.keep"), "carried_to": getattr(task, "carried_to", None),
            "back_url": f"/tasks/?week={task.week.isoformat()}&unit={task.unit.public_id}" if user.may("task.keep") else "/tasks/mine/",
            "away": Task.objects.filter(pk=task.pk).on_leave().exists(),
        }  # fmt: skip
        return render(request, "assessments/task/task.html", context)

    @staticmethod
    def line(event: DecisionEvent) -> dict[str, Any]:
        payload = json.loads(event.payload or "{}")
        state = payload.get("state", "")
        details = [say(state[1:]) if state.startswith("@") else "", payload.get("reason", "")]
        return {"at": event.at, "text": say(f"event.{event.action}"), "actor": str(event.actor),
                "detail": " · ".join(str(words) for words in details if words)}  # fmt: skip


class DeedPage(View):
    """GET shows the form of a deed, POST performs it; a refusal keeps the input and says why."""

    action = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.deed = DEEDS[self.action]
        if not request.user.may(self.deed.grant):
            raise PermissionDenied
        self.task = _task(request, kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(self.deed.form(task=self.task))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = self.deed.form(request.POST, task=self.task)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            made = self.deed.perform(self.task, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Done: %(what)s.") % {"what": self.deed.label})
        return redirect(made if isinstance(made, Task) else self.task)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"subject": self.task, "form": form, "label": self.deed.label}
        return render(self.request, "accounts/people/deed.html", context, status=status)


class Own(View):
    """Pages of the person responsible."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.may("record.own"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def mine(self, form: Any = None, failed: Task | None = None, status: int = 200) -> HttpResponse:
        """What is still to do, however old; what comes later; what was done or decided this week."""
        user, today = self.request.user, timezone.localdate()
        first = monday(today)
        rows = Task.objects.visible_to(user).select_related("unit", "area__leader", "said_by", "carried_from")
        tasks = list(rows.filter(Q(week__gte=first) | Q(pk__in=rows.open().unsettled())).order_by("due_on", "pk")[:200])
        for task in tasks:
            task.over, task.refused = task.due_on < today, form if failed and task.pk == failed.pk else None
        to_do = [task for task in tasks if task.state == TaskState.OPEN]
        context = {
            "now": [task for task in to_do if task.week <= first], "later": [task for task in to_do if task.week > first],
            "past": [task for task in tasks if task.state != TaskState.OPEN], "today": today, "week": first,
        }  # fmt: skip
        return render(self.request, "assessments/task/mine.html", context, status=status)


class Mine(Own):
    """My weekly list, phone first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.mine()


class Done(Own):
    """One tap: it is done."""

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        task = _task(request, public_id)
        form = forms.DoneForm(request.POST)
        if not form.is_valid():
            return self.mine(form, task, 422)
        try:
            workflow.report_done(task, by=request.user, done_on=form.cleaned_data["done_on"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.mine(form, task, 409)
        messages.success(request, _("Reported as done: %(task)s. The unit confirms it with the week.") % {"task": task})
        return redirect("/tasks/mine/")
