"""The forms of the steps from the return review on."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.kit.forms import day as day_field
from accounts.kit.people import PeopleFields
from accounts.models import Cadre
from accounts.people.models import INSTITUTION
from accounts.setting.models import setting
from cohorts.campaign.models import Campaign
from cohorts.practice.villages import VillageField, Villages
from cohorts.procedure.step_form import ReasonForm, StepForm
from cohorts.review import facts
from cohorts.review.guards import latest, predecessor
from cohorts.review.models import RETURNS, Bar, Outcome, Part, approvals_for, grounds_for
from cohorts.review.points import PARTS
from cohorts.training.models import Cohort


class ReviewForm(PeopleFields, StepForm):
    """Five figures with remarks, the panel and its votes; the same fields record either result."""

    template, others = "cohorts/review/_sheet_form.html", ("qualify", "fail")
    people = ("panel", "dissent")
    held_on = day_field(_("Date of the review"), initial=timezone.localdate)
    panel = forms.CharField(
        label=_("Panel (names or pinyin, separated by commas)"), max_length=300,
        help_text=_("Three or more, an odd number; nobody who nominated, verified or decided, is related, or is of the cadre's own unit."),
    )  # fmt: skip
    dissent = forms.CharField(
        label=_("Who disagrees with the result"), max_length=200, required=False,
        help_text=_("Empty when every member signed the result."),
    )  # fmt: skip
    defence = forms.CharField(
        label=_("Minutes of the defence"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )

    def build(self) -> None:
        for part in PARTS:
            self.fields[f"score_{part}"] = forms.DecimalField(
                label=Part(part).label, min_value=0, max_value=100, decimal_places=2, required=False
            )
            self.fields[f"remark_{part}"] = forms.CharField(label=_("Remark"), max_length=300, required=False)
        self.find_people()

    def candidates(self) -> Any:
        return Cadre.objects.visible_to(self.user)

    def panel_questions(self) -> list[Any]:
        return self.questions("panel")

    def dissent_questions(self) -> list[Any]:
        return self.questions("dissent")

    @property
    def absent_too_much(self) -> bool:
        return facts.over_attendance_limit(self.subject)

    @property
    def pass_points(self) -> int:
        return setting("review_pass_points")

    def lines(self) -> list[dict[str, Any]]:
        """Per part: weight, what is on record, the two fields."""
        weights, known = setting("review_weights"), facts.facts_of([self.subject])[self.subject.pk]
        return [
            {"label": Part(part).label, "weight": weights.get(part, 0), "facts": known[part],
             "score": self[f"score_{part}"], "remark": self[f"remark_{part}"]}
            for part in PARTS
        ]  # fmt: skip

    def data_for_move(self) -> dict[str, Any]:
        data = self.cleaned_data
        scores: dict[str, Decimal | None] = {part: data[f"score_{part}"] for part in PARTS}
        return {
            "held_on": data["held_on"], "panel": [cadre for _name, cadre in data["panel"]],
            "dissent": [cadre for _name, cadre in data["dissent"]], "defence": data["defence"],
            "scores": scores, "remarks": {part: data[f"remark_{part}"] for part in PARTS},
        }  # fmt: skip


class ObjectionForm(StepForm):
    aside = "cohorts/review/_result.html"
    text = forms.CharField(
        label=_("Objection"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000, required=False
    )
    file = UploadField(label=_("Attachment"), required=False)
    none = forms.BooleanField(label=_("There will be no objection (declared in writing)."), required=False)

    def build(self) -> None:
        self.review = latest(self.subject)


class ObjectionAnswerForm(ReasonForm):
    aside, others = "cohorts/review/_objection.html", ("answer_objection", "review_anew")

    def build(self) -> None:
        self.review = latest(self.subject)
        self.fields["reason"].label = _("Answer")


class PlacingForm(StepForm):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[(o.value, o.label) for o in RETURNS])
    place = forms.CharField(label=_("New post and unit, where there is one"), max_length=120, required=False)
    returned_on = day_field(_("Day of the return"), initial=timezone.localdate)


class StayForm(StepForm):
    choice_on = day_field(_("Date of the cadre's written choice"))
    file = UploadField(label=_("The written choice (scan or photo)"), required=False)
    number = forms.CharField(label=_("Or the number of the signed paper"), max_length=60, required=False)
    returned_on = day_field(_("Stays from"), initial=timezone.localdate)

    def build(self) -> None:
        last = self.subject.placements.select_related("village__parent").last()
        self.fields["village"] = VillageField(
            label=_("Village"),
            villages=Villages(),
            own_list=True,
            initial=Villages.label(last.village) if last else None,
        )
        self.order_fields(["version", "village"])


class ExtendForm(ReasonForm):
    cohort = forms.ModelChoiceField(label=_("Next class"), queryset=None)
    field_order = ["version", "cohort", "reason"]

    def build(self) -> None:
        row = self.subject
        campaigns = Campaign.objects.filter(organizer=row.campaign.organizer, opened_on__gte=row.campaign.opened_on)
        classes = Cohort.objects.filter(campaign__in=campaigns).select_related("campaign").order_by("starts_on")
        self.fields["cohort"].queryset = classes.filter(starts_on__gt=row.cohort.starts_on) if row.cohort else classes


class ReassignForm(ReasonForm):
    place = forms.CharField(label=_("New post and unit"), max_length=120)
    number = forms.CharField(label=_("Number of the document"), max_length=60)
    returned_on = day_field(_("From"), initial=timezone.localdate)
    field_order = ["version", "place", "number", "returned_on", "reason"]


class ExitForm(ReasonForm):
    """People choose the statutory ground and tick the bar list; the page shows from which two rows succession follows."""

    aside = "cohorts/review/_exit_basis.html"
    ground = forms.ChoiceField(label=_("Statutory ground"))
    proof = UploadField(label=_("Proof of the ground"))
    cleared = forms.MultipleChoiceField(
        label=_("Bar list: tick each item that does not apply"), choices=Bar.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("Civil Servants Law Art. 89. If one applies, the person cannot be dismissed."),
    )  # fmt: skip
    discipline_number = forms.CharField(label=_("Discipline commission's prior opinion: number"), max_length=60)
    discipline_on = day_field(_("Date of that opinion"))
    field_order = ["version", "ground", "reason", "proof", "cleared", "discipline_number", "discipline_on"]

    def build(self) -> None:
        grounds = [(g.value, g.label) for g in grounds_for(self.subject.category)]
        self.fields["ground"].choices = [("", "---"), *grounds]

    def basis(self) -> dict[str, Any]:
        """The two rows of the derivation, and what either reading says about them."""
        review, earlier = latest(self.subject), predecessor(self.subject)
        before = latest(earlier) if earlier else None
        now = bool(earlier and review and not review.qualified)
        return {
            "case": self.subject, "review": review, "earlier": earlier, "before": before, "plain": now,
            "mild": now and bool(before and not before.qualified), "mild_in_force": setting("exit_needs_two_failures"),
        }  # fmt: skip


class ExitDecisionForm(StepForm):
    aside = "cohorts/review/_exit.html"
    examination = forms.CharField(label=_("Examination by the civil-servant authority: number"), max_length=60)
    approved_by = forms.ChoiceField(label=_("Approved by"))
    approval_number = forms.CharField(label=_("Number of the approval"), max_length=60)
    approved_on = day_field(_("Date of the approval"), initial=timezone.localdate)
    filed_on = day_field(_("Filed with human resources on"))
    effective_on = day_field(_("The service ends on"), initial=timezone.localdate)

    def build(self) -> None:
        self.exit = getattr(self.subject, "exit", None)
        self.fields["approved_by"].choices = [(a.value, a.label) for a in approvals_for(self.subject.category)]
        unused = "examination" if self.subject.category in INSTITUTION else "filed_on"
        del self.fields[unused]


class KeepOnForm(ReasonForm):
    aside = "cohorts/review/_exit.html"
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[(o.value, o.label) for o in RETURNS], initial=Outcome.SAME_POST
    )
    returned_on = day_field(_("Day of the return"), initial=timezone.localdate)
    field_order = ["version", "outcome", "returned_on", "reason"]

    def build(self) -> None:
        self.exit = getattr(self.subject, "exit", None)


class OverturnForm(ReasonForm):
    number = forms.CharField(label=_("Number of the decision"), max_length=60)
    decided_on = day_field(_("Date of the decision"), initial=timezone.localdate)
    field_order = ["version", "number", "decided_on", "reason"]


REVIEW_FORMS: dict[str, type[StepForm]] = {
    "review": ReviewForm, "objection": ObjectionForm, "objection_answer": ObjectionAnswerForm, "placing": PlacingForm, "stay": StayForm,
    "extend": ExtendForm, "reassign": ReassignForm, "exit": ExitForm, "exit_decision": ExitDecisionForm, "keep_on": KeepOnForm,
    "overturn": OverturnForm,
}  # fmt: skip
