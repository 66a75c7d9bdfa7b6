"""A form per setting, built from the type of its default; and the same value in words."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.kit.forms import day
from accounts.setting.models import Setting


def _label(entry: Setting, key: str) -> Any:
    return entry.keys.get(key, key)


def _scalar(entry: Setting, sample: Any, label: Any, value: Any) -> forms.Field:
    if isinstance(sample, bool):
        return forms.BooleanField(label=label, initial=value, required=False)
    if isinstance(sample, int):
        return forms.IntegerField(label=label, initial=value, min_value=0)
    if isinstance(sample, float):
        return forms.FloatField(label=label, initial=value, min_value=0)
    if entry.choices:
        return forms.ChoiceField(label=label, initial=value, choices=entry.choices)
    return forms.CharField(label=label, initial=value, max_length=300)


def _fields(entry: Setting, name: str, sample: Any, label: Any, value: Any) -> dict[str, forms.Field]:
    """The fields of one value: several for an ordered list and for a dict."""
    if isinstance(sample, dict):
        found: dict[str, forms.Field] = {}
        for key, part in sample.items():
            found |= _fields(entry, f"{name}-{key}", part, _label(entry, key), value.get(key, part))
        return found
    if not isinstance(sample, list):
        return {name: _scalar(entry, sample, label, value)}
    if entry.choices and entry.ordered:
        options = [("", "---"), *entry.choices]
        return {
            f"{name}-{n}": forms.ChoiceField(
                label=_("%(what)s: %(n)s.") % {"what": label, "n": n}, choices=options, required=n == 1,
                initial=value[n - 1] if n <= len(value) else "",
            )
            for n in range(1, len(entry.choices) + 1)
        }  # fmt: skip
    if entry.choices:
        tick = forms.CheckboxSelectMultiple
        return {
            name: forms.MultipleChoiceField(
                label=label, initial=value, choices=entry.choices, required=False, widget=tick
            )
        }
    area = forms.Textarea(attrs={"rows": 4})
    return {
        name: forms.CharField(
            label=label, initial="\n".join(map(str, value)), required=False, widget=area, help_text=_("One a line.")
        )
    }


def _value(entry: Setting, name: str, sample: Any, data: dict[str, Any]) -> Any:
    """The value that the fields say. Raises ValidationError on a list that names something twice."""
    if isinstance(sample, dict):
        return {key: _value(entry, f"{name}-{key}", part, data) for key, part in sample.items()}
    if not isinstance(sample, list):
        return data[name]
    if entry.choices and entry.ordered:
        chosen = [data.get(f"{name}-{n}", "") for n in range(1, len(entry.choices) + 1)]
        chosen = [item for item in chosen if item]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("Something is named twice."))
        return chosen
    if entry.choices:
        return data[name]
    return [line.strip() for line in data[name].splitlines() if line.strip()]


class SettingForm(forms.Form):
    """The value, from which day on, and whether it may replace a value of the same day."""

    start = day(gettext_lazy("In force from"), initial=timezone.localdate)
    replace = forms.BooleanField(label=gettext_lazy("Replace the value that begins on the same day"), required=False)

    def __init__(self, *args: Any, entry: Setting, value: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry
        parts = _fields(entry, "value", entry.default, entry.label, value)
        self.fields = {**parts, **self.fields}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            data["value"] = _value(self.entry, "value", self.entry.default, data)
        return data


def in_words(entry: Setting, value: Any) -> list[str]:
    """A value as lines of words, never as JSON."""
    if isinstance(value, dict):
        return [
            _("%(key)s: %(value)s") % {"key": _label(entry, key), "value": _("; ").join(in_words(entry, part))}
            for key, part in value.items()
        ]
    words = dict(entry.choices)
    if isinstance(value, bool):
        return [_("yes") if value else _("no")]
    if isinstance(value, list):
        arrow = " → " if entry.ordered else _(", ")
        return [arrow.join(str(words.get(item, item)) for item in value) or _("none")]
    return [str(words.get(value, value))]


class DayForm(forms.Form):
    day = day(gettext_lazy("Day"))
    working = forms.TypedChoiceField(
        label=gettext_lazy("The county"), coerce=lambda value: value == "yes",
        choices=[("no", gettext_lazy("does not work")), ("yes", gettext_lazy("works"))],
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note (document, reason)"), max_length=100, required=False)
