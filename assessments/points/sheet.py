"""A list of entries from Excel: each row is an entry; all are written, or none."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.kit.cells import DayCell, WordCell
from accounts.kit.sheet import Row as SheetRow
from accounts.kit.sheet import Sheet, SheetView
from accounts.models import Cadre
from assessments.points.entering import TYPED, Row, enter_many
from assessments.points.entries import EntryKind
from assessments.points.models import PointPlace
from assessments.points.views import LedgerPage


class EntryRow(SheetRow):
    """``which``: the routine task, the name of the mistake, or the hours, as the kind asks."""

    people = ("cadre",)
    cadre = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    kind = WordCell(label=gettext_lazy("Kind"), choices=[("", "---"), *[(kind.value, kind.label) for kind in TYPED]])
    day = DayCell(label=gettext_lazy("Day"))
    reason = forms.CharField(label=gettext_lazy("What it was for"), max_length=200, required=False)
    which = forms.CharField(label=gettext_lazy("Routine task, mistake or hours"), max_length=60, required=False)

    def __init__(self, *args: Any, routines: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.routines = routines

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        kind, which = data.get("kind"), data.get("which", "")
        if kind == EntryKind.ROUTINE and which not in self.routines:
            names = _(", ").join(self.routines) or "—"
            self.add_error("which", _("Name a task from the unit's list: %(names)s") % {"names": names})
        elif kind == EntryKind.MISTAKE and not which:
            self.add_error("which", _("Name the mistake; the same mistake always bears the same name."))
        elif kind == EntryKind.WORKED and hours_in(which) is None:
            self.add_error("which", _("State the hours."))
        if kind and kind not in (EntryKind.ROUTINE, EntryKind.MISTAKE) and not data.get("reason"):
            self.add_error("reason", _("State what it was for."))
        return data


def hours_in(text: str) -> Decimal | None:
    """Hours with one decimal; None where the text says none."""
    try:
        hours = Decimal(text).quantize(Decimal("0.1"))
    except InvalidOperation:
        return None
    return hours if 0 < hours < 1000 else None


class Entries(LedgerPage, SheetView):
    """The unit's list; whoever loses points is told, as with a single entry."""

    permission_required = "points.keep"
    sheet = Sheet.of("assessments", "points", EntryRow)
    title = gettext_lazy("Points entries from a list")

    @property
    def back_url(self) -> str:  # type: ignore[override]
        return f"/points/{self.query()}"

    def candidates(self) -> Any:
        return Cadre.objects.filter(pk__in=PointPlace.objects.filter(unit=self.unit).values("cadre"))

    def routines(self) -> dict[str, Any]:
        return {row.name: row for row in self.ledger.routines.filter(dropped_on__isnull=True)}

    def row_options(self) -> dict[str, Any]:
        return super().row_options() | {"routines": self.routines()}

    def save(self, rows: list[dict[str, Any]]) -> int:
        key, routines = self.request.POST.get("key", ""), self.routines()
        entries = []
        for n, row in enumerate(rows):
            kind, which = row["kind"], row.pop("which")
            entries.append(
                Row(**row, key=f"{key}:{n}", routine=routines[which] if kind == EntryKind.ROUTINE else None,
                    name=which if kind == EntryKind.MISTAKE else "", hours=hours_in(which) if kind == EntryKind.WORKED else None)
            )  # fmt: skip
        made = enter_many(by=self.request.user, unit=self.unit, rows=entries, tell=True)
        return sum(entry.added for entry in made)

    def done(self, saved: Any, count: int) -> Any:
        words = ngettext("%(n)s entry recorded.", "%(n)s entries recorded.", saved) % {"n": saved}
        messages.success(self.request, words if saved else _("This was recorded already; nothing was added."))
        return super().done(saved, count)
