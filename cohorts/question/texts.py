"""Sentences of questions."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cohorts.question.models import QuestionState

SENTENCES: dict[str, Any] = {
    **{f"question_state.{state.value}": state.label for state in QuestionState},
    "question.disputes": _("the item “%(item)s” is wrong"),
    "token.retiring": _("retire within two years"),
    "token.ill": _("on sick leave for three months or longer"),
    "token.seconded": _("seconded to another unit"),
    "token.new": _("in the post for less than six months"),
    "token.unrecorded": _("without any entry before the round opened"),
    "event.question.ask": _("Question asked"),
    "event.unitquestion.explain": _("Explain"),
    "event.unitquestion.dispute": _("Dispute the record"),
    "event.unitquestion.accept": _("Accept the explanation"),
    "event.unitquestion.uphold": _("Uphold: the record is wrong"),
    "event.unitquestion.refuse": _("Do not accept the answer"),
    "event.unitquestion.nominate": _("Answered by the nomination"),
    "event.unitquestion.reopen": _("Open again: the nomination was taken back"),
    "event.unitquestion.lapse": _("Explained by itself"),
    "guard.question_no_answer": _("State the reason, and say in a sentence what happened."),
    "guard.question_other_item": _("Choose one of the items on which the question rests."),
    "guard.question_own_unit": _("Somebody outside the unit decides on its answers."),
    "notice.questions_asked": _("%(unit)s: %(count)s questions on the record wait for an answer until %(due)s."),
    "why.questions_asked": _(
        "You receive this because you answer for the unit: records of its people meet a situation, and the round did not name them. A question counts nowhere until its day."
    ),
    "notice.question_answered": _("%(unit)s: question %(case)s was answered and waits for the decision."),
    "why.question_answered": _("You receive this because you decide on answers of units; an explanation counts when somebody outside the unit accepts it."),
    "notice.question_accepted": _("%(unit)s: the answer to question %(case)s was accepted."),
    "why.question_accepted": _("You receive this because you answer for the unit."),
    "notice.question_refused": _("%(unit)s: the answer to question %(case)s was not accepted; the question is open again."),
    "why.question_refused": _("You receive this because you answer for the unit, and the question still needs an answer."),
}  # fmt: skip
