"""Reading a list that somebody pasted or uploaded: rows of plain words with their row numbers, or one sentence why not.

Nothing here knows what a column means. Whatever bytes come in, the only way out besides rows is a ValidationError.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from typing import Any, NamedTuple

import python_calamine
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.file.workflow import SECRET, check

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 1024 * 1024, 500, 20
ACCEPT = ".xlsx,.xls,.csv"
# Title rows above the header and blank rows do not count as rows of the list; far more than these is no list.
_DEPTH, _WIDTH = MOST_ROWS * 4, 256
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,4})(\d{1,8})[\"'][^>]*(?<!/)>")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SPACES = re.compile("[ \u00a0\u3000\u200b\ufeff]+")
# 2026.3.5, 2026-03-05, 2026/3/5, with the signs for year, month and day, and a time behind it or not.
_FULL = re.compile(
    "(\\d{4})[-./\u5e74](\\d{1,2})[-./\u6708](\\d{1,2})[\u65e5\u53f7]?(?:[T ]?\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?)?"
)
_SOLID = re.compile("(\\d{4})(\\d{2})(\\d{2})")
_SHORT = re.compile("(\\d{1,2})([-./\u6708])(\\d{1,2})[\u65e5\u53f7]?")
_SERIAL = re.compile("(\\d{5})(?:\\.0+)?")
FIRST_YEAR, LAST_YEAR = 1900, 2100


class Line(NamedTuple):
    """One row of the source with the number that it bears there, counted from 1."""

    number: int
    cells: list[str]


def refusal(sentence: str, code: str) -> ValidationError:
    return ValidationError(sentence, code=code)


def tidy(value: Any) -> str:
    """A cell as a person reads it: days as ISO days, whole numbers without a point, single spaces, nothing around it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat() if isinstance(value, dt.date) else value.isoformat(timespec="minutes")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _SPACES.sub(" ", str(value).replace("\0", "")).strip()


def plain(text: str) -> str:
    """Full-width digits, letters and points as ordinary ones, without spaces: for numbers, days and headers."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).strip()


def name_of(text: str) -> str:
    """A person's name without the spaces that tables put between its characters; a pinyin name keeps its own."""
    text = tidy(text)
    return text if text.isascii() else "".join(text.split())


def day_of(text: str, today: dt.date) -> dt.date | None:
    """The day that a cell names; None when it names none. A day without a year is one of the current year.

    "3.1" is refused: a spreadsheet turns a typed 3.10 into it, so it may be either day.
    """
    words = unicodedata.normalize("NFKC", text).strip()
    words = _SPACES.sub(" ", words) if ":" in words else plain(words)
    try:
        if found := _FULL.fullmatch(words) or _SOLID.fullmatch(words):
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
        elif found := _SHORT.fullmatch(words):
            if found[2] == "." and found[3] in ("1", "2", "3"):
                return None
            day = dt.date(today.year, int(found[1]), int(found[3]))
        elif found := _SERIAL.fullmatch(words):
            day = dt.date(1899, 12, 30) + dt.timedelta(days=int(found[1]))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def lines_of_text(text: str) -> list[Line]:
    """The rows of what was pasted: cells parted by tabs as spreadsheets do, else by commas."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise refusal(_("The list is longer than 1 MB. Split it."), "size")
    return _checked(_split(text))


def lines_of_upload(upload: Any) -> list[Line]:
    """The rows of the first sheet of an uploaded list (.xlsx, .xls or .csv)."""
    name = upload.name or ""
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if upload.size > MOST_BYTES:
        raise refusal(_("The list is longer than 1 MB. Split it."), "size")
    if suffix == "csv":
        if SECRET.search(name):
            raise refusal(_("The file's name bears a secrecy mark. This system must not hold state secrets."), "secret")
        return _checked(_split(_decoded(upload.read())))
    if suffix not in ("xlsx", "xls"):
        raise refusal(_("A list is taken from .xlsx, .xls or .csv. Save it as one of these."), "type")
    return _checked(_workbook(upload, suffix))


def _decoded(data: bytes) -> str:
    """The text of a csv file: UTF-8 with or without its mark, UTF-16 with it, else the Chinese national encoding."""
    if not data:
        raise refusal(_("The file is empty."), "empty")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise refusal(_("The file is not what its name says. Save it again in the right format."), "disguised")


def _split(text: str) -> list[list[Any]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tab = "\t" in text
    try:
        return list(csv.reader(io.StringIO(text), delimiter="\t" if tab else ",", strict=False))
    except csv.Error:
        raise refusal(_("The file cannot be opened. Save it again and try once more."), "damaged") from None


def _far(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refuse_far_cells(data: bytes) -> None:
    """A single cell at the far end of a sheet would make the reader lay out every cell before it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if not _SHEET_PART.fullmatch(info.filename):
                continue
            if info.file_size > 20 * MOST_BYTES:
                raise refusal(_too_long(), "rows")
            for found in _CELL.finditer(archive.read(info)):
                if int(found[2]) > _DEPTH:
                    raise refusal(_too_long(), "rows")
                if _far(found[1]) > _WIDTH:
                    raise refusal(_too_wide(), "columns")


def _workbook(upload: Any, suffix: str) -> list[list[Any]]:
    try:
        if suffix == "xlsx":
            data = upload.read()
            upload.seek(0)
            _refuse_far_cells(data)
        data, _type = check(upload)
        book = python_calamine.load_workbook(io.BytesIO(data))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False) if book.sheet_names else []
    except ValidationError:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException:  # what the reader's own library panics with is no Exception
        raise refusal(_("The file cannot be opened. Save it again and try once more."), "damaged") from None


def _too_long() -> str:
    return _("The list has more than %(n)s rows. Split it.") % {"n": MOST_ROWS}


def _too_wide() -> str:
    return _("The list has more than %(n)s columns. Delete those that are not asked for.") % {"n": MOST_COLUMNS}


def _checked(rows: list[list[Any]]) -> list[Line]:
    """The rows that say something, within the limits and without a secrecy mark."""
    tidied = (Line(n, [tidy(cell) for cell in row]) for n, row in enumerate(rows, 1))
    lines = [line for line in tidied if any(line.cells)]
    if not lines:
        raise refusal(_("There is nothing in this list."), "empty")
    for line in lines:
        while line.cells and not line.cells[-1]:
            line.cells.pop()
    if max(len(line.cells) for line in lines) > MOST_COLUMNS:
        raise refusal(_too_wide(), "columns")
    # Titles and the header stand above the rows; with them a full list may still come in.
    if len(lines) > MOST_ROWS + 10:
        raise refusal(_too_long(), "rows")
    if any(SECRET.search(cell) for line in lines[:40] for cell in line.cells):
        raise refusal(_("The list bears a secrecy mark. This system must not hold state secrets."), "secret")
    return lines
