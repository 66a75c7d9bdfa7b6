"""Findings from Excel or paste, for recorders: one row is one finding."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.kit.sheet import DayCell, Row, Sheet, SheetView, WordCell
from accounts.models import Cadre, Unit
from accounts.people.models import barred_cadres
from assessments.supervision.forms import criteria_for, which_unit
from assessments.supervision.models import Finding, Line, Office, Severity, line_of, people_within, reach_of
from assessments.supervision.workflow import FACTS, check_row, record_findings


class FindingRow(Row):
    """``within``: what the reader may name: units by name and code, criteria, barred cadres, and the office used last."""

    people = ("cadre",)
    day = DayCell(label=gettext_lazy("Day"))
    cadre = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=60)
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=80)
    what = forms.CharField(label=gettext_lazy("What was seen"), required=False, max_length=200)
    severity = WordCell(label=gettext_lazy("Severity"), choices=Severity.choices)
    place = forms.CharField(label=gettext_lazy("Place"), required=False, max_length=60)
    office = WordCell(label=gettext_lazy("Recording office"), required=False, choices=[("", "---"), *Office.choices])
    fact = WordCell(
        label=gettext_lazy("What it establishes"),
        required=False,
        choices=[("", "---"), *((f.value, f.label) for f in FACTS)],
    )
    key = forms.CharField(label=gettext_lazy("Number or name"), required=False, max_length=60)
    amount = forms.IntegerField(label=gettext_lazy("Days of absence"), required=False, min_value=1, max_value=366)
    criterion = forms.CharField(label=gettext_lazy("Criterion"), required=False, max_length=4)

    def __init__(self, *args: Any, within: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within = within

    def clean_criterion(self) -> str:
        code = str(self.cleaned_data["criterion"]).upper()
        if code and code not in self.within["criteria"]:
            raise forms.ValidationError(_("No criterion in force has this code."))
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["office"] = (data.get("office") or self.within["office"]) if self.within["outside"] else ""
        if data.get("cadre") and data["cadre"].pk in self.within["barred"]:
            self.add_error("cadre", _("You are recused from what concerns this person."))
        if not self.errors:
            self._whole(data)
        return data

    def _whole(self, data: dict[str, Any]) -> None:
        """Unit, place and moment as the workflow takes them, and what it would refuse, beside its cell."""
        data["unit"] = data["cadre"].unit if data["cadre"] else self._unit(data["unit"])
        if data["unit"] is None:
            return
        data["severity"], data["amount"] = int(data["severity"]), data["amount"] or 1
        data["place"] = data["place"] or data["unit"].name
        try:
            check_row(self.as_finding(data), line_of(self.user.role), timezone.now())
        except ValidationError as error:
            for name, reasons in error.message_dict.items():
                self.add_error("day" if name == "seen_at" else name, reasons)

    def _person(self, name: str, token: str, which: str) -> Cadre | None:
        """A list that names the unit says by it which person is meant - or that the person found is somebody else."""
        words = self.cleaned_data.get("unit", "")
        if not words or not self.meant[name]:
            return super()._person(name, token, which)
        paths = tuple(unit.path for unit in self.within["units"].get(words, []))
        fit = [cadre for cadre in self.meant[name] if paths and cadre.unit.path.startswith(paths)]
        if not fit:
            self.add_error(name, _("Nobody of this name belongs to the unit."))
            return None
        return fit[0] if len(fit) == 1 else super()._person(name, token, which)

    def _unit(self, words: str) -> Unit | None:
        units: list[Unit] = self.within["units"].get(words, [])
        if len(units) == 1:
            return units[0]
        self.add_error("unit", which_unit(words, units))
        return None

    @staticmethod
    def as_finding(data: dict[str, Any]) -> dict[str, Any]:
        """The keywords of the workflow function; a list states days, not hours."""
        row = {name: value for name, value in data.items() if name not in ("day", "line", "DELETE")}
        return row | {
            "seen_at": timezone.make_aware(dt.datetime.combine(data["day"], dt.time())),
            "cadre": data["cadre"] or None,
        }


FINDINGS = Sheet.of("assessments", "findings", FindingRow)


class FindingsSheet(SheetView):
    """The list of a recorder; names are looked up as they are typed, never shown to choose from."""

    sheet, permission_required, back_url = FINDINGS, "finding.sheet", "/findings/"
    title = gettext_lazy("Findings from Excel")
    template_name = "assessments/supervision/sheet.html"

    def context(self) -> dict[str, Any]:
        outside = line_of(self.request.user.role) == Line.OUTSIDE
        words = {
            "severities": Severity.labels,
            "offices": Office.labels if outside else [],
            "facts": [f.label for f in FACTS],
        }
        return super().context() | words

    def candidates(self) -> Any:
        return people_within(self.request.user.role, timezone.localdate())

    def rows(self, data: Any) -> Any:
        names = {data[key].strip() for key in data if key.endswith("-unit")} - {""}
        found: dict[str, list[Unit]] = {}
        here = Unit.objects.filter(path__startswith=reach_of(self.request.user.role), dissolved_on__isnull=True)
        for unit in here.filter(Q(name__in=names) | Q(code__in=names)) if names else ():
            for words in {unit.name, unit.code} & names:
                found.setdefault(words, []).append(unit)
        self.units = found
        return super().rows(data)

    def row_options(self) -> dict[str, Any]:
        user = self.request.user
        last = Finding.objects.filter(recorded_by=user).order_by("-pk").first()
        within = {
            "units": self.units, "criteria": {code for code, _title in criteria_for(user.role.unit)},
            "barred": barred_cadres(user.cadre_id), "office": last.office if last else "",
            "outside": line_of(user.role) == Line.OUTSIDE,
        }  # fmt: skip
        return super().row_options() | {"within": within}

    def save(self, rows: list[dict[str, Any]]) -> Any:
        return record_findings(by=self.request.user, rows=[FindingRow.as_finding(row) for row in rows])

    def done(self, saved: Any, count: int) -> HttpResponse:
        words = ngettext("%(n)s finding is recorded.", "%(n)s findings are recorded.", count) % {"n": count}
        messages.success(self.request, words)
        return super().done(saved, count)
