"""Writing notices: whom to tell, by which role, and how it goes out."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models.functions import Length
from django.utils import timezone

from accounts.notice.delivery import mail_is_off
from accounts.notice.kinds import Way, kind_of, way_of
from accounts.notice.models import Notice
from accounts.user.models import RoleAssignment, User


def told_as(held: RoleAssignment) -> User:
    """The holder of a role, marked with it: a notice says by which role, over which unit, the person gets it."""
    held.user.told_as = held
    return held.user


def holders(roles: Iterable[str], *, over: Any, on: dt.date | None = None) -> list[User]:
    """Active users who hold one of the roles over this unit or one above it."""
    prefixes = [over.path[:n] for n in range(7, len(over.path) + 1, 7)]
    rows = RoleAssignment.objects.in_force(on or timezone.localdate()).filter(
        role__in=list(roles), unit__path__in=prefixes, user__is_active=True
    )
    return list(dict.fromkeys(told_as(held) for held in rows.select_related("user", "unit").order_by("user", "pk")))


def nearest_holders(roles: Iterable[str], *, over: Any, on: dt.date | None = None) -> list[User]:
    """Per role the active users who hold it over this unit, or else over the nearest unit above it.

    A school's head signs for the school; the bureau above is asked only where the school has nobody of its own.
    """
    prefixes = [over.path[:n] for n in range(7, len(over.path) + 1, 7)]
    rows = RoleAssignment.objects.in_force(on or timezone.localdate()).filter(
        role__in=list(roles), unit__path__in=prefixes, user__is_active=True
    )
    held = list(rows.select_related("user", "unit").annotate(depth=Length("unit__path")).order_by("pk"))
    nearest = {role: max(r.depth for r in held if r.role == role) for role in {r.role for r in held}}
    return list(dict.fromkeys(told_as(r) for r in held if r.depth == nearest[r.role]))


def drafted(
    recipients: Iterable[User],
    code: str,
    *,
    path: str = "",
    at: dt.datetime | None = None,
    by_mail: bool = True,
    **params: Any,
) -> list[Notice]:
    """One notice per person, not yet written: for those who write many at once.

    How it goes out is decided here: as the person chose, and not by e-mail where there is no address or no server, so
    that an address that is entered later does not bring the mail of years.
    """
    at = at or timezone.now()
    off = mail_is_off() or not by_mail
    notices = []
    for user in dict.fromkeys(recipients):
        held = user.told_as
        role, over = (held.role, held.unit.name if held.unit else "") if held else ("", "")
        mail = Way.NONE if off or not user.email else way_of(user, kind_of(code, role))
        notices.append(
            Notice(recipient=user, code=code, params=params, path=path, created_at=at, role=role, over=over, mail=mail)
        )
    return notices


def notify(recipients: Iterable[User], code: str, **options: Any) -> None:
    """Write one notice per person, in the caller's transaction; options and parameters as of ``drafted``."""
    Notice.objects.bulk_create(drafted(recipients, code, **options))


def mark_read(notices: Any) -> int:
    """Mark the given notices as read; returns how many were new."""
    return notices.unread().update(read_at=timezone.now())
