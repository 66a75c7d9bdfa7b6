"""The life of a case: one line per step. Buttons, permissions, behaviour and docs/workflow.md read this table."""

from cohorts.procedure import effects as do
from cohorts.procedure import guards as ask
from cohorts.procedure.step import Step
from cohorts.referral import guards as person
from cohorts.referral.models import OPEN
from cohorts.referral.models import State as S

DEFERRABLE = (S.NOMINATED, S.VERIFIED, S.NOTIFIED, S.CONFIRMED, S.IN_THEORY, S.IN_PRACTICE)

REFERRAL_STEPS: tuple[Step, ...] = (
    Step("nominate", (S.DRAFT,), ((S.NOMINATED, S.DEFERRED), do.nominated_or_deferred),
         ("referral.nominate_county", "referral.nominate_for_head"),
         guards=(ask.nominator_fits, person.can_be_nominated, person.host_heard, ask.round_open, ask.criteria_of_edition, ask.evidence_suffices, ask.account_given, ask.no_open_case,
                 ask.new_facts, ask.stays_long_enough),
         effects=(do.freeze_snapshot,), notices=(("nominated", do.clerks),), main=True),
    Step("unfile", (S.NOMINATED,), S.DRAFT, ("return.withdraw",), inner=True),
    Step("send_back", (S.NOMINATED,), S.DRAFT, ("referral.send_back",), guards=(ask.reason_given,), form="reason",
         notices=(("sent_back", do.head),), cascade=do.reopened_return),
    Step("verify", (S.NOMINATED,), S.VERIFIED, ("referral.verify",),
         guards=(ask.on_the_team, ask.screened, ask.findings_complete, ask.not_tolerated),
         effects=(do.keep_findings,), form="verify", notices=(("verified", do.clerks),), main=True),
    Step("propose_strike_out", (S.NOMINATED,), S.STRIKE_OUT_PROPOSED, ("referral.propose_strike_out",),
         guards=(ask.on_the_team, ask.reason_given), effects=(do.keep_strike_ground, do.keep_verifiers), form="strike_out",
         notices=(("strike_out_proposed", do.leaders),)),
    Step("strike_out", (S.STRIKE_OUT_PROPOSED,), S.STRUCK_OUT, ("referral.strike_out",), guards=(ask.decider_is_third, ask.reason_given),
         form="reason", notices=(("struck_out", do.head),), main=True),
    Step("refuse_strike_out", (S.STRIKE_OUT_PROPOSED,), S.NOMINATED, ("referral.strike_out",),
         guards=(ask.decider_is_third, ask.reason_given), effects=(do.drop_strike_ground,), form="reason", notices=(("refused", do.clerks),)),
    Step("notify", (S.VERIFIED,), S.NOTIFIED, ("referral.notify",), guards=(ask.service_day,), effects=(do.keep_service,),
         form="service", notices=(("served", do.person),), main=True),
    Step("reply", (S.NOTIFIED,), "", ("referral.reply", "referral.receive_reply"), guards=(ask.reply_still_open, ask.reply_says_something),
         effects=(do.keep_reply,), form="reply", notices=(("replied", do.clerks),), main=True),
    Step("answer_reply", (S.NOTIFIED,), "", ("referral.answer_reply",), effects=(do.keep_answers,), form="answers"),
    Step("agree", (S.NOTIFIED,), "", ("referral.decide",), guards=(ask.heard, ask.right_meeting, ask.room_is_clean), inner=True),
    Step("confirm", (S.NOTIFIED,), S.CONFIRMED, ("referral.decide",), guards=(ask.heard, ask.right_meeting, ask.room_is_clean),
         notices=(("confirmed", do.person), ("confirmed", do.head)), inner=True),
    Step("release", (S.NOTIFIED,), S.RELEASED, ("referral.decide",), guards=(ask.heard, ask.right_meeting, ask.room_is_clean),
         notices=(("released", do.person), ("released", do.head)), inner=True),
    Step("admit", (S.CONFIRMED,), S.IN_THEORY, ("referral.admit",), guards=(ask.cohort_fits, ask.not_protected),
         effects=(do.keep_admission,), form="admit", notices=(("admitted", do.person),), main=True),
    Step("start_practice", (S.IN_THEORY,), S.IN_PRACTICE, ("referral.practise",), effects=(do.keep_placement,), form="placement", main=True),
    Step("start_theory", (S.IN_PRACTICE,), S.IN_THEORY, ("referral.practise",)),
    Step("open_review", (S.IN_PRACTICE,), S.UNDER_REVIEW, ("referral.open_review",), guards=(ask.placed_before,), main=True),
    Step("qualify", (S.UNDER_REVIEW,), S.QUALIFIED, ("referral.record_review",), guards=(ask.panel_fits,), effects=(do.keep_review,),
         form="review", notices=(("qualified", do.person), ("qualified", do.leaders)), main=True),
    Step("return_to_unit", (S.QUALIFIED,), S.RETURNED, ("referral.place",), guards=(ask.return_day,), effects=(do.keep_return,),
         form="placing", notices=(("returned", do.person), ("returned", do.head)), main=True),
    Step("defer", DEFERRABLE, S.DEFERRED, ("referral.defer",), guards=(ask.reason_given,), form="reason"),
    Step("resume", (S.DEFERRED,), (DEFERRABLE, do.stored_state), ("referral.resume",), guards=(ask.not_protected, ask.reason_given),
         effects=(do.forget_stored_state,), form="reason", main=True),
    Step("withdraw", (S.NOMINATED,), S.WITHDRAWN, ("referral.withdraw",), guards=(ask.round_open, ask.reason_given), form="reason",
         notices=(("withdrawn", do.clerks),)),
    Step("discontinue", OPEN, S.WITHDRAWN, ("referral.discontinue",), guards=(ask.reason_given,),
         effects=(do.end_penalties, do.keep_end_ground), form="discontinue"),
    Step("transfer", OPEN, S.TRANSFERRED, ("referral.transfer",), guards=(ask.reason_given,),
         effects=(do.end_penalties,), form="letter"),
    Step("correct", OPEN, "", ("referral.correct",), guards=(ask.reason_given,), form="reason"),
)  # fmt: skip
