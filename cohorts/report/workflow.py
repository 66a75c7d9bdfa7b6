"""Making an export: the same tables as the page, as a workbook or CSV, entered in the register."""

import csv
import hashlib
import io
from collections.abc import Callable
from typing import Any

import xlsxwriter
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.job import Job, Produced, actor_of
from accounts.setting.models import setting
from accounts.trail.workflow import record
from accounts.wording import say
from cohorts.campaign.models import Campaign
from cohorts.procedure.step import NotGranted
from cohorts.report.filters import Filters, filters_for
from cohorts.report.models import Format, ReportExport
from cohorts.report.section import Table, build
from cohorts.report.sections import SECTION_OF, SECTIONS

EXPORT = "cohort_report"
Progress = Callable[[int, int], None]


def is_large(filters: Filters) -> bool:
    """Whether the report is made in the background (county setting)."""
    return filters.size > setting("export_direct_rows")


def tables(filters: Filters, *, compare: bool, section: str = "", progress: Progress | None = None) -> list[Table]:
    """The report: one table per section, or the one that is named."""
    before = filters.before() if compare else None
    chosen = [SECTION_OF[section]] if section else SECTIONS
    found = []
    for n, each in enumerate(chosen, 1):
        found.append(build(each, filters, before))
        if progress:
            progress(n, len(chosen))
    return found


def _safe(value: Any) -> Any:
    """Text that begins like a formula is shown as text; a difference that is not there is empty."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value and value[0] in "=+-@\t\r\uff1d\uff0b\uff0d\uff20" else value


def narrowed_by(filters: Filters) -> str:
    """The filters in words, for the head line and the register."""
    query = filters.query
    words = []
    for name, model in (("round", filters.campaign.rounds), ("cohort", filters.campaign.cohorts)):
        if query.get(name):
            row = model.select_related("campaign").filter(public_id=query[name]).first()
            words.append(str(row) if row else query[name])
    words += [
        f"{say(f'filter.{name}')}: {say(f'filter.{name}.{query[name]}')}"
        for name in ("kind", "origin")
        if query.get(name)
    ]
    words += [f"{say('filter.unit')}: {query['unit']}"] if query.get("unit") else []
    return _(", ").join(words) or _("the whole campaign")


def _head(row: ReportExport, filters: Filters) -> list[list[str]]:
    """Campaign and filters; moment, person and serial number: where the figures come from."""
    moment = date_format(timezone.localtime(row.exported_at), "DATETIME_FORMAT")
    return [
        [f"{filters.campaign} · {filters.campaign.notice_number} · {narrowed_by(filters)}"],
        [_("Exported %(moment)s by %(person)s, number %(serial)s") % {"moment": moment, "person": row.exported_by, "serial": row.serial}],
    ]  # fmt: skip


def xlsx(found: list[Table], head: list[list[str]]) -> bytes:
    """A workbook with a sheet per table, the head lines on each; text that looks like a formula stays text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        for table in found:
            sheet = book.add_worksheet(table.title[:31])
            lines = [*head, [label for label, _number in table.columns], *table.values]
            lines += [[cell.value for cell in table.totals]] if table.totals else []
            for n, line in enumerate(lines):
                last = table.totals and n == len(lines) - 1
                sheet.write_row(n, 0, [_safe(value) for value in line], bold if n in (0, len(head)) or last else None)
            sheet.set_column(0, 0, 32)
            sheet.freeze_panes(len(head) + 1, 1)
    return buffer.getvalue()


def _csv(found: list[Table], head: list[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for table in found:
        lines = [*head, [label for label, _number in table.columns], *table.values]
        lines += [[cell.value for cell in table.totals]] if table.totals else []
        writer.writerows([_safe(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


@transaction.atomic
def make_export(
    *, by: Any, filters: Filters, compare: bool, format: str, section: str = "", found: list[Table] | None = None
) -> tuple[ReportExport, bytes]:
    """Make the file - of tables that were built before, if they are given - and enter it in the register with its digest.

    Raises NotGranted.
    """
    if not by.may("report.export"):
        raise NotGranted(EXPORT)
    row = ReportExport.objects.create(
        campaign=filters.campaign, exported_by=by, format=format, section=section, filters={**filters.query, "compare": compare}
    )  # fmt: skip
    found = tables(filters, compare=compare, section=section) if found is None else found
    head = _head(row, filters)
    content = xlsx(found, head) if format == Format.XLSX else _csv(found, head)
    row.rows, row.sha256 = sum(len(table.lines) for table in found), hashlib.sha256(content).hexdigest()
    row.save(update_fields=["rows", "sha256"])
    record("report.export", row, by=by, serial=row.serial, rows=row.rows, sha256=row.sha256)
    return row, content


def file_name(row: ReportExport) -> str:
    part = f"-{row.section}" if row.section else ""
    return f"cohort-report-{row.campaign.year}-{row.campaign.ordinal}{part}-{row.serial}.{row.format}"


def export_job(job: Job) -> Callable[[], Produced]:
    """A large export: the same function as the direct one, with progress by section."""
    by, params = actor_of(job), job.params
    campaign = Campaign.objects.visible_to(by).select_related("edition").get(public_id=params["query"]["campaign"])
    filters = filters_for(by, campaign, params["query"])
    asked = {"compare": params["compare"], "section": params["section"]}
    found = tables(filters, progress=job.progress, **asked)

    def write() -> Produced:
        row, content = make_export(by=by, filters=filters, format=params["format"], found=found, **asked)
        return Produced({"serial": row.serial, "rows": row.rows, "sha256": row.sha256}, file_name(row), content)

    return write
