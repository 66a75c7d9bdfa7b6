"""Sentences of unit measures."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.measure.propose": _("Measure proposed"),
    "event.measure.interview": _("Interview recorded"),
    "event.unitmeasure.decide": _("Decide the measure"),
    "event.unitmeasure.refuse": _("Refuse the measure"),
    "event.unitmeasure.revoke": _("Revoke the measure"),
    "guard.measure_same_hand": _("Whoever proposed the measure does not decide it."),
    "guard.measure_recused": _("You are recused from what concerns this person."),
    "guard.measure_document": _("State the number and the date of the document."),
    "notice.measure_proposed": _("%(unit)s: measure %(case)s waits for the decision."),
    "notice.measure_decided": _("%(unit)s: measure %(case)s took effect."),
    "notice.measure_answered": _("%(unit)s: measure %(case)s was decided."),
    "notice.measure_revoked": _("%(unit)s: measure %(case)s was revoked."),
    "notice.measure_interview": _("%(unit)s: interview %(case)s was recorded."),
}
