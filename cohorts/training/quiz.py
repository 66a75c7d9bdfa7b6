"""The opening quiz: its text, opening and closing it, answers and marks.

The text is typed or pasted, one block per question, an empty line between two:

    How many towns has the county? (2)
    A. 10
    *B. 11

The star marks the right choice; the number in brackets gives the points (default 1).
"""

import datetime as dt
import re
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notice.workflow import notify
from accounts.trail.workflow import record
from cohorts.referral.models import IN_CLASS, Referral
from cohorts.training.models import Cohort, Question, Quiz, QuizResult, trainees

LETTERS = "ABCDEF"
_POINTS = re.compile("[(\uff08]\\s*(\\d{1,2})\\s*\u5206?\\s*[)\uff09]\\s*$")
_LETTER = re.compile("^[A-Fa-f]\\s*[.\u3001\uff0e:\uff1a)]\\s*")


class Asked(NamedTuple):
    """One question as it was typed."""

    text: str
    choices: list[str]
    right: int
    points: int


def _read_block(number: int, lines: list[str]) -> Asked:
    head, *rest = lines
    found = _POINTS.search(head)
    points = int(found[1]) if found else 1
    marked = [line.lstrip().startswith(("*", "\uff0a")) for line in rest]
    choices = [_LETTER.sub("", line.strip().lstrip("*\uff0a").strip()).strip() for line in rest]
    if not 2 <= len(choices) <= len(LETTERS) or not all(choices):
        raise ValidationError(_("Question %(n)s: two to six choices, one a line.") % {"n": number})
    if sum(marked) != 1:
        raise ValidationError(_("Question %(n)s: mark the one right choice with a star.") % {"n": number})
    if not points:
        raise ValidationError(_("Question %(n)s: at least one point.") % {"n": number})
    return Asked(_POINTS.sub("", head).strip()[:300], choices, marked.index(True), points)


def read_questions(text: str) -> list[Asked]:
    """The questions of a typed text; raises ValidationError that names the question which cannot be read."""
    blocks = [[line for line in block.splitlines() if line.strip()] for block in re.split(r"\n\s*\n", text.strip())]
    questions = [_read_block(number, lines) for number, lines in enumerate((b for b in blocks if b), start=1)]
    if not questions:
        raise ValidationError(_("Write at least one question."))
    return questions


def write_questions(questions: Any) -> str:
    """The text that ``read_questions`` reads back."""
    blocks = []
    for question in questions:
        lines = [f"{question.text} ({question.points})"]
        for n, choice in enumerate(question.choices):
            lines.append(f"{'*' if n == question.right else ''}{LETTERS[n]}. {choice}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


@transaction.atomic
def write_quiz(cohort: Cohort, *, by: Any, text: str, pass_mark: int, at: dt.datetime | None = None) -> Quiz:
    """Write or rewrite the quiz of a class; raises ValidationError once it was opened or marks exist, or for unreadable text."""
    questions = read_questions(text)
    total = sum(question.points for question in questions)
    if pass_mark > total:
        raise ValidationError(
            {"pass_mark": _("The pass mark lies above the %(total)s points of all questions.") % {"total": total}}
        )
    Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    quiz = Quiz.objects.filter(cohort=cohort).first()
    if quiz and (quiz.opened_at or quiz.results.exists()):
        raise ValidationError(_("The quiz was opened already; its questions stand."))
    quiz, _created = Quiz.objects.update_or_create(cohort=cohort, defaults={"pass_mark": pass_mark})
    quiz.questions.all().delete()
    Question.objects.bulk_create(
        Question(quiz=quiz, order=order, text=q.text, choices=q.choices, right=q.right, points=q.points)
        for order, q in enumerate(questions, start=1)
    )
    record("quiz.write", cohort, by=by, at=at, questions=len(questions), points=total, pass_mark=pass_mark)
    return quiz


@transaction.atomic
def open_quiz(quiz: Quiz, *, by: Any, at: dt.datetime | None = None) -> None:
    """Open the quiz to the trainees, who are told; raises ValidationError when it was opened already."""
    at = at or timezone.now()
    if not Quiz.objects.filter(pk=quiz.pk, opened_at__isnull=True).update(opened_at=at):
        raise ValidationError(_("The quiz was opened already; its questions stand."))
    record("quiz.open", quiz.cohort, by=by, at=at)
    cases = trainees(quiz.cohort).filter(state__in=IN_CLASS, cadre__user__isnull=False).select_related("cadre__user")
    notify([case.cadre.user for case in cases], "quiz_open", path="/class/quiz/", at=at)


@transaction.atomic
def close_quiz(quiz: Quiz, *, by: Any, at: dt.datetime | None = None) -> None:
    """Take no more answers; raises ValidationError when the quiz is not open."""
    if not Quiz.objects.filter(pk=quiz.pk, opened_at__isnull=False, closed_at__isnull=True).update(
        closed_at=at or timezone.now()
    ):
        raise ValidationError(_("The quiz is not open."))
    record("quiz.close", quiz.cohort, by=by, at=at)


def total_points(quiz: Quiz) -> int:
    return sum(question.points for question in quiz.questions.all())


@transaction.atomic
def take_quiz(quiz: Quiz, *, by: Any, case: Referral, answers: list[int], at: dt.datetime | None = None) -> QuizResult:
    """A trainee's own answers, once; raises ValidationError when the quiz is not open, answered already, or a choice is missing."""
    quiz = Quiz.objects.select_for_update(of=("self",)).get(pk=quiz.pk)
    questions = list(quiz.questions.all())
    inside = Referral.objects.filter(pk=case.pk, cohort=quiz.cohort_id, state__in=IN_CLASS).exists()
    if not quiz.is_open or not inside:
        raise ValidationError(_("The quiz is not open."))
    if quiz.results.filter(case=case).exists():
        raise ValidationError(_("You have answered already."))
    if len(answers) != len(questions) or any(
        not 0 <= a < len(q.choices) for a, q in zip(answers, questions, strict=True)
    ):
        raise ValidationError(_("Answer every question."))
    marks = sum(q.points for a, q in zip(answers, questions, strict=True) if a == q.right)
    result = QuizResult.objects.create(
        quiz=quiz, case=case, marks=marks, answers=answers, taken_at=at or timezone.now()
    )
    record("quiz.take", case, by=by, at=at, marks=marks)
    return result


@transaction.atomic
def enter_marks(quiz: Quiz, *, by: Any, marks: dict[int, int], at: dt.datetime | None = None) -> int:
    """Marks from paper: key of the case -> marks; what a trainee answered alone stands. Returns how many were new or changed.

    Raises ValidationError for marks above the points of all questions.
    """
    at, total = at or timezone.now(), total_points(quiz)
    cases = {case.pk: case for case in trainees(quiz.cohort).filter(pk__in=marks).select_related("campaign")}
    known = {result.case_id: result for result in quiz.results.filter(case__in=cases)}
    told, rows = {}, []
    for key, case in cases.items():
        before = known.get(key)
        if marks[key] > total:
            raise ValidationError({f"marks_{key}": _("At most %(total)s points.") % {"total": total}})
        if before and (before.answers or before.marks == marks[key]):
            continue
        rows.append(QuizResult(quiz=quiz, case=case, marks=marks[key], taken_at=at))
        told[case.number] = {"before": before.marks if before else None, "after": marks[key]}
    QuizResult.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["quiz", "case"], update_fields=["marks", "taken_at"]
    )
    if told:
        record("quiz.marks", quiz.cohort, by=by, at=at, marks=told)
    return len(told)


def distribution(quiz: Quiz) -> list[dict[str, Any]]:
    """Per question how many chose what; papers do not count here."""
    sheets = [answers for answers in quiz.results.values_list("answers", flat=True) if answers]
    rows = []
    for n, question in enumerate(quiz.questions.all()):
        counts = [sum(sheet[n] == choice for sheet in sheets) for choice in range(len(question.choices))]
        lines = [
            {"letter": LETTERS[i], "text": text, "count": counts[i], "right": i == question.right,
             "percent": 100 * counts[i] // len(sheets) if sheets else 0}
            for i, text in enumerate(question.choices)
        ]  # fmt: skip
        rows.append({"question": question, "choices": lines, "answered": len(sheets)})
    return rows
