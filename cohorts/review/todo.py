"""My tasks around the return review and after it."""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from accounts.permissions import Role
from cohorts.referral.models import Referral, State
from cohorts.review.models import FollowUp, ReturnReview, objection_waits, ready_to_place, ripe_for_exit

# Cases that have an entry of their own.
_FEW = 5
_REVIEWED = (State.QUALIFIED, State.UNQUALIFIED)


def todo(user: Any, today: dt.date) -> list[Task]:
    """Chief: reviews to record, objections to answer. Leader: whom to place, unqualified, exit proposals. Cadre: until when
    to object. Clerk: follow-ups that are due."""
    tasks: list[Task] = []
    if not user.may("referral.read"):
        return tasks
    cases = Referral.objects.visible_to(user)
    open_objection, ready = objection_waits(), ready_to_place(today)
    if user.may("referral.record_review"):
        tasks += task(
            cases.filter(state=State.UNDER_REVIEW).count(),
            _("return reviews to record"),
            "/reviews/?state=under_review",
        )
    if user.may("referral.answer_objection"):
        waiting = cases.filter(open_objection, state__in=_REVIEWED)
        tasks += task(waiting.count(), _("objections to a review to answer"), "/reviews/?state=objection", urgent=True)
    if user.may("referral.place"):
        for state, label in (
            (State.QUALIFIED, _("qualified: decide on the return")),
            (State.UNQUALIFIED, _("unqualified: decide what follows")),
        ):
            tasks += task(cases.filter(ready, state=state).count(), label, f"/reviews/?state={state}_ready")
    if user.may("referral.propose_exit"):
        ripe = ripe_for_exit(cases.filter(ready, state=State.UNQUALIFIED), today)
        for case in ripe.select_related("campaign").order_by("state_since")[:_FEW]:
            label = _("in succession and unqualified: propose an exit, or another outcome (case %(number)s)") % {
                "number": case.number
            }
            tasks += task(1, label, f"{case.get_absolute_url()}do/propose_exit/")
    if user.may("referral.decide_exit"):
        tasks += task(
            cases.filter(state=State.EXIT_PROPOSED).count(),
            _("exit proposals to decide"),
            "/reviews/?state=exit_proposed",
        )
    if user.may("follow_up.enter"):
        due = FollowUp.objects.visible_to(user).due(today).count()
        tasks += task(due, _("follow-ups after the return are due"), "/follow-ups/")
    return tasks + (_objection(cases, today) if user.role.role == Role.CADRE else [])


def _objection(cases: Any, today: dt.date) -> list[Task]:
    rows = ReturnReview.objects.standing().filter(
        referral__in=cases.filter(state__in=_REVIEWED), objection__isnull=True, objection_due__gte=today
    )
    row = rows.select_related("referral").first()
    if row is None:
        return []
    words = _("the result of your review: you may object until %(day)s") % {"day": date_format(row.objection_due)}
    return task(1, words, row.referral.get_absolute_url(), urgent=True)
