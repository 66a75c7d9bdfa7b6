"""The list of people, the person file, and what is recorded about a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.kit.panels import panels_of
from accounts.models import Cadre, DutyPeriod, Relation, Unit
from accounts.people import forms, workflow
from accounts.people.identity import place_is_doubtful
from accounts.people.models import PROTECTED, DutyKind, barred_cadres
from accounts.people.periods import Period


class People(PermissionRequiredMixin, KeysetList):
    """The people within the reader's scope."""

    permission_required = "people.read"
    raise_exception = True
    template_name = "accounts/people/people.html"
    sorts = {"name": "pinyin", "unit": "unit__path", "post": "post"}
    sort = "name"

    def rows(self) -> Any:
        self.filter = forms.PeopleFilter(self.request.GET)
        rows = Cadre.objects.visible_to(self.request.user).select_related("unit")
        return self.narrow(rows, self.filter.cleaned_data if self.filter.is_valid() else {})

    def narrow(self, rows: Any, data: dict[str, str]) -> Any:
        today, where = timezone.localdate(), data.get("today")
        if where == "gone":
            rows = rows.exclude(pk__in=rows.in_service(today).values("pk"))
        elif not data.get("q"):
            rows = rows.in_service(today)
        if where == "leave":
            rows = rows.away(today, *PROTECTED)
        elif where == "seconded":
            rows = rows.away(today, DutyKind.SECONDED)
        if data.get("q"):
            rows = rows.found_by(data["q"])
        if data.get("category"):
            rows = rows.filter(category=data["category"])
        if data.get("unit"):
            words = data["unit"]
            units = Unit.objects.filter(code=words) | Unit.objects.filter(name__contains=words)
            rows = rows.filter(unit__in=units)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        keys, today = [cadre.pk for cadre in context["rows"]], timezone.localdate()
        away: dict[int, list[str]] = {}
        for duty in DutyPeriod.objects.on(today).filter(cadre__in=keys):
            away.setdefault(duty.cadre_id, []).append(duty.get_kind_display())
        for cadre in context["rows"]:
            cadre.away_today = away.get(cadre.pk, [])
        return context | {"filter": self.filter}


@dataclass(frozen=True)
class Deed:
    """One thing that is recorded about a person or a unit: words on the button, grant, form, verb."""

    label: str | Promise
    grant: str
    form: type
    perform: Callable[..., Any]


def _post(cadre: Cadre, *, by: Any, **data: Any) -> None:
    workflow.give_post(cadre, by=by, **data)


def _end(cadre: Cadre, *, by: Any, period: DutyPeriod, end: Any) -> None:
    workflow.end_duty(period, by=by, end=end)


DEEDS: dict[str, Deed] = {
    "duty": Deed(_("Record leave or secondment"), "people.duty", forms.DutyForm, workflow.begin_duty),
    "duty_end": Deed(_("Record the end of it"), "people.duty", forms.DutyEndForm, _end),
    "post": Deed(_("New post or transfer"), "people.manage", forms.PostForm, _post),
    "correct": Deed(_("Correct data"), "people.manage", forms.CorrectForm, workflow.correct_person),
    "retirement": Deed(_("Record the retirement date"), "people.manage", forms.RetirementForm, workflow.set_retirement),
    "leave": Deed(
        _("Record that the person left or died"), "people.manage", forms.DepartureForm, workflow.record_departure
    ),
}


def buttons(subject: Any, deeds: dict[str, Deed], user: Any) -> list[dict[str, Any]]:
    """What this reader may record here."""
    base = subject.get_absolute_url()
    return [
        {"url": f"{base}{name.replace('_', '-')}/", "label": deed.label}
        for name, deed in deeds.items()
        if user.may(deed.grant)
    ]


def refuse_into(form: Any, error: ValidationError) -> None:
    """Show a refusal beside its field, the input kept."""
    for field, errors in error.error_dict.items() if hasattr(error, "error_dict") else [(None, error)]:
        form.add_error(field if field in form.fields else None, errors)


class PersonPage(View):
    """The person file."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        cadre = get_object_or_404(Cadre.objects.visible_to(request.user).select_related("unit"), public_id=public_id)
        if not request.user.may("people.read"):
            raise PermissionDenied
        today = timezone.localdate()
        duties = list(cadre.duty_periods.select_related("host").order_by("-start"))
        for duty in duties:
            duty.now = Period(duty.start, duty.end).holds_on(today)
        relations = Relation.objects.visible_to(request.user).standing().of(cadre.pk).select_related("cadre", "other")
        gone = bool(cadre.left_on)
        context = {
            "person": cadre, "posts": list(cadre.posts.select_related("unit")), "duties": duties,
            "relations": [{"kind": r.get_kind_display(), "who": r.other if r.cadre_id == cadre.pk else r.cadre, "day": r.declared_on}
                          for r in relations],
            "buttons": [] if gone or cadre.pk in barred_cadres(request.user.cadre_id) else buttons(cadre, DEEDS, request.user),
            "panels": panels_of("person", cadre, request.user),
        }  # fmt: skip
        return render(request, "accounts/people/person.html", context)


class DeedPage(View):
    """GET shows the form of a deed, POST performs it; a refusal keeps the input and says why."""

    deeds = DEEDS
    action = ""
    model: Any = Cadre

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.deed = self.deeds[self.action]
        self.subject = self.model.objects.visible_to(request.user).filter(public_id=kwargs["public_id"]).first()
        if self.subject is None:
            raise Http404
        if not request.user.may(self.deed.grant):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(self.deed.form(subject=self.subject, user=request.user))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = self.deed.form(request.POST, subject=self.subject, user=request.user)
        if not form.is_valid():
            return self.page(form, 422)
        data = form.data_for_deed() if hasattr(form, "data_for_deed") else form.cleaned_data
        try:
            made = self.deed.perform(self.subject, by=request.user, **data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        except (Cadre.DoesNotExist, Unit.DoesNotExist) as error:
            raise Http404 from error
        warn_of_place(request, data.get("id_number", ""))
        messages.success(request, gettext("Done: %(what)s.") % {"what": self.deed.label})
        return redirect(made if hasattr(made, "get_absolute_url") else self.subject)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"subject": self.subject, "form": form, "label": self.deed.label}
        return render(self.request, "accounts/people/deed.html", context, status=status)


def warn_of_place(request: HttpRequest, number: str) -> None:
    """The place in an identity number is only worth a warning."""
    if place_is_doubtful(number):
        messages.warning(
            request, gettext("No province has the first two digits of this identity number; please look again.")
        )


class NewPerson(PermissionRequiredMixin, View):
    """Put somebody on record."""

    permission_required = "people.manage"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(
            forms.NewPersonForm(subject=None, user=request.user, initial={"unit": request.GET.get("unit", "")})
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.NewPersonForm(request.POST, subject=None, user=request.user)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            cadre = workflow.enter_person(by=request.user, **form.data_for_deed())
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        warn_of_place(request, form.cleaned_data["id_number"])
        messages.success(request, gettext("The person is on record."))
        return redirect(cadre)

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"subject": None, "form": form, "label": gettext("Add a person"), "back": "/people/"}
        return render(self.request, "accounts/people/deed.html", context, status=status)
