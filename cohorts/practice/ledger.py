"""The village ledger as a table: totals and file from the very rows of the page."""

import io
from typing import Any

import xlsxwriter
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.practice.models import LedgerEntry, LedgerState


def totals(rows: QuerySet[LedgerEntry]) -> dict[str, Any]:
    """Entries, those that count (confirmed), those that wait for a confirmation, and the cost of the confirmed in yuan."""
    confirmed = Q(state=LedgerState.CONFIRMED)
    return rows.order_by().aggregate(
        entries=Count("pk"), confirmed=Count("pk", filter=confirmed), waiting=Count("pk", filter=Q(state=LedgerState.RESULT_STATED)),
        cost=Sum("cost", filter=confirmed),
    )  # fmt: skip


def _day(value: Any) -> str:
    return date_format(value) if value else ""


def columns() -> list[tuple[str, Any]]:
    """Headings and how a row fills them."""
    return [
        (_("Village"), lambda e: e.village.name), (_("Kind of matter"), lambda e: e.get_matter_display()), (_("Category"), lambda e: e.get_category_display()),
        (_("What it is about"), lambda e: e.title), (_("Household or place"), lambda e: e.place), (_("Found on"), lambda e: _day(e.opened_on)),
        (_("What is to be done"), lambda e: e.plan), (_("State"), lambda e: e.get_state_display()), (_("Result"), lambda e: e.result),
        (_("Day of the result"), lambda e: _day(e.result_on)), (_("Cost in yuan"), lambda e: float(e.cost) if e.cost is not None else ""),
        (_("Confirmed by"), lambda e: f"{e.get_confirmer_display()} {e.confirmer_name}".strip()), (_("Confirmed on"), lambda e: _day(e.confirmed_on)),
        (_("Trainee"), lambda e: str(e.referral)),
    ]  # fmt: skip


def _safe(value: Any) -> Any:
    """Text that begins like a formula is shown as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r\uff1d\uff0b\uff0d\uff20" else value


def xlsx(rows: QuerySet[LedgerEntry]) -> bytes:
    """The filtered ledger as a workbook; the last line holds the totals."""
    buffer, table, sums = io.BytesIO(), columns(), totals(rows)
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet(_("Village ledger")), book.add_format({"bold": True})
        sheet.write_row(0, 0, [label for label, _fill in table], bold)
        line = 0
        for line, entry in enumerate(rows.order_by("-opened_on", "-pk"), 1):
            sheet.write_row(line, 0, [_safe(fill(entry)) for _label, fill in table])
        words = _("Total: %(entries)s entries, %(confirmed)s confirmed") % sums
        sheet.write_row(line + 1, 0, [words, *[""] * 9, float(sums["cost"] or 0)], bold)
        sheet.set_column(0, 2, 12)
        sheet.set_column(3, len(table) - 1, 20)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()
