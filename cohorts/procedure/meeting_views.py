"""Meetings: the list, the sheet (one A4 per case) and the decision over the whole list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.kit.people import PeopleFields, names_in, with_unit
from accounts.kit.widgets import dress
from accounts.models import Cadre
from cohorts.procedure.meetings import decide_meeting, prepare_meeting
from cohorts.procedure.step import NotVisible, Refused
from cohorts.referral.forms import CasesField, CasesForm, day, refuse_into
from cohorts.referral.meeting import Meeting, MeetingKind, Result
from cohorts.referral.models import Referral, State
from cohorts.referral.views import ListForm


class HeardField(CasesField):
    """With the day until which the cadre may still reply: before it nothing is decided, unless everything was said."""

    def label_from_instance(self, case: Referral) -> str:
        open_until = "" if case.reply_final_on or case.no_reply_on or case.reply_due < timezone.localdate() else _(
            " (may reply until %(day)s)"
        ) % {"day": date_format(case.reply_due)}  # fmt: skip
        return super().label_from_instance(case) + open_until


class MeetingForm(CasesForm):
    cases = HeardField(queryset=Referral.objects.none(), label=gettext_lazy("Cases"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MeetingKind.choices)
    held_on = day(gettext_lazy("Date"), initial=timezone.localdate)


class DecisionForm(PeopleFields, forms.Form):
    """Number, extract, persons present; per case result, reason, who left the room.

    Of several people of one name the form asks which one was there: recusal must not be missed. Who left the room is looked
    up among those present.
    """

    people, strangers = ("present",), True
    number = forms.CharField(label=gettext_lazy("Number of the minutes"), max_length=60)
    extract = forms.CharField(label=gettext_lazy("Extract of the decision"), widget=forms.Textarea(attrs={"rows": 3}))
    present = forms.CharField(
        label=gettext_lazy("Persons present (names or pinyin, separated by commas)"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, meeting: Meeting, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.items = list(meeting.items.select_related("referral__cadre", "referral__unit", "referral__campaign"))
        for item in self.items:
            self.fields[f"result_{item.pk}"] = forms.ChoiceField(
                label=gettext_lazy("Result"), choices=[("", "---"), *Result.choices]
            )
            self.fields[f"reason_{item.pk}"] = forms.CharField(
                label=gettext_lazy("Reason"), max_length=300, required=False
            )
            self.fields[f"left_{item.pk}"] = forms.CharField(
                label=gettext_lazy("Who left the room"), max_length=200, required=False
            )
            dress(self.fields[f"{name}_{item.pk}"] for name in ("result", "reason", "left"))
        self.find_people()

    def present_questions(self) -> list[Any]:
        return self.questions("present")

    def candidates(self) -> Any:
        return Cadre.objects.visible_to(self.user)

    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        return [
            (item, self[f"result_{item.pk}"], self[f"reason_{item.pk}"], self[f"left_{item.pk}"]) for item in self.items
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        names = [name for name, _cadre in data["present"]]
        # Two people of one name are told apart by their units, on the page and in the minutes.
        self.present = [
            (with_unit(cadre) if cadre and names.count(name) > 1 else name, cadre) for name, cadre in data["present"]
        ]
        for item in self.items:
            data[f"left_{item.pk}"] = self._left(f"left_{item.pk}", data.get(f"left_{item.pk}", ""))
        return data

    def _left(self, field: str, text: str) -> list[str]:
        """Those who left, each one of the persons present."""
        result = []
        for token in names_in(text):
            found = [n for n, c in self.present if token in (n, c and c.name, c and c.pinyin, c and with_unit(c))]
            if len(found) != 1:
                words = _("%(name)s is not among the persons present.") if not found else _(
                    "Several people present are named %(name)s; write the unit behind the name, in brackets."
                )  # fmt: skip
                self.add_error(field, words % {"name": token})
            result += found
        return result

    def decision(self) -> dict[str, Any]:
        data = self.cleaned_data
        results = {i.pk: (data[f"result_{i.pk}"], data[f"reason_{i.pk}"], data[f"left_{i.pk}"]) for i in self.items}
        return {"number": data["number"], "extract": data["extract"], "present": self.present, "results": results}


class MeetingList(PermissionRequiredMixin, View):
    permission_required = "meeting.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Meeting.objects.visible_to(request.user).select_related("campaign").prefetch_related("items")[:200]
        return render(
            request,
            "cohorts/procedure/meetings.html",
            {"rows": rows, "may_prepare": request.user.may("meeting.prepare")},
        )


class NewMeeting(ListForm):
    permission_required = "meeting.prepare"

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Put cases on a meeting's list")

    def cases(self, campaign: Any) -> Any:
        rows = Referral.objects.visible_to(self.request.user).filter(campaign=campaign, state=State.NOTIFIED)
        return rows.select_related("cadre", "campaign").order_by("reply_due", "pk")

    def form(self, campaign: Any, *data: Any) -> MeetingForm:
        return MeetingForm(*data, cases=self.cases(campaign))

    def write(self, campaign: Any, data: dict[str, Any]) -> str:
        return f"/meetings/{prepare_meeting(by=self.request.user, campaign=campaign, **data).public_id}/"


class MeetingPage(View):
    """The list; once the meeting was held, a leader records the whole decision at once."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.meeting = get_object_or_404(
            Meeting.objects.visible_to(request.user).select_related("campaign"), public_id=kwargs["public_id"]
        )
        if not request.user.may("meeting.read"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(DecisionForm(meeting=self.meeting, user=self.request.user), [])

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not request.user.may("meeting.record"):
            raise PermissionDenied
        form = DecisionForm(request.POST, meeting=self.meeting, user=request.user)
        if not form.is_valid():
            return self.page(form, [], 422)
        try:
            decide_meeting(self.meeting, by=request.user, **form.decision())
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, [], 409)
        except NotVisible:
            return self.page(
                form, [_("You are recused from a case on this list; another leader records the meeting.")], 409
            )
        except Refused as refused:
            return self.page(form, [str(refusal) for refusal in refused.refusals], 409)
        messages.success(request, _("The decision over the whole list is recorded."))
        return redirect(request.path)

    def page(self, form: DecisionForm, reasons: list[str], status: int = 200) -> HttpResponse:
        items = self.meeting.items.select_related(
            "referral__cadre", "referral__unit", "referral__campaign"
        ).prefetch_related("left_room")
        context = {
            "meeting": self.meeting,
            "form": form,
            "items": items,
            "reasons": reasons,
            "may_record": self.request.user.may("meeting.record"),
        }
        return render(self.request, "cohorts/procedure/meeting.html", context, status=status)


class MeetingSheet(View):
    """Printable: one A4 per case, in the meeting's order."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        meeting = get_object_or_404(
            Meeting.objects.visible_to(request.user).select_related("campaign"), public_id=public_id
        )
        if not request.user.may("meeting.read"):
            raise PermissionDenied
        visible = Referral.objects.visible_to(request.user)
        items = (
            meeting.items.filter(referral__in=visible)
            .select_related("referral__cadre", "referral__unit", "referral__campaign", "referral__service")
            .prefetch_related(
                "referral__criteria",
                "referral__findings__criterion",
                "referral__evidence_links__evidence",
                "referral__reply_points",
                "referral__screenings__letter",
            )
        )
        return render(request, "cohorts/procedure/meeting_sheet.html", {"meeting": meeting, "items": items})
