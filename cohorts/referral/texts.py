"""Sentences about relations and about people in cases."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.relation.declare": _("Relation declared"),
    "event.relation.end": _("Relation ended"),
    "guard.host_opinion": _(
        "The cadre is seconded: the host unit's written opinion is missing (date, by whom, a sentence or a file)."
    ),
    "missing.host_opinion": _("the host unit's written opinion, since the cadre is seconded"),
    "notice.relation_ended": _("A relation that barred somebody from case %(case)s was ended."),
    "notice.relation_declared": _(
        "A relation was declared that bars somebody from case %(case)s; look at its team and meeting."
    ),
}
