"""The life of a payroll list: drawn up, handed over, executed - with differences that are stated and settled."""

from cohorts.penalty import effects as do
from cohorts.penalty import guards as ask
from cohorts.penalty.payroll import ListState as S
from cohorts.procedure.step import Step

PAYROLL_STEPS: tuple[Step, ...] = (
    Step("hand_over", (S.DRAWN_UP,), S.HANDED_OVER, ("payroll.draw",), effects=(do.keep_hand_over,),
         notices=(("payroll_handed_over", do.payroll_officers),), main=True),
    Step("draw_again", (S.DRAWN_UP,), "", ("payroll.draw",), guards=(ask.before_cutoff,), effects=(do.draw_again,)),
    Step("execute", (S.HANDED_OVER,), ((S.EXECUTED, S.DIFFERENCES), do.with_or_without_differences), ("payroll.execute",),
         guards=(ask.executed_properly,), effects=(do.keep_execution,), form="execute", notices=(("payroll_executed", do.clerks),), main=True),
    Step("settle", (S.DIFFERENCES,), S.SETTLED, ("payroll.draw",), guards=(ask.differences_answered,), effects=(do.keep_answers,),
         form="settle", notices=(("payroll_settled", do.payroll_officers),), main=True),
)  # fmt: skip
