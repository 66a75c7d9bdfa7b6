"""Delivery of notices by e-mail: in the reader's language, at least once, and one bad address stops nobody."""

import datetime as dt
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.models import Notice, User
from accounts.notice.delivery import deliver, wait_after
from accounts.notice.models import MAX_ATTEMPTS
from accounts.notice.workflow import notify
from tests.world import World

pytestmark = pytest.mark.django_db


class Broken(EmailBackend):
    """Refuses the addresses that begin with "bad"."""

    def send_messages(self, messages):
        if messages[0].to[0].startswith("bad"):
            raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such address")})
        return super().send_messages(messages)


@pytest.fixture
def world(settings):
    settings.EMAIL_BACKEND = "tests.test_comforts_mail.Broken"
    world = World()
    for user, address, language in (
        (world.clerk, "clerk@example.org", "zh-hans"), (world.chief, "chief@example.org", "en"), (world.leader, "bad@example.org", "en"),
    ):  # fmt: skip
        User.objects.filter(pk=user.pk).update(email=address, language=language)
        user.refresh_from_db()
    Notice.objects.all().delete()
    return world


def tell(*people):
    notify(people, "nominated", case="2026-00001", unit="县水利局")


def free():
    """As if the lease of every claim and the wait after every failure were over."""
    past = timezone.now() - dt.timedelta(seconds=1)
    Notice.objects.update(claimed_until=None, retry_at=past)


def test_each_reads_the_own_language_and_whoever_has_no_address_gets_none(world):
    tell(world.clerk, world.chief, world.head)
    assert deliver() == 2
    bodies = {message.to[0]: message for message in mail.outbox}
    assert set(bodies) == {"clerk@example.org", "chief@example.org"}
    assert bodies["chief@example.org"].body.isascii() or "nominated" in bodies["chief@example.org"].body.lower()
    assert bodies["clerk@example.org"].subject != bodies["chief@example.org"].subject
    assert deliver() == 0


def test_the_message_keeps_its_identifier_over_attempts(world):
    tell(world.clerk)
    deliver()
    Notice.objects.update(mailed_at=None)
    free()
    deliver()
    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second == f"<{Notice.objects.get().public_id}@retrain>"


def test_one_bad_address_does_not_stop_the_others(world):
    tell(world.leader)
    tell(world.clerk, world.chief)
    assert deliver() == 2
    assert Notice.objects.get(recipient=world.leader).mailed_at is None


def test_a_failure_is_tried_again_after_a_while_and_a_bounded_number_of_times(world):
    tell(world.leader)
    for attempt in range(1, MAX_ATTEMPTS + 3):
        deliver()
        deliver()  # before its time nothing is tried
        notice = Notice.objects.get()
        assert notice.attempts == min(attempt, MAX_ATTEMPTS)
        assert notice.mail_error == "SMTPRecipientsRefused"
        assert notice.claimed_until is None
        if attempt <= MAX_ATTEMPTS:
            assert timezone.now() < notice.retry_at < timezone.now() + wait_after(attempt) * 1.6
        free()
    assert not mail.outbox


def test_a_later_attempt_reaches_the_mended_address(world):
    tell(world.leader)
    deliver()
    User.objects.filter(pk=world.leader.pk).update(email="mended@example.org")
    assert deliver() == 0
    free()
    assert deliver() == 1
    assert Notice.objects.get().mailed_at
