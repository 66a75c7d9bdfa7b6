"""The filter of measures and the form of a new one, with the fields of its kind."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.models import Cadre, Unit
from cohorts.campaign.models import Campaign
from cohorts.measure.kinds import BY_CODE, CHOICES
from cohorts.measure.models import MeasureState
from cohorts.referral.forms import day


class MeasureFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *MeasureState.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *CHOICES])
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2018, max_value=2100)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=40)

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["unit"]

    def filter(self, rows: Any) -> Any:
        self.is_valid()
        data = self.cleaned_data
        for name, look in (("state", "state"), ("kind", "kind"), ("year", "campaign__year")):
            if data.get(name):
                rows = rows.filter(**{look: data[name]})
        return rows.filter(unit__name__startswith=data["unit"].strip()) if data.get("unit") else rows


class MeasureForm(forms.Form):
    """The unit and its person are typed by name and looked up: never one option per unit or cadre."""

    campaign = forms.ModelChoiceField(label=_("Campaign"), queryset=None)
    unit = forms.CharField(label=_("Unit (full name or code)"), max_length=80)
    person = forms.CharField(label=_("The person: head or another leading cadre (name)"), max_length=40)
    held_on = day(_("Held on"), initial=timezone.localdate)
    held_by = forms.CharField(label=_("Held by (name and office)"), max_length=60)
    commendation = forms.CharField(label=_("Which planned commendation is lost"), max_length=120)
    commendation_year = forms.IntegerField(label=_("Year of the commendation"), min_value=2018, max_value=2100)
    handed_to = forms.CharField(label=_("Handed over to"), max_length=80)
    reason = forms.CharField(
        label=_("Reason: facts, with dates"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )
    agreed = forms.CharField(label=_("What was agreed"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)
    file = UploadField(label=_("Document (optional)"), required=False)

    def __init__(self, *args: Any, kind: str, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        wanted = {"campaign", "unit", "reason", "file", *BY_CODE[kind].fields}
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        self.fields["campaign"].queryset = Campaign.objects.visible_to(user)
        self.fields["campaign"].initial = Campaign.objects.visible_to(user).running().first()

    def clean_unit(self) -> Unit:
        words = self.cleaned_data["unit"].strip()
        rows = Unit.objects.visible_to(self.user)
        found = (
            list(rows.filter(name=words)[:2])
            or list(rows.filter(code=words)[:1])
            or list(rows.filter(name__contains=words)[:2])
        )
        if len(found) != 1:
            raise forms.ValidationError(
                _("No unit of exactly this name; write it in full.")
                if not found
                else _("Several units fit; write the full name.")
            )
        return found[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("person") and data.get("unit"):
            rows = Cadre.objects.visible_to(self.user).filter(
                unit__path__startswith=data["unit"].path, name=data["person"].strip()
            )
            found = list(rows.order_by("level", "pk")[:1])
            if found:
                data["person"] = found[0]
            else:
                self.add_error("person", _("Nobody of this name belongs to the unit."))
        return data
