"""Recording the resolution; handing the indicator to the assessment office once a year as a file."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.job import Job, Produced, actor_of
from accounts.models import Unit
from accounts.trail.workflow import record
from cohorts.campaign.models import Campaign, UnitReturn
from cohorts.indicator.models import Resolution
from cohorts.indicator.parts import PARTS, indicators, last_day
from cohorts.procedure.step import NotGranted
from cohorts.report.models import Format, ReportExport
from cohorts.report.section import Cell, Table
from cohorts.report.workflow import xlsx

INDICATOR = "indicator"


@transaction.atomic
def record_resolution(
    *, by: Any, number: str, decided_on: dt.date, extract: str, valid_from: dt.date, at: dt.datetime | None = None
) -> Resolution:
    """Record the resolution on which the indicator rests from a day on. Raises NotGranted; ValidationError, by field."""
    if not by.may("resolution.record"):
        raise NotGranted("resolution")
    at = at or timezone.now()
    if decided_on > timezone.localtime(at).date():
        raise ValidationError({"decided_on": _("The day lies in the future.")})
    if valid_from < decided_on:
        raise ValidationError({"valid_from": _("A resolution does not hold for days before its own.")})
    try:
        with transaction.atomic():
            row = Resolution.objects.create(
                number=number.strip(), decided_on=decided_on, extract=extract.strip(), valid_from=valid_from, recorded_by=by, recorded_at=at
            )  # fmt: skip
    except IntegrityError as error:
        raise ValidationError(
            _("A resolution of this number, or one in force from the same day, is on record already.")
        ) from error
    record("resolution.record", row, by=by, at=at, number=row.number, decided_on=decided_on, valid_from=valid_from)
    return row


def units_of(user: Any, year: int, on: dt.date) -> Any:
    """The units in scope whose return of a year was due or filed by a day: of them there is an indicator."""
    rows = Unit.objects.visible_to(user)
    asked = UnitReturn.objects.filter(round__closes_on__year=year, round__cancelled_on__isnull=True)
    done = asked.filter(Q(round__closes_on__lt=on) | Q(first_filed_at__isnull=False))
    return rows.filter(pk__in=done.values("unit"))


def handed_over(year: int) -> ReportExport | None:
    """The last file of a year that went to the assessment office."""
    return ReportExport.objects.filter(section=INDICATOR, filters__year=year).order_by("-exported_at").first()


def table(user: Any, year: int, on: dt.date) -> Table:
    """Unit by unit, in the order of the county's tree, never by value."""
    units = list(units_of(user, year, on).order_by("path"))
    found = indicators([unit.pk for unit in units], year, on)
    columns = [
        (_("Unit"), False),
        *((part.label, True) for part in PARTS),
        (_("Points deducted"), True),
        (_("Value"), True),
    ]
    lines = []
    for unit in units:
        row = found[unit.pk]
        numbers = [figure.count for figure in row.figures] + [sum(figure.deducted for figure in row.figures), row.value]
        lines.append([Cell(unit.name_on(on), False), *(Cell(number, True) for number in numbers)])
    return Table(
        INDICATOR,
        _("Duty to refer %(year)s") % {"year": year},
        [(str(label), number) for label, number in columns],
        lines,
        [],
    )


@transaction.atomic
def hand_over(*, by: Any, year: int, at: dt.datetime | None = None) -> tuple[ReportExport, bytes]:
    """The file for the assessment office, entered in the register of exports with its digest.

    Raises NotGranted; ValidationError on a day for which no resolution holds, and for a year in which nothing was asked.
    """
    if not by.may("report.export"):
        raise NotGranted(INDICATOR)
    at = at or timezone.now()
    on = last_day(year, timezone.localtime(at).date())
    resolution = Resolution.objects.in_force(on)
    if resolution is None:
        raise ValidationError(
            _("No resolution of the standing committee holds for that day: the indicator does not exist.")
        )
    campaigns = Campaign.objects.visible_to(by).filter(rounds__closes_on__year=year)
    campaign = campaigns.order_by("opened_on", "pk").first()
    if campaign is None:
        raise ValidationError(_("No return was asked for in that year."))
    row = ReportExport.objects.create(
        campaign=campaign, exported_by=by, exported_at=at, format=Format.XLSX, section=INDICATOR, filters={"year": year}
    )
    found = table(by, year, on)
    moment = date_format(timezone.localtime(at), "DATETIME_FORMAT")
    head = [
        [_("How the units carried out their duty to refer, %(year)s, as of %(day)s") % {"year": year, "day": date_format(on)}],
        [_("Resolution %(number)s of %(day)s, in force from %(start)s") % {
            "number": resolution.number, "day": date_format(resolution.decided_on), "start": date_format(resolution.valid_from)}],
        [_("Exported %(moment)s by %(person)s, number %(serial)s") % {"moment": moment, "person": by, "serial": row.serial}],
    ]  # fmt: skip
    content = xlsx([found], head)
    row.rows, row.sha256 = len(found.lines), hashlib.sha256(content).hexdigest()
    row.save(update_fields=["rows", "sha256"])
    record("report.export", row, by=by, at=at, serial=row.serial, rows=row.rows, sha256=row.sha256, year=year)
    return row, content


def indicator_job(job: Job) -> Callable[[], Produced]:
    """The file that the department administrator asked for."""
    by, year = actor_of(job), job.params["year"]

    def write() -> Produced:
        row, content = hand_over(by=by, year=year)
        figures = {"serial": row.serial, "rows": row.rows, "sha256": row.sha256}
        return Produced(figures, f"indicator-{year}-{row.serial}.xlsx", content)

    return write
