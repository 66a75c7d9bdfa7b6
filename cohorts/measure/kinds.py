"""The registry of unit measures: what a unit or its leading cadres face. Adding one is one entry here.

An admonition interview is a talk of the organizer with a leading cadre; it is no admonition in the sense of the
disciplinary ladder, and no screen may call it one.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """``fields``: what is stated beside unit and reason. ``decided``: proposed first and decided by a second person."""

    code: str
    label: str | Promise
    effect: str | Promise
    fields: tuple[str, ...]
    decided: bool = True


KINDS = (
    Kind("circular", _("circular of criticism"), _("Stands on the unit's record of the year and in its party building appraisal."), ()),
    Kind("interview", _("admonition interview"), _("Stands on the unit's record; what was agreed is looked at again."),
         ("person", "held_on", "held_by", "agreed"), decided=False),
    Kind("commendation", _("loss of a planned commendation"), _("The unit is taken off the list of the commendation named here."),
         ("commendation", "commendation_year")),
    Kind("accountability", _("proposal to hold the head accountable"), _("Handed over; whoever receives it decides by their own rules."),
         ("person", "handed_to")),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in KINDS}
CODES = tuple(BY_CODE)
CHOICES = [(kind.code, kind.label) for kind in KINDS]
DECIDED = tuple(kind.code for kind in KINDS if kind.decided)
