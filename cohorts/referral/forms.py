"""Forms of drafts, teams and screening letters."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.kit.forms import RowsField, day
from accounts.kit.forms import refuse_into as refuse_into  # views take it from here, beside the forms
from accounts.models import Cadre, User
from assessments.evidence.models import Evidence, Kind
from cohorts.referral.hands import able_to_verify
from cohorts.referral.models import HowRaised, Referral, ScreeningKind
from cohorts.referral.person_guards import host_of

NEW_ITEMS = 3


class DraftForm(forms.Form):
    """Criteria, evidence, facts, how the name came up, the talk before."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    facts = forms.CharField(label=_("Facts"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, required=False,
                            help_text=_("When, where, what, how often. The cadre will read this."))  # fmt: skip
    how_raised = forms.ChoiceField(
        label=_("How the name came up"), choices=[("", "---"), *HowRaised.choices], required=False
    )
    talk_on = day(_("Date of the talk before referral"), required=False)
    talk_by = forms.CharField(label=_("Talk held by"), max_length=60, required=False)
    talk_agreed = forms.CharField(label=_("What was agreed"), max_length=300, required=False)
    no_talk_reason = forms.CharField(label=_("If there was no talk: why"), max_length=300, required=False)

    def __init__(
        self, *args: Any, cadre: Cadre, edition: Any, case: Referral | None, user: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(edition.criteria.all())
        self.items = list(Evidence.objects.filter(cadre=cadre).current().with_statements())
        self.fields["criteria"] = RowsField(
            queryset=edition.criteria.all(), required=False, widget=forms.CheckboxSelectMultiple, label=_("Criteria")
        )
        self.fields["evidence"] = RowsField(
            queryset=Evidence.objects.filter(cadre=cadre).current(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label=_("Evidence on record"),
        )
        self.host = host_of(cadre, timezone.localdate())
        if self.host:
            self.fields |= {
                "host_opinion_on": day(_("Date of the host's opinion"), required=False),
                "host_opinion_by": forms.CharField(
                    label=_("Signed by, for the host unit"), max_length=60, required=False
                ),
                "host_opinion": forms.CharField(label=_("The host's opinion"), max_length=500, required=False),
                "host_opinion_file": UploadField(label=_("The host's opinion (file)"), required=False),
            }
        for n in range(1, NEW_ITEMS + 1):
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=_("Kind"), choices=[("", "---"), *Kind.choices], required=False
            )
            self.fields[f"title_{n}"] = forms.CharField(label=_("What it shows"), max_length=200, required=False)
            self.fields[f"happened_on_{n}"] = day(_("Date"), required=False)
            self.fields[f"source_{n}"] = forms.CharField(label=_("Source"), max_length=120, required=False)
            self.fields[f"file_{n}"] = UploadField(label=_("File"), required=False)
        if case and not self.is_bound:
            self.initial |= {
                name: getattr(case, name)
                for name in self.fields
                if hasattr(case, name) and name not in ("criteria", "evidence")
            }
            self.initial["criteria"] = [c.pk for c in case.criteria.all()]
            self.initial["evidence"] = list(case.evidence_links.values_list("evidence", flat=True))

    def new_rows(self) -> list[list[Any]]:
        """The empty rows for new items, field by field, for the template."""
        names = ("kind", "title", "happened_on", "source", "file")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, NEW_ITEMS + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        for n in range(1, NEW_ITEMS + 1):
            stated = [data.get(f"{name}_{n}") for name in ("kind", "title", "happened_on", "source")]
            if (any(stated) or data.get(f"file_{n}")) and not all(stated):
                self.add_error(f"title_{n}", _("An item needs kind, content, date and source."))
            if stated[2] and stated[2] > today:
                self.add_error(f"happened_on_{n}", _("The day lies in the future."))
        if data.get("talk_on") and data["talk_on"] > today:
            self.add_error("talk_on", _("The day lies in the future."))
        if data.get("host_opinion_on") and data["host_opinion_on"] > today:
            self.add_error("host_opinion_on", _("The day lies in the future."))
        return data

    def content(self) -> dict[str, Any]:
        """The fields of the draft itself."""
        names = ("facts", "how_raised", "talk_on", "talk_by", "talk_agreed", "no_talk_reason", "criteria", "evidence")
        host = ("host_opinion_on", "host_opinion_by", "host_opinion") if self.host else ()
        return {name: self.cleaned_data.get(name) for name in (*names, *host)}

    def new_items(self) -> list[dict[str, Any]]:
        """The typed-in items with their uploads."""
        data = self.cleaned_data
        return [
            {"kind": data[f"kind_{n}"], "title": data[f"title_{n}"], "happened_on": data[f"happened_on_{n}"], "source": data[f"source_{n}"],
             "file": data.get(f"file_{n}")}
            for n in range(1, NEW_ITEMS + 1) if data.get(f"kind_{n}")
        ]  # fmt: skip


class CasesField(RowsField):
    """Number, name and unit: two people of one name must not be taken for each other."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, case: Referral) -> str:
        return f"{case.number} {case} \u00b7 {case.unit_name or case.unit}"


class CasesForm(forms.Form):
    """A list of cases to choose from."""

    cases = CasesField(queryset=Referral.objects.none(), label=_("Cases"))

    def __init__(self, *args: Any, cases: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].queryset = cases
        self.order_fields([name for name in self.fields if name != "cases"] + ["cases"])


class MembersField(RowsField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, user: User) -> str:
        return f"{user} \u00b7 {user.cadre.unit} {user.cadre.post}"


class TeamCasesField(CasesField):
    def label_from_instance(self, case: Referral) -> str:
        has = f" ({case.team})" if case.team and not case.team.ended_on else ""
        return super().label_from_instance(case) + has


class TeamForm(CasesForm):
    """Two or more named people of the organizer, the leading offices (human resources among them) or discipline."""

    name = forms.CharField(label=_("Name of the team"), max_length=60)
    members = MembersField(
        queryset=User.objects.none(), label=_("Members"),
        help_text=_("Two or more, from the department, human resources, the inspection office or discipline."),
    )  # fmt: skip
    cases = TeamCasesField(
        queryset=Referral.objects.none(), label=_("Cases"),
        help_text=_("A case that another team has is handed over to this one."),
    )  # fmt: skip

    def __init__(self, *args: Any, campaign: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = able_to_verify(campaign.organizer, timezone.localdate())


class EndTeamForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the team ends before its cases are verified"), widget=forms.Textarea(attrs={"rows": 2}),
        max_length=300,
    )  # fmt: skip


class FollowForm(forms.Form):
    """A day and a reason make a draft material to follow; without a day it is ready."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    until = day(_("Material to follow until"), required=False)
    reason = forms.CharField(label=_("Why it follows"), max_length=200, required=False)


class LetterForm(CasesForm):
    kind = forms.ChoiceField(label=_("Asked of"), choices=ScreeningKind.choices)
    number = forms.CharField(label=_("Number of the letter"), max_length=60)
    sent_on = day(_("Date of the letter"), initial=timezone.localdate)


class AnswerForm(forms.Form):
    number = forms.CharField(label=_("Number of the answer"), max_length=60)
    answered_on = day(_("Date of the answer"), initial=timezone.localdate)

    def __init__(self, *args: Any, letter: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(letter.answers.select_related("referral__cadre", "referral__campaign"))
        for line in self.lines:
            choices = [("", "---"), *line._meta.get_field("answer").choices]
            self.fields[f"answer_{line.pk}"] = forms.ChoiceField(
                label=f"{line.referral.number} {line.referral} \u00b7 {line.referral.unit_name}", choices=choices
            )

    def answers(self) -> dict[int, str]:
        return {line.pk: self.cleaned_data[f"answer_{line.pk}"] for line in self.lines}
