"""Causes in cases and their penalties."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.people.models import Relation, RelationKind
from accounts.permissions import IMPLICIT_ROLES, UNIT_ROLES, Role, roles_with
from accounts.setting.models import setting
from accounts.user.models import RoleAssignment
from assessments.evidence.models import Statement
from assessments.points.entries import PointAppeal
from cohorts.alert.rule import Found, of_case
from cohorts.penalty.models import Penalty
from cohorts.procedure.steps import REFERRAL_STEPS
from cohorts.referral.meeting import MeetingItem
from cohorts.referral.models import Referral, State
from cohorts.review.models import ripe_for_exit


def _firsts(rows: list[Any]) -> dict[int, Referral]:
    found = Referral.objects.filter(pk__in=[row.predecessor_id for row in rows]).select_related("campaign")
    return {case.pk: case for case in found}


def _succession(rows: Any) -> Iterator[Found]:
    cases = list(rows.select_related("campaign"))
    firsts = _firsts(cases)
    for case in cases:
        yield of_case(case, first=firsts[case.predecessor_id].number, second=case.number)


def repeat_referral(on: dt.date) -> Iterator[Found]:
    """An open case that stands in succession to an earlier one of the same cadre (PRACTICE 18)."""
    yield from _succession(Referral.objects.open().in_succession())


def succession_unqualified(on: dt.date) -> Iterator[Found]:
    """In succession and unqualified: an exit may be proposed, in the reading that is in force; until one is."""
    yield from _succession(ripe_for_exit(Referral.objects.filter(state=State.UNQUALIFIED), on))


def suspension_without_end(on: dt.date) -> Iterator[Found]:
    """The case is closed, and its suspension has no end day: the allowance would stay stopped for ever."""
    for row in Penalty.objects.without_end_on_closed_cases().select_related("referral__campaign"):
        case = row.referral
        yield of_case(case, row, case.cohort_id, start=row.start.isoformat(), decision=row.decision_number)


def suspension_overrun(on: dt.date) -> Iterator[Found]:
    """Still in force after the day on which its rule ends it (PRACTICE 16); of an overturned case none is in force."""
    for row in Penalty.objects.beyond_rule(on).filter(end__isnull=False).select_related("referral__campaign"):
        case = row.referral
        yield of_case(case, row, case.cohort_id, closed=str(case.closed_on), end=str(row.end))


def reply_over(on: dt.date) -> Iterator[Found]:
    """The reply clock is over, and the case is on no list of a meeting that is still to decide."""
    listed = MeetingItem.objects.filter(referral=OuterRef("pk"), meeting__recorded_at__isnull=True)
    for case in Referral.objects.reply_clock_over(on).exclude(Exists(listed)).select_related("campaign"):
        yield of_case(case, due=str(case.reply_due))


def stuck(on: dt.date) -> Iterator[Found]:
    """Longer in a state than the county allows (setting, calendar days by state)."""
    limits = {state: days for state, days in setting("stuck_days", on).items() if state in State.values}
    over = Q(pk__in=[])
    for state, days in limits.items():
        over |= Q(state=state, state_since__date__lt=on - dt.timedelta(days=days))
    for case in Referral.objects.open().filter(over).select_related("campaign"):
        since = timezone.localtime(case.state_since).date()
        yield of_case(case, state=f"@case_state.{case.state}", since=since.isoformat(), days=limits[case.state])


YEAR = dt.timedelta(days=365)


def retaliation(on: dt.date) -> Iterator[Found]:
    """Somebody was named who, in the 12 months before, contradicted the very person who named him: an earlier case of
    that person's was overturned, an entry of that person's was disputed, he appealed against points which that person
    had entered or on which that person then decided, or there was a dispute between the two.
    """
    since, named_at = OuterRef("since"), OuterRef("nominated_at")
    earlier = Referral.objects.filter(cadre=OuterRef("cadre"), nominated_by__cadre=OuterRef("nominated_by__cadre"))
    overturned = earlier.filter(state=State.OVERTURNED, state_since__gte=since, state_since__lt=named_at)
    disputed = Statement.objects.filter(
        evidence__cadre=OuterRef("cadre"), evidence__recorded_by__cadre=OuterRef("nominated_by__cadre"), disputes=True,
        made_at__gte=since, made_at__lt=named_at,
    )  # fmt: skip
    one, other = OuterRef("cadre"), OuterRef("nominated_by__cadre")
    against = Q(entry__recorded_by__cadre=other) | Q(decided_by__cadre=other, decided_at__lt=named_at)
    appealed = PointAppeal.objects.filter(against, entry__cadre=one, made_at__gte=since, made_at__lt=named_at)
    between = Relation.objects.filter(Q(cadre=one, other=other) | Q(cadre=other, other=one), kind=RelationKind.DISPUTE)
    recent = Q(ended_on__isnull=True) | Q(ended_on__gte=OuterRef("since_day"))
    quarrel = between.filter(recent, declared_on__lte=OuterRef("named_day"))
    rows = Referral.objects.open().annotate(since=ExpressionWrapper(F("nominated_at") - YEAR, DateTimeField()))
    rows = rows.annotate(since_day=TruncDate("since"), named_day=TruncDate("nominated_at"))
    found = {"overturned": overturned, "disputed": disputed, "appealed": appealed, "quarrel": quarrel}
    rows = rows.annotate(**{name: Exists(each) for name, each in found.items()})
    rows = rows.filter(Q(*[(name, True) for name in found], _connector=Q.OR))
    for case in rows.select_related("campaign"):
        reasons = [f"@retaliation.{name}" for name in found if getattr(case, name)]
        yield of_case(case, reasons=reasons)


def _next_roles() -> dict[str, set[str]]:
    """Who the steps table offers a main step to, by state; a served case also waits for its meeting."""
    roles: dict[str, set[str]] = defaultdict(set)
    for step in REFERRAL_STEPS:
        if step.main and not step.inner:
            for source in step.sources:
                roles[source].update(role for grant in step.grants for role in roles_with(grant))
    return roles


def _held(roles: set[str], on: dt.date) -> list[tuple[str, str]]:
    """(role, path of the unit over which it is held) of active people, in one statement."""
    rows = RoleAssignment.objects.in_force(on).filter(role__in=roles, user__is_active=True)
    return list(rows.values_list("role", "unit__path"))


def _somebody(case: Any, roles: set[str], held: list[tuple[str, str]]) -> bool:
    """Whether one of the roles is held over the case: over its unit for a unit's role, over the organizer otherwise."""
    if roles & IMPLICIT_ROLES or (Role.VERIFIER in roles and case.team_id):
        return True
    for role, path in held:
        over = case.unit.path if role in UNIT_ROLES else case.campaign.organizer.path
        if role in roles and path and over.startswith(path):
            return True
    return False


def without_step(on: dt.date) -> Iterator[Found]:
    """An open case that stands still: its state has no main step, or nobody holds a role that may take it."""
    roles = _next_roles()
    held = _held({role for each in roles.values() for role in each}, on)
    for case in Referral.objects.open().select_related("campaign__organizer", "unit").order_by(F("pk")):
        if not _somebody(case, roles.get(case.state, set()), held):
            yield of_case(case, state=f"@case_state.{case.state}")
