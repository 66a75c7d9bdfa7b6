"""The life of a question: the unit answers, somebody outside the unit decides; the scan sees nominations and corrections."""

from typing import Any

from accounts.notice.workflow import holders, nearest_holders
from accounts.permissions import UNIT_ROLES, roles_with
from accounts.wording import Refusal, refuse
from cohorts.procedure.guards import reason_given
from cohorts.procedure.step import Act, Step
from cohorts.question.models import QuestionState as S
from cohorts.referral.recusal import unbarred


def explanation_given(act: Act) -> Refusal | None:
    return None if act.data.get("ground") and str(act.data.get("answer", "")).strip() else refuse("question_no_answer")


def dispute_given(act: Act) -> Refusal | None:
    """Which item is wrong, and why: one of those on which the question rests."""
    item = act.data.get("disputed")
    if item is None or not str(act.data.get("answer", "")).strip():
        return refuse("question_no_answer")
    return None if act.row.items.filter(pk=item.pk).exists() else refuse("question_other_item")


def _is_outside(user: Any, question: Any) -> bool:
    return user.cadre is not None and not user.cadre.unit.path.startswith(question.unit.path)


def decides_from_outside(act: Act) -> Refusal | None:
    """An explanation counts when somebody outside the unit accepts it."""
    return None if _is_outside(act.by, act.row) else refuse("question_own_unit")


def _save(act: Act, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(act.row, name, value)
    act.row.save(update_fields=list(fields))


def keep_explanation(act: Act) -> None:
    _save(act, ground=act.data["ground"], disputed=None, answer=act.data["answer"].strip(), file=act.data.get("file"),
          answered_by=act.by, answered_on=act.day, decided_by=None, decided_on=None, decision="")  # fmt: skip


def keep_dispute(act: Act) -> None:
    _save(act, ground="", disputed=act.data["disputed"], answer=act.data["answer"].strip(), file=act.data.get("file"),
          answered_by=act.by, answered_on=act.day, decided_by=None, decided_on=None, decision="")  # fmt: skip


def keep_decision(act: Act) -> None:
    _save(act, decided_by=act.by, decided_on=act.day, decision=str(act.data.get("reason", "")).strip())


def keep_moot(act: Act) -> None:
    _save(act, moot=act.data["moot"])


def deciders(act: Act) -> list[Any]:
    """Who may decide on the answer: the organizer's office, or the inspectors where the organizer answers for itself."""
    organizer = act.row.round.campaign.organizer
    grant = "question.accept_organizers" if act.row.unit_id == organizer.pk else "question.accept"
    people = unbarred(act.row.cadre_id, holders(roles_with(grant), over=organizer, on=act.day))
    return [user for user in people if _is_outside(user, act.row)]


def unit_people(act: Act) -> list[Any]:
    return unbarred(act.row.cadre_id, nearest_holders(UNIT_ROLES, over=act.row.unit, on=act.day))


_ACCEPT = ("question.accept", "question.accept_organizers")

QUESTION_STEPS: tuple[Step, ...] = (
    Step("explain", (S.OPEN, S.REFUSED), S.EXPLAINED, ("question.answer",), guards=(explanation_given,),
         effects=(keep_explanation,), form="question_explanation", notices=(("question_answered", deciders),), main=True),
    Step("dispute", (S.OPEN, S.REFUSED), S.DISPUTED, ("question.answer",), guards=(dispute_given,),
         effects=(keep_dispute,), form="question_dispute", notices=(("question_answered", deciders),)),
    Step("accept", (S.EXPLAINED,), S.ACCEPTED, _ACCEPT, guards=(decides_from_outside,), effects=(keep_decision,),
         form="question_acceptance", notices=(("question_accepted", unit_people),), main=True),
    Step("uphold", (S.DISPUTED,), S.UPHELD, _ACCEPT, guards=(decides_from_outside,), effects=(keep_decision,),
         form="question_acceptance", notices=(("question_accepted", unit_people),), main=True),
    Step("refuse", (S.EXPLAINED, S.DISPUTED), S.REFUSED, _ACCEPT, guards=(decides_from_outside, reason_given),
         effects=(keep_decision,), form="question_refusal", notices=(("question_refused", unit_people),)),
    Step("nominate", (S.OPEN, S.REFUSED, S.EXPLAINED, S.DISPUTED), S.NOMINATED, ("question.ask",), inner=True),
    Step("reopen", (S.NOMINATED,), S.OPEN, ("question.ask",), inner=True),
    Step("lapse", (S.OPEN, S.REFUSED, S.EXPLAINED, S.DISPUTED), S.MOOT, ("question.ask",), effects=(keep_moot,), inner=True),
)  # fmt: skip
