"""Taking in an upload: size, type by content, and the mark of a state secret."""

import hashlib
import io
import re
import zipfile
from typing import Any

import docx
import pypdf
import python_calamine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from accounts.file.models import StoredFile

# What the first bytes must be, by extension; text has no signature.
_SIGNATURES: dict[str, tuple[tuple[bytes, ...], str]] = {
    "pdf": ((b"%PDF-",), "application/pdf"),
    "png": ((b"\x89PNG\r\n\x1a\n",), "image/png"),
    "jpg": ((b"\xff\xd8\xff",), "image/jpeg"),
    "jpeg": ((b"\xff\xd8\xff",), "image/jpeg"),
    "docx": ((b"PK\x03\x04",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ((b"PK\x03\x04",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ofd": ((b"PK\x03\x04",), "application/ofd"),
    "doc": ((b"\xd0\xcf\x11\xe0",), "application/msword"),
    "xls": ((b"\xd0\xcf\x11\xe0",), "application/vnd.ms-excel"),
    "wps": ((b"\xd0\xcf\x11\xe0", b"PK\x03\x04"), "application/vnd.ms-works"),
    "et": ((b"\xd0\xcf\x11\xe0", b"PK\x03\x04"), "application/vnd.ms-works"),
    "txt": ((), "text/plain; charset=utf-8"),
}
_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "ofd": "OFD.xml"}
# The three classifications of the State Secrets Law as they are printed on a document's first page.
SECRET = re.compile("\u7edd\u5bc6|\u673a\u5bc6|\u79d8\u5bc6\\s*[\u2605\u2606*]")
_UNPACKED_LIMIT = 100 * 1024 * 1024
ACCEPT = ",".join(f".{suffix}" for suffix in _SIGNATURES)


def _zip_is_sound(data: bytes, suffix: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except zipfile.BadZipFile:
        return False
    names = {info.filename for info in infos}
    unpacked = sum(info.file_size for info in infos)
    sane = len(infos) <= 2000 and unpacked <= _UNPACKED_LIMIT and unpacked <= 200 * max(len(data), 1)
    macro = any(name.endswith("vbaProject.bin") for name in names)
    return sane and not macro and _PART.get(suffix, next(iter(names), "")) in names


def first_page(data: bytes, suffix: str) -> str:
    """The text of the first page where it can be read (PDF, DOCX, XLSX, TXT); "" otherwise."""
    try:
        if suffix == "pdf":
            pages = pypdf.PdfReader(io.BytesIO(data)).pages
            return pages[0].extract_text() if pages else ""
        if suffix == "docx":
            document = docx.Document(io.BytesIO(data))
            head = [p.text for s in document.sections for p in s.header.paragraphs]
            cells = [c.text for t in document.tables[:2] for r in t.rows[:10] for c in r.cells]
            return "\n".join(head + [p.text for p in document.paragraphs[:40]] + cells)
        if suffix == "xlsx":
            sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0)
            return "\n".join(str(cell) for row in sheet.to_python(nrows=60) for cell in row)
    except Exception:
        raise ValidationError(
            _("The file cannot be opened. Save it again and try once more."), code="damaged"
        ) from None
    if suffix == "txt":
        return data[:4000].decode("utf-8", "ignore") + data[:4000].decode("gb18030", "ignore")
    return ""


def check(upload: Any) -> tuple[bytes, str]:
    """The bytes and content type of an acceptable upload; raises ValidationError with a sentence otherwise."""
    name = upload.name or ""
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file is larger than %(mb)s MB.") % {"mb": settings.UPLOAD_MAX_BYTES // 2**20}, code="size"
        )
    if upload.size == 0:
        raise ValidationError(_("The file is empty."), code="empty")
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix not in _SIGNATURES:
        raise ValidationError(
            _("Files of this type are not accepted. Use PDF, Word, Excel, WPS, OFD, JPG, PNG or TXT."), code="type"
        )
    if SECRET.search(name):
        raise ValidationError(
            _("The file's name bears a secrecy mark. This system must not hold state secrets."), code="secret"
        )
    data = upload.read()
    upload.seek(0)
    signatures, content_type = _SIGNATURES[suffix]
    disguised = signatures and not data.startswith(signatures)
    if (
        disguised
        or (data.startswith(b"PK\x03\x04") and not _zip_is_sound(data, suffix))
        or (suffix == "txt" and b"\0" in data)
    ):
        raise ValidationError(
            _("The file is not what its name says. Save it again in the right format."), code="disguised"
        )
    if SECRET.search(first_page(data, suffix)):
        raise ValidationError(
            _("The file's first page bears a secrecy mark. This system must not hold state secrets."), code="secret"
        )
    return data, content_type


def store(upload: Any, *, by: Any) -> StoredFile:
    """Keep an upload that ``check`` accepts; the same bytes are hashed for the trail."""
    data, content_type = check(upload)
    row = StoredFile(name=upload.name[:200], content_type=content_type, size=len(data), uploaded_by=by,
                     sha256=hashlib.sha256(data).hexdigest())  # fmt: skip
    row.content.save(str(row.public_id), ContentFile(data), save=False)
    row.save()
    return row
