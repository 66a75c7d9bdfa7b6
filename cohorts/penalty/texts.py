"""Sentences of consequences, payroll lists and the eligibility check."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.penalty.start": _("Consequence begins"),
    "event.penalty.end": _("Consequence given its end day"),
    "event.penalty.extend": _("End day moved with the class"),
    "event.penalty.lift": _("Consequence lifted"),
    "event.payroll.draw": _("Payroll list drawn up"),
    "event.payrolllist.hand_over": _("Hand over to payroll"),
    "event.payrolllist.draw_again": _("Draw up anew"),
    "event.payrolllist.execute": _("Record the execution"),
    "event.payrolllist.settle": _("Settle the differences"),
    "guard.payroll_cutoff": _(
        "The list was due by day %(day)s; a change now goes into next month's list with its back months."
    ),
    "guard.payroll_executed_day": _("The day of the execution lies between the hand-over and today."),
    "guard.payroll_voucher": _("State the voucher number."),
    "guard.payroll_answers": _("Answer each difference."),
    "notice.payroll_handed_over": _("Payroll list %(case)s was handed over to you."),
    "notice.payroll_executed": _("Payroll list %(case)s was executed."),
    "notice.payroll_settled": _("Payroll list %(case)s: the differences are answered."),
}
