"""The life of a case: one line per step. Buttons, permissions, behaviour and docs/workflow.md read this table."""

from cohorts.practice import effects as practice_do
from cohorts.practice import guards as practice_ask
from cohorts.procedure import effects as do
from cohorts.procedure import guards as ask
from cohorts.procedure.step import Step
from cohorts.referral import effects as case_do
from cohorts.referral import guards as case_ask
from cohorts.referral import person_guards as person
from cohorts.referral import second_effects as second_do
from cohorts.referral.models import FINISHED, IN_CLASS, OPEN
from cohorts.referral.models import State as S
from cohorts.review import effects as rv_do
from cohorts.review import guards as rv_ask
from cohorts.training import effects as class_does
from cohorts.training import guards as class_asks

# Struck out, or confirmed and whatever came after it, the closed ones included.
OVERTURNABLE = tuple(state for state in S if state in IN_CLASS | FINISHED | {S.STRUCK_OUT, S.CONFIRMED})
DEFERRABLE = (S.NOMINATED, S.VERIFIED, S.NOTIFIED, S.CONFIRMED, S.IN_THEORY, S.IN_PRACTICE)

REFERRAL_STEPS: tuple[Step, ...] = (
    Step("nominate", (S.DRAFT,), ((S.NOMINATED, S.DEFERRED), do.nominated_or_deferred),
         ("referral.nominate_county",),
         guards=(ask.nominator_fits, person.can_be_nominated, person.host_heard, ask.round_open, ask.criteria_of_edition, ask.evidence_suffices,
                 ask.account_given, ask.no_open_case,
                 ask.new_facts, ask.stays_long_enough),
         effects=(do.freeze_snapshot,), notices=(("nominated", do.clerks),), main=True),
    Step("sign_for_head", (S.DRAFT,), ((S.NOMINATED, S.DEFERRED), do.nominated_or_deferred), ("referral.nominate_for_head",),
         guards=(case_ask.head_is_recused, case_ask.unit_met, person.can_be_nominated, person.host_heard, ask.round_open, ask.criteria_of_edition, ask.evidence_suffices, ask.account_given,
                 ask.no_open_case, ask.new_facts, ask.stays_long_enough, case_ask.signed_properly),
         effects=(do.freeze_snapshot, case_do.keep_sheet), form="sign", notices=(("nominated", do.clerks),)),
    Step("unfile", (S.NOMINATED,), S.DRAFT, ("return.withdraw",), effects=(case_do.end_emptied_team,), inner=True),
    Step("send_back", (S.NOMINATED,), S.DRAFT, ("referral.send_back",), guards=(ask.reason_given, case_ask.own_day_to_come),
         effects=(case_do.keep_own_day, case_do.end_emptied_team), form="send_back", notices=(("sent_back", do.head),),
         cascade=do.reopened_return),
    Step("verify", (S.NOMINATED,), S.VERIFIED, ("referral.verify",),
         first=(case_ask.on_the_team, ask.screened), guards=(ask.findings_complete, ask.not_tolerated, case_ask.talks_held, case_ask.report_stated),
         effects=(do.keep_findings, case_do.keep_report, second_do.draw, case_do.end_emptied_team), form="verify", notices=(("verified", do.clerks),), main=True),
    Step("propose_strike_out", (S.NOMINATED,), S.STRIKE_OUT_PROPOSED, ("referral.propose_strike_out",),
         first=(case_ask.on_the_team,), guards=(ask.reason_given,), effects=(do.keep_strike_ground, do.keep_verifiers), form="strike_out",
         notices=(("strike_out_proposed", do.leaders),)),
    Step("strike_out", (S.STRIKE_OUT_PROPOSED,), S.STRUCK_OUT, ("referral.strike_out",), guards=(ask.decider_is_third, ask.reason_given),
         effects=(second_do.draw, case_do.end_emptied_team), form="reason", notices=(("struck_out", do.head),), main=True),
    Step("refuse_strike_out", (S.STRIKE_OUT_PROPOSED,), S.NOMINATED, ("referral.strike_out",),
         guards=(ask.decider_is_third, ask.reason_given), effects=(do.drop_strike_ground,), form="reason", notices=(("refused", do.clerks),)),
    Step("notify", (S.VERIFIED,), S.NOTIFIED, ("referral.notify",), guards=(ask.service_day,), effects=(do.keep_service,),
         form="service", notices=(("served", do.person),), main=True),
    Step("reply", (S.NOTIFIED,), "", ("referral.reply", "referral.receive_reply"), first=(ask.reply_still_open,), guards=(ask.reply_says_something,),
         effects=(do.keep_reply,), form="reply", notices=(("replied", do.clerks),), main=True),
    Step("answer_reply", (S.NOTIFIED,), "", ("referral.answer_reply",), effects=(do.keep_answers,), form="answers"),
    Step("agree", (S.NOTIFIED,), "", ("referral.decide",), guards=(ask.heard, ask.right_meeting, ask.room_is_clean), inner=True),
    Step("confirm", (S.NOTIFIED,), S.CONFIRMED, ("referral.decide",), guards=(ask.heard, ask.right_meeting, ask.room_is_clean),
         notices=(("confirmed", do.person), ("confirmed", do.head)), inner=True),
    Step("release", (S.NOTIFIED,), S.RELEASED, ("referral.decide",), guards=(ask.heard, ask.right_meeting, ask.room_is_clean),
         notices=(("released", do.person), ("released", do.head)), inner=True),
    Step("admit", (S.CONFIRMED,), S.IN_THEORY, ("referral.admit",), guards=(class_asks.class_takes, ask.not_protected),
         effects=(do.keep_admission, class_does.enter_phase, class_does.send_training_notice), form="admit", main=True),
    Step("start_practice", (S.IN_THEORY,), S.IN_PRACTICE, ("referral.practise",), guards=(class_asks.practice_follows, practice_ask.placement_fits),
         effects=(practice_do.keep_placement, class_does.enter_phase), form="placement", main=True),
    Step("start_theory", (S.IN_PRACTICE,), S.IN_THEORY, ("referral.practise",), guards=(class_asks.theory_follows,),
         effects=(practice_do.end_placement_with_step, class_does.enter_phase)),
    Step("open_review", (S.IN_PRACTICE,), S.UNDER_REVIEW, ("referral.open_review",), guards=(class_asks.phases_complete, ask.placed_before),
         effects=(practice_do.end_placement_with_step,), main=True),
    # From the review on (rows, guards and effects: cohorts/review).
    Step("qualify", (S.UNDER_REVIEW,), S.QUALIFIED, ("referral.record_review",),
         guards=(rv_ask.sheet_complete, rv_ask.panel_fits, rv_ask.attended, rv_ask.enough_points), effects=(rv_do.keep_qualified,),
         form="review", notices=(("qualified", do.person), ("qualified", do.leaders)), main=True),
    Step("fail", (S.UNDER_REVIEW,), S.UNQUALIFIED, ("referral.record_review",),
         guards=(rv_ask.sheet_complete, rv_ask.panel_fits, rv_ask.falls_short), effects=(rv_do.keep_unqualified,),
         form="review", notices=(("unqualified", do.person), ("unqualified", do.leaders))),
    Step("object", (S.QUALIFIED, S.UNQUALIFIED), "", ("referral.object", "referral.receive_objection"),
         guards=(rv_ask.objection_open, rv_ask.objection_says_something), effects=(rv_do.keep_objection,), form="objection",
         notices=(("objected", do.clerks),)),
    Step("answer_objection", (S.QUALIFIED, S.UNQUALIFIED), "", ("referral.answer_objection",),
         guards=(rv_ask.objection_waits, ask.reason_given), effects=(rv_do.keep_answer,), form="objection_answer",
         notices=(("objection_answered", do.person),)),
    Step("review_anew", (S.QUALIFIED, S.UNQUALIFIED), S.UNDER_REVIEW, ("referral.answer_objection",),
         guards=(rv_ask.objection_waits, ask.reason_given), effects=(rv_do.set_aside,), form="objection_answer",
         notices=(("review_anew", do.person),)),
    Step("return_to_unit", (S.QUALIFIED,), S.RETURNED, ("referral.place",), first=(rv_ask.objection_settled,), guards=(rv_ask.return_day,),
         effects=(rv_do.keep_return, do.penalties_end_with_return), form="placing", notices=(("returned", do.person), ("returned", do.head)), main=True),
    Step("stay_at_grassroots", (S.QUALIFIED,), S.STAYED, ("referral.place",),
         first=(rv_ask.objection_settled,), guards=(rv_ask.return_day, rv_ask.choice_written), effects=(rv_do.keep_stay, do.penalties_end_with_return),
         form="stay", notices=(("stayed", do.person), ("stayed", do.head))),
    Step("extend", (S.UNQUALIFIED,), S.IN_THEORY, ("referral.place",),
         first=(rv_ask.objection_settled,), guards=(rv_ask.next_class, class_asks.class_still_takes, ask.reason_given),
         effects=(rv_do.keep_extension, class_does.enter_first_phase, do.penalties_go_on), form="extend",
         notices=(("extended", do.person), ("extended", do.head)), main=True),
    Step("reassign", (S.UNQUALIFIED,), S.REASSIGNED, ("referral.place",),
         first=(rv_ask.objection_settled,), guards=(rv_ask.return_day, rv_ask.post_named, ask.reason_given),
         effects=(rv_do.keep_reassignment, do.penalties_end_with_return), form="reassign", notices=(("reassigned", do.person), ("reassigned", do.head))),
    Step("propose_exit", (S.UNQUALIFIED,), S.EXIT_PROPOSED, ("referral.propose_exit",),
         first=(rv_ask.objection_settled,), guards=(rv_ask.twice_in_succession, rv_ask.ground_fits, ask.reason_given, rv_ask.proof_on_file,
                 rv_ask.bar_list_clear, rv_ask.discipline_heard),
         effects=(rv_do.keep_proposal,), form="exit", notices=(("exit_proposed", do.leaders),)),
    Step("decide_exit", (S.EXIT_PROPOSED,), S.EXITED, ("referral.decide_exit",), guards=(rv_ask.exit_decider_is_third, rv_ask.exit_papers),
         effects=(rv_do.keep_exit, do.penalties_end_with_return), form="exit_decision", notices=(("exited", do.person), ("exited", do.head)), main=True),
    Step("keep_on", (S.EXIT_PROPOSED,), S.RETURNED, ("referral.decide_exit",),
         guards=(rv_ask.exit_decider_is_third, rv_ask.return_day, ask.reason_given), effects=(rv_do.keep_on, do.penalties_end_with_return),
         form="keep_on", notices=(("kept_on", do.person), ("kept_on", do.head))),
    Step("overturn", OVERTURNABLE, S.OVERTURNED, ("referral.overturn",), guards=(rv_ask.took_no_part, rv_ask.decision_named, ask.reason_given),
         effects=(rv_do.keep_overturning, do.penalties_are_lifted), form="overturn", notices=(("overturned", do.person), ("overturned", do.head))),
    Step("defer", DEFERRABLE, S.DEFERRED, ("referral.defer",), guards=(ask.reason_given,), effects=(case_do.end_emptied_team,), form="reason"),
    Step("resume", (S.DEFERRED,), (DEFERRABLE, do.stored_state), ("referral.resume",), guards=(ask.not_protected, ask.reason_given),
         effects=(do.forget_stored_state,), form="reason", main=True),
    Step("withdraw", (S.NOMINATED,), S.WITHDRAWN, ("referral.withdraw",), guards=(ask.round_open, ask.reason_given),
         effects=(case_do.end_emptied_team,), form="reason", notices=(("withdrawn", do.clerks),)),
    Step("discontinue", OPEN, S.WITHDRAWN, ("referral.discontinue",), guards=(ask.reason_given,),
         effects=(do.end_penalties, do.keep_end_ground, practice_do.end_placement_with_step, case_do.end_emptied_team), form="discontinue"),
    Step("transfer", OPEN, S.TRANSFERRED, ("referral.transfer",), guards=(ask.reason_given,),
         effects=(do.end_penalties, practice_do.end_placement_with_step, case_do.end_emptied_team), form="letter"),
    Step("correct", OPEN, "", ("referral.correct",), guards=(ask.reason_given,), form="reason"),
)  # fmt: skip
