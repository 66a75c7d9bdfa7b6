"""A payroll list as a workbook: the same bytes each time, and no text that a program could take for a formula."""

import io
from collections.abc import Iterable

import xlsxwriter
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.penalty.payroll import PayrollLine, PayrollList


def columns() -> list[str]:
    return [_("No."), _("Name"), _("Last four of the number"), _("Unit"), _("Pay item"), _("Change"), _("From"), _("Months so far"),
            _("Working days so far"), _("Back months"), _("Number of the decision")]  # fmt: skip


def workbook(row: PayrollList, lines: Iterable[PayrollLine]) -> bytes:
    """The frozen lines in their order; no ground, no case, no amount."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"created": timezone.make_naive(row.drawn_at)})
        sheet, bold = book.add_worksheet(f"{row.month:%Y-%m}"), book.add_format({"bold": True})
        month = date_format(row.month, "YEAR_MONTH_FORMAT")
        sheet.write_string(0, 0, f"{_('Stop and resume notice')} · {month} · {row.get_channel_display()} · {row.number}", bold)  # fmt: skip
        for n, label in enumerate(columns()):
            sheet.write_string(1, n, label, bold)
        for n, line in enumerate(lines, 2):
            texts = [
                line.name,
                line.id_tail,
                line.unit_name,
                line.get_item_display(),
                line.get_kind_display(),
                line.beginning,
            ]
            sheet.write_number(n, 0, line.order)
            for at, text in enumerate(texts, 1):
                sheet.write_string(n, at, str(text))
            sheet.write_number(n, 7, line.months)
            if line.days is not None:
                sheet.write_number(n, 8, line.days)
            sheet.write_string(n, 9, ", ".join(line.back_months))
            sheet.write_string(n, 10, line.decision_number)
        sheet.set_column(1, 10, 16)
        sheet.freeze_panes(2, 2)
    return buffer.getvalue()
