"""Headings of the reports' columns and the words of the register."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.people.models import UnitKind
from cohorts.referral.models import Origin

COLUMNS = {
    "round": _("Round"), "unit": _("Unit"), "staff": _("Staff in post"), "asked": _("Asked"), "filed": _("Filed"), "nil": _("Nil returns"),
    "nominated": _("Nominated"), "verified": _("Verified"), "struck_out": _("Struck out"), "notified": _("Notified"),
    "confirmed": _("Confirmed"), "released": _("Released"), "admitted": _("Admitted"), "in_class": _("In class"), "finished": _("Finished"),
    "criterion": _("Criterion"), "named": _("Named"), "upheld": _("Upheld"), "not_upheld": _("Not upheld"),
    "what": _("What"), "reason": _("Reason"), "cases": _("Cases"), "measured": _("Measured"), "days": _("Number of days"),
    "cohort": _("Class"), "qualified": _("Qualified"), "unqualified": _("Unqualified"), "returned": _("Returned to unit"),
    "stayed": _("Stayed"), "reassigned": _("Reassigned"), "exited": _("Exited"), "withdrawn_by_unit": _("Withdrawn by the unit"),
    "ended_died": _("Died"), "ended_retired": _("Retired"), "ended_left": _("Left the service"), "ended_other": _("Discontinued otherwise"),
    "transferred": _("Transferred"), "overturned": _("Overturned"),
    "penalty": _("Penalty"), "begun": _("Begun"), "in_force": _("In force"), "ended": _("Ended"), "no_end": _("Without an end day"),
    "trainees": _("Trainees"), "planned": _("Class hours planned"), "held": _("Class hours held"), "late": _("Hours late"),
    "excused": _("Hours excused"), "absent": _("Hours absent"), "over_limit": _("Over 1/7 leave"),
    "measure": _("Measure"), "proposed": _("Proposed"), "in_effect": _("In effect"), "refused": _("Refused"), "revoked": _("Revoked"),
}  # fmt: skip

SENTENCES: dict[str, Any] = {
    **{f"column.{code}": text for code, text in COLUMNS.items()},
    "filter.kind": _("Kind of unit"),
    "filter.origin": _("Origin"),
    "filter.unit": _("Unit"),
    "filter.round": _("Round"),
    "filter.cohort": _("Class"),
    **{f"filter.kind.{kind.value}": kind.label for kind in UnitKind},
    **{f"filter.origin.{origin.value}": origin.label for origin in Origin},
    "event.report.export": _("Report exported"),
    "job.cohort_report": _("Export of the cohort report"),
    "job_page.cohort_report": "/reports/cohort/",
    "figure.serial": _("Number of the export"),
    "figure.rows": _("Rows"),
    "figure.sha256": _("SHA-256 of the file"),
}
