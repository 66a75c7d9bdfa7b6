"""The life of a unit measure: proposed, decided or refused by a second person, revoked with a reason."""

from cohorts.measure import effects as do
from cohorts.measure import guards as ask
from cohorts.measure.models import MeasureState as S
from cohorts.procedure.guards import reason_given
from cohorts.procedure.step import Step

MEASURE_STEPS: tuple[Step, ...] = (
    Step("decide", (S.PROPOSED,), S.IN_EFFECT, ("measure.decide",), guards=(ask.second_person, ask.not_about_oneself, ask.document_stated),
         effects=(do.keep_decision,), form="measure_decision", notices=(("measure_decided", do.unit_heads), ("measure_answered", do.proposer)), main=True),
    Step("refuse", (S.PROPOSED,), S.REFUSED, ("measure.decide",), guards=(ask.second_person, ask.not_about_oneself, reason_given),
         effects=(do.keep_closing,), form="reason", notices=(("measure_answered", do.proposer),)),
    Step("revoke", (S.IN_EFFECT,), S.REVOKED, ("measure.decide",), guards=(ask.not_about_oneself, reason_given), effects=(do.keep_closing,),
         form="reason", notices=(("measure_revoked", do.unit_heads),)),
)  # fmt: skip
