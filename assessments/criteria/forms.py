"""Forms of a draft edition."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from assessments.criteria.kinds import SUPPORTING, Kind
from assessments.criteria.models import Criterion, Edition

NEEDS = ("evidence", "needs_one_of", "min_items", "min_kinds")


class CopyForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=20, validators=[RegexValidator(r"^[\w.-]+$", _("Letters, digits and hyphens."))],
        help_text=_("For example the year."),
    )  # fmt: skip
    year = forms.IntegerField(label=_("Year"), min_value=2018, max_value=2100)


class EditionForm(forms.ModelForm):
    min_items = forms.IntegerField(label=_("At least so many items of evidence"), min_value=1, max_value=9)
    min_kinds = forms.IntegerField(label=_("Of at least so many kinds"), min_value=1, max_value=9)
    needs_record = forms.BooleanField(
        label=_("At least one item must be a record; a ballot, a talk or the own statement is not enough"),
        required=False,
    )

    class Meta:
        model = Edition
        fields = ["title_zh", "title_en", "note_zh", "note_en"]
        labels = {
            "title_zh": _("Title (Chinese)"), "title_en": _("Title (English)"),
            "note_zh": _("Note (Chinese)"), "note_en": _("Note (English)"),
        }  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("note_zh", "note_en")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance.rule
        self.initial |= {
            "min_items": rule.get("min_items", 2),
            "min_kinds": rule.get("min_kinds", 2),
            "needs_record": rule.get("needs_record", True),
        }

    def content(self) -> dict[str, Any]:
        """What ``edit_edition`` takes."""
        data = dict(self.cleaned_data)
        rule = {name: data.pop(name) for name in ("min_items", "min_kinds", "needs_record")}
        return data | {"rule": rule}


class CriterionForm(forms.ModelForm):
    code = forms.CharField(
        label=_("Code"), max_length=4, validators=[RegexValidator(r"^[A-E][1-9]\d?$", _("A letter A to E and a number."))],
        help_text=_("The letter is the group."),
    )  # fmt: skip
    severity = forms.TypedChoiceField(
        label=_("Severity"), coerce=int,
        choices=[(1, _("1: remind first, refer on repetition")), (2, _("2: refer")), (3, _("3: refer; the discipline commission's answer is on file first"))],
    )  # fmt: skip
    evidence = forms.MultipleChoiceField(
        label=_("Kinds of evidence declared"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    needs_one_of = forms.MultipleChoiceField(
        label=_("At least one item is one of"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(kind.value, kind.label) for kind in Kind if kind not in SUPPORTING],
    )  # fmt: skip
    min_items = forms.IntegerField(label=_("At least so many items of evidence"), min_value=1, max_value=9, initial=2)
    min_kinds = forms.IntegerField(label=_("Of at least so many kinds"), min_value=1, max_value=9, initial=2)

    class Meta:
        model = Criterion
        fields = [
            "code",
            "severity",
            "title_zh",
            "title_en",
            "text_zh",
            "text_en",
            "example_zh",
            "example_en",
            "source_zh",
            "source_en",
        ]
        labels = {
            "title_zh": _("Title (Chinese)"), "title_en": _("Title (English)"), "text_zh": _("Text (Chinese)"),
            "text_en": _("Text (English)"), "example_zh": _("Example (Chinese)"), "example_en": _("Example (English)"),
            "source_zh": _("Source (Chinese)"), "source_en": _("Source (English)"),
        }  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("text_zh", "text_en")} | {
            name: forms.Textarea(attrs={"rows": 2}) for name in ("example_zh", "example_en", "source_zh", "source_en")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= {name: self.instance.needs[name] for name in NEEDS if name in self.instance.needs}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if set(data.get("needs_one_of", ())) - set(data.get("evidence", ())):
            self.add_error("needs_one_of", _("Choose only among the kinds that are declared above."))
        return data

    def content(self) -> dict[str, Any]:
        """What ``edit_criterion`` takes."""
        data = dict(self.cleaned_data)
        needs = {name: data.pop(name) for name in NEEDS}
        return data | {"needs": needs | {"screening_required": data["severity"] == 3}}
