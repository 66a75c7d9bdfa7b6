"""Sentences of field practice."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.practice.log": _("Log entry written"),
    "event.practice.sign": _("Week of the log answered by the supervisor"),
    "event.practice.rate": _("Field practice rated"),
    "event.practice.revise": _("Placement changed"),
    "event.ledgerentry.open": _("Entry opened"),
    "event.ledgerentry.act": _("Record an action"),
    "event.ledgerentry.state_result": _("State the result"),
    "event.ledgerentry.confirm": _("Confirm"),
    "event.ledgerentry.reopen": _("Reopen"),
    "guard.not_a_village": _("%(unit)s is not a village."),
    "guard.no_supervisor": _("Name the field supervisor."),
    "guard.own_town": _("%(village)s lies in the own unit's town: choose another village, or state the reason."),
    "guard.placement_days": _("The placement ends after it begins."),
    "guard.placement_overlaps": _("The days overlap with the placement in %(village)s."),
    "guard.supervisor_role": _("%(name)s does not supervise field practice in this village."),
    "guard.supervisor_barred": _("%(name)s is recused from this trainee; name another supervisor."),
    "guard.ledger_closed": _("The ledger of this trainee is closed."),
    "guard.before_the_matter": _("The day lies before %(day)s."),
    "guard.no_confirmer": _("State who confirmed."),
    "guard.no_signed_paper": _("Upload the signed paper, or state its number; an entry without it does not count."),
    "notice.placed": _("You begin your field practice in %(village)s on %(day)s."),
    "notice.trainee_placed": _("A trainee from %(unit)s begins in %(village)s on %(day)s; you are the supervisor."),
    "notice.placement_revised": _("The field practice in %(village)s ends on %(day)s; supervisor: %(supervisor)s."),
    "notice.week_signed": _("Your week from %(day)s on is signed, with a remark."),
    "notice.week_question": _("Your supervisor asks about the week from %(day)s on."),
    "notice.ledger_result": _("%(unit)s: the result of entry %(case)s is stated; look whether it holds."),
    "notice.ledger_confirmed": _("%(unit)s: entry %(case)s is confirmed and counts."),
    "notice.ledger_reopened": _("%(unit)s: entry %(case)s was reopened."),
}
