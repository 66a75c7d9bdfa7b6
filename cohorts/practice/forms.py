"""Forms of field practice. Each carries the key of the sheet of paper or of the form itself, so that nothing is stored twice."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.kit.forms import DayField, day
from accounts.kit.widgets import dress
from cohorts.practice.models import Category, Found, LedgerState, LogEntry, Matter, Placement
from cohorts.practice.rating import COMPONENTS
from cohorts.practice.villages import VillageField, Villages, account_of
from cohorts.training.models import Cohort


def text(label: Any, length: int, rows: int = 2, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class KeyedForm(forms.Form):
    """The key names this form: sent twice, it is stored once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    sheet_number = forms.CharField(label=_("Number of the paper sheet"), max_length=20)

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4
        if own:
            del self.fields["sheet_number"]


class LogForm(KeyedForm):
    """One minute on a phone: day and place are there already."""

    day = day(_("Day"))
    place = forms.CharField(label=_("Where"), max_length=60)
    done = text(_("What was done"), 1000, rows=4)
    people = forms.CharField(label=_("People met (optional)"), max_length=200, required=False)
    hours = forms.DecimalField(
        label=_("Hours (optional)"), min_value=0.5, max_value=24, decimal_places=1, required=False
    )
    photo = UploadField(label=_("Photo or file (optional, never required)"), required=False)
    signed_on_sheet = forms.BooleanField(label=_("The supervisor has signed the sheet."), required=False)
    reason = forms.CharField(label=_("Reason of the correction"), max_length=200)
    field_order = [
        "key",
        "sheet_number",
        "day",
        "place",
        "done",
        "people",
        "hours",
        "photo",
        "signed_on_sheet",
        "reason",
    ]

    def __init__(self, *args: Any, placement: Placement, corrects: LogEntry | None, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, own=own, **kwargs)
        self.fields["day"].initial = timezone.localdate
        self.fields["place"].initial = placement.village.name
        if own:
            del self.fields["signed_on_sheet"]
        if corrects is None:
            del self.fields["reason"]
        else:
            for name in ("day", "place", "done", "people", "hours"):
                self.fields[name].initial = getattr(corrects, name)


class SignForm(forms.Form):
    """One tap; the remark is optional, a question needs its words."""

    week = DayField()
    remark = forms.CharField(max_length=300, required=False)
    agreed = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")


class RateForm(forms.Form):
    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for component in COMPONENTS:
            label = _("%(what)s (0-100, weight %(weight)s %%)") % {"what": component.label, "weight": component.weight}
            self.fields[component.code] = forms.IntegerField(label=label, min_value=0, max_value=100)
        self.fields["reason"] = text(
            _("Reason"),
            300,
            required=False,
            help_text=_("Needed below 60 or above 95 points, and for a changed rating."),
        )
        if not own:
            self.fields["sheet_number"] = forms.CharField(
                label=_("Number of the sheet that the supervisor signed"), max_length=20
            )

    def content(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return {"scores": {c.code: data.pop(c.code) for c in COMPONENTS}, **data}


class ReviseForm(forms.Form):
    ends_on = day(_("Last day"))
    supervisor = forms.CharField(label=_("Field supervisor"), max_length=40)
    goals = text(_("Goals of the practice"), 300, required=False)
    reason = text(_("Reason"), 300)


class MatterForm(KeyedForm):
    matter = forms.ChoiceField(label=_("Kind of matter"), choices=Matter.choices)
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    title = forms.CharField(label=_("What it is about"), max_length=120)
    place = forms.CharField(label=_("Household or place"), max_length=80)
    found = forms.ChoiceField(label=_("How it was found"), choices=Found.choices)
    plan = text(_("What is to be done"), 500)
    opened_on = day(_("Found on"), initial=timezone.localdate)
    field_order = ["key", "sheet_number"]


class PlacementFilter(forms.Form):
    show = forms.ChoiceField(
        label=_("Placements"), required=False,
        choices=[("", _("running")), ("paper", _("running, log on paper")), ("unrated", _("at their end, not rated")), ("all", _("all"))],
    )  # fmt: skip
    q = forms.CharField(label=_("Trainee or village"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields.values())

    def filter(self, rows: Any) -> Any:
        data = self.cleaned_data if self.is_valid() else {"show": "", "q": ""}
        today, words = timezone.localdate(), data["q"].strip()
        if data["show"] == "unrated":
            rows = rows.unrated(today)
        elif data["show"] != "all":
            rows = rows.on(today).on_paper() if data["show"] == "paper" else rows.on(today)
        if words:
            low = words.lower()
            rows = (
                rows.filter(referral__cadre__name__startswith=words) | rows.filter(referral__cadre__pinyin__startswith=low)
                | rows.filter(referral__cadre__initials__startswith=low) | rows.filter(village__name__startswith=words)
            )  # fmt: skip
        return rows


class LedgerFilter(forms.Form):
    q = forms.CharField(label=_("Village (name or code), or words"), required=False, max_length=40)
    cohort = forms.ModelChoiceField(
        label=_("Class"),
        queryset=Cohort.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("all"),
    )
    matter = forms.ChoiceField(label=_("Kind of matter"), choices=[("", _("all")), *Matter.choices], required=False)
    category = forms.ChoiceField(label=_("Category"), choices=[("", _("all")), *Category.choices], required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("all")), *LedgerState.choices], required=False)

    def __init__(self, *args: Any, cohorts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"].queryset = cohorts
        dress(self.fields.values())

    def filter(self, rows: Any) -> Any:
        """The same for the page, its totals and its file."""
        if not self.is_valid():
            return rows
        data = self.cleaned_data
        for name in ("matter", "category", "state"):
            if data[name]:
                rows = rows.filter(**{name: data[name]})
        if data["cohort"]:
            rows = rows.filter(referral__cohort=data["cohort"])
        words = data["q"].strip()
        if not words:
            return rows
        return (
            rows.filter(village__name__startswith=words)
            | rows.filter(village__code=words)
            | rows.filter(title__contains=words)
        )


class PlacementRow(forms.Form):
    """One trainee's line on the placements page; a line without village and supervisor is left out."""

    supervisor = forms.CharField(max_length=40, required=False)
    starts_on = day("", required=False)
    ends_on = day("", required=False)
    goals = forms.CharField(max_length=300, required=False)
    own_town_reason = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, case: Any, villages: Villages, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.known, self.reasons = case, known, []
        self.fields["village"] = VillageField(villages=villages, required=False)
        self.fields["supervisor"].widget.attrs["list"] = "supervisors"
        labels = {"village": _("Village"), "supervisor": _("Field supervisor"), "starts_on": _("From"), "ends_on": _("Until"),
                  "goals": _("Goals"), "own_town_reason": _("Why a village of the own town")}  # fmt: skip
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{case}: {labels[name]}"
        dress(self.fields.values())

    @property
    def asked(self) -> bool:
        """Whether anything was typed for this trainee."""
        return any(self.data.get(self.add_prefix(name), "").strip() for name in ("village", "supervisor"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.asked:
            for name in ("village", "supervisor", "starts_on", "ends_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed."))
        return data

    def content(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"supervisor_user": account_of(data["supervisor"], data["village"], self.known)}
