"""Pasted and uploaded lists: what people type is understood, what is broken ends in a sentence."""

import csv
import datetime as dt
import io
from contextlib import suppress

import pytest
import xlsxwriter
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.kit.sheet import DayCell, Row, Sheet, WordCell, YesCell
from accounts.kit.tables import Line, day_of, lines_of_text, lines_of_upload, name_of, tidy

TODAY = dt.date(2026, 3, 9)


class Errand(Row):
    what = forms.CharField(label="事项", max_length=40)
    until = DayCell(label="完成时限")
    weight = forms.DecimalField(label="分值", required=False)
    how = WordCell(label="结果", choices=[("done", "完成"), ("late", "逾期完成")], required=False)
    key = YesCell(label="重点")


ERRANDS = Sheet(
    "errands", Errand, {"what": ["工作内容", "task"], "until": ["时限"]}, {"what": "例：走访", "until": "2026-03-06"}
)


def workbook(*rows, name="名单.xlsx") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    page.write_datetime(y, x, dt.datetime.combine(cell, dt.time()), day)
                elif cell is not None:
                    page.write(y, x, cell)
    return SimpleUploadedFile(name, buffer.getvalue())


def data_of(*lines: str, sheet=ERRANDS, pasted=True) -> dict:
    return sheet.read(lines_of_text("\n".join(lines)), pasted=pasted).data


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026.3.5", (2026, 3, 5)), ("2026年3月5日", (2026, 3, 5)), ("20260305", (2026, 3, 5)), ("2026-03-05", (2026, 3, 5)),
        ("2026/3/5", (2026, 3, 5)), ("３月５日", (2026, 3, 5)), ("3月5号", (2026, 3, 5)), ("3/5", (2026, 3, 5)), ("3.15", (2026, 3, 15)),
        ("２０２６．３．５", (2026, 3, 5)), (" 2026 年 3 月 5 日 ", (2026, 3, 5)), ("2026-03-05 00:00", (2026, 3, 5)), ("46086", (2026, 3, 5)),
        ("46086.0", (2026, 3, 5)), ("2026-03-05T08:30:00", (2026, 3, 5)),
    ],
)  # fmt: skip
def test_days_are_understood_as_people_write_them(text, day):
    assert day_of(text, TODAY) == dt.date(*day)


@pytest.mark.parametrize(
    "text",
    ["", "下周", "2026年2月30日", "13月1日", "3.1", "3.2", "0", "99999999", "2026-3", "1.2.3.4", "二月"],
)
def test_what_is_no_day_is_none(text):
    assert day_of(text, TODAY) is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), st.sampled_from(["{y}.{m}.{d}", "{y}年{m}月{d}日", "{y}-{m:02}-{d:02}", "{y}/{m}/{d}", "{y:04}{m:02}{d:02}"]), st.booleans())  # fmt: skip
def test_every_day_survives_every_way_of_writing_it(day, pattern, wide):
    text = pattern.format(y=day.year, m=day.month, d=day.day)
    if wide:
        text = text.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert day_of(text, TODAY) == day


@given(st.text(max_size=20) | st.from_regex(r"[\d０-９.年月日/-]{0,14}", fullmatch=True))
@example("0000-00-00")
@example("٣/٥")
@example("²⁰²⁶-3-5")
def test_no_text_breaks_the_reading_of_days(text):
    day = day_of(text, TODAY)
    assert day is None or 1900 <= day.year <= 2100


def test_cells_read_as_people_read_them():
    assert [tidy(c) for c in (None, 3.0, 2.5, True, dt.date(2026, 3, 5), dt.datetime(2026, 3, 5, tzinfo=dt.UTC), " 张　三 ")] == [
        "", "3", "2.5", "1", "2026-03-05", "2026-03-05", "张 三"]  # fmt: skip
    assert name_of("张　三") == name_of("张 三 ") == "张三"
    assert name_of("zhang  san") == "zhang san"


def test_columns_are_recognised_in_any_order_below_titles_and_blank_rows():
    data = data_of(
        "城关镇周清单",
        "",
        "时限：\t序号\t工作内容",
        "３月５日\t1\t走访",
        "\t\t",
        "20260306\t2\t开会",
        "时限：\t序号\t工作内容",
    )
    assert data["row-TOTAL_FORMS"] == "2"
    assert (data["row-0-what"], data["row-0-until"], data["row-0-line"]) == (
        "走访",
        f"{timezone.localdate().year}-03-05",
        "4",
    )
    assert (data["row-1-what"], data["row-1-until"], data["row-1-line"]) == ("开会", "2026-03-06", "6")


def test_columns_that_are_not_asked_for_are_named():
    assert ERRANDS.read([Line(1, ["事项", "备注", "时限"]), Line(2, ["a", "b", "c"])], pasted=True).ignored == ["备注"]


def test_a_pasted_list_may_lack_its_header_a_file_may_not():
    reading = ERRANDS.read(lines_of_text("走访\t3月5日\t２"), pasted=True)
    assert reading.without_header
    assert (reading.data["row-0-what"], reading.data["row-0-weight"]) == ("走访", "2")
    with pytest.raises(ValidationError, match="完成时限"):
        ERRANDS.read(lines_of_text("走访\t3月5日"), pasted=False)


def test_words_ticks_and_numbers_come_in():
    data = data_of("事项\t时限\t分值\t结果\t重点", "甲\t3月5日\t１．５\t逾期完成\t√", "乙\t3月5日\t\t半完成\t否")
    assert (data["row-0-weight"], data["row-0-how"], data["row-0-key"]) == ("1.5", "late", "on")
    assert (data["row-1-how"], data["row-1-key"]) == ("半完成", "")


def test_the_template_comes_back_without_its_example():
    lines = lines_of_upload(SimpleUploadedFile("t.xlsx", ERRANDS.template()))
    assert lines[0].cells == ["事项", "完成时限", "分值", "结果", "重点"]
    with pytest.raises(ValidationError, match=r"header|表头"):
        ERRANDS.read(lines, pasted=False)
    again = ERRANDS.read([*lines, Line(3, ["走访", "2026-03-06"])], pasted=False)
    assert again.data["row-TOTAL_FORMS"] == "1"


def test_excel_dates_and_numbers():
    lines = lines_of_upload(workbook(["名单"], [], ["工作内容", "时限"], ["走访", dt.date(2026, 3, 5)], [2, 46086]))
    assert [line.number for line in lines] == [1, 3, 4, 5]
    data = ERRANDS.read(lines, pasted=False).data
    assert (data["row-0-until"], data["row-1-until"], data["row-1-what"]) == ("2026-03-05", "2026-03-05", "2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_of_the_county(encoding):
    text = "工作内容,时限\n走访“两河”,3月5日\n"
    lines = lines_of_upload(SimpleUploadedFile("名单.csv", text.encode(encoding)))
    assert lines[1].cells == ["走访“两河”", "3月5日"]


def test_a_cell_with_line_breaks_stays_one_cell():
    assert lines_of_text('a\tb\n"x\ny"\tz')[1].cells == ["x\ny", "z"]


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (SimpleUploadedFile("a.xlsx", b""), "damaged"),
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken"), "damaged"),
        (SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0 broken"), "damaged"),
        (SimpleUploadedFile("a.xls", b"no signature"), "disguised"),
        (SimpleUploadedFile("a.csv", b""), "empty"),
        (SimpleUploadedFile("a.csv", b"\n , \n"), "empty"),
        (SimpleUploadedFile("a.csv", b"\0\xff\0"), "disguised"),
        (SimpleUploadedFile("a.docx", b"PK"), "type"),
        (SimpleUploadedFile("机密.csv", b"a,b"), "secret"),
        (SimpleUploadedFile("a.csv", "机密,b".encode()), "secret"),
        (SimpleUploadedFile("a.csv", b"a" * (1024 * 1024 + 1)), "size"),
        (SimpleUploadedFile("a.csv", b"a,b\n" * 511), "rows"),
        (SimpleUploadedFile("a.csv", b"a" + b",a" * 20), "columns"),
        (workbook(["a"], name="a.docx"), "type"),
        (workbook(*[["a"]] * 511), "rows"),
        (workbook(["a"] * 21), "columns"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_sentence(upload, code):
    with pytest.raises(ValidationError) as refused:
        lines_of_upload(upload)
    assert refused.value.code in (code, "empty" if not upload.size else code)
    assert refused.value.messages[0]


@pytest.mark.parametrize(("cell", "code"), [((1_000_000, 0), "rows"), ((0, 16_000), "columns")])
def test_one_cell_at_the_far_end_is_refused_before_the_sheet_is_laid_out(cell, code):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write(*cell, "x")
    with pytest.raises(ValidationError) as refused:
        lines_of_upload(SimpleUploadedFile("a.xlsx", buffer.getvalue()))
    assert refused.value.code == code


GOOD = workbook(["工作内容", "时限"], ["走访", "3月5日"]).read()


@given(st.binary(max_size=600), st.sampled_from(["csv", "xlsx", "xls"]), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))  # fmt: skip
def test_garbage_ends_in_rows_or_a_sentence(data, suffix, start):
    with suppress(ValidationError):
        ERRANDS.read(lines_of_upload(SimpleUploadedFile(f"a.{suffix}", start + data)), pasted=True)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, 200))
def test_a_workbook_with_a_broken_byte_ends_in_rows_or_a_sentence(at, byte, cut):
    data = (GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])[: len(GOOD) - cut]
    with suppress(ValidationError):
        ERRANDS.read(lines_of_upload(SimpleUploadedFile("a.xlsx", data)), pasted=False)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6), min_size=1, max_size=5), min_size=1, max_size=8))  # fmt: skip
def test_what_a_spreadsheet_writes_is_read_row_by_row(rows):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter="\t", lineterminator="\n").writerows([[*row, "x"] for row in rows])
    lines = lines_of_text(buffer.getvalue())
    if not any("\r" in cell for row in rows for cell in row):
        assert [line.cells[-1] for line in lines] == ["x"] * len(rows)
