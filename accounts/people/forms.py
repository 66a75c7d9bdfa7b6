"""Finding a person."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PersonSearch(forms.Form):
    """By the beginning of name, pinyin or initials, or the whole identity number; never one option per cadre."""

    q = forms.CharField(
        label=_("Name, pinyin, initials or identity number"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )  # fmt: skip
