"""A field that finds one unit by what people type; never one option per unit."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.people.models import Unit

SHOWN = 8


class UnitField(forms.CharField):
    """The whole name or code of a unit, or a beginning that fits one unit only; several are named in the error."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=80, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Unit) else value

    def clean(self, value: Any) -> Unit | None:
        words = super().clean(value)
        if not words:
            return None
        units = Unit.objects.order_by("path")
        found = list(units.filter(name=words)[:SHOWN]) or list(units.filter(code=words)[:1])
        found = (
            found
            or list(units.filter(name__startswith=words)[:SHOWN])
            or list(units.filter(name__contains=words)[:SHOWN])
        )
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(_("No unit is called so."))
        names = _(", ").join(f"{unit.name} ({unit.code})" for unit in found)
        raise forms.ValidationError(_("Several units fit; type the code of one: %(units)s") % {"units": names})
