"""The opening quiz: written, opened and marked by the teacher, answered by the trainee."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from cohorts.referral.forms import refuse_into
from cohorts.referral.models import IN_CLASS
from cohorts.training.forms import AnswerForm, MarksForm, QuizForm
from cohorts.training.models import Quiz
from cohorts.training.page import ClassPage, own_case, refusals
from cohorts.training.quiz import (
    close_quiz,
    distribution,
    enter_marks,
    open_quiz,
    take_quiz,
    total_points,
    write_questions,
    write_quiz,
)


class QuizPage(ClassPage):
    """Questions with what was chosen, marks of the class, and the quiz opened or closed."""

    grant = "cohort.teach"

    def quiz(self) -> Quiz | None:
        return Quiz.objects.filter(cohort=self.cohort).prefetch_related("questions").first()

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page([])

    def post(self, request: HttpRequest) -> HttpResponse:
        quiz, act = self.quiz(), {"open": open_quiz, "close": close_quiz}.get(request.POST.get("act", ""))
        if quiz is None or act is None:
            return self.page([_("There is no quiz yet.")] if quiz is None else [], 422)
        try:
            act(quiz, by=request.user)
        except ValidationError as error:
            return self.page(refusals(error), 409)
        messages.success(request, _("Saved."))
        return redirect(request.path)

    def page(self, reasons: list[str], status: int = 200) -> HttpResponse:
        quiz = self.quiz()
        marks = dict(quiz.results.values_list("case", "marks")) if quiz else {}
        rows = [{"case": case, "marks": marks.get(case.pk)} for case in self.cases() if case.state in IN_CLASS]
        context = {
            "cohort": self.cohort, "quiz": quiz, "reasons": reasons, "rows": rows, "total": total_points(quiz) if quiz else 0,
            "questions": distribution(quiz) if quiz else [], "passed": sum(m >= quiz.pass_mark for m in marks.values()) if quiz else 0,
            "taken": len(marks), "editable": quiz is None or (quiz.opened_at is None and not marks),
        }  # fmt: skip
        return render(self.request, "cohorts/training/quiz.html", context, status=status)


class WriteQuiz(ClassPage):
    grant = "cohort.teach"

    def get(self, request: HttpRequest) -> HttpResponse:
        quiz = Quiz.objects.filter(cohort=self.cohort).first()
        initial = {"text": write_questions(quiz.questions.all()), "pass_mark": quiz.pass_mark} if quiz else {}
        return self.page(QuizForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = QuizForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            write_quiz(self.cohort, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 422)
        messages.success(request, _("The quiz is saved; open it when the class sits down."))
        return redirect(f"{self.cohort.get_absolute_url()}quiz/")

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {
            "cohort": self.cohort,
            "form": form,
            "title": _("Write the quiz"),
            "label": _("Save"),
            "back": "quiz/",
        }
        return render(self.request, "cohorts/training/form.html", context, status=status)


class Marks(ClassPage):
    """Marks from paper."""

    grant = "cohort.teach"

    def form(self, *data: Any) -> MarksForm:
        self.quiz = get_object_or_404(Quiz.objects.prefetch_related("questions"), cohort=self.cohort)
        cases = list(self.cases().filter(state__in=IN_CLASS))
        results = {result.case_id: result for result in self.quiz.results.all()}
        return MarksForm(*data, cases=cases, results=results, total=total_points(self.quiz))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            changed = enter_marks(self.quiz, by=request.user, marks=form.marks())
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Marks entered: %(count)s.") % {"count": changed})
        return redirect(f"{self.cohort.get_absolute_url()}quiz/")

    def page(self, form: MarksForm, status: int = 200) -> HttpResponse:
        context = {"cohort": self.cohort, "quiz": self.quiz, "form": form, "total": total_points(self.quiz)}
        return render(self.request, "cohorts/training/marks.html", context, status=status)


class TakeQuiz(View):
    """The trainee answers, once; afterwards the own result and nobody else's."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not request.user.may("class.own"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> None:
        self.case = own_case(self.request.user)
        self.quiz = Quiz.objects.filter(cohort=self.case.cohort).prefetch_related("questions").first()
        if self.quiz is None or self.quiz.opened_at is None:
            raise Http404
        self.result = self.quiz.results.filter(case=self.case).first()

    def get(self, request: HttpRequest) -> HttpResponse:
        self.load()
        return self.page(AnswerForm(questions=list(self.quiz.questions.all())))

    def post(self, request: HttpRequest) -> HttpResponse:
        self.load()
        form = AnswerForm(request.POST, questions=list(self.quiz.questions.all()))
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            take_quiz(self.quiz, by=request.user, case=self.case, answers=form.answers())
        except ValidationError as error:
            return self.page(form, refusals(error), 409)
        return redirect("/class/quiz/")

    def page(self, form: Any, reasons: Any = (), status: int = 200) -> HttpResponse:
        context = {
            "quiz": self.quiz, "result": self.result, "form": form, "reasons": reasons, "total": total_points(self.quiz),
            "open": self.quiz.is_open and self.case.state in IN_CLASS,
        }  # fmt: skip
        return render(self.request, "cohorts/training/take.html", context, status=status)
