"""Sentences about people and units: what the trail says."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.person.enter": _("Person put on record"),
    "event.person.correct": _("Person's data corrected"),
    "event.person.post": _("New post recorded"),
    "event.person.duty_begin": _("Leave, protected status or secondment recorded"),
    "event.person.duty_end": _("End of leave, protected status or secondment recorded"),
    "event.person.retirement": _("Retirement date recorded"),
    "event.person.leave": _("Departure recorded"),
    "event.unit.found": _("Unit added"),
    "event.unit.correct": _("Unit's data changed"),
    "event.unit.rename": _("Unit renamed"),
    "event.unit.move": _("Unit moved in the tree"),
    "event.unit.dissolve": _("Unit dissolved or merged"),
    "guard.category_not_nominated": _(
        "Centrally managed, contract and public-welfare staff are not covered by the scheme; they cannot be nominated."
    ),
    "guard.gone": _("This person has retired, left or died."),
}
