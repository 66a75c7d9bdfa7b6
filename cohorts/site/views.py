"""Home: what waits for this person today; and the health of the house."""

import copy
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View

from accounts.administration.todo import todo as administration
from accounts.kit.todo import Task, task
from accounts.models import Notice
from accounts.permissions import UNIT_ROLES
from accounts.wording import say
from assessments.ballot.todo import todo as ballot_todo
from assessments.criteria.models import Edition
from assessments.evidence.people import todo as record_todo
from assessments.panel.todo import todo as panel_todo
from assessments.points.todo import todo as points_todo
from assessments.supervision.todo import todo as supervision_todo
from assessments.task.todo import todo as task_todo
from cohorts.alert.todo import todo as alerts_todo
from cohorts.alert.workflow import beat_is_silent
from cohorts.campaign.models import ReturnState, UnitReturn
from cohorts.indicator.todo import todo as indicator_todo
from cohorts.measure.todo import todo as measure_todo
from cohorts.penalty.todo import todo as penalty_todo
from cohorts.practice import todo as practice
from cohorts.procedure.steps import REFERRAL_STEPS
from cohorts.question.todo import todo as questions_todo
from cohorts.referral.meeting import Meeting
from cohorts.referral.models import CLOSED, Referral, State
from cohorts.referral.todo import todo as campaign_todo
from cohorts.report.todo import todo as exports_todo
from cohorts.review.forms import IN_REVIEW
from cohorts.review.todo import todo as review_todo
from cohorts.training.todo import todo as training_todo


def _returns(user: Any, today: Any) -> list[Task]:
    tasks: list[Task] = []
    if user.may("return.prepare"):
        rows = UnitReturn.objects.visible_to(user).outstanding().filter(round__concluded_on__isnull=True)
        for row in rows.select_related("round", "unit").order_by("round__closes_on")[:5]:
            words = {"unit": row.unit, "day": date_format(row.round.closes_on), "state": row.get_state_display()}
            urgent = row.round.closes_on <= today or row.state == ReturnState.SENT_BACK
            tasks += task(1, _("%(unit)s: return due on %(day)s (%(state)s)") % words, row.get_absolute_url(), urgent)
    if user.may("return.accept"):
        filed = UnitReturn.objects.visible_to(user).filter(state=ReturnState.FILED).count()
        tasks += task(filed, _("returns to accept"), "/returns/?state=filed")
    return tasks


# Drafts have an entry of their own; the subjects' own sources count trainees by class and say who acts from the review on.
_NOT_BY_STATE = {State.DRAFT, State.NOTIFIED, State.CONFIRMED, State.IN_THEORY, State.IN_PRACTICE, *IN_REVIEW}


def _cases(user: Any, today: Any) -> list[Task]:
    tasks: list[Task] = []
    if not user.may("referral.read"):
        return tasks
    cases = Referral.objects.visible_to(user)
    by_state = dict(cases.exclude(state__in=CLOSED).order_by().values_list("state").annotate(n=Count("pk")))
    for state, count in by_state.items():
        mains = [s for s in REFERRAL_STEPS if s.main and state in s.sources and any(user.may(g) for g in s.grants)]
        if mains and state not in _NOT_BY_STATE:
            words = {"action": say(f"event.referral.{mains[0].action}"), "state": State(state).label}
            tasks += task(count, _("%(action)s: cases %(state)s") % words, f"/cases/?state={state}")
    if user.role.role in UNIT_ROLES:
        tasks += task(by_state.get(State.DRAFT, 0), _("drafts"), "/cases/?state=draft")
    if user.may("meeting.prepare"):
        over = cases.reply_clock_over(today).filter(meeting_items__isnull=True).count()
        tasks += task(
            over, _("cases whose reply clock is over: put them on a meeting's list"), "/meetings/new/", urgent=True
        )
        replies = cases.with_reply_to_answer().count()
        tasks += task(replies, _("replies to answer"), "/cases/?state=reply", urgent=True)
    return tasks


def _decisions(user: Any, today: Any) -> list[Task]:
    tasks: list[Task] = []
    if user.may("meeting.record"):
        for meeting in Meeting.objects.visible_to(user).filter(recorded_at__isnull=True, held_on__lte=today)[:5]:
            label = _("record the decision: %(meeting)s") % {"meeting": meeting}
            tasks += task(1, label, f"/meetings/{meeting.public_id}/")
    if user.may("edition.approve"):
        waiting = Edition.objects.approvable_by(user).waiting().exclude(drafters__cadre=user.cadre_id)
        for edition in waiting:
            label = _("decide on the draft of the criteria %(code)s") % {"code": edition.code}
            tasks += task(1, label, f"/criteria/{edition.public_id}/approve/")
    return tasks


# What may wait for somebody. A subject adds its own ``todo(user, today)`` here.
SOURCES = (
    _returns, _cases, _decisions, alerts_todo, training_todo, review_todo, penalty_todo, measure_todo, practice.todo, campaign_todo, exports_todo, administration,
    record_todo, supervision_todo, task_todo, panel_todo, points_todo, ballot_todo, indicator_todo, questions_todo,
)  # fmt: skip


def tasks_of(user: Any) -> list[Task]:
    """Counts with the page where each is done; an entry exists only where this role can act. Urgent ones first."""
    today = timezone.localdate()
    return sorted((entry for source in SOURCES for entry in source(user, today)), key=lambda entry: not entry["urgent"])


def waiting_elsewhere(user: Any) -> list[tuple[Any, int]]:
    """The other roles of this person in which something waits, with how much: nobody looks for it there by himself."""
    found = []
    for held in user.roles_in_force():
        if (held.role, held.unit_id) != (user.role.role, user.role.unit_id):
            other = copy.copy(user)
            other.role = held
            if count := len(tasks_of(other)):
                found.append((held, count))
    return found


class Home(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        context = {
            "tasks": tasks_of(user), "latest": Notice.objects.visible_to(user)[:8],
            "elsewhere": waiting_elsewhere(user) if user.role else [],
        }  # fmt: skip
        return render(request, "cohorts/site/home.html", context)


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Live and able to read the database; and whether beat still scans."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "beat": "silent" if beat_is_silent() else "ok"})
