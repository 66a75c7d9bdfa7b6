"""The cohort report: page and XLSX from one query set."""

import io
from typing import Any

import xlsxwriter
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cohorts.campaign.models import Campaign, ReturnState, UnitReturn
from cohorts.referral.models import IN_CLASS, Referral, State

_FILED = Q(state__in=[ReturnState.FILED, ReturnState.ACCEPTED])


def columns() -> list[tuple[str, str]]:
    """Keys and headings, in the reader's language; page and file use the same."""
    return [
        ("unit", _("Unit")), ("staff", _("Staff in post")), ("filed", _("Returns filed")), ("nil", _("Nil returns")), ("referred", _("Referred")),
        ("struck_out", _("Struck out")), ("released", _("Released")), ("confirmed", _("Confirmed")), ("in_class", _("In class")),
        ("returned", _("Returned to unit")),
    ]  # fmt: skip


def rows(campaign: Campaign) -> list[dict[str, Any]]:
    """One row per unit that was asked or nominated, in two statements."""
    state = {s: Q(state=s) for s in State}
    counts = (
        Referral.objects.counted().filter(campaign=campaign).values("unit_id").annotate(
            referred=Count("pk"), struck_out=Count("pk", filter=state[State.STRUCK_OUT]), released=Count("pk", filter=state[State.RELEASED]),
            confirmed=Count("pk", filter=state[State.CONFIRMED]), in_class=Count("pk", filter=Q(state__in=IN_CLASS)),
            returned=Count("pk", filter=state[State.RETURNED]),
        )
    )  # fmt: skip
    by_unit: dict[int, dict[str, Any]] = {row["unit_id"]: dict(row) for row in counts}
    returns = (
        UnitReturn.objects.filter(round__campaign=campaign).values("unit_id", "unit__name", "unit__staff_in_post", "unit__path")
        .annotate(filed=Count("pk", filter=_FILED), nil=Count("pk", filter=_FILED & Q(nil=True))).order_by("unit__path")
    )  # fmt: skip
    names = ("referred", "struck_out", "released", "confirmed", "in_class", "returned")
    result, seen = [], set()
    for row in returns:
        seen.add(row["unit_id"])
        figures: dict[str, Any] = by_unit.get(row["unit_id"], {})
        result.append({"unit": row["unit__name"], "staff": row["unit__staff_in_post"], "filed": row["filed"], "nil": row["nil"],
                       **{name: figures.get(name, 0) for name in names}})  # fmt: skip
    others = (
        Referral.objects.counted()
        .filter(campaign=campaign)
        .exclude(unit_id__in=seen)
        .values_list("unit_id", "unit__name", "unit__staff_in_post")
        .distinct()
    )
    for unit_id, name, staff in others:
        result.append({"unit": name, "staff": staff, "filed": 0, "nil": 0, **{n: by_unit[unit_id][n] for n in names}})
    return result


def totals(table: list[dict[str, Any]]) -> dict[str, Any]:
    """The last line: sums of the rows above it."""
    return {"unit": _("Total"), **{key: sum(row[key] for row in table) for key, _label in columns() if key != "unit"}}


def _safe(value: Any) -> Any:
    """Text that begins like a formula is shown as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r\uff1d\uff0b\uff0d\uff20" else value


def xlsx(campaign: Campaign) -> bytes:
    """The report as a workbook."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet(_("Cohort report")), book.add_format({"bold": True})
        table = rows(campaign)
        sheet.write_string(0, 0, f"{campaign} · {campaign.notice_number}", bold)
        sheet.write_row(1, 0, [label for _key, label in columns()], bold)
        for n, row in enumerate([*table, totals(table)], 2):
            sheet.write_row(n, 0, [_safe(row[key]) for key, _label in columns()])
        sheet.set_column(0, 0, 28)
        sheet.freeze_panes(2, 1)
    return buffer.getvalue()
