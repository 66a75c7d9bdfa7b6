"""A list of entries pasted from Excel: one line per entry, its cells divided by tabs."""

import datetime as dt
import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.kit.people import bare
from accounts.people.models import Cadre
from assessments.points.entering import TYPED, Row
from assessments.points.entries import EntryKind
from assessments.points.models import PointLedger, PointPlace

MOST = 500
_DAY = re.compile(r"^(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?$")


def day_of(text: str) -> dt.date:
    """2026-03-09, 2026/3/9, 2026.3.9 or with the Chinese words. Raises ValueError."""
    found = _DAY.match(text)
    if not found:
        raise ValueError(text)
    return dt.date(int(found[1]), int(found[2]), int(found[3]))


class PasteForm(forms.Form):
    """``rows``, cleaned: a list of ``Row``; every bad line is named, with its number and what is wrong."""

    rows = forms.CharField(
        label=gettext_lazy("The list"), widget=forms.Textarea(attrs={"rows": 12, "wrap": "off"}), max_length=60_000,
        help_text=gettext_lazy("Name, kind, day, what it was for, and in the fifth column the routine task, the name of the mistake or the hours."),
    )  # fmt: skip
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, ledger: PointLedger, **kwargs: Any) -> None:
        self.ledger = ledger
        super().__init__(*args, initial={"key": uuid.uuid4().hex}, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "rows" not in data:
            return data
        lines = [(n, line) for n, line in enumerate(data["rows"].splitlines(), 1) if line.strip()]
        if len(lines) > MOST:
            raise ValidationError(_("At most %(n)s lines at once.") % {"n": MOST})
        people, routines = (
            self._people(),
            {row.name: row for row in self.ledger.routines.filter(dropped_on__isnull=True)},
        )
        rows = []
        for n, line in lines:
            try:
                rows.append(
                    self._row([cell.strip() for cell in line.split("\t")], people, routines, f"{data.get('key')}:{n}")
                )
            except ValidationError as error:
                self.add_error("rows", _("Line %(n)s: %(problem)s") % {"n": n, "problem": " ".join(error.messages)})
        data["rows"] = rows
        return data

    def _people(self) -> list[Cadre]:
        held = PointPlace.objects.filter(unit=self.ledger.unit).values("cadre")
        return list(Cadre.objects.filter(pk__in=held).select_related("unit"))

    def _row(self, cells: list[str], people: list[Cadre], routines: dict[str, Any], key: str) -> Row:
        if len(cells) < 3:
            raise ValidationError(_("name, kind and day are needed, divided by tabs as Excel copies them."))
        name, kind, day, reason, which = [*cells, "", ""][:5]
        row = Row(cadre=_person(name, people), kind=_kind(kind), day=_day(day), reason=reason[:200], key=key)
        if row.kind == EntryKind.ROUTINE:
            if which not in routines:
                raise ValidationError(_("the fifth column names a task from the unit's list."))
            row.routine = routines[which]
        elif row.kind == EntryKind.MISTAKE:
            if not which or len(which) > 60:
                raise ValidationError(_("the fifth column names the mistake, in at most 60 characters."))
            row.name = which
        elif row.kind == EntryKind.WORKED:
            row.hours = _hours(which)
        if not row.reason and row.kind not in (EntryKind.ROUTINE, EntryKind.MISTAKE):
            raise ValidationError(_("state what it was for."))
        return row


def _person(text: str, people: list[Cadre]) -> Cadre:
    name, unit = bare(text)
    found = [cadre for cadre in people if cadre.name == name and (not unit or cadre.unit.name == unit)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("nobody called %(name)s stands in this ledger.") % {"name": text})
    raise ValidationError(_("several people are called %(name)s; enter theirs one by one.") % {"name": text})


def _kind(text: str) -> str:
    for kind in TYPED:
        if text in (str(kind.label), kind.value):
            return kind.value
    raise ValidationError(_("%(kind)s is no kind of entry.") % {"kind": text or "?"})


def _day(text: str) -> dt.date:
    try:
        return day_of(text)
    except ValueError as error:
        raise ValidationError(_("%(day)s is no day.") % {"day": text or "?"}) from error


def _hours(text: str) -> Decimal:
    try:
        hours = Decimal(text).quantize(Decimal("0.1"))
    except InvalidOperation as error:
        raise ValidationError(_("the fifth column states the hours.")) from error
    if not 0 < hours < 1000:
        raise ValidationError(_("the fifth column states the hours."))
    return hours
