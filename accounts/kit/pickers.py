"""A field that finds one unit by what people type; never one option per unit."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.people.models import Unit

SHOWN = 8


class UnitField(forms.CharField):
    """The code or name of a unit, or a part of the name that fits one only; several are told, so that one can be typed.

    ``standing``: units that were dissolved are not found.
    """

    def __init__(self, *, standing: bool = False, **kwargs: Any) -> None:
        self.standing = standing
        kwargs.setdefault("help_text", gettext_lazy("Name of the unit, or its beginning; its code where names repeat."))
        super().__init__(max_length=80, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Unit) else value

    def clean(self, value: Any) -> Unit | None:
        words = super().clean(value)
        if not words:
            return None
        units = Unit.objects.select_related("parent").order_by("path")
        if self.standing:
            units = units.filter(dissolved_on__isnull=True)
        for fits in ({"code": words}, {"name": words}, {"name__startswith": words}, {"name__contains": words}):
            found = list(units.filter(**fits)[: SHOWN + 1])
            if len(found) == 1:
                return found[0]
            if found:
                told = [
                    f"{u.name} ({u.parent}, {u.code})" if u.parent else f"{u.name} ({u.code})" for u in found[:SHOWN]
                ]
                more = ["…"] if len(found) > SHOWN else []
                raise forms.ValidationError(
                    _("Several units fit; type the code of one: %(units)s") % {"units": _("; ").join(told + more)}
                )
        raise forms.ValidationError(_("No unit is called so."))
