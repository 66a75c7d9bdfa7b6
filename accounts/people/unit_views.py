"""The tree of units, a unit's page, and what the department administrator does with it."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.kit.panels import panels_of
from accounts.models import Cadre, DutyPeriod, RoleAssignment, Unit
from accounts.people import forms, unit_workflow
from accounts.people.views import Deed, DeedPage, buttons
from accounts.permissions import Role

PEOPLE_SHOWN = 30
OFFICERS = [Role.UNIT_HEAD, Role.DEPUTY, Role.LIAISON]


class Units(PermissionRequiredMixin, KeysetList):
    """The tree, each unit below its parent."""

    permission_required = "unit.read"
    raise_exception = True
    template_name = "accounts/people/units.html"
    sorts = {"tree": "path", "name": "name"}
    sort = "tree"
    page_size = 100

    def rows(self) -> Any:
        self.filter = forms.UnitFilter(self.request.GET)
        data = self.filter.cleaned_data if self.filter.is_valid() else {}
        rows = Unit.objects.visible_to(self.request.user)
        if data.get("q"):
            rows = rows.filter(name__contains=data["q"]) | rows.filter(names__name__contains=data["q"])
            rows = rows.distinct()
        kind, reports = data.get("kind"), data.get("reports")
        if not kind and not data.get("q"):
            rows = rows.exclude(kind="village")
        elif kind and kind != "all":
            rows = rows.filter(kind=kind)
        if reports == "dissolved":
            return rows.filter(dissolved_on__isnull=False)
        rows = rows.filter(dissolved_on__isnull=True)
        return rows.filter(reports=reports == "yes") if reports else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"filter": self.filter, "tree": context["sort"].endswith("tree")}


DEEDS: dict[str, Deed] = {
    "found": Deed(_("Add a sub-unit"), "unit.manage", forms.NewUnitForm, unit_workflow.found_unit),
    "rename": Deed(_("Rename"), "unit.manage", forms.RenameForm, unit_workflow.name_unit),
    "correct": Deed(
        _("Change phone, staff, reporting"), "unit.manage", forms.CorrectUnitForm, unit_workflow.correct_unit
    ),
    "move": Deed(_("Change the parent"), "unit.manage", forms.MoveUnitForm, unit_workflow.move_unit),
    "dissolve": Deed(_("Dissolve or merge"), "unit.manage", forms.DissolveForm, unit_workflow.dissolve_unit),
}


class UnitDeedPage(DeedPage):
    deeds = DEEDS
    model = Unit


class UnitPage(View):
    """Names, place in the tree, people, who holds which role, and the returns in the reader's scope."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        user = request.user
        rows = Unit.objects.visible_to(user).select_related("parent", "successor")
        unit = get_object_or_404(rows, public_id=public_id)
        if not user.may("unit.read"):
            raise PermissionDenied
        today = timezone.localdate()
        over = list(Unit.objects.above(unit).exclude(pk=unit.pk))
        held = RoleAssignment.objects.in_force(today).filter(unit=unit, role__in=OFFICERS, user__is_active=True)
        seen = user.may("people.read")
        people = Cadre.objects.visible_to(user).filter(unit=unit).in_service(today) if seen else Cadre.objects.none()
        seconded = DutyPeriod.objects.on(today).filter(kind="seconded").select_related("cadre__unit", "host")
        context = {
            "unit": unit, "over": over, "through": None if unit.reports else next((u for u in over if u.reports), None),
            "names": list(unit.names.order_by("-start")), "children": list(unit.children.order_by("path")),
            "officers": sorted(held.select_related("user__cadre"), key=lambda row: OFFICERS.index(row.role)),
            "people": list(people.order_by("pinyin", "pk")[: PEOPLE_SHOWN + 1]), "shown": PEOPLE_SHOWN, "seen": seen,
            "lent": list(seconded.filter(cadre__unit=unit)) if seen else [],
            "borrowed": list(seconded.filter(host=unit)) if seen else [], "predecessors": list(unit.predecessors.all()),
            "buttons": [] if unit.dissolved_on else buttons(unit, DEEDS, user), "panels": panels_of("unit", unit, user),
        }  # fmt: skip
        return render(request, "accounts/people/unit.html", context)
