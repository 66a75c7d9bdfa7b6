"""Filters and forms of consequences, payroll lists and the eligibility check."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cohorts.campaign.models import Campaign
from cohorts.penalty.eligibility import Purpose
from cohorts.penalty.kinds import CHOICES
from cohorts.penalty.payroll import Channel
from cohorts.referral.forms import day

LIST_LIMIT = 200


class PenaltyFilter(forms.Form):
    state = forms.ChoiceField(
        label=_("In force"), required=False, choices=[("", _("today")), ("ended", _("ended")), ("all", _("all"))]
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *CHOICES])
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), required=False, queryset=None, empty_label=_("all"), to_field_name="public_id"
    )
    unit = forms.CharField(label=_("Unit"), required=False, max_length=40)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.visible_to(user)
        if not user.may("campaign.read"):
            del self.fields["campaign"]

    def filter(self, rows: Any, today: dt.date) -> Any:
        """A wrong value filters nothing away that the others leave."""
        self.is_valid()
        data = self.cleaned_data
        if data.get("state") == "ended":
            rows = rows.ended(today)
        elif data.get("state") != "all":
            rows = rows.in_force(today)
        if data.get("kind"):
            rows = rows.filter(kind=data["kind"])
        if data.get("campaign"):
            rows = rows.filter(referral__campaign=data["campaign"])
        return rows.filter(referral__unit__name__startswith=data["unit"].strip()) if data.get("unit") else rows


class DrawForm(forms.Form):
    channel = forms.ChoiceField(label=_("Paying office"), choices=Channel.choices)
    month = forms.TypedChoiceField(label=_("Month"), coerce=dt.date.fromisoformat)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months, month = [], timezone.localdate().replace(day=1)
        for _n in range(3):
            months.append((month.isoformat(), date_format(month, "YEAR_MONTH_FORMAT")))
            month = (month - dt.timedelta(days=1)).replace(day=1)
        self.fields["month"].choices = months


class EligibilityForm(forms.Form):
    """One person by name, or a pasted list; the purpose; the day."""

    purpose = forms.ChoiceField(label=_("May this person receive or do:"), choices=Purpose.choices)
    on = day(_("On the day"), initial=timezone.localdate)
    people = forms.CharField(
        label=_("People: one name or identity number a line, up to 200"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_people(self) -> list[str]:
        words = [line.strip() for line in self.cleaned_data["people"].replace("\t", "\n").splitlines() if line.strip()]
        words = list(dict.fromkeys(words))
        if len(words) > LIST_LIMIT:
            raise forms.ValidationError(_("Ask for at most %(n)s people at once.") % {"n": LIST_LIMIT})
        return words
