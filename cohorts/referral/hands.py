"""Who may verify at all, and who has no hand in a drawn case and cannot read it: the second verifier."""

import copy
import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import AccessLog, DecisionEvent, User
from accounts.people.models import barred_cadres
from accounts.permissions import ADMINISTRATORS, Role
from accounts.user.models import RoleAssignment
from assessments.evidence.models import Evidence
from cohorts.referral.meeting import Presence
from cohorts.referral.models import Referral
from cohorts.referral.second import SecondCheck

# Whose office shows him what became of every case, without a case being opened.
KNOWS_OUTCOMES = ADMINISTRATORS | {Role.DEPARTMENT_ADMIN, Role.PAYROLL}


def able_to_verify(organizer: Any, on: dt.date) -> Any:
    """Active accounts of the organizer, the leading offices (human resources among them), discipline, and former verifiers.

    Who decides, who signs for a unit, and the three administrators never verify.
    """
    held = RoleAssignment.objects.in_force(on)
    apart = held.filter(role__in=[*ADMINISTRATORS, Role.LEADER, Role.UNIT_HEAD])
    able = (
        Q(pk__in=RoleAssignment.objects.filter(role__in=[Role.CLERK, Role.VERIFIER], unit=organizer).values("user"))
        | Q(cadre__unit__path__startswith=organizer.path)
        | Q(cadre__unit__leading_office=True)
        | Q(pk__in=held.filter(role=Role.INSPECTOR).values("user"))
    )
    people = User.objects.filter(able, is_active=True, cadre__isnull=False).exclude(pk__in=apart.values("user"))
    return people.select_related("cadre__unit").order_by("cadre__unit__path", "pk")


def _took_part(case: Referral) -> set[int | None]:
    """Keys of the cadres whom the case's trail names, and who put its evidence on record."""
    acted = DecisionEvent.objects.filter(subject_type="referral", subject_id=case.public_id)
    wrote = Evidence.objects.filter(pk__in=case.evidence_links.values("evidence"))
    return {*acted.values_list("actor__cadre", flat=True), *wrote.values_list("recorded_by__cadre", flat=True)}


def _readers(check: SecondCheck, users: list[User]) -> set[int]:
    """Keys of those who can read the case, or what came of it, in any role held since the draw, or who did open it.

    The scope of the case itself is asked (``in_scope_of``), so that a new role or a wider scope counts here by itself.
    """
    case = check.referral
    since = timezone.localtime(check.drawn_at).date()
    by_key = {user.pk: user for user in users}
    held = RoleAssignment.objects.overlapping(since, None).filter(user__in=by_key).select_related("unit")
    found = set(AccessLog.objects.filter(subject_id=case.public_id, user__in=by_key).values_list("user", flat=True))
    for role in held:
        if role.user_id in found:
            continue
        reader = copy.copy(by_key[role.user_id])
        reader.role = role
        sees = Referral.objects.filter(pk=case.pk).in_scope_of(reader)
        if role.role in KNOWS_OUTCOMES or sees.exists():
            found.add(role.user_id)
    return found


def against(check: SecondCheck, users: Iterable[User], *, on: dt.date) -> dict[int, list[str]]:
    """Per user's key the codes of all that keeps this person from the second word; an empty list means that nothing does.

    The one answer for the form, the assignment and the act. Cadres are compared, never users (SECURITY: nominator,
    verifier and decider are different people; recusal by Civil Servants Law Art. 76).
    """
    case, users = check.referral, list(users)
    able = set(
        able_to_verify(case.campaign.organizer, on).filter(pk__in=[u.pk for u in users]).values_list("pk", flat=True)
    )
    barred, took_part, readers = barred_cadres(case.cadre_id), _took_part(case), _readers(check, users)
    team = set(case.verified_by.values_list("pk", flat=True))
    if case.team:
        team |= set(case.team.members.values_list("cadre", flat=True))
    decided = set(Presence.objects.filter(meeting__items__referral=case).values_list("cadre", flat=True))
    own_units = {case.unit_id, case.cadre.unit_id}
    found = {}
    for user in users:
        cadre = user.cadre_id
        answers = {
            "unable": user.pk not in able,
            "barred": cadre in barred,
            "own_unit": user.cadre is not None and user.cadre.unit_id in own_units,
            "team": cadre in team,
            "took_part": cadre is not None and cadre in took_part,
            "decided": cadre in decided,
            "reads": user.pk in readers,
        }
        found[user.pk] = [code for code, holds in answers.items() if holds]
    return found
