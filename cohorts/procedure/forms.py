"""The forms of the steps, by the code that the steps table names."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.file.workflow import store
from accounts.kit.files import UploadField
from accounts.kit.forms import RowsField
from accounts.kit.forms import day as day_field
from accounts.models import User
from accounts.setting.models import setting
from accounts.wording import say
from cohorts.campaign.models import NilReason, UnitMeetingKind, UnitReturn
from cohorts.measure.models import UnitMeasure
from cohorts.penalty.payroll import PayrollList
from cohorts.practice.models import Confirmer, LedgerEntry
from cohorts.practice.villages import VillageField, Villages, account_of, supervisors
from cohorts.procedure.review_forms import REVIEW_FORMS
from cohorts.procedure.step_form import ReasonForm, StepForm
from cohorts.referral.hands import able_to_verify, against
from cohorts.referral.models import EndGround, Referral, ServiceMethod, StrikeReason
from cohorts.referral.second import SecondCheck, SecondState

REPLY_POINTS = 5
# Rows for talks on the verification form; the setting "talks" says how many are needed.
TALKS = 4


class SendBackForm(ReasonForm):
    until = day_field(
        _("May come again until"), required=False,
        help_text=_("Until then the name is not late. Left empty: the county's usual number of working days."),
    )  # fmt: skip


class LetterForm(ReasonForm):
    number = forms.CharField(label=_("Number of the letter"), max_length=60)


class StrikeOutForm(ReasonForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=StrikeReason.choices)
    field_order = ["version", "ground", "reason"]


class DiscontinueForm(ReasonForm):
    """Of the grounds the person's record proposes the one that happened."""

    ground = forms.ChoiceField(label=_("Ground"), choices=[("", "---"), *EndGround.choices])
    field_order = ["version", "ground", "reason"]

    def build(self) -> None:
        cadre = self.subject.cadre
        retired = cadre.retires_on and cadre.retires_on <= timezone.localdate()
        self.fields["ground"].initial = cadre.left_how or (EndGround.RETIRED if retired else "")


class FindingsForm(StepForm):
    """Upheld or not upheld, with a reason, for each criterion: the same fields for the first and for the second word."""

    def add_findings(self, case: Referral) -> None:
        self.judged = list(case.criteria.all())
        for criterion in self.judged:
            self.fields[f"upheld_{criterion.code}"] = forms.TypedChoiceField(
                label=f"{criterion.code} {criterion.title}", choices=[("", "---"), ("yes", _("upheld")), ("no", _("not upheld"))],
                coerce=lambda value: value == "yes",
            )  # fmt: skip
            self.fields[f"reason_{criterion.code}"] = forms.CharField(
                label=_("Finding on %(code)s, from the evidence") % {"code": criterion.code},
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def findings(self) -> list[dict[str, Any]]:
        data = self.cleaned_data
        codes = [criterion.code for criterion in self.judged]
        return [{"code": code, "upheld": data[f"upheld_{code}"], "reason": data[f"reason_{code}"]} for code in codes]


class VerifyForm(FindingsForm):
    aside = "cohorts/referral/_grounds.html"
    tolerance = forms.TypedChoiceField(
        label=_("Error tolerance (good faith, lawful, no private gain)"), choices=[("", "---"), ("no", _("not recognised")), ("yes", _("recognised"))],
        coerce=lambda value: value == "yes",
    )  # fmt: skip
    tolerance_reason = forms.CharField(label=_("Reason of this answer"), max_length=300)
    report_number = forms.CharField(label=_("Number of the verification report"), max_length=60, required=False)
    report_text = forms.CharField(
        label=_("Text of the report"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    report_file = UploadField(label=_("Or the report that every member of the team signed"), required=False)

    def build(self) -> None:
        self.add_findings(self.subject)
        for n in range(1, TALKS + 1):
            self.fields[f"talk_who_{n}"] = forms.CharField(
                label=_("Talk %(n)s: with whom (name, office)") % {"n": n}, max_length=80, required=False
            )
            self.fields[f"talk_on_{n}"] = day_field(_("Date of talk %(n)s") % {"n": n}, required=False)
        self.order_fields(["version", *[n for n in self.fields if n[:6] in ("upheld", "reason", "talk_w", "talk_o")]])

    def data_for_move(self) -> dict[str, Any]:
        data = self.cleaned_data
        talks = [{"who": data[f"talk_who_{n}"], "on": data[f"talk_on_{n}"]} for n in range(1, TALKS + 1)]
        return {
            "findings": self.findings(), "tolerance": data["tolerance"], "tolerance_reason": data["tolerance_reason"],
            "talks": [talk for talk in talks if talk["who"] or talk["on"]],
            "report_number": data["report_number"], "report_text": data["report_text"],
            "report_file": store(data["report_file"], by=self.user) if data["report_file"] else None,
        }  # fmt: skip


class SecondWordForm(FindingsForm):
    """The material stands before the fields; nothing of the first finding does."""

    aside = "cohorts/referral/_second_material.html"

    def build(self) -> None:
        self.add_findings(self.subject.referral)

    def data_for_move(self) -> dict[str, Any]:
        return {"findings": self.findings()}


class SecondAssignForm(StepForm):
    """Those who may be named, who has least to do first; the others with what keeps them."""

    aside = "cohorts/referral/_second_people.html"
    checker = forms.ModelChoiceField(label=_("Second verifier"), queryset=User.objects.none())

    def build(self) -> None:
        check, today = self.subject, timezone.localdate()
        people = able_to_verify(check.referral.campaign.organizer, today)
        owed = Count("second_checks", filter=Q(second_checks__state=SecondState.ASSIGNED))
        people = people.annotate(owed=owed)
        kept = against(check, people, on=today)
        fit = sorted((one for one in people if not kept[one.pk]), key=lambda one: one.owed)
        # Who is kept from it is no choice; asked for all the same, the step refuses with the reasons.
        self.fields["checker"].queryset = people
        self.fields["checker"].choices = [("", "---"), *((one.pk, self.line(one)) for one in fit)]
        self.fit = fit
        self.unfit = [(one, [say(f"second.{code}") for code in kept[one.pk]]) for one in people if kept[one.pk]]

    @staticmethod
    def line(person: User) -> str:
        words = f"{person} \u00b7 {person.cadre.unit} {person.cadre.post}"
        waits = ngettext("%(n)s second word waits", "%(n)s second words wait", person.owed) % {"n": person.owed}
        return f"{words} \u00b7 {waits}" if person.owed else words


class ServiceForm(StepForm):
    method = forms.ChoiceField(label=_("Method"), choices=ServiceMethod.choices)
    served_on = day_field(_("Date of service"), initial=timezone.localdate)
    receipt = UploadField(label=_("Receipt (scan or photo)"), required=False)


class ReplyForm(StepForm):
    final = forms.BooleanField(
        label=_("This is the whole reply; the decision need not wait any longer."), required=False
    )
    none = forms.BooleanField(label=_("There will be no reply."), required=False)
    file = UploadField(label=_("Attachment"), required=False)

    def build(self) -> None:
        for n in range(1, REPLY_POINTS + 1):
            self.fields[f"point_{n}"] = forms.CharField(
                label=_("Point %(n)s") % {"n": n},
                widget=forms.Textarea(attrs={"rows": 2}),
                required=False,
                max_length=4000,
            )
        self.order_fields(["version", *[f"point_{n}" for n in range(1, REPLY_POINTS + 1)]])

    def data_for_move(self) -> dict[str, Any]:
        data = super().data_for_move()
        points = [data.pop(f"point_{n}") for n in range(1, REPLY_POINTS + 1)]
        return data | {"points": [point for point in points if point.strip()]}


class AnswersForm(StepForm):
    def build(self) -> None:
        for point in self.subject.reply_points.filter(answer=""):
            self.fields[f"answer_{point.public_id}"] = forms.CharField(
                label=point.text, widget=forms.Textarea(attrs={"rows": 3}), required=False
            )

    def data_for_move(self) -> dict[str, Any]:
        return {
            "answers": {
                key.removeprefix("answer_"): value
                for key, value in self.cleaned_data.items()
                if key.startswith("answer_")
            }
        }


class AdmitForm(StepForm):
    cohort = forms.ModelChoiceField(label=_("Class"), queryset=None)
    decided_on = day_field(_("Day of the decision on the consequences"), initial=timezone.localdate)
    number = forms.CharField(label=_("Number of that decision"), max_length=60)

    def build(self) -> None:
        self.fields["cohort"].queryset = self.subject.campaign.cohorts.joinable(timezone.localdate())


class PlacementForm(StepForm):
    supervisor = forms.CharField(label=_("Field supervisor"), max_length=40)
    starts_on = day_field(_("From"), initial=timezone.localdate)
    ends_on = day_field(_("Until"), required=False)
    goals = forms.CharField(label=_("Goals of the practice"), max_length=300, required=False)
    own_town_reason = forms.CharField(
        label=_("If the village lies in the own unit's town: why"), max_length=300, required=False
    )

    def build(self) -> None:
        self.fields["village"] = VillageField(
            villages=Villages(),
            own_list=True,
            label=_("Village"),
            help_text=_("Type the name, the pinyin or the code."),
        )
        self.order_fields(["version", "village"])

    def data_for_move(self) -> dict[str, Any]:
        data = super().data_for_move()
        return data | {"supervisor_user": account_of(data["supervisor"], data["village"], supervisors())}


class LedgerActionForm(StepForm):
    day = day_field(_("Day"), initial=timezone.localdate)
    what = forms.CharField(label=_("What was done"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    photo = UploadField(label=_("Photo or file (optional, never required)"), required=False)


class LedgerResultForm(StepForm):
    result = forms.CharField(label=_("Result"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    result_on = day_field(_("Day of the result"), initial=timezone.localdate)
    cost = forms.DecimalField(
        label=_("Cost in yuan (optional)"), min_value=0, max_digits=10, decimal_places=2, required=False
    )


class LedgerConfirmationForm(StepForm):
    """Village committee or villager, with the signed paper: a scan of it or its number."""

    confirmer = forms.ChoiceField(label=_("Confirmed by"), choices=Confirmer.choices)
    confirmer_name = forms.CharField(label=_("Name"), max_length=40)
    confirmed_on = day_field(_("Confirmed on"), initial=timezone.localdate)
    paper_number = forms.CharField(label=_("Number of the signed paper"), max_length=40, required=False)
    paper = UploadField(label=_("Or the signed paper (photo or scan)"), required=False)


class ReturnContentForm(StepForm):
    nil = forms.TypedChoiceField(label=_("The return"), choices=[("no", _("names the cadres below")), ("yes", _("is a nil return: nobody meets a criterion"))],
                                 coerce=lambda value: value == "yes")  # fmt: skip
    nil_reason = forms.ChoiceField(
        label=_("Reason of a nil return"), choices=[("", "---"), *NilReason.choices], required=False
    )
    nil_text = forms.CharField(label=_("What was examined"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    meeting_kind = forms.ChoiceField(label=_("The unit's meeting"), choices=[("", "---"), *UnitMeetingKind.choices])
    meeting_on = day_field(_("Date of the meeting"))
    meeting_members = forms.CharField(label=_("Members present"), max_length=300)
    meeting_extract = forms.CharField(
        label=_("Extract of the decision"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    staff_asked = forms.IntegerField(label=_("Staff asked for this year"), min_value=0, max_value=999, required=False)
    staff_borrowed = forms.IntegerField(
        label=_("Staff borrowed this year"), min_value=0, max_value=999, required=False,
        help_text=_("Context for the leader only; nothing follows from it."),
    )  # fmt: skip

    def build(self) -> None:
        self.fields["meeting_members"].required = not self.subject.unit.is_small
        for name in self.fields:
            if name not in ("version", "nil") and getattr(self.subject, name, None) is not None:
                self.fields[name].initial = getattr(self.subject, name)
        self.fields["nil"].initial = "yes" if self.subject.nil else "no"


class SignForm(StepForm):
    """Paper by default: the signed sheet and the number that was printed on it; a password where the county allows it."""

    sheet = UploadField(label=_("The signed and stamped sheet (photo or scan)"), required=False)
    sheet_number = forms.CharField(label=_("Number printed on the sheet"), max_length=20, required=False)
    password = forms.CharField(
        label=_("Or sign with your password"), widget=forms.PasswordInput(render_value=False), required=False
    )

    def build(self) -> None:
        if self.subject.unit.kind not in setting("electronic_signing"):
            del self.fields["password"]
        elif settings.DEMO:
            self.fields["password"].help_text = _("In the demonstration: %(password)s") % {
                "password": settings.DEMO_PASSWORD
            }

    def clean_password(self) -> bool:
        password = self.cleaned_data["password"]
        if password and not check_password(password, self.user.password):
            raise forms.ValidationError(_("The password is not right."))
        return bool(password)

    def data_for_move(self) -> dict[str, Any]:
        data = super().data_for_move()
        return {
            "sheet": data["sheet"],
            "sheet_number": data["sheet_number"],
            "password_entered": data.get("password", False),
        }


class ExecuteForm(StepForm):
    """Executed as a whole; what was not executed says why, line by line."""

    executed_on = day_field(_("Executed on"), initial=timezone.localdate)
    voucher = forms.CharField(label=_("Voucher number"), max_length=60)
    remark = forms.CharField(label=_("Remark"), max_length=300, required=False)

    def build(self) -> None:
        for line in self.subject.lines.visible_to(self.user):
            label = _("%(order)s. %(name)s, %(kind)s: not executed because") % {
                "order": line.order, "name": f"{line.name} ({line.id_tail})", "kind": line.get_kind_display(),
            }  # fmt: skip
            self.fields[f"line_{line.pk}"] = forms.CharField(label=label, max_length=200, required=False)

    def data_for_move(self) -> dict[str, Any]:
        data = self.cleaned_data
        differences = {int(key[5:]): value for key, value in data.items() if key.startswith("line_")}
        return {name: data[name] for name in ("executed_on", "voucher", "remark")} | {"differences": differences}


class SettleForm(StepForm):
    """An answer to each difference."""

    def build(self) -> None:
        for line in self.subject.lines.visible_to(self.user).different():
            label = f"{line.order}. {line.name} ({line.id_tail}), {line.get_kind_display()}: {line.difference}"
            self.fields[f"line_{line.pk}"] = forms.CharField(label=label, max_length=200)

    def data_for_move(self) -> dict[str, Any]:
        return {"answers": {int(key[5:]): value for key, value in self.cleaned_data.items() if key.startswith("line_")}}


class MeasureDecisionForm(StepForm):
    number = forms.CharField(label=_("Number of the document"), max_length=60)
    document_on = day_field(_("Date of the document"), initial=timezone.localdate)


class SupplementForm(SignForm):
    """The head's supplementary sheet: which of the names that were announced are signed now."""

    names = RowsField(
        label=_("Names on this sheet"), queryset=Referral.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    field_order = ["version", "names", "sheet", "sheet_number", "password"]

    def build(self) -> None:
        super().build()
        drafts = Referral.objects.visible_to(self.user).filter(unit_return=self.subject, state="draft")
        self.fields["names"].queryset = drafts.select_related("cadre").order_by("pk")

    def data_for_move(self) -> dict[str, Any]:
        return super().data_for_move() | {"names": list(self.cleaned_data["names"])}


FORMS: dict[str, type[StepForm]] = {
    "execute": ExecuteForm, "settle": SettleForm, "measure_decision": MeasureDecisionForm,
    "": StepForm, "reason": ReasonForm, "letter": LetterForm, "strike_out": StrikeOutForm, "discontinue": DiscontinueForm,
    "verify": VerifyForm, "second_assign": SecondAssignForm, "second_word": SecondWordForm, "service": ServiceForm,
    "reply": ReplyForm, "answers": AnswersForm, "admit": AdmitForm, "placement": PlacementForm,
    "ledger_action": LedgerActionForm, "ledger_result": LedgerResultForm, "ledger_confirmation": LedgerConfirmationForm,
    "return_content": ReturnContentForm, "sign": SignForm, "supplement": SupplementForm, "send_back": SendBackForm, **REVIEW_FORMS,
}  # fmt: skip
SUBJECTS = {
    "cases": Referral,
    "returns": UnitReturn,
    "payroll": PayrollList,
    "measures": UnitMeasure,
    "ledger": LedgerEntry,
    "second-checks": SecondCheck,
}
