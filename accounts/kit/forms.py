"""What every form needs: a day, and a refusal beside the field that it names."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


def day(label: Any, **kwargs: Any) -> forms.DateField:
    """A date field that browsers show with a calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def refuse_into(form: forms.BaseForm, error: ValidationError) -> None:
    """Show a workflow's refusal on the form; reasons of fields that the form does not have stand above it."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
    for field, reasons in by_field.items():
        form.add_error(field if field in form.fields else None, reasons)
