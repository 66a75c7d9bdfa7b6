"""Forms of a draft edition."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import day
from assessments.criteria.kinds import SUPPORTING, Kind
from assessments.criteria.models import Criterion, Edition
from assessments.criteria.thresholds import LARGEST, MOST_MONTHS, THRESHOLDS

NEEDS = ("evidence", "needs_one_of", "min_items", "min_kinds")
RULE_FIELDS = ("min_items", "min_kinds", "needs_record", "months")
HOLDS_FROM = _("Campaigns that open from this day on may use it; earlier cases keep their edition. Empty: from the day of the approval.")  # fmt: skip


class CopyForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=20, validators=[RegexValidator(r"^[\w.-]+$", _("Letters, digits and hyphens."))],
        help_text=_("For example the year."),
    )  # fmt: skip
    holds_from = day(_("Holds from"), required=False, help_text=HOLDS_FROM)


class SendBackForm(forms.Form):
    reason = forms.CharField(label=_("What is to be changed"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class EditionForm(forms.ModelForm):
    holds_from = day(_("Holds from"), required=False, help_text=HOLDS_FROM)
    min_items = forms.IntegerField(label=_("At least so many items of evidence"), min_value=1, max_value=9)
    min_kinds = forms.IntegerField(label=_("Of at least so many kinds"), min_value=1, max_value=9)
    needs_record = forms.BooleanField(
        label=_("At least one item must be a record; a ballot, a talk or the own statement is not enough"),
        required=False,
    )

    months = forms.IntegerField(
        label=_("Items count for so many months"), min_value=1, max_value=MOST_MONTHS,
        help_text=_("Unless a criterion counts by itself: then its own months hold."),
    )  # fmt: skip
    gap_percent = forms.IntegerField(
        label=_("A unit is flagged from this share of open questions on, per cent"), min_value=1, max_value=100,
        help_text=_("Of all whom it named or must still answer for, and at least one. What another share would have meant last year stands on the trial page."),
    )  # fmt: skip

    class Meta:
        model = Edition
        fields = ["title_zh", "title_en", "note_zh", "note_en", "holds_from"]
        labels = {
            "title_zh": _("Title (Chinese)"), "title_en": _("Title (English)"),
            "note_zh": _("Note (Chinese)"), "note_en": _("Note (English)"),
        }  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("note_zh", "note_en")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance.whole_rule
        self.initial |= {name: rule[name] for name in RULE_FIELDS} | {"gap_percent": round(100 * rule["gap_fraction"])}

    def content(self) -> dict[str, Any]:
        """What ``edit_edition`` takes."""
        data = dict(self.cleaned_data)
        rule = {name: data.pop(name) for name in RULE_FIELDS}
        return data | {"rule": rule | {"gap_fraction": data.pop("gap_percent") / 100}}


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
        needs = self.instance.needs
        self.initial |= {name: needs[name] for name in NEEDS if name in needs}
        self.figures = THRESHOLDS.get(self.instance.code, {})
        if self.figures:
            self.fields["counted"] = forms.BooleanField(
                label=_("The system counts this by itself"), required=False, initial=self.instance.measurable,
                help_text=_("Otherwise the items that somebody declares for it decide. Each figure must stand in both texts."),
            )  # fmt: skip
        for name, label in self.figures.items():
            largest = MOST_MONTHS if name.startswith("months") else LARGEST
            self.fields[f"figure_{name}"] = forms.IntegerField(
                label=label,
                min_value=1,
                max_value=largest,
                required=False,
                initial=needs.get("threshold", {}).get(name),
            )

    def counting(self) -> list[Any]:
        """The fields of the measurable test, for the template."""
        return [self["counted"], *(self[f"figure_{name}"] for name in self.figures)] if self.figures else []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if set(data.get("needs_one_of", ())) - set(data.get("evidence", ())):
            self.add_error("needs_one_of", _("Choose only among the kinds that are declared above."))
        if data.get("counted"):
            for name in self.figures:
                if f"figure_{name}" in data and data[f"figure_{name}"] is None:
                    self.add_error(f"figure_{name}", _("The system needs this figure to count."))
        return data

    def content(self) -> dict[str, Any]:
        """What ``edit_criterion`` takes."""
        data = dict(self.cleaned_data)
        needs = {name: data.pop(name) for name in NEEDS}
        figures = {name: data.pop(f"figure_{name}") for name in self.figures}
        threshold = figures if data.pop("counted", False) else None
        return data | {"needs": needs | {"screening_required": data["severity"] == 3}, "threshold": threshold}
