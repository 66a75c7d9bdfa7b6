"""Forms of a panel: setting up, the sheet of scores, disagreement, discussion, a second round, the conclusion."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import RowsField, day
from accounts.kit.people import PeopleFields
from accounts.kit.widgets import dress
from accounts.models import Cadre
from assessments.evidence.meets import Standing
from assessments.panel.models import Outcome, Panel, PanelCandidate, PanelMember
from assessments.panel.ranking import Row

SEVERITIES = [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]


class SetUpForm(PeopleFields, forms.Form):
    """Members by name, names from the record by a tick; nobody else can be put on the list."""

    people = ("members",)
    title = forms.CharField(label=_("Name of the deliberation"), max_length=80)
    held_on = day(_("Day of the deliberation"), initial=timezone.localdate)
    members = forms.CharField(
        label=_("Members (names or pinyin, separated by commas)"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Three or more, from the unit; a small unit may ask people of units below the same parent."),
    )  # fmt: skip
    names = forms.MultipleChoiceField(label=_("Names from the record"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, unit: Any, found: list[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.standings = unit, {f"{row.cadre.public_id}:{row.criterion.code}": row for row in found}
        self.fields["names"].choices = [(key, f"{row.cadre} {row.criterion}") for key, row in self.standings.items()]
        self.fields["title"].initial = gettext("Deliberation of %(day)s") % {"day": date_format(timezone.localdate())}
        self.find_people()

    def offered(self) -> list[dict[str, Any]]:
        chosen = set(self["names"].value() or [])
        return [{"key": key, "row": row, "chosen": key in chosen} for key, row in self.standings.items()]

    def candidates(self) -> Any:
        around = (self.unit.parent or self.unit).path
        return Cadre.objects.in_service(timezone.localdate()).filter(unit__path__startswith=around)

    def member_questions(self) -> list[Any]:
        return self.questions("members")

    def content(self) -> dict[str, Any]:
        data = self.cleaned_data
        chosen = [self.standings[key] for key in data["names"]]
        return {
            "title": data["title"], "held_on": data["held_on"], "members": [cadre for _name, cadre in data["members"] if cadre],
            "candidates": [(row.cadre, row.criterion) for row in chosen],
        }  # fmt: skip


class ScoreForm(forms.Form):
    """The whole sheet of one member: a score, an abstention or a recusal for every name."""

    def __init__(self, *args: Any, waiting: list[PanelCandidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = waiting
        choices = [*SEVERITIES, ("abstain", _("I abstain")), ("recuse", _("I recuse myself"))]
        for row in waiting:
            self.fields[f"say_{row.pk}"] = forms.ChoiceField(label=_("Severity"), choices=choices)
            self.fields[f"why_{row.pk}"] = forms.CharField(
                label=_("If you recuse yourself: why"), max_length=200, required=False
            )
        dress(self.fields[f"why_{row.pk}"] for row in waiting)

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"candidate": row, "say": self[f"say_{row.pk}"], "why": self[f"why_{row.pk}"],
             "choices": [(value, label, f"id_say_{row.pk}_{value}") for value, label in self.fields[f"say_{row.pk}"].choices]}
            for row in self.waiting
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for row in self.waiting:
            if data.get(f"say_{row.pk}") == "recuse" and not data.get(f"why_{row.pk}", "").strip():
                self.add_error(f"why_{row.pk}", gettext("State why you recuse yourself."))
        return data

    def content(self) -> dict[str, Any]:
        said = {row.pk: self.cleaned_data[f"say_{row.pk}"] for row in self.waiting}
        return {
            "scores": {pk: None if word == "abstain" else int(word) for pk, word in said.items() if word != "recuse"},
            "recusals": {pk: self.cleaned_data[f"why_{pk}"] for pk, word in said.items() if word == "recuse"},
        }


class OfCandidate(forms.Form):
    """A form about one of the candidates that its reader may know of."""

    candidate = forms.ModelChoiceField(queryset=PanelCandidate.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = known
        dress(field for name, field in self.fields.items() if name != "candidate")


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why the panel is cancelled"), max_length=200)


class DisagreeForm(OfCandidate):
    reason = forms.CharField(label=_("Why I disagree"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class DiscussForm(OfCandidate):
    text = forms.CharField(label=_("What was discussed"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class RescoreForm(forms.Form):
    candidates = RowsField(
        queryset=PanelCandidate.objects.none(), widget=forms.CheckboxSelectMultiple, label=_("Names to score again")
    )

    def __init__(self, *args: Any, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidates"].queryset = (
            known.filter(round=1).exclude(discussion="").select_related("cadre", "criterion")
        )


class ExcuseForm(forms.Form):
    member = forms.ModelChoiceField(queryset=PanelMember.objects.none(), label=_("Member"))
    reason = forms.CharField(label=_("Why we wait no longer"), max_length=200)

    def __init__(self, *args: Any, panel: Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = panel.members.filter(excused="").select_related("cadre")


class ConcludeForm(forms.Form):
    """Per name the conclusion with its reason, and the minutes."""

    minutes = forms.CharField(
        label=_("Minutes: what the panel weighed"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Who was there, the scores and the discussion of each name stand on the sheet already."),
    )  # fmt: skip

    def __init__(self, *args: Any, rows: list[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = [row.candidate for row in rows]
        for row in rows:
            allowed = [c for c in Outcome.choices if not (row.now.few and c[0] == Outcome.NOMINATE)]
            self.fields[f"outcome_{row.candidate.pk}"] = forms.ChoiceField(
                label=_("Conclusion"), choices=[("", "---"), *allowed]
            )
            self.fields[f"reason_{row.candidate.pk}"] = forms.CharField(label=_("Reason"), max_length=300)
        dress(self.fields.values())

    def lines(self) -> list[tuple[PanelCandidate, Any, Any]]:
        return [(row, self[f"outcome_{row.pk}"], self[f"reason_{row.pk}"]) for row in self.of]

    def content(self) -> dict[str, Any]:
        data = self.cleaned_data
        results = {row.pk: (data[f"outcome_{row.pk}"], data[f"reason_{row.pk}"]) for row in self.of}
        return {"minutes": data["minutes"], "results": results}
