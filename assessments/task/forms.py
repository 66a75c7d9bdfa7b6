"""Forms of the weekly list."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.kit.forms import RowsField, day
from accounts.kit.people import PeopleFields
from accounts.kit.sheet import DayCell, Row, Sheet, YesCell
from accounts.kit.tables import plain
from accounts.kit.widgets import dress
from accounts.models import Cadre, Unit
from accounts.people.models import UnitKind
from assessments.task.models import Area, Task, TaskState, monday
from assessments.task.workflow import verdict

DAY = dt.timedelta(days=1)


def _one(people: list[tuple[str, Cadre | None]]) -> Cadre | None:
    if len(people) > 1:
        raise ValidationError(_("One person answers; name one."))
    return people[0][1] if people else None


class TaskForm(PeopleFields, forms.Form):
    """Quick entry of one line: what, who, until when; area and key target where they matter."""

    people = ("cadre",)
    content = forms.CharField(label=gettext_lazy("Content"), max_length=200)
    cadre = forms.CharField(label=gettext_lazy("Responsible person"), max_length=60)
    due_on = day(gettext_lazy("Finish by"))
    area = forms.ModelChoiceField(label=gettext_lazy("Area"), queryset=None, required=False, empty_label="---")
    key = forms.BooleanField(label=gettext_lazy("Key target of the year"), required=False)

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.fields["area"].queryset = areas = Area.objects.standing().filter(unit=unit)
        if not areas:
            del self.fields["area"]
        dress(self.fields.values())
        self.find_people()

    def candidates(self) -> Any:
        return Cadre.objects.filter(unit__path__startswith=self.unit.path)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        try:
            data["cadre"] = _one(data["cadre"])
        except ValidationError as error:
            self.add_error("cadre", error)
        return data


class TaskRow(Row):
    """One row of a week's list that is pasted or uploaded."""

    people = ("cadre",)
    content = forms.CharField(label=gettext_lazy("Content"), max_length=200)
    cadre = forms.CharField(label=gettext_lazy("Responsible person"), max_length=60)
    due_on = DayCell(label=gettext_lazy("Finish by"))
    area = forms.CharField(label=gettext_lazy("Area"), max_length=40, required=False)
    key = YesCell(label=gettext_lazy("Key target"))

    def __init__(self, *args: Any, areas: dict[str, Area], settled: set[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas, self.settled = areas, settled

    def clean_area(self) -> Area | None:
        name = plain(self.cleaned_data["area"])
        if name and name not in self.areas:
            raise ValidationError(_("No area of the unit is called so."))
        return self.areas.get(name)

    def clean_due_on(self) -> dt.date:
        due: dt.date = self.cleaned_data["due_on"]
        if due < monday(timezone.localdate()):
            raise ValidationError(_("The due day lies before this week."))
        if monday(due) in self.settled:
            words = {"day": date_format(monday(due))}
            raise ValidationError(_("The week of %(day)s is settled; its list stands still.") % words)
        return due


TASK_SHEET = Sheet.of("assessments", "tasks", TaskRow)


class MarkForm(forms.Form):
    """What became of one task; on the settle page one of many, on the task's page alone."""

    state = forms.ChoiceField(label=gettext_lazy("What became of it"), required=False)
    done_on = day(gettext_lazy("Done on"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)
    carry_to = day(gettext_lazy("Carry over to"), required=False)

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        initial = {
            "state": task.state if task.state != TaskState.OPEN else "",
            "done_on": task.done_on,
            "reason": task.reason,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.task = task
        self.fields["state"].choices = [("", "---"), *TaskState.choices[1:]]
        for name, field in self.fields.items():
            kind = "form-select" if name == "state" else "form-control"
            field.widget.attrs["class"] = f"{kind} {kind}-sm"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors or not {"state", "done_on", "reason"} & set(self.changed_data):
            return data
        if not data["state"] and data["done_on"]:
            data["state"] = TaskState.DONE
        elif not data["state"] and data["reason"]:
            data["state"] = TaskState.EXCUSED
        state = data["state"] or TaskState.OPEN
        said = {"reason": data["reason"].strip(), "done_on": data["done_on"], "state": state}
        data["state"], data["reason"], data["done_on"] = verdict(self.task, today=timezone.localdate(), **said)
        return data

    def line(self) -> dict[str, Any] | None:
        """For ``review_week``: what is new about this task; None when nothing is."""
        if not self.has_changed():
            return None
        said = bool({"state", "done_on", "reason"} & set(self.changed_data))
        data = self.cleaned_data
        return {"task": self.task, "state": data["state"] if said else "", "reason": data["reason"],
                "done_on": data["done_on"], "carry_to": data["carry_to"]}  # fmt: skip


class OneMarkForm(MarkForm):
    """On the task's own page; carrying over is a deed of its own there."""

    carry_to = None  # type: ignore[assignment]

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, task=task, **kwargs)
        state = self.fields["state"]
        state.required, state.choices, self.initial["state"] = True, TaskState.choices, task.state


class _OfTask(forms.Form):
    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ExcuseForm(_OfTask):
    reason = forms.CharField(label=gettext_lazy("Reason that is accepted"), max_length=200)


class CarryForm(_OfTask):
    due_on = day(gettext_lazy("New due day"))


class DoneForm(forms.Form):
    """The person responsible says that it is done: today, unless another day is named."""

    done_on = day(gettext_lazy("Done on"), required=False)


class AreaForm(PeopleFields, forms.Form):
    """Name, responsible leader, and the villages that belong to it."""

    people = ("leader",)
    name = forms.CharField(label=gettext_lazy("Name of the area"), max_length=40)
    leader = forms.CharField(label=gettext_lazy("Responsible leader"), max_length=60)
    villages = RowsField(
        label=gettext_lazy("Villages"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, unit: Unit, area: Area | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        # Each village lies in one area: those of the other areas are not offered.
        taken = Area.villages.through.objects.filter(area__unit=unit, area__ended_on__isnull=True)
        taken = taken.exclude(area=area) if area else taken
        villages = Unit.objects.below(unit).filter(kind=UnitKind.VILLAGE, dissolved_on__isnull=True)
        self.fields["villages"].queryset = villages.exclude(pk__in=taken.values("unit"))
        if not villages.exists():
            del self.fields["villages"]
        self.find_people()

    def candidates(self) -> Any:
        return Cadre.objects.filter(unit__path__startswith=self.unit.path)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        try:
            data["leader"] = _one(data["leader"])
        except ValidationError as error:
            self.add_error("leader", error)
        return {"villages": []} | data
