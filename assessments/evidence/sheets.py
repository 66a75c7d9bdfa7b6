"""Lists that offices keep in Excel and that become items of the record: annual grades and attendance."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.kit.sheet import DayCell, Row, Sheet, SheetView, WordCell
from accounts.kit.tables import LAST_YEAR, plain
from accounts.models import Cadre
from accounts.people.models import barred_cadres
from accounts.permissions import UNIT_ROLES
from assessments.criteria.kinds import Kind
from assessments.evidence.models import Fact, Grade
from assessments.evidence.workflow import absence_days, add_new

DATA = Path(__file__).parent.parent / "data"


class Words(WordCell):
    """One of a few choices, also by the words that offices use for it (``<table>`` of the sheet's data file)."""

    def __init__(self, *, file: str, table: str, **kwargs: Any) -> None:
        self.known: dict[str, list[str]] = tomllib.loads((DATA / file).read_text(encoding="utf-8"))[table]
        super().__init__(**kwargs)

    def from_cell(self, text: str) -> str:
        found = [value for value, words in self.known.items() if plain(text) in words]
        return found[0] if found else super().from_cell(text)


class GradeRow(Row):
    people = ("cadre",)
    cadre = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    year = forms.IntegerField(label=gettext_lazy("Year judged"), min_value=2000, max_value=LAST_YEAR)
    grade = Words(
        label=gettext_lazy("Annual grade"),
        choices=[("", "---"), *Grade.choices],
        file="sheet_grades.toml",
        table="grades",
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=120)

    def clean_year(self) -> int:
        year = self.cleaned_data["year"]
        if dt.date(year, 12, 31) >= timezone.localdate():
            raise forms.ValidationError(_("This year is not over; it has no annual grade yet."))
        return year


class AttendanceRow(Row):
    people = ("cadre",)
    cadre = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    fact = Words(
        label=gettext_lazy("What happened"), file="sheet_attendance.toml", table="facts",
        choices=[("", "---"), (Fact.LATE, Fact.LATE.label), (Fact.ABSENT, Fact.ABSENT.label)],
    )  # fmt: skip
    first = DayCell(label=gettext_lazy("Day, or first day"))
    last = DayCell(label=gettext_lazy("Last day"), required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=120)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("first"), data.get("last")
        if first and (last or first) > timezone.localdate():
            self.add_error("last" if last else "first", _("The day lies in the future."))
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        return data


class RecordSheet(SheetView):
    """Rows of a list become items of the record; a row that is on record already is passed over."""

    permission_required = "evidence.add"
    back_url = "/record/?show=all"

    def candidates(self) -> Any:
        user = self.request.user
        return Cadre.objects.visible_to(user).exclude(pk__in=barred_cadres(user.cadre_id))

    def item(self, row: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def save(self, rows: list[dict[str, Any]]) -> int:
        user = self.request.user
        outside = user.role.role not in UNIT_ROLES
        return len(add_new(by=user, items=[self.item(row) | {"outside": outside} for row in rows]))

    def done(self, saved: Any, count: int) -> Any:
        words = ngettext("%(n)s item is recorded.", "%(n)s items are recorded.", saved) % {"n": saved}
        if saved < count:
            words += " " + _("%(n)s stood on record already.") % {"n": count - saved}
        messages.success(self.request, words)
        return super().done(saved, count)


class Grades(RecordSheet):
    sheet = Sheet.of("assessments", "grades", GradeRow)
    title = gettext_lazy("Annual grades from a list")

    def item(self, row: dict[str, Any]) -> dict[str, Any]:
        title = _("Annual appraisal of %(year)s: %(grade)s") % {"year": row["year"], "grade": Grade(row["grade"]).label}
        return {"cadre": row["cadre"], "kind": Kind.APPRAISAL, "title": title, "happened_on": dt.date(row["year"], 12, 31),
                "source": row["source"], "fact": Fact.GRADE, "key": row["grade"]}  # fmt: skip


class Attendance(RecordSheet):
    sheet = Sheet.of("assessments", "attendance", AttendanceRow)
    title = gettext_lazy("Absences from a list")

    def item(self, row: dict[str, Any]) -> dict[str, Any]:
        fact, first, last = Fact(row["fact"]), row["first"], row["last"] or row["first"]
        away = fact == Fact.ABSENT
        return {"cadre": row["cadre"], "kind": Kind.ATTENDANCE, "title": str(fact.label), "happened_on": first,
                "source": row["source"], "fact": fact, "criterion": "D1",
                "amount": max(1, absence_days(row["cadre"], first, last)) if away else 1}  # fmt: skip
