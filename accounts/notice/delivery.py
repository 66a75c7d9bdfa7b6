"""E-mail from the outbox: at least once, leased to one worker at a time, with a stable Message-ID.

What may fail here is the outside world; its failures are recorded on the row and tried again later. Nothing is kept in
the broker: every minute a worker sends what is due in the database.
"""

import datetime as dt
import logging
import random
import smtplib
import time
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.failpoint import failpoint
from accounts.notice.models import Digest, Notice

logger = logging.getLogger(__name__)

# After the first failure a minute, then three times as long each time, up to four hours; a fifth more or less, so that
# many that failed together do not come back together.
FIRST_WAIT, LONGEST_WAIT, GROWTH, JITTER = dt.timedelta(minutes=1), dt.timedelta(hours=4), 3, 0.2
# The server's answer to one mail; every other failure is the server's own, and the next mail would meet it too.
_ONE_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)


def mail_is_off() -> bool:
    """No mail server is set: notices stand in Retrain only."""
    return settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend"


def wait_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failed attempts (at least one)."""
    wait = min(FIRST_WAIT * GROWTH ** (attempts - 1), LONGEST_WAIT)
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- spreads load, keeps no secret


def bundle(*, at: dt.datetime | None = None) -> int:
    """One e-mail per person of the notices that wait for the daily one; returns how many. In the caller's transaction.

    Once a day and person: what comes after it waits for the next day's.
    """
    at = at or timezone.now()
    day, waiting = timezone.localtime(at).date(), Notice.objects.to_bundle()
    told = waiting.exclude(recipient__digests__day=day).values_list("recipient", flat=True).distinct().order_by()
    made = Digest.objects.bulk_create(Digest(recipient_id=pk, day=day, created_at=at) for pk in told)
    of_the_day = Digest.objects.filter(recipient=OuterRef("recipient"), day=day).values("pk")
    waiting.filter(recipient__in=[digest.recipient_id for digest in made]).update(digest=Subquery(of_the_day))
    return len(made)


def deliver(*, limit: int = 100, seconds: float = 240) -> int:
    """Mail what is due; returns how many went out. Stops after ``limit`` attempts, or ``seconds``, or when the server is out."""
    if mail_is_off():
        return 0
    until, tried, sent = time.monotonic() + seconds, 0, 0
    for model in (Notice, Digest):
        while tried < limit and time.monotonic() < until:
            row = _claim(model)
            if row is None:
                break
            tried += 1
            went = _send(row)
            if went is None:
                return sent
            sent += went
    return sent


def _claim(model: Any) -> Any:
    """Lease the oldest row that is due to this worker; None when there is none.

    On PostgreSQL workers pass over each other's locked rows; on SQLite writers follow one another. Either way the
    condition is tested again by the update.
    """
    now = timezone.now()
    if not model.objects.to_mail(now).exists():
        return None
    failpoint("mail.before_claim")
    with transaction.atomic():
        rows = model.objects.to_mail(now).select_related("recipient").order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row = rows.first()
        if row is None:
            return None
        lease = {"claimed_until": now + settings.MAIL_LEASE, "attempts": F("attempts") + 1}
        if not model.objects.to_mail(now).filter(pk=row.pk).update(**lease):
            return None
    row.attempts += 1
    failpoint("mail.after_claim")
    return row


def _send(row: Any) -> bool | None:
    """Send one leased row and mark it; False when this mail failed, None when the server did."""
    mine = type(row).objects.filter(pk=row.pk)
    try:
        message = _message(row)
        failpoint("mail.before_send")
        message.send()
        failpoint("mail.after_send")
    except Exception as error:
        # The address stays out of the log; what a sentence lacks is an error of ours and stops nobody else's mail.
        logger.warning("%s %s was not mailed: %s", type(row).__name__, row.public_id, type(error).__name__)
        retry_at = timezone.now() + wait_after(row.attempts)
        mine.update(claimed_until=None, retry_at=retry_at, mail_error=type(error).__name__[:60])
        return None if isinstance(error, OSError) and not isinstance(error, _ONE_MAIL) else False
    failpoint("mail.before_mark")
    mine.update(mailed_at=timezone.now(), claimed_until=None, mail_error="")
    failpoint("mail.after_mark")
    return True


def _message(row: Any) -> EmailMessage:
    """The mail in the recipient's language; without a name or a case in its subject."""
    with translation.override(row.recipient.language):
        if isinstance(row, Digest):
            notices = list(row.notices.order_by("created_at", "pk"))
            subject = ngettext(
                "Retrain: %(n)s notice for you today", "Retrain: %(n)s notices for you today", len(notices)
            ) % {"n": len(notices)}
        else:
            notices, subject = [row], _("Retrain: a notice for you")
        text = "\n\n".join(f"{notice.text}\n{notice.why}" for notice in notices)
        # The second header keeps absence notes from answering.
        headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
        return EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [row.recipient.email], headers=headers)
