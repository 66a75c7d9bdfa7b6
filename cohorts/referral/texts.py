"""Sentences about relations and about people in cases."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.secondcheck.draw": _("Drawn for a second verification"),
    "event.secondcheck.assign": _("Name the second verifier"),
    "event.secondcheck.check": _("Give the second word"),
    "event.secondcheck.hand_back": _("Hand back"),
    "guard.second_moot": _("The cadre died; nothing more is checked."),
    "guard.second_nobody": _("Choose who gives the second word."),
    "guard.second_other_person": _("The second word is given by the person who was named for it."),
    "guard.second_unfit": _("%(name)s cannot give the second word: %(reasons)s."),
    "notice.second_assigned": _(
        "You are named for the second verification of a drawn case; your word on each criterion is due on %(day)s."
    ),
    "notice.second_taken_back": _(
        "A second verification for which you were named is no longer yours; nothing is left to do."
    ),
    "notice.second_handed_back": _("The second verification of case %(case)s was handed back; name another person."),
    "second.unable": _(
        "is not among those who verify (department, leading offices, discipline), or decides, signs or administers"
    ),
    "second.barred": _("is the person concerned, or is barred by kinship, dispute or interest"),
    "second.own_unit": _("is of the cadre's own unit"),
    "second.team": _("verified the case, or is of its team"),
    "second.took_part": _("took part in the case, or recorded its evidence"),
    "second.decided": _("was at the meeting that decided the case"),
    "second.reads": _("could read the case, or what came of it, in a role held since the draw"),
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
