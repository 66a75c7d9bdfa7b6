"""Fields of a list's cells: what people write in tables becomes what the field's widget would send."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.kit.tables import day_of, plain


@cache
def words_of(path: str) -> dict[str, Any]:
    return tomllib.loads((Path(settings.BASE_DIR) / path).read_text(encoding="utf-8"))


class DayCell(forms.CharField):
    """A day as people write it in tables; cleaned, a date."""

    widget = forms.TextInput(attrs={"size": 11, "placeholder": "2026-03-05", "inputmode": "numeric"})
    default_error_messages = {"no_day": gettext_lazy("This is no day that can be read; write it as 2026-03-05.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, **kwargs)

    def from_cell(self, text: str) -> str:
        day = day_of(text, timezone.localdate())
        return day.isoformat() if day else text

    def clean(self, value: Any) -> dt.date | None:
        text = super().clean(value)
        if not text:
            return None
        day = day_of(text, timezone.localdate())
        if day is None:
            raise forms.ValidationError(self.error_messages["no_day"], code="no_day")
        return day


class YesCell(forms.BooleanField):
    """A tick: cells say it with a word or a sign (``accounts/data/sheet.toml``)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"required": False} | kwargs))

    def from_cell(self, text: str) -> str:
        return "on" if plain(text).lower() in words_of("accounts/data/sheet.toml")["yes"] else ""


class WordCell(forms.ChoiceField):
    """One of a few choices, written in words; a word that is none of them is shown as the error."""

    def from_cell(self, text: str) -> str:
        wanted = plain(text).lower()
        found = [
            str(value) for value, label in self.choices if wanted in (str(value).lower(), plain(str(label)).lower())
        ]
        return found[0] if found else text


def as_sent(form_field: forms.Field, text: str) -> str:
    """The words of a source's cell as the field's widget would send them."""
    if hasattr(form_field, "from_cell"):
        return form_field.from_cell(text)
    numeric = isinstance(form_field, (forms.IntegerField, forms.DecimalField, forms.FloatField))
    return plain(text) if numeric else text
