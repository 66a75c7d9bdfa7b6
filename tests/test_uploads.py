"""Uploads: what is refused, with which code, and that nothing of it is kept."""

import io
import zipfile

import docx
import pytest
import xlsxwriter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.file.workflow import check, store
from accounts.models import StoredFile
from assessments.evidence.models import Evidence
from tests.world import World

pytestmark = pytest.mark.django_db
MARKS = ("绝密", "机密", "秘密★", "秘密 ★ 5年")


def word(text: str) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(file)
    return file.getvalue()


def word_with_header(text: str) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.sections[0].header.paragraphs[0].text = text
    document.save(file)
    return file.getvalue()


def sheet(text: str) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet().write(0, 0, text)
    book.close()
    return file.getvalue()


def pdf(text: str) -> bytes:
    """One page in a predefined Chinese encoding, made by hand."""
    stream = b"BT /F1 12 Tf 50 700 Td <" + text.encode("gbk").hex().encode() + b"> Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /GBK-EUC-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /SimSun /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def refused_files() -> dict[str, tuple[str, bytes, str]]:
    return {
        "oversize": ("材料.txt", b"a" * (settings.UPLOAD_MAX_BYTES + 1), "size"),
        "empty": ("材料.txt", b"", "empty"),
        "program": ("材料.exe", b"MZ\x90", "type"),
        "web page": ("材料.html", b"<script>", "type"),
        "no suffix": ("材料", b"abc", "type"),
        "picture that is text": ("照片.jpg", b"plain words", "disguised"),
        "pdf that is a program": ("材料.pdf", b"MZ\x90\x00", "disguised"),
        "word that is a spreadsheet": ("材料.docx", sheet("一"), "disguised"),
        "text that is binary": ("材料.txt", b"abc\0def", "disguised"),
        "broken archive": ("材料.docx", b"PK\x03\x04 not an archive", "disguised"),
        "archive that unpacks without end": (
            "材料.docx",
            with_part(word("一"), "word/media/x.bin", b"\0" * 30_000_000),
            "disguised",
        ),
        "macro": ("材料.docx", with_part(word("一"), "word/vbaProject.bin", b"x"), "disguised"),
        "macro in a workbook": ("材料.xlsx", with_part(sheet("一"), "xl/vbaProject.bin", b"x"), "disguised"),
        "damaged pdf": ("材料.pdf", b"%PDF-1.4\nnothing", "damaged"),
    }


CASES = refused_files()
FIRST_PAGES = {
    "txt": lambda mark: f"{mark}\n关于某事的报告".encode(),
    "docx": word, "xlsx": sheet, "pdf": pdf,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_may_not_be_kept_is_refused_with_a_code_and_nothing_is_stored(case):
    name, data, code = CASES[case]
    with pytest.raises(ValidationError) as error:
        store(upload(name, data), by=None)
    assert error.value.code == code
    assert error.value.messages[0]
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("mark", MARKS)
def test_a_secrecy_mark_in_the_name_is_refused(mark):
    with pytest.raises(ValidationError) as error:
        store(upload(f"{mark}材料.png", b"\x89PNG\r\n\x1a\n"), by=None)
    assert error.value.code == "secret"
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("suffix", FIRST_PAGES)
def test_a_secrecy_mark_on_the_first_page_is_refused(suffix, mark):
    with pytest.raises(ValidationError) as error:
        store(upload(f"材料.{suffix}", FIRST_PAGES[suffix](mark)), by=None)
    assert error.value.code == "secret"
    assert not StoredFile.objects.exists()


def test_a_secrecy_mark_in_a_page_header_or_in_another_encoding_is_refused():
    for name, data in (
        ("a.docx", word_with_header("机密")),
        ("a.txt", "机密\n报告".encode("gb18030")),
        ("a.txt", "机密\n报告".encode("utf-8-sig")),
    ):
        with pytest.raises(ValidationError) as error:
            check(upload(name, data))
        assert error.value.code == "secret"


@pytest.mark.parametrize("suffix", FIRST_PAGES)
def test_an_ordinary_file_is_kept_whole(suffix):
    data = FIRST_PAGES[suffix]("督查通报，注意保守秘密")
    assert check(upload(f"材料.{suffix}", data))[0] == data


def test_through_the_draft_page_the_input_is_kept_and_nothing_is_half_saved():
    world = World()
    client = Client()
    client.force_login(world.liaison, backend="accounts.user.backend.RoleBackend")
    page = f"{world.unit_return.get_absolute_url()}nominate/?cadre={world.cadre.public_id}"
    for name, data, _code in (CASES["macro"], CASES["empty"], ("机密.txt", b"ok", "secret"), CASES["oversize"]):
        fields = {
            "criteria": world.edition.criteria.get(code="B1").pk, "facts": "多次未完成任务一二三", "how_raised": "panel",
            "kind_1": "task", "title_1": "台账四五六", "happened_on_1": "2026-05-01", "source_1": "办公室",
            "kind_2": "inspection", "title_2": "通报", "happened_on_2": "2026-05-02", "source_2": "督查室",
            "file_1": upload("好.txt", b"fine"), "file_2": upload(name, data),
        }  # fmt: skip
        answer = client.post(page, fields)
        assert answer.status_code == 422, name
        text = answer.content.decode()
        assert "多次未完成任务一二三" in text
        assert "台账四五六" in text
        assert answer.context["form"].errors.get("file_2"), name
    assert not world.cadre.referrals.exists()
    assert not Evidence.objects.filter(cadre=world.cadre).exists()
    assert not StoredFile.objects.exists()
