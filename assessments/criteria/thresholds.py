"""The figures of the measurable tests, as an edition may set them: per code the name of each figure and its words.

The tests themselves stand in ``assessments.evidence.measures``; a figure here without its test, or the reverse, fails.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

# A figure of 1 to this; months go up to five years.
LARGEST, MOST_MONTHS = 99, 60
_MONTHS = _("Within so many months")

THRESHOLDS: dict[str, dict[str, Any]] = {
    "B2": {"missed_deadlines": _("Missed deadlines, at least"), "months": _MONTHS},
    "B5": {
        "repeats": _("The same mistake, at least so many times"),
        "after_warning": _("Of these after a written reminder, at least"),
        "months": _MONTHS,
    },
    "C1": {
        "incompetent_years": _("Years in succession “incompetent”, at least"),
        "basic_years": _("Years in succession “basically competent”, at least"),
    },
    "C2": {"months_overdue": _("Months by which a key target is overdue, at least")},
    "C4": {
        "absences": _("Required trainings missed, at least"),
        "failed_resits": _("Resits failed, at least"),
        "months": _MONTHS,
    },
    "D1": {
        "late_or_early": _("Times late or gone early, at least"),
        "absent_days": _("Days of absence, at least"),
        "months": _MONTHS,
    },
    "D4": {"verified_complaints": _("Verified complaints on different matters, at least"), "months": _MONTHS},
}
