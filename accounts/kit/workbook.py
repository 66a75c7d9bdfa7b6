"""A plain table as a workbook: a title, what it is about, headings and rows. No text is taken for a formula."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_book(title: str, about: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Numbers are written as numbers, everything else as text."""
    buffer = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, safe) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        money = book.add_format({"num_format": "0.00"})
        sheet.write_string(0, 0, title, bold)
        for line, text in enumerate(about, 1):
            sheet.write_string(line, 0, text)
        top = len(about) + 1
        for column, text in enumerate(headings):
            sheet.write_string(top, column, text, bold)
        for line, row in enumerate(rows, top + 1):
            for column, value in enumerate(row):
                if isinstance(value, Decimal):
                    sheet.write_number(line, column, float(value), money)
                elif isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, str(value))
        sheet.set_column(0, max(len(headings) - 1, 0), 16)
        sheet.freeze_panes(top + 1, 0)
    return buffer.getvalue()
