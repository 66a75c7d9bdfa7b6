"""Setting a ledger up: beginning it, groups and grades, further duties, the list of routine tasks."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.kit.forms import refuse_into
from accounts.people.models import Cadre, barred_cadres
from assessments.points import forms, workflow
from assessments.points.drafting import begin_ledger
from assessments.points.models import FurtherDuty, PointPlace, RoutineTask
from assessments.points.rules import grade_of
from assessments.points.views import LedgerPage

# A unit's own people on one page; a bureau with hundreds of them in institutions keeps ledgers there.
SHOWN = 200
ACTS = ("begin", "places", "duty", "duty_end", "routine", "drop")


class Setup(LedgerPage):
    """One page with a form for each part; ``act`` names the one that was sent."""

    needs_ledger = needs_rules = False
    permission_required = ("points.keep", "points.draft_rule")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page({})

    def post(self, request: HttpRequest) -> HttpResponse:
        act = request.POST.get("act", "")
        if act not in ACTS or (self.ledger is None) != (act == "begin"):
            return self.page({}, 422)
        form = self.form(act, request.POST)
        if form is not None and not form.is_valid():
            return self.page({act: form}, 422)
        try:
            with transaction.atomic():
                getattr(self, f"do_{act}")(form)
        except ValidationError as error:
            if form is None:
                messages.error(request, " ".join(error.messages))
                return self.page({}, 409)
            refuse_into(form, error)
            return self.page({act: form}, 409)
        messages.success(request, _("Saved."))
        return redirect(
            f"/points/draft/{self.query()}"
            if act == "begin"
            else f"/points/setup/{self.query()}#{act.partition('_')[0]}"
        )

    def form(self, act: str, data: Any = None) -> Any:
        user, ledger = self.request.user, self.ledger
        if act == "begin":
            return forms.BeginForm(data)
        if act == "places":
            return forms.PlacesForm(data, ledger=ledger, people=self.people, held=self.held, prefix="places")
        if act == "duty":
            return forms.DutyForm(data, ledger=ledger, user=user, prefix="duty")
        return forms.RoutineForm(data, prefix="routine") if act == "routine" else None

    @cached_property
    def held(self) -> dict[int, PointPlace]:
        rows = PointPlace.objects.filter(unit=self.unit, end__isnull=True).select_related("cadre", "unit")
        return {row.cadre_id: row for row in rows}

    @cached_property
    def people(self) -> list[Cadre]:
        """The unit's own people and whoever stands in its ledger, except oneself and whom a declared relation bars."""
        today, barred = timezone.localdate(), barred_cadres(self.request.user.cadre_id)
        rows = Cadre.objects.visible_to(self.request.user).in_service(today).filter(unit=self.unit)
        own = rows.exclude(pk__in=barred).select_related("unit").order_by("pinyin", "pk")[:SHOWN]
        known = {cadre.pk for cadre in own}
        others = [place.cadre for key, place in self.held.items() if key not in known | barred]
        return [*own, *others]

    def do_begin(self, form: Any) -> None:
        begin_ledger(by=self.request.user, unit=self.unit, **form.data_for_verb())

    def do_places(self, form: Any) -> None:
        start = form.cleaned_data["start"]
        placed, ended = form.changes()
        if not placed and not ended:
            raise ValidationError(_("Nothing was changed."))
        if placed:
            workflow.place_many(by=self.request.user, unit=self.unit, rows=placed, start=start)
        for row in ended:
            workflow.end_place(row, by=self.request.user, end=start)

    def do_duty(self, form: Any) -> None:
        data = form.cleaned_data
        for cadre in form.cadres():
            workflow.begin_further_duty(by=self.request.user, unit=self.unit, cadre=cadre, name=data["duty"], hours=data["hours"], start=data["start"])  # fmt: skip

    def do_routine(self, form: Any) -> None:
        workflow.list_routine(by=self.request.user, unit=self.unit, name=form.cleaned_data["name"])

    def _named(self, rows: Any) -> Any:
        try:
            return get_object_or_404(rows, public_id=self.request.POST.get("row", ""))
        except ValidationError as error:
            raise Http404 from error

    def do_duty_end(self, _form: Any) -> None:
        row = self._named(FurtherDuty.objects.filter(unit=self.unit))
        workflow.end_further_duty(row, by=self.request.user, end=timezone.localdate())

    def do_drop(self, _form: Any) -> None:
        workflow.drop_routine(self._named(RoutineTask.objects.filter(ledger=self.ledger)), by=self.request.user)

    def page(self, bound: dict[str, Any], status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {"unit": self.unit, "ledger": self.ledger, "query": self.query()}
        if self.ledger is None:
            context["form"] = bound.get("begin") or self.form("begin")
        else:
            context |= {act: bound.get(act) or self.form(act) for act in ("places", "duty", "routine")}
            context |= {"routines": list(self.ledger.routines.filter(dropped_on__isnull=True))} | self._duties()
        return render(self.request, "assessments/points/setup.html", context, status=status)

    def _duties(self) -> dict[str, Any]:
        barred = barred_cadres(self.request.user.cadre_id)
        duties = FurtherDuty.objects.filter(unit=self.unit, end__isnull=True).exclude(cadre__in=barred)
        rows, hours = list(duties.select_related("cadre").order_by("cadre__pinyin")), {}
        for row in rows:
            hours.setdefault(row.cadre_id, []).append(row.hours)
        lifted = {key: grade_of(place.grade, hours[key]) for key, place in self.held.items() if key in hours}
        for row in rows:
            row.grade = lifted.get(row.cadre_id)
        return {"duties": rows}
