"""The life of an entry of the village ledger: one line per step."""

from cohorts.practice import effects as do
from cohorts.practice import guards as ask
from cohorts.practice.models import LedgerState as S
from cohorts.procedure.guards import reason_given
from cohorts.procedure.step import Step

_WRITE = ("practice.log", "practice.enter")
_CHECK = ("practice.sign", "practice.enter")

LEDGER_STEPS: tuple[Step, ...] = (
    Step("act", (S.OPEN, S.ACTED), S.ACTED, _WRITE, guards=(ask.ledger_is_kept, ask.action_day), effects=(do.keep_action,),
         form="ledger_action", main=True),
    Step("state_result", (S.ACTED,), S.RESULT_STATED, _WRITE, guards=(ask.ledger_is_kept, ask.result_day), effects=(do.keep_result,),
         form="ledger_result", notices=(("ledger_result", do.supervisors),)),
    Step("confirm", (S.RESULT_STATED,), S.CONFIRMED, _CHECK, guards=(ask.confirmation_is_on_paper,), effects=(do.keep_confirmation,),
         form="ledger_confirmation", notices=(("ledger_confirmed", do.trainee),), main=True),
    Step("reopen", (S.RESULT_STATED, S.CONFIRMED), S.OPEN, _CHECK, guards=(reason_given,), effects=(do.drop_confirmation,),
         form="reason", notices=(("ledger_reopened", do.trainee),)),
)  # fmt: skip
