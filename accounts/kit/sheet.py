"""Paste or upload a list, look at it, mend bad rows in place, save all or nothing.

A list is declared once: a ``Row`` (an ordinary form, one field per column) and ``Sheet.of(app, code, row)`` with the words
of ``<app>/data/sheet_<code>.toml``. A page is a ``SheetView`` with a ``save(rows)``. Works without JavaScript.

    class TaskRow(Row):
        people = ("cadre",)
        content = forms.CharField(label=_("Content"), max_length=200)
        cadre = forms.CharField(label=_("Responsible person"), max_length=60)
        due_on = DayCell(label=_("Finish by"))
"""

import datetime as dt
import io
import tomllib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from django import forms
from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from accounts.kit.people import bare, fits
from accounts.kit.tables import (
    ACCEPT,
    MOST_ROWS,
    Line,
    day_of,
    lines_of_text,
    lines_of_upload,
    name_of,
    plain,
    refusal,
)  # fmt: skip
from accounts.kit.widgets import dress
from accounts.people.models import Cadre

PREFIX = "row"
# Rows among which the header is looked for: titles, "unit: ...", "week of ..." may stand above it.
_HEADER_WITHIN = 15
# From so many characters on a column is shown wide.
_LONG_TEXT = 100
_SAVED_KEYS = 30


@cache
def _words(path: str) -> dict[str, Any]:
    return tomllib.loads((Path(settings.BASE_DIR) / path).read_text(encoding="utf-8"))


class DayCell(forms.CharField):
    """A day as people write it in tables; cleaned, a date."""

    widget = forms.TextInput(attrs={"size": 11, "placeholder": "2026-03-05", "inputmode": "numeric"})
    default_error_messages = {"no_day": gettext_lazy("This is no day that can be read; write it as 2026-03-05.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, **kwargs)

    def from_cell(self, text: str) -> str:
        day = day_of(text, timezone.localdate())
        return day.isoformat() if day else text

    def clean(self, value: Any) -> dt.date | None:
        text = super().clean(value)
        if not text:
            return None
        day = day_of(text, timezone.localdate())
        if day is None:
            raise forms.ValidationError(self.error_messages["no_day"], code="no_day")
        return day


class YesCell(forms.BooleanField):
    """A tick: cells say it with a word or a sign (``accounts/data/sheet.toml``)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"required": False} | kwargs))

    def from_cell(self, text: str) -> str:
        return "on" if plain(text).lower() in _words("accounts/data/sheet.toml")["yes"] else ""


class WordCell(forms.ChoiceField):
    """One of a few choices, written in words; a word that is none of them is shown as the error."""

    def from_cell(self, text: str) -> str:
        wanted = plain(text).lower()
        found = [
            str(value) for value, label in self.choices if wanted in (str(value).lower(), plain(str(label)).lower())
        ]
        return found[0] if found else text


def _cell(form_field: forms.Field, text: str) -> str:
    """The words of a source's cell as the field's widget would send them."""
    if hasattr(form_field, "from_cell"):
        return form_field.from_cell(text)
    numeric = isinstance(form_field, (forms.IntegerField, forms.DecimalField, forms.FloatField))
    return plain(text) if numeric else text


class Row(forms.Form):
    """One row of a list. ``people`` names the fields that hold a person's name; cleaned, they are cadres.

    ``self.user`` and whatever else ``SheetView.row_options`` gives is there for ``clean``.
    """

    people: tuple[str, ...] = ()

    def __init__(
        self, *args: Any, known: dict[str, list[Cadre]] | None = None, user: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.columns = user, list(self.fields)
        for form_field in self.fields.values():
            if (getattr(form_field, "max_length", None) or 0) >= _LONG_TEXT:
                form_field.widget.attrs.setdefault("class", "form-control wide")
        self.fields["line"] = forms.IntegerField(required=False, widget=forms.HiddenInput())
        self.meant: dict[str, list[Cadre]] = {}
        for name in self.people:
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")
            cadres = (known or {}).get(name_of(self.data.get(self.add_prefix(name), "")), [])
            self.meant[name] = cadres
            if len(cadres) > 1:
                choices = [("", "---"), *[(str(c.public_id), f"{c.name} · {c.unit} · {c.post}") for c in cadres]]
                label = _("Which %(name)s is meant?") % {"name": cadres[0].name}
                self.fields[f"{name}_which"] = forms.ChoiceField(label=label, choices=choices, required=False)
        dress(self.fields.values())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in self.people:
            which = data.pop(f"{name}_which", "")
            if data.get(name):
                data[name] = self._person(name, data[name], which)
        return data

    def _person(self, name: str, token: str, which: str) -> Cadre | None:
        cadres = self.meant[name]
        if len(cadres) == 1:
            return cadres[0]
        if not cadres:
            self.add_error(name, _("Not found: %(names)s") % {"names": token})
        elif chosen := next((c for c in cadres if str(c.public_id) == which), None):
            return chosen
        elif f"{name}_which" not in self.errors:
            self.add_error(f"{name}_which", _("Several people bear this name; choose the one who is meant."))
        return None

    def cells(self) -> list[dict[str, Any]]:
        """For the template: each column's field, and the question which person is meant where there is one."""
        return [
            {"field": self[name], "which": self[f"{name}_which"] if f"{name}_which" in self.fields else None}
            for name in self.columns
        ]


class _Rows(forms.BaseFormSet):
    """The table: names of all rows are looked up in one statement, among ``candidates``."""

    def __init__(self, *args: Any, candidates: Any, options: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, prefix=PREFIX, **kwargs)
        self.candidates, self.options, self._known = candidates, options, None

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        if self._known is None:
            self._known = self._look_up() if self.is_bound else {}
        return self.options | {"known": self._known}

    def _look_up(self) -> dict[str, list[Cadre]]:
        names = [f"{PREFIX}-{n}-{name}" for n in range(self.total_form_count()) for name in self.form.people]
        tokens = {name_of(self.data.get(name, "")) for name in names} - {""}
        if not tokens:
            return {}
        words = {bare(token)[0] for token in tokens}
        pinyin = {word.lower().replace(" ", "") for word in words if word.isascii()}
        rows = self.candidates.filter(Q(name__in=words) | Q(pinyin__in=pinyin)).select_related("unit").order_by("pk")
        found: dict[str, list[Cadre]] = {}
        for cadre in rows:
            for token in tokens:
                if fits(token, cadre):
                    found.setdefault(token, []).append(cadre)
        return found

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        dress([form.fields["DELETE"]])

    def kept(self) -> list[Any]:
        return [form for form in self.forms if not self._should_delete_form(form)]

    def by_need(self) -> list[Any]:
        """The rows to mend first, in the order of the source."""
        return sorted(self.forms, key=lambda form: not (form.errors and not self._should_delete_form(form)))


@dataclass(frozen=True)
class Reading:
    """What a source said: the data of the table, and what the reader of it should know."""

    data: dict[str, str]
    ignored: list[str] = field(default_factory=list)
    without_header: bool = False


@dataclass(frozen=True)
class Sheet:
    """A declared list: ``code`` names its words and its template file, ``row`` its columns.

    ``aliases`` maps a column's name to the headers by which it is known; ``example`` is the row of the template, which
    is passed over when it comes back.
    """

    code: str
    row: type[Row]
    aliases: dict[str, list[str]]
    example: dict[str, str]

    @classmethod
    def of(cls, app: str, code: str, row: type[Row]) -> "Sheet":
        words = _words(f"{app}/data/sheet_{code}.toml")
        return cls(code, row, words["aliases"], words["example"])

    def columns(self) -> dict[str, forms.Field]:
        return dict(self.row.base_fields)

    def labels(self) -> dict[str, str | Promise]:
        return {name: str(form_field.label or name) for name, form_field in self.columns().items()}

    def formset(self, data: Any, *, candidates: Any, options: dict[str, Any]) -> Any:
        made = forms.formset_factory(self.row, formset=_Rows, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS,
                                     validate_max=True, can_delete=True)  # fmt: skip
        return made(data, candidates=candidates, options=options)

    def read(self, lines: list[Line], *, pasted: bool) -> Reading:
        """The table's data from a source's lines; a pasted list may come without its header, in the template's order."""
        places, at = self._header(lines)
        if not places and not pasted:
            names = _(", ").join(str(label) for label in self.labels().values())
            raise refusal(_("No row with the columns' names was found: %(names)s.") % {"names": names}, "header")
        without = not places
        if without:
            places, at = dict(enumerate(self.columns())), -1
        header = [plain(cell) for cell in lines[at].cells] if at >= 0 else []
        body = [line for line in lines[at + 1 :] if self._counts(line, places, header)]
        if not body:
            raise refusal(_("There is no row below the header."), "empty")
        if len(body) > MOST_ROWS:
            raise refusal(_("The list has more than %(n)s rows. Split it.") % {"n": MOST_ROWS}, "rows")
        ignored = [cell for n, cell in enumerate(lines[at].cells) if cell and n not in places] if at >= 0 else []
        return Reading(self._data(body, places), ignored, without)

    def _header(self, lines: list[Line]) -> tuple[dict[int, str], int]:
        """Which column stands where, and the index of the row that says so; the row with the most known names wins."""
        known = {plain(str(label)).lower(): name for name, label in self.labels().items()}
        known |= {plain(alias).lower(): name for name, aliases in self.aliases.items() for alias in aliases}
        best: dict[int, str] = {}
        at = -1
        for index, line in enumerate(lines[:_HEADER_WITHIN]):
            places: dict[int, str] = {}
            for n, cell in enumerate(line.cells):
                name = known.get(plain(cell).lower().rstrip("*:\uff1a"))
                if name and name not in places.values():
                    places[n] = name
            if len(places) > len(best):
                best, at = places, index
        return (best, at) if len(best) >= min(2, len(self.columns())) else ({}, -1)

    def _counts(self, line: Line, places: dict[int, str], header: list[str]) -> bool:
        """Whether a line is a row: it says something in a known column, repeats no header and is not the example."""
        cells = {name: line.cells[n] for n, name in places.items() if n < len(line.cells) and line.cells[n]}
        example = {name: text for name, text in self.example.items() if text and name in places.values()}
        return bool(cells) and [plain(cell) for cell in line.cells] != header and cells != example

    def _data(self, body: list[Line], places: dict[int, str]) -> dict[str, str]:
        fields = self.columns()
        data = {f"{PREFIX}-TOTAL_FORMS": str(len(body)), f"{PREFIX}-INITIAL_FORMS": "0"}
        for n, line in enumerate(body):
            data[f"{PREFIX}-{n}-line"] = str(line.number)
            for place, name in places.items():
                text = line.cells[place] if place < len(line.cells) else ""
                text = name_of(text) if name in self.row.people else text
                data[f"{PREFIX}-{n}-{name}"] = _cell(fields[name], text)
        return data

    def template(self) -> bytes:
        """An empty workbook with the header and the example; every cell is text, so nothing can be a formula."""
        buffer = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(buffer, options) as book:
            page, bold, pale = book.add_worksheet(), book.add_format({"bold": True}), book.add_format({"italic": True})
            text = book.add_format({"num_format": "@"})
            for n, (name, label) in enumerate(self.labels().items()):
                page.set_column(n, n, max(12, min(50, 2 * len(self.example.get(name, "")) + 4)), text)
                page.write_string(0, n, str(label), bold)
                page.write_string(1, n, self.example.get(name, ""), pale)
            page.freeze_panes(1, 0)
        return buffer.getvalue()


class SourceForm(forms.Form):
    """The raw list: pasted, or a file."""

    text = forms.CharField(
        label=gettext_lazy("Paste from Excel"), required=False, widget=forms.Textarea(attrs={"rows": 8}), strip=False
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file (.xlsx, .xls, .csv)"), required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        text, file = (data.get("text") or "").strip("\r\n"), data.get("file")
        if not text.strip() and not file:
            raise refusal(_("Paste a list or choose a file."), "required")
        if text.strip() and file:
            raise refusal(_("Either paste or choose a file, not both."), "both")
        try:
            data["lines"] = lines_of_upload(file) if file else lines_of_text(text)
        except ValidationError as error:
            self.add_error("file" if file else "text", error)
        return data


class SheetView(PermissionRequiredMixin, View):
    """GET: the form, or the template (``?template``). POST: a raw list becomes a table; a table is saved whole or not.

    A subclass gives ``sheet``, ``permission_required``, ``title``, ``back_url`` and ``save(rows)``: one workflow call with
    the rows' cleaned data; what it refuses with a ValidationError stands above the table.
    """

    raise_exception = True
    sheet: Sheet
    title: str | Promise = ""
    back_url = "/"
    template_name = "accounts/kit/sheet.html"

    def save(self, rows: list[dict[str, Any]]) -> Any:
        raise NotImplementedError

    def candidates(self) -> Any:
        """The cadres among whom names are looked up: those in the reader's scope."""
        return Cadre.objects.visible_to(self.request.user)

    def row_options(self) -> dict[str, Any]:
        """Keyword arguments of each ``Row``."""
        return {"user": self.request.user}

    def done(self, saved: Any, count: int) -> HttpResponse:
        """Where to go after saving."""
        return redirect(self.back_url)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "template" in request.GET:
            return self.file()
        return self.page(source=SourceForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.table() if f"{PREFIX}-TOTAL_FORMS" in request.POST else self.raw()

    def raw(self) -> HttpResponse:
        source = SourceForm(self.request.POST, self.request.FILES)
        if not source.is_valid():
            return self.page(source=source, status=422)
        try:
            reading = self.sheet.read(source.cleaned_data["lines"], pasted=not source.cleaned_data["file"])
        except ValidationError as error:
            source.add_error("file" if source.cleaned_data["file"] else "text", error)
            return self.page(source=source, status=422)
        return self.page(rows=self.rows(reading.data), reading=reading, key=uuid.uuid4().hex)

    def table(self) -> HttpResponse:
        rows, key = self.rows(self.request.POST), self.request.POST.get("key", "")[:32]
        saved_keys = self.request.session.get("sheets", [])
        if key in saved_keys:
            return redirect(self.back_url)  # the same table sent twice is saved once
        if not rows.is_valid():
            return self.page(rows=rows, key=key, status=422)
        kept = [{name: form.cleaned_data[name] for name in form.columns} for form in rows.kept()]
        if not kept:
            return self.page(rows=rows, key=key, status=422, reasons=[_("No row is left to save.")])
        try:
            saved = self.save(kept)
        except ValidationError as error:
            return self.page(rows=rows, key=key, status=409, reasons=error.messages)
        if key:
            self.request.session["sheets"] = [*saved_keys, key][-_SAVED_KEYS:]
        return self.done(saved, len(kept))

    def rows(self, data: Any) -> Any:
        return self.sheet.formset(data, candidates=self.candidates(), options=self.row_options())

    def file(self) -> HttpResponse:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        answer = HttpResponse(self.sheet.template(), content_type=kind)
        answer["Content-Disposition"] = f'attachment; filename="{self.sheet.code}.xlsx"'
        return answer

    def context(self) -> dict[str, Any]:
        """More for the template; a subclass adds to it."""
        return {}

    def page(
        self, *, source: Any = None, rows: Any = None, reading: Reading | None = None, key: str = "",
        reasons: Iterable[str] = (), status: int = 200,
    ) -> HttpResponse:  # fmt: skip
        labels = [str(label) for label in self.sheet.labels().values()]
        context: dict[str, Any] = {"title": self.title, "back_url": self.back_url, "source": source, "rows": rows,
                                   "reading": reading, "key": key, "labels": labels, "columns": _(", ").join(labels),
                                   "ignored": _(", ").join(reading.ignored) if reading else ""}  # fmt: skip
        if rows is not None:
            rows.is_valid()
            bad = sum(bool(form.errors) for form in rows.kept())
            context |= {
                "reasons": [*reasons, *rows.non_form_errors()], "bad": bad, "ordered": rows.by_need(),
                "count_text": ngettext("%(n)s row read", "%(n)s rows read", len(rows.forms)) % {"n": len(rows.forms)},
                "bad_text": ngettext("%(n)s row to mend", "%(n)s rows to mend", bad) % {"n": bad},
            }  # fmt: skip
        return render(self.request, self.template_name, context | self.context(), status=status)
