"""Every notice code of the house in its kind (accounts.notice.kinds), and why its recipients get it.

A code without a sentence of its own here or at its subject (``why.<code>``) is explained by its kind.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

KIND_OF_CODE = {
    # The next step is the recipient's.
    **dict.fromkeys(
        (
            "round_open", "round_extended", "return_due", "return_sent_back", "return_filed", "return_supplemented",
            "nominated", "sent_back", "verified", "strike_out_proposed", "refused", "replied", "objected", "exit_proposed",
            "relation_declared", "measure_proposed", "payroll_handed_over", "payroll_settled", "alert_assigned",
            "week_question", "ledger_result", "ballot_open", "panel_to_score", "panel_open", "points_appeal", "points_rules_drafted",
            "questions_asked", "question_answered", "question_refused", "alert_level", "alert_level_last", "alert_levels", "alert_remind", "alert_remind_last",
            "alert_reminds", "edition_handed_in", "edition_sent_back", "setting_drafted", "second_assigned", "second_handed_back",
        ),
        "act",
    ),
    # About the recipient.
    **dict.fromkeys(("served", "objection_answered", "review_anew", "training", "placed", "points_deducted", "points_answered"), "own"),
    # The cadre concerned and the unit, or the office that had a part in it.
    **dict.fromkeys(
        (
            "round_cancelled", "struck_out", "confirmed", "released", "qualified", "unqualified", "returned", "stayed", "extended",
            "reassigned", "exited", "kept_on", "overturned", "withdrawn", "relation_ended", "measure_decided", "measure_answered",
            "measure_revoked", "measure_interview", "payroll_executed", "second_taken_back", "panel_concluded", "panel_cancelled", "question_accepted", "edition_approved", "setting_confirmed", "setting_dropped",
            "points_rules_approved", "points_rules_dropped",
        ),
        "outcome",
    ),
    **dict.fromkeys(
        (
            "class_teacher", "quiz_open", "trainee_placed", "placement_revised", "week_signed", "ledger_confirmed", "ledger_reopened",
        ),
        "class",
    ),
    **dict.fromkeys(("alerts_raised", "alert_digest"), "alert"),
}  # fmt: skip

_RETURN = _("You receive this because you sign or prepare your unit's return in this round.")
_VERIFY = _("You receive this because the organizer's office verifies nominations and serves the notices of reasons.")
_DECIDE = _("You receive this because a leader of the organizer decides it.")
_HEAD = _("You receive this because your unit nominated the case and answers for it.")

SENTENCES: dict[str, Any] = {
    **{f"why.{code}": _RETURN for code in ("round_open", "round_extended", "round_cancelled", "return_sent_back")},
    **{f"why.{code}": _VERIFY for code in ("nominated", "verified", "refused", "replied", "objected", "withdrawn")},
    **{f"why.{code}": _DECIDE for code in ("strike_out_proposed", "exit_proposed", "measure_proposed")},
    **{f"why.{code}": _HEAD for code in ("sent_back", "struck_out")},
    "why.return_filed": _("You receive this because your office accepts the units' returns."),
    "why.return_supplemented": _("You receive this because your office accepts the units' returns."),
    "why.relation_declared": _(
        "You receive this because the section chief records relations and looks to the recusal."
    ),
    "why.second_assigned": _(
        "You receive this because the section chief named you: you had no hand in the case and cannot read it."
    ),
    "why.second_taken_back": _("You receive this because you had been named for it."),
    "why.second_handed_back": _("You receive this because the section chief names second verifiers."),
    "why.relation_ended": _("You receive this because the section chief records relations and looks to the recusal."),
    "why.edition_handed_in": _("You receive this because you may approve criteria and had no hand in this draft."),
    "why.edition_sent_back": _("You receive this because you had a hand in this draft."),
    "why.edition_approved": _("You receive this because you had a hand in this draft."),
    "why.setting_drafted": _("You receive this because you confirm what another person drafted for the county."),
    "why.setting_confirmed": _("You receive this because you drafted the value."),
    "why.setting_dropped": _("You receive this because you drafted the value."),
    "why.measure_answered": _("You receive this because you proposed the measure."),
    "why.payroll_handed_over": _("You receive this because you execute the payroll lists of this channel."),
    "why.payroll_settled": _("You receive this because you execute the payroll lists of this channel."),
    "why.points_rules_approved": _("You receive this because you had a hand in the draft."),
    "why.points_rules_dropped": _("You receive this because you had a hand in the draft."),
    "why.payroll_executed": _("You receive this because your office draws the payroll lists."),
    "why.class_teacher": _("You receive this because the class was given to you."),
    "why.trainee_placed": _("You receive this because you are named as the trainee's supervisor."),
    "why.ledger_result": _(
        "You receive this because you supervise the trainee in this village and confirm the result."
    ),
}
