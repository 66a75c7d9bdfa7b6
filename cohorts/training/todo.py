"""What waits in the classes: rolls, quizzes, admissions, phases to close, classes to lead on."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from cohorts.referral.models import IN_CLASS, Referral, State
from cohorts.training.models import Cohort, Phase, Quiz, Session

_FEW = 5


def _rolls(user: Any, today: dt.date) -> list[Task]:
    """Rolls of the own classes, today first."""
    tasks: list[Task] = []
    mine = Session.objects.filter(phase__cohort__teacher=user).to_record(today)
    for session in mine.order_by("-day", "begins_at", "pk")[:_FEW]:
        words = {"title": session.title, "day": _("today") if session.day == today else date_format(session.day)}
        label = _("record the roll: %(title)s, %(day)s") % words
        tasks += task(1, label, f"{session.get_absolute_url()}roll/", urgent=True)
    return tasks


def _section(user: Any, today: dt.date) -> list[Task]:
    """Admission, the end of phases, and leading a class on."""
    tasks: list[Task] = []
    classes = Cohort.objects.visible_to(user).select_related("campaign")
    joinable = classes.joinable(today).order_by("starts_on").first()
    confirmed = Referral.objects.visible_to(user).filter(state=State.CONFIRMED)
    if joinable:
        label = _("confirmed cases to admit: %(cohort)s") % {"cohort": joinable}
        tasks += task(
            confirmed.filter(campaign=joinable.campaign_id).count(), label, f"{joinable.get_absolute_url()}admit/"
        )
    else:
        tasks += task(confirmed.count(), _("confirmed cases without a class: open one"), "/cohorts/new/")
    due = Phase.objects.filter(cohort__in=classes, closed_on__isnull=True, ends_on__lt=today).select_related(
        "cohort__campaign"
    )
    for phase in due.order_by("ends_on")[:_FEW]:
        label = _("phase to close: %(cohort)s, %(phase)s") % {"cohort": phase.cohort, "phase": phase}
        tasks += task(1, label, f"{phase.cohort.get_absolute_url()}phases/{phase.order}/close/")
    # Within the reader's scope, standing in a closed block.
    waiting = Q(state=State.IN_THEORY, phase__kind="theory") | Q(state=State.IN_PRACTICE, phase__kind="practice")
    cases = Referral.objects.visible_to(user).filter(waiting, phase__closed_on__isnull=False)
    stuck = classes.filter(pk__in=cases.values("cohort")).order_by("starts_on")[:_FEW]
    for cohort in stuck:
        tasks += task(1, _("trainees to lead on: %(cohort)s") % {"cohort": cohort}, cohort.get_absolute_url())
    return tasks


def _trainee(user: Any) -> list[Task]:
    inside = Referral.objects.filter(cadre_id=user.cadre_id, state__in=IN_CLASS)
    quizzes = Quiz.objects.filter(opened_at__isnull=False, closed_at__isnull=True, cohort__in=inside.values("cohort"))
    answered = quizzes.filter(results__case__cadre_id=user.cadre_id)
    open_ones = quizzes.exclude(pk__in=answered.values("pk")).count()
    return task(open_ones, _("the opening quiz of your class"), "/class/quiz/", urgent=True)


def todo(user: Any, today: dt.date) -> list[Task]:
    """The entries of a role; one exists only where the role can act."""
    tasks: list[Task] = []
    if user.may("cohort.teach"):
        tasks += _rolls(user, today)
    if user.may("cohort.manage"):
        tasks += _section(user, today)
    if user.may("class.own"):
        tasks += _trainee(user)
    return tasks
