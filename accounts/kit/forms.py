"""What every form needs: a day, and a refusal beside the field that it names."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy

from accounts.kit.tables import FIRST_YEAR, LAST_YEAR


class DayField(forms.DateField):
    """A day whose year cannot be a slip of the keyboard: browsers' calendars take the years 1 to 275760."""

    default_error_messages = {"year": _("Look at the year once more.")}

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(self.error_messages["year"], code="year")
        return day


def day(label: Any, **kwargs: Any) -> DayField:
    """A date field that browsers show with a calendar."""
    return DayField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def refuse_into(form: forms.BaseForm, error: ValidationError) -> None:
    """Show a workflow's refusal on the form; reasons of fields that the form does not have stand above it."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
    for field, reasons in by_field.items():
        form.add_error(field if field in form.fields else None, reasons)


# Django's own sentences as an office says them: the catalogue of the house comes before Django's.
SENTENCES_OF_DJANGO = (
    gettext_noop("This field is required."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
)


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows to tick. A forged key that no database holds is a wrong choice, like any other that is not offered."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error
