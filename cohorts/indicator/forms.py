"""The form of a resolution, and the year of a page."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import day
from accounts.kit.widgets import dress


class ResolutionForm(forms.Form):
    number = forms.CharField(label=_("Number of the resolution"), max_length=60)
    decided_on = day(_("Date of the resolution"))
    valid_from = day(_("In force from"))
    extract = forms.CharField(label=_("Extract of the text"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)


class YearForm(forms.Form):
    """A GET form; without it the present year is shown. A year to come finds nothing."""

    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False)

    def __init__(self, data: Any, *, today: dt.date, since: int) -> None:
        super().__init__(data or None)
        years = range(today.year, min(since, today.year) - 1, -1)
        self.fields["year"].choices = [(year, str(year)) for year in years]
        self.initial["year"] = today.year
        self.today = today
        dress(self.fields.values())

    @property
    def chosen(self) -> int | None:
        """None for a year that is not offered."""
        if not self.is_bound:
            return self.today.year
        if not self.is_valid():
            return None
        return self.cleaned_data["year"] or self.today.year
