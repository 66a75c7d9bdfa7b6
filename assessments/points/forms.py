"""Forms of the points ledger."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.kit.forms import day
from accounts.kit.people import PeopleFields
from accounts.people.models import Cadre, barred_cadres
from assessments.points.entries import EntryKind
from assessments.points.models import PointLedger, PointPlace, PointRules, RoutineTask
from assessments.points.rules import GRADES, UNFINISHED
from assessments.points.versions import VERSIONS
from assessments.points.workflow import Placing

FIGURES = ("project", "unfinished", "mistake", "cap", "routine", "window", "share")


def month_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A month as its first day."""
    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m", "%Y-%m-%d"], **kwargs)


class RulesForm(forms.Form):
    """A reported version and its figures, which a unit may change before they hold."""

    template = forms.ChoiceField(label=gettext_lazy("Rules"))
    starts_on = month_field(gettext_lazy("From which month on"))
    base_1 = forms.DecimalField(label=gettext_lazy("Base per month, grade 1"), max_digits=6, decimal_places=2)
    base_2 = forms.DecimalField(label=gettext_lazy("Base per month, grade 2"), max_digits=6, decimal_places=2)
    base_3 = forms.DecimalField(label=gettext_lazy("Base per month, grade 3"), max_digits=6, decimal_places=2)
    base_4 = forms.DecimalField(label=gettext_lazy("Base per month, grade 4"), max_digits=6, decimal_places=2)
    project = forms.DecimalField(label=gettext_lazy("Per project"), max_digits=6, decimal_places=2)
    routine = forms.DecimalField(label=gettext_lazy("Per routine task and month"), max_digits=6, decimal_places=2)
    unfinished = forms.DecimalField(label=gettext_lazy("Deduction per unfinished work"), max_digits=6, decimal_places=2)
    mistake = forms.DecimalField(label=gettext_lazy("Deduction for a mistake, first time"), max_digits=6, decimal_places=2)  # fmt: skip
    cap = forms.IntegerField(label=gettext_lazy("A repeated mistake costs at most so many times the first"), min_value=1, max_value=64)  # fmt: skip
    window = forms.TypedChoiceField(label=gettext_lazy("A mistake is the same again within"), coerce=int, choices=[
        (12, gettext_lazy("the calendar year")), (6, gettext_lazy("the half-year")), (3, gettext_lazy("the quarter")), (1, gettext_lazy("the month")),
    ])  # fmt: skip
    share = forms.IntegerField(label=gettext_lazy("Part of the award shared by points, per cent"), min_value=0, max_value=100)  # fmt: skip

    def __init__(self, *args: Any, now: PointRules | None = None, **kwargs: Any) -> None:
        """``now``: the version, or the draft, to begin from; else the first reported version."""
        shipped = now.params if now else next(iter(VERSIONS.values())).params
        figures = {f"base_{n}": value for n, value in enumerate(shipped["base"], 1)}
        figures |= {name: shipped[name] for name in FIGURES} | ({"template": now.template} if now else {})
        kwargs["initial"] = {"starts_on": timezone.localdate().replace(day=1)} | figures | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = [(code, str(version)) for code, version in VERSIONS.items()]

    def plain(self) -> list[Any]:
        """The fields that everybody fills in; the others are the version's figures."""
        return [self[name] for name in self.fields if not self._is_figure(name)]

    def detailed(self) -> list[Any]:
        return [self[name] for name in self.fields if self._is_figure(name)]

    @property
    def wrong_figures(self) -> bool:
        return any(self._is_figure(name) for name in self.errors)

    @staticmethod
    def _is_figure(name: str) -> bool:
        return name in FIGURES or name.startswith("base")

    def figures(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {name: data[name] if name in ("cap", "window", "share") else str(data[name]) for name in FIGURES} | {
            "base": [str(data[f"base_{n}"]) for n in GRADES]
        }

    def data_for_verb(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"template": data["template"], "starts_on": data["starts_on"], "figures": self.figures()}


class BeginForm(RulesForm):
    group_one = forms.CharField(label=gettext_lazy("First group"), max_length=40)
    group_two = forms.CharField(label=gettext_lazy("Second group"), max_length=40)
    field_order = ("template", "starts_on", "group_one", "group_two")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"group_one": _("policy affairs"), "group_two": _("general affairs")} | kwargs.get("initial", {})  # fmt: skip
        super().__init__(*args, **kwargs)

    def data_for_verb(self) -> dict[str, Any]:
        data = self.cleaned_data
        return super().data_for_verb() | {"groups": (data["group_one"], data["group_two"])}


class PlacesForm(forms.Form):
    """Everybody of the unit with one choice: group and grade. Only what was changed is written."""

    start = day(gettext_lazy("Changes hold from"))

    def __init__(self, *args: Any, ledger: PointLedger, people: list[Cadre], held: dict[int, PointPlace], **kwargs: Any) -> None:  # fmt: skip
        self.ledger, self.people, self.held = ledger, people, held
        kwargs["initial"] = {"start": max(ledger.open_month, ledger.starts_on)} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        choices = [("", _("not in the ledger"))] + [
            (f"{group}{grade}", _("%(group)s, grade %(grade)s") % {"group": name, "grade": grade})
            for group, name in ledger.groups.items() for grade in GRADES
        ]  # fmt: skip
        for cadre in people:
            self.fields[f"p{cadre.pk}"] = forms.ChoiceField(
                label=f"{cadre.name} · {cadre.post}", choices=choices, required=False, initial=self.now(cadre.pk)
            )

    def now(self, key: int) -> str:
        place = self.held.get(key)
        return f"{place.group}{place.grade}" if place else ""

    def rows(self) -> list[Any]:
        """The bound choices with their people, for the template."""
        return [
            {"cadre": cadre, "field": self[f"p{cadre.pk}"], "place": self.held.get(cadre.pk)} for cadre in self.people
        ]

    def changes(self) -> tuple[list[Placing], list[PointPlace]]:
        """Whom to place, and whose place ends."""
        placed, ended = [], []
        for cadre in self.people:
            wanted = self.cleaned_data[f"p{cadre.pk}"]
            if wanted == self.now(cadre.pk):
                continue
            if wanted:
                placed.append(Placing(cadre, int(wanted[0]), int(wanted[1])))
            else:
                ended.append(self.held[cadre.pk])
        return placed, ended


class MembersForm(PeopleFields, forms.Form):
    """``who``: names of people who stand, or stood, in the unit's ledger."""

    people = ("who",)
    who = forms.CharField(
        label=gettext_lazy("Whose points"),
        max_length=400,
        help_text=gettext_lazy("Name or pinyin; several with commas."),
    )

    def __init__(self, *args: Any, ledger: PointLedger, user: Any, **kwargs: Any) -> None:
        self.ledger, self.user = ledger, user
        super().__init__(*args, **kwargs)

    def candidates(self) -> Any:
        return Cadre.objects.filter(pk__in=PointPlace.objects.filter(unit=self.ledger.unit).values("cadre"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if barred_cadres(self.user.cadre_id) & {cadre.pk for _name, cadre in data["who"] if cadre}:
            self.add_error(
                "who", _("Nobody records points of himself, or of somebody to whom a declared relation bars.")
            )
        return data

    def cadres(self) -> list[Cadre]:
        return [cadre for _name, cadre in self.cleaned_data["who"] if cadre]


class EntryForm(MembersForm):
    """An entry of one kind, for one person or several."""

    routine = forms.ModelChoiceField(label=gettext_lazy("Routine task"), queryset=RoutineTask.objects.none())
    name = forms.CharField(
        label=gettext_lazy("Name of the mistake"), max_length=60, widget=forms.TextInput(attrs={"list": "mistakes", "autocomplete": "off"}),
        help_text=gettext_lazy("The same mistake always bears the same name: by it the times are counted."),
    )  # fmt: skip
    hours = forms.DecimalField(
        label=gettext_lazy("Hours beyond the average"), max_digits=5, decimal_places=1, min_value=0
    )
    reason = forms.CharField(label=gettext_lazy("What it was for"), max_length=200)
    day = day(gettext_lazy("Day"))
    evidence = forms.BooleanField(
        label=gettext_lazy("Also put it on the record as a missed deadline"), required=False,
        help_text=gettext_lazy("Not when the weekly list has it already."),
    )  # fmt: skip
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"day": timezone.localdate(), "key": uuid.uuid4().hex} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        own = {
            EntryKind.ROUTINE: "routine",
            EntryKind.MISTAKE: "name",
            EntryKind.WORKED: "hours",
            UNFINISHED: "evidence",
        }
        for wanted, name in own.items():
            if wanted != kind:
                del self.fields[name]
        self.fields["reason"].required = kind not in (EntryKind.ROUTINE, EntryKind.MISTAKE)
        if "routine" in self.fields:
            self.fields["routine"].queryset = RoutineTask.objects.filter(ledger=self.ledger, dropped_on__isnull=True)
        self.find_people()


class DutyForm(MembersForm):
    duty = forms.CharField(label=gettext_lazy("Duty"), max_length=60)
    hours = forms.DecimalField(label=gettext_lazy("Hours per week"), max_digits=4, decimal_places=1, min_value=0, max_value=80)  # fmt: skip
    start = day(gettext_lazy("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.find_people()


class RoutineForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Routine task"), max_length=60)


class AppealForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What is wrong with this entry?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )


class AnswerForm(forms.Form):
    """``instead`` only where a part may stay."""

    uphold = forms.TypedChoiceField(
        label=gettext_lazy("Decision"), widget=forms.RadioSelect, coerce=lambda value: value == "yes",
        choices=[("yes", gettext_lazy("The cadre is right: the entry is corrected")), ("no", gettext_lazy("The entry stays"))],
    )  # fmt: skip
    instead = forms.DecimalField(label=gettext_lazy("Points that stay (0 = the entry falls)"), max_digits=8, decimal_places=2, min_value=0, initial=0)  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, partly: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not partly:
            del self.fields["instead"]


class PotForm(forms.Form):
    pot = forms.DecimalField(label=gettext_lazy("Award pot, yuan"), max_digits=12, decimal_places=2, min_value=0)

    @property
    def fen(self) -> int:
        return int(self.cleaned_data["pot"] * 100)


class EntryFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("all")), *EntryKind.choices])  # fmt: skip
    month = month_field(gettext_lazy("Month"), required=False)


def read_month(text: str) -> dt.date:
    """A month of an address. Raises ValidationError when it is none."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 -- a month has no zone
    except ValueError as error:
        raise ValidationError(_("This is no month.")) from error
