"""The short form of a finding, its correction, and the filter of the list."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.kit.forms import day
from accounts.kit.people import PeopleFields
from accounts.kit.widgets import dress
from accounts.models import Cadre, Unit
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Fact
from assessments.supervision.models import (
    Finding,
    Line,
    Office,
    Severity,
    line_of,
    people_within,
    reach_of,
)
from assessments.supervision.workflow import FACTS

MORE = ("criterion", "fact", "key", "amount")


class PhotoField(UploadField):
    """A picture; telephones offer the camera and the album, and hand over JPEG."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["accept"] = "image/jpeg,image/png"

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload and not upload.name.lower().endswith((".jpg", ".jpeg", ".png")):
            raise forms.ValidationError(_("A photo is a JPG or PNG picture."))
        return upload


class MomentField(forms.DateTimeField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], **kwargs)


def criteria_for(unit: Unit) -> list[tuple[str, str]]:
    """The criteria in force for a unit, by code, with their titles."""
    edition = Edition.objects.in_use(unit)
    rows = Criterion.objects.filter(edition=edition) if edition else Criterion.objects.none()
    return [(row.code, str(row)) for row in rows]


def units_within(role: Any, words: str) -> Any:
    """Units in reach that are called so or bear this code: never a list to browse."""
    rows = Unit.objects.filter(path__startswith=reach_of(role), dissolved_on__isnull=True)
    return rows.filter(Q(name=words) | Q(code=words)).order_by("path")[:3]


def which_unit(words: str, found: list[Unit]) -> Any:
    """Why what was typed names no unit."""
    if found:
        return _("Several units are called so: type the code.")
    return _("No unit is called exactly so.") if words.strip() else _("Name a person or a unit.")


class FindingForm(PeopleFields, forms.Form):
    """A minute on a telephone: place and moment are there already, "nothing wrong" needs nothing else.

    ``nothing``: the button "nothing wrong today" was pressed.
    """

    office = forms.ChoiceField(label=_("Which office recorded it"), choices=[("", "---"), *Office.choices])
    place = forms.CharField(label=_("Place"), max_length=60)
    seen_at = MomentField(label=_("When"), initial=timezone.now)
    cadre = forms.CharField(
        label=_("Person (if any)"),
        required=False,
        max_length=60,
        help_text=_("Full name or pinyin. Empty when it is about the unit."),
    )
    unit = forms.CharField(
        label=_("Unit"), required=False, max_length=80, help_text=_("Full name or code. Not needed beside a person.")
    )
    severity = forms.TypedChoiceField(
        label=_("How grave"), choices=Severity.choices, coerce=int, widget=forms.RadioSelect
    )
    what = forms.CharField(
        label=_("What was seen"), required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
    photo = PhotoField(
        label=_("Photo (optional, never required)"),
        required=False,
        help_text=_("JPG or PNG, up to 5 MB. No state secrets."),
    )
    criterion = forms.ChoiceField(label=_("Criterion that it speaks to"), required=False)
    fact = forms.ChoiceField(label=_("What it establishes"), required=False)
    key = forms.CharField(label=_("Number or name"), required=False, max_length=60)
    amount = forms.IntegerField(
        label=_("Days of absence"), required=False, min_value=1, max_value=366,
        help_text=_("Calendar days for civil servants, working days for institution staff."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason of the correction"), max_length=200)
    people = ("cadre",)

    def __init__(
        self, *args: Any, user: Any, corrects: Finding | None = None, nothing: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.role, self.nothing = user, user.role, nothing
        self.outside = line_of(self.role) == Line.OUTSIDE
        for name in () if self.outside else ("office", "unit"):
            del self.fields[name]
        if corrects is None:
            del self.fields["reason"]
        else:
            self.initial = _content(corrects) | self.initial
        self.fields["severity"].required = not nothing
        self.fields["criterion"].choices = [("", _("none")), *criteria_for(self.role.unit)]
        self.fields["fact"].choices = [("", _("nothing of these")), *((f.value, f.label) for f in FACTS)]
        self.fields["key"].help_text = (
            _("Petitions and 12345: the number of the verified conclusion, never who complained. Else the name of the mistake.")
            if self.outside else _("The name of the mistake, the same words each time.")
        )  # fmt: skip
        dress(field for name, field in self.fields.items() if name != "severity")
        self.fields["cadre"].widget.attrs["autocomplete"] = "off"
        self.find_people()

    def candidates(self) -> Any:
        return people_within(self.role, timezone.localdate())

    @property
    def cadre_questions(self) -> list[Any]:
        """Which of several people of one name is meant."""
        return self.questions("cadre") if self.is_bound else []

    @property
    def more(self) -> list[Any]:
        return [self[name] for name in MORE]

    @property
    def more_is_open(self) -> bool:
        """Whether something of the rarer fields is filled in, wrong, or asked for by the office."""
        return any(self[name].value() not in (None, "", 1, "1") or self.errors.get(name) for name in MORE)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["cadre"] = self._person(data["cadre"])
        if self.nothing:
            if data.get("what") or data["cadre"]:
                self.add_error(
                    None, _("Something is written here: choose how grave it is and save, or empty it first.")
                )
            data["severity"] = Severity.IN_ORDER
        data["unit"] = self._unit(data["cadre"], data.get("unit", ""))
        data["amount"] = data.get("amount") or 1
        if data.get("fact") == Fact.COMPLAINT:
            data["fact"] = ""
        return data

    def _person(self, named: list[tuple[str, Cadre | None]]) -> Cadre | None:
        if len(named) > 1:
            self.add_error("cadre", _("One person only: write another finding for the next one."))
        return named[0][1] if named else None

    def _unit(self, cadre: Cadre | None, words: str) -> Unit | None:
        """The person's unit, or the unit of the role; an outside recorder names it."""
        if not self.outside:
            own: Unit = self.role.unit
            return cadre.unit if cadre and cadre.unit.path.startswith(reach_of(self.role)) else own
        found = list(units_within(self.role, words.strip())) if words.strip() else []
        if cadre:
            if words.strip() and not any(cadre.unit.path.startswith(unit.path) for unit in found):
                self.add_error("unit", _("Nobody of this name belongs to the unit."))
            return cadre.unit
        if len(found) != 1 and not any(name.startswith("cadre") for name in self.errors):
            self.add_error("unit", which_unit(words, found))
        return found[0] if len(found) == 1 else None

    def content(self) -> dict[str, Any]:
        """The keywords of the workflow function."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("cadre_")}


def _content(finding: Finding) -> dict[str, Any]:
    """What stands in the form of a correction."""
    item = finding.evidence
    return {
        "office": finding.office, "place": finding.place, "seen_at": finding.seen_at, "cadre": finding.cadre.name if finding.cadre else "",
        "unit": finding.unit.code, "severity": finding.severity, "what": finding.what, "criterion": finding.criterion,
        "fact": item.fact if item else "", "key": item.key if item else "", "amount": item.amount if item else 1,
    }  # fmt: skip


class FindingFilter(forms.Form):
    """``own``: the reader sees only what he wrote himself."""

    q = forms.CharField(label=_("Cadre (name or pinyin)"), required=False, max_length=40)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=80)
    line = forms.ChoiceField(label=_("Line"), required=False, choices=[("", _("all")), *Line.choices])
    severity = forms.ChoiceField(label=_("Severity"), required=False, choices=[("", _("all")), *Severity.choices])
    since = day(_("From"), required=False)
    until = day(_("To"), required=False)
    by = forms.CharField(label=_("Who looked"), required=False, max_length=40)

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("line", "by") if own else ():
            del self.fields[name]
        dress(self.fields.values())

    def filter(self, rows: Any) -> Any:
        self.is_valid()
        data = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        for name, look in (("unit", "unit__name__startswith"), ("line", "line"), ("severity", "severity"),
                           ("by", "recorded_by__cadre__name__startswith")):  # fmt: skip
            if name in data:
                rows = rows.filter(**{look: data[name]})
        if "q" in data:
            rows = rows.filter(cadre__in=Cadre.objects.found_by(data["q"]).values("pk"))
        if "since" in data:
            rows = rows.filter(seen_at__gte=_begin(data["since"]))
        return rows.filter(seen_at__lt=_begin(data["until"] + dt.timedelta(days=1))) if "until" in data else rows


def _begin(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
