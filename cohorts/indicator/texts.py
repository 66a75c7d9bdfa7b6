"""Words of the indicator's parts, of the mirror's figures, and of the register."""

from typing import Any

from django.utils.translation import gettext_lazy as _

PARTS = {
    "on_time": _("Returns on time"),
    "late": _("Returns late"),
    "missing": _("Returns missing"),
    "sent_back": _("Returns sent back"),
    "climbed": _("Alerts that climbed to the section"),
    "flagged": _("Flags not cleared"),
    "measures": _("Measures in effect"),
}

SENTENCES: dict[str, Any] = {
    **{f"part.{code}": text for code, text in PARTS.items()},
    "mirror.referred": _("Share of staff referred"),
    "mirror.on_time": _("Share of returns on time"),
    "mirror.days": _("Days from the opening of a round to the return (mean)"),
    "mirror.unit.percent": "%",
    "mirror.unit.days": _("calendar days"),
    "event.resolution.record": _("Resolution recorded"),
    "export.indicator": _("Indicator of the heads"),
    "job.indicator": _("Indicator for the assessment office"),
    "job_page.indicator": "/indicator/",
}
