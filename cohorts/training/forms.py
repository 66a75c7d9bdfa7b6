"""Forms of the class."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import RowsField
from accounts.kit.widgets import dress
from accounts.models import User
from cohorts.referral.forms import day
from cohorts.referral.models import Referral
from cohorts.training.models import Mark, Phase, PhaseKind, Session, SessionKind
from cohorts.training.programme import programmes


class PersonChoice(forms.ModelChoiceField):
    """An account by the name of its person and its office."""

    def label_from_instance(self, user: User) -> str:
        return f"{user} ({user.title})" if user.title else str(user)


class CohortForm(forms.Form):
    programme = forms.ChoiceField(label=_("Programme"))
    starts_on = day(_("First day"), help_text=_("A working day; the theory block begins on it."))
    teacher = PersonChoice(label=_("Class teacher"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, teachers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [(p.code, p.title) for p in programmes().values()]
        self.fields["teacher"].queryset = teachers


class PeopleForm(forms.Form):
    """Teacher and monitor; whoever may not name the teacher does not find the field."""

    teacher = PersonChoice(label=_("Class teacher"), queryset=User.objects.none(), required=False)
    phone = forms.CharField(label=_("Office phone of the class teacher"), max_length=30, required=False)
    monitor = forms.ModelChoiceField(
        label=_("Monitor (one of the trainees)"), queryset=Referral.objects.none(), required=False
    )

    def __init__(self, *args: Any, cohort: Any, teachers: Any, trainees: Any, **kwargs: Any) -> None:
        initial = {"teacher": cohort.teacher_id, "monitor": cohort.monitor_id, "phone": cohort.teacher_phone}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["monitor"].queryset = trainees
        if teachers is None:
            del self.fields["teacher"], self.fields["phone"]
        else:
            self.fields["teacher"].queryset = teachers


class CloseForm(forms.Form):
    reason = forms.CharField(label=_("Reason for closing before the last day"), max_length=200, required=False)


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class PhaseChoice(forms.ModelChoiceField):
    def label_from_instance(self, phase: Phase) -> str:
        return f"{phase} {phase.starts_on:%m-%d} – {phase.ends_on:%m-%d}"


def clock(label: Any, initial: str) -> forms.TimeField:
    return forms.TimeField(label=label, initial=initial, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class SessionForm(forms.Form):
    phase = PhaseChoice(label=_("Theory block"), queryset=Phase.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=SessionKind.choices, initial=SessionKind.THEORY,
        help_text=_("Of psychology sessions only the attendance is stored."),
    )  # fmt: skip
    title = forms.CharField(label=_("Title"), max_length=120)
    lecturer = forms.CharField(label=_("Lecturer"), max_length=60, required=False)
    place = forms.CharField(label=_("Place"), max_length=80)
    day = day(_("Day"))
    begins_at = clock(_("From"), "09:00")
    ends_at = clock(_("To"), "12:00")
    hours = forms.IntegerField(label=_("Class hours"), min_value=1, max_value=12, initial=4)
    off_day = forms.BooleanField(label=_("The day is no working day, and is meant."), required=False)

    def __init__(self, *args: Any, cohort: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phases = cohort.phases.filter(kind=PhaseKind.THEORY, closed_on__isnull=True).select_related("cohort")
        self.fields["phase"].queryset = phases
        first = phases.first()
        if first:
            self.fields["day"].initial = max(first.starts_on, min(timezone.localdate(), first.ends_on))


class RollForm(forms.Form):
    """One line per trainee: the mark as buttons, present unless something else is chosen, and a reason for a leave."""

    def __init__(self, *args: Any, session: Session, cases: list[Referral], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cases = cases
        known = {entry.case_id: entry for entry in session.attendance.all()}
        for case in cases:
            entry = known.get(case.pk)
            self.fields[f"mark_{case.pk}"] = forms.ChoiceField(
                label=str(case), choices=Mark.choices, initial=entry.mark if entry else Mark.PRESENT, widget=forms.RadioSelect
            )  # fmt: skip
            self.fields[f"reason_{case.pk}"] = forms.CharField(
                label=_("Reason of the leave"), initial=entry.reason if entry else "", max_length=200, required=False
            )
        dress(field for name, field in self.fields.items() if name.startswith("reason_"))

    def lines(self) -> list[tuple[Referral, Any, Any]]:
        return [(case, self[f"mark_{case.pk}"], self[f"reason_{case.pk}"]) for case in self.cases]

    def marks(self) -> dict[int, tuple[str, str]]:
        data = self.cleaned_data
        return {case.pk: (data[f"mark_{case.pk}"], data[f"reason_{case.pk}"]) for case in self.cases}


class QuizForm(forms.Form):
    text = forms.CharField(
        label=_("Questions"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("One block per question, an empty line between two. First line: the question, its points in brackets. "
                    "Then two to six choices, one a line; a star before the right one."),
    )  # fmt: skip
    pass_mark = forms.IntegerField(label=_("Pass mark (points)"), min_value=0, max_value=1000)


class AnswerForm(forms.Form):
    """A trainee's answers: one choice per question."""

    def __init__(self, *args: Any, questions: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for n, question in enumerate(questions):
            self.fields[f"answer_{n}"] = forms.TypedChoiceField(
                label=f"{n + 1}. {question.text}", choices=list(enumerate(question.choices)), coerce=int, widget=forms.RadioSelect
            )  # fmt: skip

    def answers(self) -> list[int]:
        return [self.cleaned_data[f"answer_{n}"] for n in range(len(self.questions))]


class MarksForm(forms.Form):
    """Marks from paper, one field per trainee; an empty one stays empty."""

    def __init__(self, *args: Any, cases: list[Referral], results: dict[int, Any], total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cases, self.results = cases, results
        for case in cases:
            result = results.get(case.pk)
            if result is None or not result.answers:
                self.fields[f"marks_{case.pk}"] = forms.IntegerField(
                    label=str(case),
                    min_value=0,
                    max_value=total,
                    required=False,
                    initial=result.marks if result else None,
                )
        dress(self.fields.values())

    def lines(self) -> list[tuple[Referral, Any, Any]]:
        """Case, its result, its field (None where the trainee answered alone)."""
        return [
            (case, self.results.get(case.pk), self[f"marks_{case.pk}"] if f"marks_{case.pk}" in self.fields else None)
            for case in self.cases
        ]

    def marks(self) -> dict[int, int]:
        found = {case.pk: self.cleaned_data.get(f"marks_{case.pk}") for case in self.cases}
        return {key: value for key, value in found.items() if value is not None}


class AdmissionForm(forms.Form):
    """Confirmed cases of the campaign for one class, with one decision for the batch."""

    cases = RowsField(queryset=Referral.objects.none(), label=_("Cases"), widget=forms.CheckboxSelectMultiple)
    decided_on = day(_("Day of the decision"), initial=timezone.localdate)
    number = forms.CharField(label=_("Number of the decision"), max_length=60)

    def __init__(self, *args: Any, cases: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].queryset = cases
