"""Accounts and roles: who creates, disables and resets, who grants and ends; and the limit of failed sign-ins."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.people.models import Cadre, Unit
from accounts.permissions import ADMINISTRATORS, Role
from accounts.trail.workflow import record
from accounts.user.models import FailedSignIn, RoleAssignment, Session, User

# The team brings the verifier's role, every person is the cadre concerned, the system is nobody.
GRANTABLE = tuple(role for role in Role if role not in (Role.VERIFIER, Role.CADRE, Role.SYSTEM))
# No letter or digit that is read as another one.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
TRIES, WITHIN = 10, dt.timedelta(minutes=15)


def choose_language(user: User, language: str) -> None:
    """Remember the language of the person's mail and next visit."""
    User.objects.filter(pk=user.pk).update(language=language)


def _another(user: User, by: Any) -> User:
    """The account under lock. Raises ValidationError when it is the actor's own (nobody administers himself)."""
    if user.pk == by.pk:
        raise ValidationError(_("Nobody administers the own account; another administrator does it."))
    return User.objects.select_for_update().get(pk=user.pk)


def _give_initial_password(user: User) -> str:
    password = get_random_string(12, _READABLE)
    user.set_password(password)
    user.must_change_password = True
    return password


@transaction.atomic
def create_account(
    *, by: Any, username: str, cadre: Cadre | None, title: str = "", at: dt.datetime | None = None
) -> tuple[User, str]:
    """A new account and its initial password, which is shown once. Raises ValidationError on a second one."""
    if cadre and User.objects.filter(cadre=cadre).exists():
        raise ValidationError(_("This person has an account already."))
    user = User(username=username, cadre=cadre, title=title)
    password = _give_initial_password(user)
    user.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise ValidationError(_("This person has an account already.")) from error
    record("account.create", user, by=by, at=at, username=username)
    return user, password


@transaction.atomic
def reset_password(user: User, *, by: Any, at: dt.datetime | None = None) -> str:
    """A new initial password, shown once; whoever is signed in with the old one is signed out."""
    user = _another(user, by)
    password = _give_initial_password(user)
    user.save(update_fields=["password", "must_change_password"])
    user.sessions.all().delete()
    record("account.reset_password", user, by=by, at=at)
    return password


@transaction.atomic
def switch_account(user: User, *, by: Any, active: bool, at: dt.datetime | None = None) -> bool:
    """Disable (its sessions end at once) or enable an account; False when it was so already."""
    user = _another(user, by)
    if user.is_active == active:
        return False
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        user.sessions.all().delete()
    record("account.enable" if active else "account.disable", user, by=by, at=at)
    return True


def _separation(user: User, role: str, others: Any) -> str:
    """Why the person may not hold this role beside the ``others`` of the period; "" = may (SECURITY section 3, R6)."""
    if role not in GRANTABLE:
        return _("This role is not granted by hand.")
    if role in ADMINISTRATORS:
        return _("An administrator holds no other role; end the other one first.") if others.exists() else ""
    if user.cadre_id is None:
        return _("A business role needs the account of a cadre.")
    if others.filter(role__in=ADMINISTRATORS).exists():
        return _("An administrator holds no other role; end the other one first.")
    return ""


@transaction.atomic
def grant_role(
    user: User, *, by: Any, role: str, unit: Unit, start: dt.date, end: dt.date | None = None,
    at: dt.datetime | None = None,
) -> RoleAssignment:  # fmt: skip
    """A role over a unit's subtree, from ``start`` to the day before ``end``. Raises ValidationError with the reason."""
    user = _another(user, by)
    if not user.is_active:
        raise ValidationError(_("The account is disabled; enable it first."))
    if start < timezone.localdate(at):
        raise ValidationError({"start": _("A role begins today at the earliest.")})
    if end and end <= start:
        raise ValidationError({"end": _("The end lies after the beginning.")})
    others = user.assignments.overlapping(start, end)
    if others.filter(role=role, unit=unit).exists():
        raise ValidationError({"role": _("The person holds this role over this unit already.")})
    if problem := _separation(user, role, others):
        raise ValidationError({"role": problem})
    assignment = RoleAssignment.objects.create(user=user, role=role, unit=unit, start=start, end=end)
    record("role.grant", user, by=by, at=at, role=role, unit=unit.code, start=str(start), end=str(end or ""))
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: Any, on: dt.date, at: dt.datetime | None = None) -> None:
    """The role is not held from the day ``on`` on; one that began that day or later is taken back altogether.

    Raises ValidationError for a past day, an ended role, or the actor's own account.
    """
    user = _another(assignment.user, by)
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if on < timezone.localdate(at):
        raise ValidationError({"on": _("A role ends today at the earliest.")})
    if assignment.end and assignment.end <= on:
        raise ValidationError({"on": _("The role ends on that day or earlier already.")})
    role, unit = assignment.role, assignment.unit
    if assignment.start >= on:
        assignment.delete()
    else:
        assignment.end = on
        assignment.save(update_fields=["end"])
    record("role.end", user, by=by, at=at, role=role, unit=unit.code if unit else "", end=str(on))


@transaction.atomic
def change_password(user: User, *, password: str, at: dt.datetime | None = None) -> None:
    """The person's own new password (checked by the form); ends the person's sessions, the caller keeps its own."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    user.sessions.all().delete()
    record("account.password", user, by=user, at=at)


def end_sessions(user: User, *, marks: set[str] | None = None, keep: str = "") -> int:
    """End the person's own sessions of these marks (None = all), except the one with the key ``keep``."""
    keys = [s.pk for s in user.sessions.exclude(pk=keep) if marks is None or s.mark in marks]
    return Session.objects.filter(pk__in=keys).delete()[0]


def refused_until(username: str, address: str, *, now: dt.datetime | None = None) -> dt.datetime | None:
    """When this account may be tried again from this address; None = now."""
    now = now or timezone.now()
    tries = FailedSignIn.objects.filter(username=username[:40], address=address, at__gt=now - WITHIN)
    earliest = list(tries.order_by("-at").values_list("at", flat=True)[TRIES - 1 : TRIES])
    return earliest[0] + WITHIN if earliest else None


def note_failed_sign_in(username: str, address: str, *, now: dt.datetime | None = None) -> None:
    FailedSignIn.objects.create(username=username[:40], address=address, at=now or timezone.now())


def sweep(*, now: dt.datetime | None = None) -> int:
    """Delete sessions that are over and failed sign-ins that no limit looks at any more."""
    now = now or timezone.now()
    FailedSignIn.objects.filter(at__lte=now - WITHIN).delete()
    return Session.objects.filter(expire_date__lt=now).delete()[0]
