"""Forms of people and units. A unit is typed by name or code; no list renders one option per unit or person."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import day
from accounts.kit.pickers import UnitField
from accounts.kit.widgets import dress
from accounts.models import Unit
from accounts.people import codes
from accounts.people.models import Category, Departure, DutyKind, LeadingLevel, Sex, UnitKind
from accounts.people.workflow import CORRECTABLE


def told(unit: Unit) -> str:
    """What names this unit in a field: its name, or its code where the name repeats."""
    return unit.code if Unit.objects.filter(name=unit.name).exclude(pk=unit.pk).exists() else unit.name


class DeedForm(forms.Form):
    """A form about one person or unit; ``build`` adds what depends on it."""

    def __init__(self, *args: Any, subject: Any, user: Any, **kwargs: Any) -> None:
        self.subject, self.user = subject, user
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Fields and first values that depend on the subject."""


class PeopleFilter(forms.Form):
    """Filters of the list of people."""

    q = forms.CharField(label=_("Name, pinyin, initials or identity number"), required=False, max_length=40)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=80)
    category = forms.ChoiceField(label=_("Personnel category"), required=False)
    today = forms.ChoiceField(label=_("Today"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("all")), *Category.choices]
        self.fields["today"].choices = [
            ("", _("in service")), ("leave", _("on leave or protected")), ("seconded", _("seconded")), ("gone", _("retired or left")),
        ]  # fmt: skip
        dress(self.fields.values())


class UnitFilter(forms.Form):
    """Filters of the tree."""

    q = forms.CharField(label=_("Name of the unit"), required=False, max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    reports = forms.ChoiceField(label=_("Reporting unit"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("all but villages")), ("all", _("all")), *UnitKind.choices]
        self.fields["reports"].choices = [
            ("", _("all")),
            ("yes", _("yes")),
            ("no", _("no")),
            ("dissolved", _("dissolved")),
        ]
        dress(self.fields.values())


class PersonForm(DeedForm):
    """Who somebody is."""

    name = forms.CharField(label=_("Name"), max_length=40)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices)
    born = day(_("Born"))
    id_number = forms.CharField(label=_("Identity number"), max_length=18, required=False)
    category = forms.ChoiceField(label=_("Personnel category"), choices=[("", "---"), *Category.choices],
                                 help_text=_("It selects the law that applies."))  # fmt: skip
    political_status = forms.ChoiceField(label=_("Political status"), required=False)
    nationality = forms.ChoiceField(label=_("Nationality"), required=False)
    education = forms.ChoiceField(label=_("Education"), required=False)
    degree = forms.ChoiceField(label=_("Degree"), required=False)
    joined_on = day(_("Joined the service on"))

    def build(self) -> None:
        for table in ("political_status", "nationality", "education", "degree"):
            self.fields[table].choices = [("", "---"), *codes.choices(table)]

    def clean_born(self) -> Any:
        born = self.cleaned_data["born"]
        if born >= timezone.localdate():
            raise ValidationError(_("The day lies in the future."))
        return born


class PostFields(forms.Form):
    """What a post is."""

    unit = UnitField(label=_("Unit"), standing=True)
    title = forms.CharField(label=_("Post"), max_length=60)
    level = forms.ChoiceField(label=_("Level"), choices=LeadingLevel.choices, initial=LeadingLevel.STAFF)
    rank = forms.ChoiceField(label=_("Rank or grade"), required=False,
                             help_text=_("Ranks of civil servants exist from 1 June 2019 on."))  # fmt: skip


def _ranks() -> list[tuple[str, str]]:
    return [("", "---"), *codes.choices("rank", "grade")]


class NewPersonForm(PersonForm, PostFields):
    field_order = [*CORRECTABLE, "unit", "title", "level", "rank"]

    def build(self) -> None:
        super().build()
        self.fields["rank"].choices = _ranks()

    def data_for_deed(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"post": data.pop("title")}


class CorrectForm(PersonForm):
    """The identity number is never shown; an empty field leaves it as it is."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def build(self) -> None:
        super().build()
        for name in CORRECTABLE:
            if name != "id_number":
                self.fields[name].initial = getattr(self.subject, name)
        if self.subject.id_number:
            self.fields["id_number"].help_text = gettext("On record: %(number)s. Type it only to change it.") % {
                "number": self.subject.masked_id
            }

    def data_for_deed(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if not data["id_number"]:
            del data["id_number"]
        return data


class PostForm(PostFields, DeedForm):
    start = day(_("From"), initial=timezone.localdate)
    removed = forms.BooleanField(label=_("The earlier post ends by removal under the three mechanisms"), required=False)

    def build(self) -> None:
        self.fields["rank"].choices = _ranks()
        for name, value in (
            ("unit", told(self.subject.unit)),
            ("level", self.subject.level),
            ("rank", self.subject.rank),
        ):
            self.fields[name].initial = value


class DutyForm(DeedForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "---"), *DutyKind.choices])
    start = day(_("From"), initial=timezone.localdate)
    end = day(_("First day back (empty while it goes on)"), required=False)
    host = UnitField(label=_("Host unit of a secondment"), required=False, standing=True)


class DutyEndForm(DeedForm):
    period = forms.ChoiceField(label=_("Which"))
    end = day(_("First day back"), initial=timezone.localdate)

    def build(self) -> None:
        rows = self.subject.duty_periods.filter(end__isnull=True) | self.subject.duty_periods.filter(
            end__gt=timezone.localdate()
        )
        self.periods = {str(row.pk): row for row in rows.order_by("start")}
        self.fields["period"].choices = [
            (key, f"{row.get_kind_display()} {row.start}") for key, row in self.periods.items()
        ]

    def clean_period(self) -> Any:
        return self.periods[self.cleaned_data["period"]]


class RetirementForm(DeedForm):
    day = day(_("Retired from"))

    def build(self) -> None:
        self.fields["day"].initial = self.subject.retires_on


class DepartureForm(DeedForm):
    how = forms.ChoiceField(label=_("How"), choices=[("", "---"), *Departure.choices])
    on = day(_("First day no longer in service"), initial=timezone.localdate)


class NewUnitForm(DeedForm):
    name = forms.CharField(label=_("Name of the unit"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "---"), *UnitKind.choices])
    since = day(_("From"), initial=timezone.localdate)
    reports = forms.BooleanField(label=_("Reports by itself"), required=False)
    staff_in_post = forms.IntegerField(label=_("Staff in post"), min_value=0, max_value=9999, initial=0)
    phone = forms.CharField(label=_("Office phone"), max_length=30, required=False)


class CorrectUnitForm(DeedForm):
    reports = forms.BooleanField(label=_("Reports by itself"), required=False)
    staff_in_post = forms.IntegerField(label=_("Staff in post"), min_value=0, max_value=9999)
    phone = forms.CharField(label=_("Office phone"), max_length=30, required=False)

    def build(self) -> None:
        for name, field in self.fields.items():
            field.initial = getattr(self.subject, name)


class RenameForm(DeedForm):
    name = forms.CharField(label=_("New name"), max_length=80)
    on = day(_("From"), initial=timezone.localdate)


class MoveUnitForm(DeedForm):
    parent = UnitField(label=_("New parent"), standing=True)
    on = day(_("From"), initial=timezone.localdate)


class DissolveForm(DeedForm):
    on = day(_("First day on which the unit no longer exists"), initial=timezone.localdate)
    successor = UnitField(label=_("Unit that takes over its people and sub-units"), required=False, standing=True)


class PersonSearch(forms.Form):
    """By the beginning of name, pinyin or initials, or the whole identity number; never one option per cadre."""

    q = forms.CharField(
        label=_("Name, pinyin, initials or identity number"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )  # fmt: skip
