"""A worker is killed at each step of a delivery: no notice is lost or doubled, no mail is lost, one copy too many at most."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from accounts.models import Digest, Notice, User
from accounts.notice.delivery import bundle, deliver
from accounts.notice.workflow import notify
from tests.faults import KILLED, accepted, begin, end, in_child, together

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = ("mail.before_claim", "mail.after_claim", "mail.before_send", "mail.after_send", "mail.before_mark", "mail.after_mark")  # fmt: skip
# Killed here, the mail has gone out and nobody knows it: the one copy too many.
UNKNOWN = {"mail.after_send", "mail.before_mark"}
DELIVERIES = 200


@pytest.fixture
def people(settings, tmp_path):
    settings.EMAIL_BACKEND = "tests.faults.PostOffice"
    settings.POST_OFFICE = str(tmp_path / "accepted")
    # A dead worker's lease is over at once, so that the next one goes on where it stopped.
    settings.MAIL_LEASE = dt.timedelta(0)
    return [
        User.objects.create(username=f"u{n}", email=f"u{n}@example.org", mail_choices={"class": "digest"})
        for n in range(20)
    ]


def outbox():
    return set(Notice.objects.values_list("public_id", "recipient", "code", "read_at"))


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_each_step_of_200_deliveries(people, step):
    for n in range(DELIVERIES // len(people)):
        notify(people, "nominated", case=str(n), unit="县水利局")
    before = outbox()
    # Each worker finishes the delivery that the dead one had begun, and dies at the same step of the next one; after the
    # mark nothing is left to finish.
    second = step if step == "mail.after_mark" else f"{step}:2"
    ends = [in_child(lambda: deliver(limit=2), step if n == 0 else second) for n in range(DELIVERIES)]
    assert ends == [KILLED] * DELIVERIES
    assert in_child(deliver) == 0
    assert outbox() == before
    # Every one of them was killed once at this step, and went out once or, where nobody could know, twice.
    once = 2 if step in UNKNOWN else 1
    assert accepted() == {notice.message_id: once for notice in Notice.objects.all()}
    assert Notice.objects.count() == DELIVERIES
    assert not Notice.objects.filter(mailed_at__isnull=True).exists()


@pytest.mark.parametrize("step", STEPS)
def test_a_digest_survives_its_worker_as_one_mail(people, step):
    notify(people[:2], "quiz_open", path="/class/quiz/")
    notify(people[:2], "class_teacher", number=1, year=2026)
    assert bundle() == 2
    kills = sum(in_child(deliver, step) == KILLED for _ in range(3))
    assert kills
    assert in_child(deliver) == 0
    copies = accepted()
    assert set(copies) == {digest.message_id for digest in Digest.objects.all()}
    assert copies.total() <= 2 + kills
    assert Notice.objects.count() == 4


def test_four_workers_at_once_send_each_mail_once(people, settings):
    settings.MAIL_LEASE = dt.timedelta(minutes=5)
    for n in range(5):
        notify(people, "nominated", case=str(n), unit="县水利局")
    assert together(*[deliver] * 4) == [0, 0, 0, 0]
    copies = accepted()
    assert len(copies) == copies.total() == 100


def test_a_lease_holds_until_it_is_over(people, settings):
    settings.MAIL_LEASE = dt.timedelta(minutes=5)
    notify(people[:1], "nominated", case="1", unit="县水利局")
    assert in_child(deliver, "mail.before_send") == KILLED
    assert deliver() == 0
    assert not accepted()
    Notice.objects.update(claimed_until=timezone.now() - dt.timedelta(seconds=1))
    assert deliver() == 1
    assert Notice.objects.get().attempts == 2


@pytest.mark.postgres
def test_a_worker_passes_over_what_another_one_has_locked(people, tmp_path):
    notify(people[:2], "nominated", case="1", unit="县水利局")
    first = Notice.objects.order_by("pk")[0]
    held = tmp_path / "held"

    def hold():
        from django.db import transaction

        from accounts.failpoint import failpoint

        with transaction.atomic():
            Notice.objects.select_for_update().get(pk=first.pk)
            failpoint("test.locked")

    child = begin(hold, FAILPOINT=f"test.locked@{held}")
    until = time.monotonic() + 20
    while not held.exists() and time.monotonic() < until:
        time.sleep(0.02)
    try:
        assert deliver() == 1
        first.refresh_from_db()
        assert first.mailed_at is None
    finally:
        held.unlink()
    assert end(child) == 0
    assert deliver() == 1
