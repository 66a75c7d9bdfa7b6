"""Bootstrap's classes for widgets that a template places itself, without crispy."""

from collections.abc import Iterable

from django import forms


def dress(fields: Iterable[forms.Field]) -> None:
    """Give each widget the class of its kind; a widget that has a class keeps it."""
    for field in fields:
        widget = field.widget
        kind = (
            "form-check-input"
            if isinstance(widget, forms.CheckboxInput)
            else "form-select"
            if isinstance(widget, forms.Select)
            else "form-control"
        )
        widget.attrs.setdefault("class", kind)
