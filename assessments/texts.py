"""Sentences of this app."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.edition.approve": _("Edition of criteria approved"),
    "event.edition.copy": _("New edition of criteria begun"),
    "event.edition.edit": _("Draft edition changed"),
    "event.edition.edit_criterion": _("Criterion changed in a draft"),
    "event.edition.add_criterion": _("Criterion added to a draft"),
    "event.edition.remove_criterion": _("Criterion removed from a draft"),
    "event.evidence.add": _("Evidence recorded"),
    "event.evidence.supersede": _("Evidence corrected"),
    "event.evidence.state": _("Own statement on an item"),
    "event.points.begin": _("Points ledger begun"),
    "event.points.rules": _("New version of the points rules"),
    "event.points.place": _("Group and grade in the points ledger"),
    "event.points.unplace": _("Left the points ledger"),
    "event.points.duty": _("Further duty recorded"),
    "event.points.duty_end": _("Further duty ended"),
    "event.points.routine": _("Routine task listed"),
    "event.points.routine_drop": _("Routine task taken off the list"),
    "event.points.enter": _("Points entered"),
    "event.points.settle": _("Month of points settled"),
    "event.points.appeal": _("Appeal against a points entry"),
    "event.points.answer": _("Appeal against a points entry decided"),
    "event.points.share": _("Award shared by points"),
    "notice.points_deducted": _("%(unit)s: points were deducted from yours; you may appeal."),
    "notice.points_appeal": _("%(unit)s: an appeal against a points entry waits for a decision."),
    "notice.points_answered": _("%(unit)s: your appeal against a points entry was decided."),
    "missing.items": _("%(code)s: %(have)s of %(need)s items of evidence."),
    "missing.kinds": _("%(code)s: evidence of %(have)s kinds, %(need)s are needed."),
    "missing.record": _(
        "%(code)s: at least one item must be a record; a ballot, a talk or the own statement is not enough."
    ),
    "missing.one_of": _("%(code)s: at least one of these is needed: %(kinds)s."),
    "missing.criterion": _("Choose at least one criterion."),
}
