"""The unit's pages of the weekly list: the week, the sheet, the print, the settlement, the areas."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from accounts.kit.forms import refuse_into
from accounts.kit.sheet import SheetView
from accounts.kit.tables import FIRST_YEAR, LAST_YEAR
from accounts.models import Cadre, Unit
from assessments.task import forms, workflow
from assessments.task.models import Area, SettledWeek, Task, TaskState, monday

WEEK = dt.timedelta(days=7)
# Lists below the own unit that the page offers; a bureau with more looks at them one by one through its units.
_LISTS_SHOWN = 30


def _day_of(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Http404
    return monday(day)


class Keeping(View):
    """Pages of those who keep a unit's list. ``unit``: the own one, or one below it (``?unit=`` its public id)."""

    grant = "task.keep"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.may(self.grant):
            raise PermissionDenied
        self.unit = unit_of(request)
        return super().dispatch(request, *args, **kwargs)

    @property
    def query(self) -> str:
        """What keeps a foreign list in view from page to page."""
        return "" if self.unit == self.request.user.role.unit else f"unit={self.unit.public_id}"

    def week_url(self, week: dt.date) -> str:
        return f"/tasks/?week={week.isoformat()}" + (f"&{self.query}" if self.query else "")


def unit_of(request: HttpRequest) -> Unit:
    wanted = request.GET.get("unit", "")
    if not wanted:
        return request.user.role.unit
    try:
        return get_object_or_404(Unit.objects.visible_to(request.user), public_id=wanted)
    except ValidationError:  # no identifier at all
        raise Http404 from None


@dataclass
class Group:
    """Tasks under one heading: an area with its leader, or a person."""

    label: str
    note: str
    tasks: list[Task]


def grouped(tasks: list[Task], by: str) -> list[Group]:
    """By person or by area; tasks without an area stand last."""
    groups: dict[tuple[bool, str, int], Group] = {}
    for task in tasks:
        if by == "person":
            place, group = (False, task.cadre.pinyin, task.cadre_id), Group(str(task.cadre), task.cadre.post, [])
        elif task.area:
            place, group = (False, task.area.name, task.area_id), Group(task.area.name, str(task.area.leader), [])
        else:
            place, group = (True, "", 0), Group(_("Without area"), "", [])
        groups.setdefault(place, group).tasks.append(task)
    return [groups[place] for place in sorted(groups)]


def week_of_unit(user: Any, unit: Unit, week: dt.date) -> list[Task]:
    """A unit's list of a week with everything that its pages show, in two statements."""
    rows = Task.objects.visible_to(user).filter(unit=unit).in_week(week)
    rows = rows.select_related("cadre", "area__leader", "said_by", "carried_from", "carried_to")
    away = set(Task.objects.filter(unit=unit).in_week(week).on_leave().values_list("pk", flat=True))
    tasks = list(rows.order_by("due_on", "cadre__pinyin", "pk"))
    for task in tasks:
        task.away = task.pk in away
    return tasks


def figures_of(tasks: list[Task]) -> list[tuple[str, int]]:
    """How many tasks stand in each state; states without any are left out."""
    counts = [(state.label, sum(task.state == state for task in tasks)) for state in TaskState]
    return [(label, n) for label, n in counts if n]


class Week(Keeping):
    """A unit's week, and the quick entry of one line."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(forms.TaskForm(unit=self.unit, initial={"due_on": self.initial_day()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.TaskForm(request.POST, unit=self.unit)
        if not form.is_valid():
            return self.page(form, 422)
        row = {name: form.cleaned_data.get(name) for name in ("content", "cadre", "due_on", "area", "key")}
        try:
            task = workflow.plan_tasks(by=request.user, unit=self.unit, rows=[row])[0]
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The task stands on the list of the week of its due day."))
        return redirect(self.week_url(task.week))

    @property
    def week(self) -> dt.date:
        wanted = self.request.GET.get("week", "")
        return _day_of(wanted) if wanted else monday(timezone.localdate())

    def initial_day(self) -> dt.date:
        """The Friday of the week in view, or today when that is over."""
        return max(self.week + dt.timedelta(days=4), timezone.localdate())

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        user, week = self.request.user, self.week
        tasks = week_of_unit(user, self.unit, week)
        by = "person" if self.request.GET.get("by") == "person" or not any(task.area for task in tasks) else "area"
        used = bool(tasks) or Task.objects.filter(unit=self.unit).exists()
        lists = Unit.objects.visible_to(user).exclude(pk=user.role.unit.pk).filter(tasks__isnull=False).distinct()
        context = {
            "unit": self.unit, "own": self.unit == user.role.unit, "week": week, "last": week + dt.timedelta(days=6), "query": self.query,
            "previous_url": self.week_url(week - WEEK), "next_url": self.week_url(week + WEEK), "here_url": self.week_url(week),
            "this_url": self.week_url(monday(timezone.localdate())), "is_now": week == monday(timezone.localdate()),
            "groups": grouped(tasks, by), "by": by, "has_areas": any(task.area for task in tasks), "used": used, "figures": figures_of(tasks),
            "settled": SettledWeek.objects.select_related("settled_by__cadre").filter(unit=self.unit, week=week).first(),
            "open": sum(task.state == TaskState.OPEN for task in tasks), "begun": week <= timezone.localdate(),
            "form": form, "lists": lists.order_by("path")[:_LISTS_SHOWN], "today": timezone.localdate(),
        }  # fmt: skip
        return render(self.request, "assessments/task/week.html", context, status=status)


class PrintWeek(Keeping):
    """The unit's week on paper."""

    def get(self, request: HttpRequest, day: str) -> HttpResponse:
        week = _day_of(day)
        tasks = week_of_unit(request.user, self.unit, week)
        by = "area" if any(task.area for task in tasks) else "person"
        context = {
            "unit": self.unit, "week": week, "last": week + dt.timedelta(days=6), "groups": grouped(tasks, by), "by": by,
            "figures": figures_of(tasks), "back_url": self.week_url(week),
            "settled": SettledWeek.objects.select_related("settled_by__cadre").filter(unit=self.unit, week=week).first(),
        }  # fmt: skip
        return render(request, "assessments/task/print.html", context)


class TaskSheet(SheetView):
    """A week's list from Excel or from the clipboard."""

    permission_required = "task.keep"
    sheet = forms.TASK_SHEET
    title = gettext_lazy("Weekly list from Excel")
    template_name = "assessments/task/sheet.html"

    @property
    def unit(self) -> Unit:
        return unit_of(self.request)

    @property
    def back_url(self) -> str:
        return "/tasks/" + (f"?unit={self.unit.public_id}" if self.request.GET.get("unit") else "")

    def candidates(self) -> Any:
        return Cadre.objects.visible_to(self.request.user).filter(unit__path__startswith=self.unit.path)

    def row_options(self) -> dict[str, Any]:
        areas = {area.name: area for area in Area.objects.standing().filter(unit=self.unit)}
        settled = set(
            SettledWeek.objects.filter(unit=self.unit, week__gte=monday(timezone.localdate())).values_list("week", flat=True)
        )  # fmt: skip
        return super().row_options() | {"areas": areas, "settled": settled}

    def context(self) -> dict[str, Any]:
        return {"unit": self.unit}

    def save(self, rows: list[dict[str, Any]]) -> Any:
        return workflow.plan_tasks(by=self.request.user, unit=self.unit, rows=rows)

    def done(self, saved: list[Task], count: int) -> HttpResponse:
        words = ngettext("%(n)s task is on the list.", "%(n)s tasks are on the list.", count) % {"n": count}
        messages.success(self.request, words)
        first = min(task.week for task in saved)
        query = f"&unit={self.unit.public_id}" if self.request.GET.get("unit") else ""
        return redirect(f"/tasks/?week={first.isoformat()}{query}")


class Settle(Keeping):
    """The end of a week: exceptions are typed, the rest is done in one click, the head or deputy settles."""

    def get(self, request: HttpRequest, day: str) -> HttpResponse:
        return self.page(_day_of(day))

    def post(self, request: HttpRequest, day: str) -> HttpResponse:
        week, act = _day_of(day), request.POST.get("act", "")
        if act == "settle" and not request.user.may("task.settle"):
            raise PermissionDenied
        rows = self.rows(week, request.POST)
        valid = [row.is_valid() for row in rows]  # every row, so that all that is wrong is shown at once
        if act not in ("save", "rest", "settle") or not all(valid):
            return self.page(week, rows, 422, [] if act else [_("Choose what to do with the week.")])
        marks = [line for line in (row.line() for row in rows) if line]
        try:
            workflow.review_week(
                self.unit, week, by=request.user, marks=marks, rest=act == "rest", settle=act == "settle"
            )
        except ValidationError as error:
            return self.page(week, rows, 409, error.messages)
        messages.success(request, _("The week is settled.") if act == "settle" else _("Saved."))
        return redirect(self.week_url(week) if act == "settle" else request.get_full_path())

    def rows(self, week: dt.date, data: Any = None) -> list[forms.MarkForm]:
        tasks = week_of_unit(self.request.user, self.unit, week)
        return [forms.MarkForm(data, prefix=f"t{task.pk}", task=task) for task in tasks]

    def page(self, week: dt.date, rows: Any = None, status: int = 200, reasons: Any = ()) -> HttpResponse:
        rows = self.rows(week) if rows is None else rows
        tasks = [row.task for row in rows]
        context = {
            "unit": self.unit, "week": week, "last": week + dt.timedelta(days=6), "rows": rows, "reasons": reasons,
            "figures": figures_of(tasks), "open": sum(t.state == TaskState.OPEN and not t.away for t in tasks),
            "settled": SettledWeek.objects.select_related("settled_by__cadre").filter(unit=self.unit, week=week).first(),
            "back_url": self.week_url(week), "may_settle": self.request.user.may("task.settle"),
            "begun": week <= timezone.localdate(),
        }  # fmt: skip
        return render(self.request, "assessments/task/settle.html", context, status=status)


class Areas(Keeping):
    """The areas of a unit: which leader answers for which villages."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(forms.AreaForm(unit=self.unit))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.AreaForm(request.POST, unit=self.unit)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            workflow.keep_area(by=request.user, unit=self.unit, **kept(form))
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The area is recorded."))
        return redirect(request.get_full_path())

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        rows = Area.objects.visible_to(self.request.user).standing().filter(unit=self.unit).select_related("leader")
        rows = rows.prefetch_related(Prefetch("villages", Unit.objects.order_by("path")))
        rows = rows.annotate(open=Count("tasks", filter=Q(tasks__state=TaskState.OPEN)))
        context = {
            "unit": self.unit,
            "areas": rows,
            "form": form,
            "back_url": self.week_url(monday(timezone.localdate())),
        }
        return render(self.request, "assessments/task/areas.html", context, status=status)


def kept(form: Any) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name", "leader", "villages")}


class AreaPage(View):
    """Changing or ending an area."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.may("task.keep"):
            raise PermissionDenied
        rows = Area.objects.visible_to(request.user).standing().select_related("unit", "leader")
        self.area = get_object_or_404(rows, public_id=kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def back_url(self) -> str:
        return f"/tasks/areas/?unit={self.area.unit.public_id}"

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        area = self.area
        initial = {"name": area.name, "leader": area.leader.name, "villages": area.villages.all()}
        return self.page(forms.AreaForm(unit=area.unit, area=area, initial=initial))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if request.POST.get("act") == "end":
            workflow.end_area(self.area, by=request.user)
            messages.success(request, _("The area is ended; tasks of the past keep it."))
            return redirect(self.back_url)
        form = forms.AreaForm(request.POST, unit=self.area.unit, area=self.area)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            workflow.keep_area(by=request.user, unit=self.area.unit, area=self.area, **kept(form))
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The area is recorded."))
        return redirect(self.back_url)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"area": self.area, "form": form, "back_url": self.back_url}
        return render(self.request, "assessments/task/area.html", context, status=status)
