"""The forms of the steps, by the code that the steps table names."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.file.workflow import store
from accounts.kit.files import UploadField
from accounts.models import Cadre, Unit
from accounts.setting.models import setting
from cohorts.campaign.models import NilReason, UnitMeetingKind, UnitReturn
from cohorts.referral.models import Referral, ServiceMethod, StrikeReason
from cohorts.review.models import Outcome

REPLY_POINTS = 5


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), **kwargs)


class StepForm(forms.Form):
    """Carries the version, so that a stale form cannot pass; ``data_for_move`` is what the step receives."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, subject: Any, user: Any, **kwargs: Any) -> None:
        self.subject, self.user = subject, user
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = subject.version
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the subject."""

    def data_for_move(self) -> dict[str, Any]:
        data = {key: value for key, value in self.cleaned_data.items() if key != "version"}
        for key, value in data.items():
            if hasattr(value, "read"):
                data[key] = store(value, by=self.user)
        return data


class ReasonForm(StepForm):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class LetterForm(ReasonForm):
    number = forms.CharField(label=_("Number of the letter"), max_length=60)


class StrikeOutForm(ReasonForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=StrikeReason.choices)
    field_order = ["version", "ground", "reason"]


class VerifyForm(StepForm):
    tolerance = forms.TypedChoiceField(
        label=_("Error tolerance (good faith, lawful, no private gain)"), choices=[("", "---"), ("no", _("not recognised")), ("yes", _("recognised"))],
        coerce=lambda value: value == "yes",
    )  # fmt: skip
    tolerance_reason = forms.CharField(label=_("Reason of this answer"), max_length=300)

    def build(self) -> None:
        for criterion in self.subject.criteria.all():
            self.fields[f"upheld_{criterion.code}"] = forms.TypedChoiceField(
                label=f"{criterion.code} {criterion.title}", choices=[("", "---"), ("yes", _("upheld")), ("no", _("not upheld"))],
                coerce=lambda value: value == "yes",
            )  # fmt: skip
            self.fields[f"reason_{criterion.code}"] = forms.CharField(
                label=_("Finding on %(code)s, from the evidence") % {"code": criterion.code},
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.order_fields(["version", *[n for n in self.fields if n[:6] in ("upheld", "reason")]])

    def data_for_move(self) -> dict[str, Any]:
        data = self.cleaned_data
        codes = [c.code for c in self.subject.criteria.all()]
        findings = [
            {"code": code, "upheld": data[f"upheld_{code}"], "reason": data[f"reason_{code}"]} for code in codes
        ]
        return {"findings": findings, "tolerance": data["tolerance"], "tolerance_reason": data["tolerance_reason"]}


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
    decided_on = day_field(_("Day of the decision to suspend the allowance"), initial=timezone.localdate)
    number = forms.CharField(label=_("Number of that decision"), max_length=60)

    def build(self) -> None:
        self.fields["cohort"].queryset = self.subject.campaign.cohorts.all()


class PlacementForm(StepForm):
    village = forms.ModelChoiceField(label=_("Village"), queryset=Unit.objects.filter(kind="village").order_by("code"))
    supervisor = forms.CharField(label=_("Field supervisor"), max_length=40)
    starts_on = day_field(_("From"), initial=timezone.localdate)


class ReviewForm(StepForm):
    held_on = day_field(_("Date of the review"), initial=timezone.localdate)
    score = forms.DecimalField(label=_("Points"), min_value=0, max_value=100, decimal_places=2)
    panel_names = forms.CharField(
        label=_("Panel (names, separated by commas; three or more, an odd number)"), max_length=300
    )

    def clean_panel_names(self) -> list[Cadre]:
        names = [
            n.strip()
            for n in self.cleaned_data["panel_names"].replace("\uff0c", ",").replace("\u3001", ",").split(",")
            if n.strip()
        ]
        found = {c.name: c for c in Cadre.objects.visible_to(self.user).filter(name__in=names)}
        missing = [n for n in names if n not in found]
        if missing:
            raise forms.ValidationError(_("Not found: %(names)s") % {"names": ", ".join(missing)})
        return [found[n] for n in dict.fromkeys(names)]

    def data_for_move(self) -> dict[str, Any]:
        return {
            "held_on": self.cleaned_data["held_on"],
            "score": float(self.cleaned_data["score"]),
            "panel": self.cleaned_data["panel_names"],
        }


class PlacingForm(StepForm):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    returned_on = day_field(_("Day of the return"), initial=timezone.localdate)


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

    def build(self) -> None:
        for name in self.fields:
            if name not in ("version", "nil") and getattr(self.subject, name, None):
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


FORMS: dict[str, type[StepForm]] = {
    "": StepForm, "reason": ReasonForm, "letter": LetterForm, "strike_out": StrikeOutForm, "verify": VerifyForm, "service": ServiceForm,
    "reply": ReplyForm, "answers": AnswersForm, "admit": AdmitForm, "placement": PlacementForm, "review": ReviewForm, "placing": PlacingForm,
    "return_content": ReturnContentForm, "sign": SignForm,
}  # fmt: skip
SUBJECTS: dict[str, Any] = {"cases": Referral, "returns": UnitReturn}
