"""The life of a second verification: a case is drawn with its own step, somebody is named, and gives a word."""

from cohorts.procedure.guards import reason_given
from cohorts.procedure.step import Step
from cohorts.referral import second_effects as do
from cohorts.referral import second_guards as ask
from cohorts.referral.second import SecondState as S

SECOND_STEPS: tuple[Step, ...] = (
    Step("assign", (S.DRAWN,), S.ASSIGNED, ("second.assign",), guards=(ask.goes_on, ask.somebody_apart),
         effects=(do.keep_checker,), form="second_assign", main=True),
    Step("check", (S.ASSIGNED,), S.DONE, ("second.check",), guards=(ask.still_apart, ask.every_criterion_answered),
         effects=(do.keep_word,), form="second_word", main=True),
    Step("hand_back", (S.ASSIGNED,), S.DRAWN, ("second.check", "second.assign"), guards=(reason_given,), effects=(do.free_checker,),
         form="reason"),
)  # fmt: skip
