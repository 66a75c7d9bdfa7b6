"""Forms of the answers and of their decision, and the filter of the organizer's list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.kit.widgets import dress
from accounts.models import Unit
from assessments.evidence.models import Evidence
from cohorts.procedure.step_form import StepForm
from cohorts.question.models import SETTLED, UNANSWERED, WAITING, Ground, QuestionState


class ExplanationForm(StepForm):
    """Why the person was not named: a reason of the list, a sentence, and a paper if there is one."""

    aside = "cohorts/question/_aside.html"
    ground = forms.ChoiceField(label=_("Reason"), choices=[("", "---"), *Ground.choices])
    answer = forms.CharField(
        label=_("In a sentence or two: when, what, who knows of it"), widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )  # fmt: skip
    file = UploadField(label=_("File (optional)"), required=False)


class ItemChoice(forms.ModelChoiceField):
    def label_from_instance(self, item: Evidence) -> str:
        return f"{item.happened_on} {item.title} ({item.source})"


class DisputeForm(StepForm):
    """Which item is wrong, and why."""

    aside = "cohorts/question/_aside.html"
    disputed = ItemChoice(label=_("The item that is wrong"), queryset=Evidence.objects.none(), widget=forms.RadioSelect)
    answer = forms.CharField(
        label=_("What is wrong with it, and how it was"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
    file = UploadField(label=_("File (optional)"), required=False)

    def build(self) -> None:
        self.fields["disputed"].queryset = self.subject.items.all()
        self.fields["disputed"].empty_label = None


class AcceptanceForm(StepForm):
    aside = "cohorts/question/_aside.html"
    reason = forms.CharField(
        label=_("Remark (optional)"), widget=forms.Textarea(attrs={"rows": 2}), max_length=500, required=False
    )


class RefusalForm(StepForm):
    aside = "cohorts/question/_aside.html"
    reason = forms.CharField(
        label=_("Why the answer is not accepted; the unit reads it"), widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )  # fmt: skip


QUESTION_FORMS = {
    "question_explanation": ExplanationForm,
    "question_dispute": DisputeForm,
    "question_acceptance": AcceptanceForm,
    "question_refusal": RefusalForm,
}


class QuestionFilter(forms.Form):
    """A GET form; without it what waits for the reader's decision or the unit's answer is shown."""

    states = {"answer": UNANSWERED, "decide": WAITING, "settled": SETTLED, "nominated": (QuestionState.NOMINATED,)}
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("all")), ("decide", _("to decide")), ("answer", _("the unit's answer is due")), ("settled", _("settled")),
                 ("nominated", _("answered by the nomination"))],
    )  # fmt: skip
    q = forms.CharField(label=_("Unit"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields.values())

    def filter(self, rows: Any) -> Any:
        if not self.is_valid():
            return rows
        if self.cleaned_data["state"]:
            rows = rows.filter(state__in=self.states[self.cleaned_data["state"]])
        words = self.cleaned_data["q"].strip()
        return rows.filter(unit__in=Unit.objects.filter(name__contains=words)) if words else rows
