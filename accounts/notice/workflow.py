"""Writing notices and delivering the mail that hangs on them."""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.db.models.functions import Length
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.notice.models import Notice
from accounts.user.models import RoleAssignment, User

logger = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=5)


def holders(roles: Iterable[str], *, over: Any, on: dt.date | None = None) -> list[User]:
    """Active users who hold one of the roles over this unit or one above it."""
    prefixes = [over.path[:n] for n in range(7, len(over.path) + 1, 7)]
    rows = RoleAssignment.objects.in_force(on or timezone.localdate()).filter(
        role__in=list(roles), unit__path__in=prefixes
    )
    return list(User.objects.filter(pk__in=rows.values("user"), is_active=True))


def nearest_holders(roles: Iterable[str], *, over: Any, on: dt.date | None = None) -> list[User]:
    """Per role the active users who hold it over this unit, or else over the nearest unit above it.

    A school's head signs for the school; the bureau above is asked only where the school has nobody of its own.
    """
    prefixes = [over.path[:n] for n in range(7, len(over.path) + 1, 7)]
    rows = RoleAssignment.objects.in_force(on or timezone.localdate()).filter(
        role__in=list(roles), unit__path__in=prefixes, user__is_active=True
    )
    held = list(rows.select_related("user").annotate(depth=Length("unit__path")).order_by("pk"))
    nearest = {role: max(r.depth for r in held if r.role == role) for role in {r.role for r in held}}
    return list(dict.fromkeys(r.user for r in held if r.depth == nearest[r.role]))


def drafted(
    recipients: Iterable[User],
    code: str,
    *,
    path: str = "",
    at: dt.datetime | None = None,
    by_mail: bool = True,
    **params: Any,
) -> list[Notice]:
    """One notice per person, not yet written: for those who write many at once."""
    at = at or timezone.now()
    return [
        Notice(recipient=user, code=code, params=params, path=path, created_at=at, by_mail=by_mail)
        for user in dict.fromkeys(recipients)
    ]


def notify(recipients: Iterable[User], code: str, **options: Any) -> None:
    """Write one notice per person, in the caller's transaction; options and parameters as of ``drafted``."""
    Notice.objects.bulk_create(drafted(recipients, code, **options))


def mark_read(notices: Any) -> int:
    """Mark the given notices as read; returns how many were new."""
    return notices.unread().update(read_at=timezone.now())


def deliver(*, limit: int = 100) -> int:
    """Mail what is due, at least once, with a stable Message-ID; returns how many went out.

    A failure is logged without the address, retried after the lease (at most eight attempts), and stops nobody else's.
    """
    now, sent = timezone.now(), 0
    for notice in list(Notice.objects.to_mail(now).select_related("recipient")[:limit]):
        mine = (
            Notice.objects.to_mail(now)
            .filter(pk=notice.pk)
            .update(claimed_until=now + LEASE, attempts=F("attempts") + 1)
        )
        if not mine:
            continue
        with translation.override(notice.recipient.language):
            mail = EmailMessage(_("Retrain: a notice for you"), f"{notice.text}\n\n{notice.why}", settings.DEFAULT_FROM_EMAIL, [notice.recipient.email],
                                headers={"Message-ID": f"<{notice.public_id}@retrain>"})  # fmt: skip
        try:
            mail.send()
        except (OSError, ValueError) as error:  # SMTP errors are OSErrors; an impossible address is a ValueError
            logger.warning("Notice %s was not mailed: %s", notice.public_id, type(error).__name__)
            continue
        sent += Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())
    return sent
