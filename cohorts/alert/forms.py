"""Forms of the alert steps, the filter of the list, and the record of a call."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.widgets import dress
from accounts.models import User
from accounts.notice.workflow import nearest_holders
from accounts.permissions import Role
from cohorts.alert.ladder import RUNG_OF, RUNGS
from cohorts.alert.models import STANDING, Alert, AlertState
from cohorts.alert.rules import RULES
from cohorts.alert.steps import handlers
from cohorts.measure.forms import MeasureForm
from cohorts.procedure.forms import StepForm


class OwnerForm(StepForm):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=None)

    def build(self) -> None:
        people = handlers(self.subject, timezone.localdate())
        users = User.objects.filter(pk__in=[user.pk for user in people]).select_related("cadre")
        self.fields["owner"].queryset = users.order_by("username")
        self.fields["owner"].label_from_instance = lambda user: f"{user} ({user.title})" if user.title else str(user)


class NoteForm(StepForm):
    note = forms.CharField(
        label=_("What was done, and what became of it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )


class HeedForm(StepForm):
    note = forms.CharField(
        label=_("What is being done, and by when (optional)"), widget=forms.Textarea(attrs={"rows": 2}), max_length=500, required=False,
        help_text=_("The reminders pause for some days. The days of this level run on until the matter is settled."),
    )  # fmt: skip


ALERT_FORMS = {"alert_owner": OwnerForm, "alert_note": NoteForm, "alert_heed": HeedForm}


class AlertFilter(forms.Form):
    """A GET form; without it the standing alerts are shown."""

    rule = forms.ChoiceField(label=_("Rule"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    level = forms.ChoiceField(label=_("Level reached"), required=False)
    q = forms.CharField(label=_("Unit"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from_texts = [(rule.code, rule.name) for rule in RULES]
        self.fields["rule"].choices = [("", _("all")), *from_texts]
        self.fields["state"].choices = [("", _("standing")), ("all", _("all")), *AlertState.choices]
        self.fields["owner"].choices = [("", _("all")), ("me", _("mine")), ("none", _("nobody"))]
        self.fields["level"].choices = [("", _("all")), *((rung.code, rung.label) for rung in RUNGS)]
        dress(self.fields.values())

    def filter(self, rows: Any, user: Any) -> Any:
        if not self.is_valid():
            return rows.filter(state__in=STANDING)
        data = self.cleaned_data
        if data["state"] != "all":
            rows = rows.filter(state__in=[data["state"]] if data["state"] else STANDING)
        if data["rule"]:
            rows = rows.filter(rule=data["rule"])
        if data["owner"]:
            rows = rows.filter(owner=user if data["owner"] == "me" else None)
        if data["level"]:
            rows = rows.filter(level=RUNG_OF[data["level"]].level)
        return rows.filter(unit__name__contains=data["q"].strip()) if data["q"].strip() else rows


class AlertMeasureForm(MeasureForm):
    """A measure because of an alert: the unit and the campaign are the alert's, its head and its words are proposed."""

    def __init__(self, *args: Any, alert: Alert, kind: str, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, kind=kind, user=user, **kwargs)
        self.unit = alert.unit
        del self.fields["unit"], self.fields["campaign"]
        self.fields["reason"].initial = alert.text
        if "person" in self.fields:
            heads = nearest_holders({Role.UNIT_HEAD}, over=alert.unit)
            self.fields["person"].initial = str(heads[0]) if heads else ""

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["unit"] = self.unit
        data = super().clean()
        del data["unit"]
        return data


class CallForm(forms.Form):
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reached = forms.CharField(label=_("Who answered"), max_length=40)
    answer = forms.CharField(label=_("Answer"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields.values())
