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
    "event.task.plan": _("Tasks put on the weekly list"),
    "event.task.report": _("Task reported as done by the person responsible"),
    "event.task.mark": _("State of a task stated by the unit"),
    "event.task.mark_rest": _("The rest of the week's tasks marked as done"),
    "event.task.carry": _("Task carried over"),
    "event.task.settle": _("Week of tasks settled"),
    "event.task.excuse": _("Excuse accepted after the settlement"),
    "event.area.keep": _("Area recorded"),
    "event.area.end": _("Area ended"),
    "task.open": _("still open"),
    "task.done": _("done in time"),
    "task.late": _("done late"),
    "task.missed": _("not done"),
    "event.ballot.open": _("Ballot opened"),
    "event.ballot.close": _("Ballot closed"),
    "notice.ballot_open": _("%(unit)s: %(title)s. Please vote until %(day)s; nobody sees what you mark."),
    "task.excused": _("excused with reason"),
    "missing.items": _("%(code)s: %(have)s of %(need)s items of evidence."),
    "missing.kinds": _("%(code)s: evidence of %(have)s kinds, %(need)s are needed."),
    "missing.record": _(
        "%(code)s: at least one item must be a record; a ballot, a talk or the own statement is not enough."
    ),
    "missing.one_of": _("%(code)s: at least one of these is needed: %(kinds)s."),
    "missing.criterion": _("Choose at least one criterion."),
}
