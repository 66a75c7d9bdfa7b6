"""Writing notices and delivering the mail that hangs on them."""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
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


def notify(
    recipients: Iterable[User], code: str, *, path: str = "", at: dt.datetime | None = None, **params: Any
) -> None:
    """Write one notice per person, in the caller's transaction."""
    at = at or timezone.now()
    Notice.objects.bulk_create(
        [
            Notice(recipient=user, code=code, params=params, path=path, created_at=at)
            for user in dict.fromkeys(recipients)
        ]
    )


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
            mail = EmailMessage(_("Retrain: a notice for you"), notice.text, settings.DEFAULT_FROM_EMAIL, [notice.recipient.email],
                                headers={"Message-ID": f"<{notice.public_id}@retrain>"})  # fmt: skip
        try:
            mail.send()
        except (OSError, ValueError) as error:  # SMTP errors are OSErrors; an impossible address is a ValueError
            logger.warning("Notice %s was not mailed: %s", notice.public_id, type(error).__name__)
            continue
        sent += Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())
    return sent
