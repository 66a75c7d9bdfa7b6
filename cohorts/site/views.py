"""Home: what waits for this person today; and the health of the house."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.permissions import UNIT_ROLES, Role
from assessments.criteria.models import Edition
from cohorts.alert.models import Alert
from cohorts.campaign.models import ReturnState, UnitReturn
from cohorts.procedure.steps import REFERRAL_STEPS
from cohorts.referral.meeting import Meeting
from cohorts.referral.models import CLOSED, Referral, State


def tasks_of(user: Any) -> list[dict[str, Any]]:
    """Counts with the page where each is done; an entry exists only where this role can act."""
    tasks: list[dict[str, Any]] = []

    def add(count: int, label: str, url: str, urgent: bool = False) -> None:
        if count:
            tasks.append({"count": count, "label": label, "url": url, "urgent": urgent})

    today = timezone.localdate()
    cases = Referral.objects.visible_to(user)
    if user.may("return.prepare"):
        for row in (
            UnitReturn.objects.visible_to(user)
            .outstanding()
            .filter(round__concluded_on__isnull=True)
            .select_related("round", "unit")[:5]
        ):
            label = _("%(unit)s: return due on %(day)s (%(state)s)") % {
                "unit": row.unit,
                "day": row.round.closes_on,
                "state": row.get_state_display(),
            }
            add(1, label, row.get_absolute_url(), row.round.closes_on <= today or row.state == ReturnState.SENT_BACK)
    if user.may("return.accept"):
        add(
            UnitReturn.objects.visible_to(user).filter(state=ReturnState.FILED).count(),
            _("returns to accept"),
            "/returns/?state=filed",
        )
    by_state = (
        dict(cases.exclude(state__in=CLOSED).values_list("state").annotate(n=Count("pk")))
        if user.may("referral.read")
        else {}
    )
    for state, count in by_state.items():
        mains = [s for s in REFERRAL_STEPS if s.main and state in s.sources and any(user.may(g) for g in s.grants)]
        if mains and state != State.DRAFT and not (state == State.NOTIFIED and user.role.role != Role.CADRE):
            add(count, _("cases: %(state)s") % {"state": State(state).label}, f"/cases/?state={state}")
    if user.role and user.role.role in UNIT_ROLES and by_state.get(State.DRAFT):
        add(by_state[State.DRAFT], _("drafts"), "/cases/?state=draft")
    if user.may("meeting.prepare"):
        add(
            cases.reply_clock_over(today).count(),
            _("cases whose reply clock is over: put them on a meeting's list"),
            "/meetings/new/",
            urgent=True,
        )
        points = (
            cases.filter(state=State.NOTIFIED, reply_points__answer="", reply_points__isnull=False).distinct().count()
        )
        add(points, _("replies to answer"), "/cases/?state=notified", urgent=True)
    if user.may("meeting.record"):
        held = Meeting.objects.visible_to(user).filter(recorded_at__isnull=True, held_on__lte=today)
        for meeting in held[:5]:
            add(1, _("record the decision: %(meeting)s") % {"meeting": meeting}, f"/meetings/{meeting.public_id}/")
    if user.may("alert.handle"):
        add(Alert.objects.visible_to(user).standing().count(), _("standing alerts"), "/alerts/")
    if user.may("edition.approve"):
        add(Edition.objects.filter(state="draft").count(), _("editions of criteria to approve"), "/criteria/")
    return sorted(tasks, key=lambda t: not t["urgent"])


class Home(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "cohorts/site/home.html", {"tasks": tasks_of(request.user)})


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Live and able to read the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
