"""The outbox in the reader's words: why a notice comes, what is mailed at once, once a day or not at all, and what failures leave."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone, translation

from accounts import wording
from accounts.models import Digest, Job, Notice, User
from accounts.notice.delivery import FIRST_WAIT, JITTER, LONGEST_WAIT, bundle, deliver, wait_after
from accounts.notice.kinds import CHOOSABLE, KIND_OF, kind_of, placed
from accounts.notice.models import MAX_ATTEMPTS
from accounts.notice.workflow import holders, notify
from accounts.permissions import Role
from accounts.tasks import bundle_notices
from cohorts.site.notices import KIND_OF_CODE
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


class Down(EmailBackend):
    """A mail server that does not answer."""

    tried = 0

    def send_messages(self, messages):
        Down.tried += 1
        raise smtplib.SMTPServerDisconnected("connection unexpectedly closed")


@pytest.fixture
def world():
    world = World()
    for user in (world.clerk, world.chief, world.head, world.trainee):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.org", language="en")
        user.refresh_from_db()
    Notice.objects.all().delete()
    return world


def choose(user, **ways):
    User.objects.filter(pk=user.pk).update(mail_choices=ways)
    user.refresh_from_db()


def codes():
    """Every notice code of the house."""
    return {code.removeprefix("notice.") for code in wording._SENTENCES if code.startswith("notice.")}


# ---------- kinds and reasons ----------


def test_every_notice_has_its_kind_and_no_kind_names_a_notice_that_does_not_exist():
    assert {code for code in codes() if not placed(code)} == set()
    assert set(KIND_OF_CODE) <= codes()


def test_what_nobody_has_placed_is_a_duty():
    assert kind_of("something_new", "clerk").duty


def test_an_outcome_told_to_the_person_is_the_persons_own_and_cannot_be_muted(world):
    choose(world.trainee, outcome="none")
    choose(world.head, outcome="none")
    notify([world.trainee], "confirmed", case="1")
    notify(holders({Role.UNIT_HEAD}, over=world.bureau), "confirmed", case="1")
    own, heads = Notice.objects.get(recipient=world.trainee), Notice.objects.get(recipient=world.head)
    assert (own.kind.code, own.mail) == ("own", "now")
    assert (heads.kind.code, heads.mail) == ("outcome", "none")


def test_a_notice_says_why_it_comes_and_by_which_role_over_which_unit(world):
    notify(holders({Role.CLERK}, over=world.department), "nominated", case="1", unit="x")
    notify([world.trainee], "served")
    with translation.override("en"):
        by_role, own = (Notice.objects.get(recipient=user).why for user in (world.clerk, world.trainee))
    assert by_role.startswith("You receive this because")
    assert by_role.endswith("(Clerk, 县委组织部)")
    assert own == "You receive this because the matter concerns yourself."
    deliver()
    bodies = {message.to[0]: message.body for message in mail.outbox}
    assert by_role in bodies["clerk@example.org"]
    assert own in bodies["trainee@example.org"]
    client = Client()
    client.force_login(world.clerk, backend="accounts.user.backend.RoleBackend")
    assert "县委组织部" in client.get("/notices/").content.decode()


@pytest.mark.parametrize("code", sorted(KIND_OF_CODE))
def test_every_reason_can_be_said_in_both_languages(code):
    for role in ("", "clerk"):
        notice = Notice(code=code, role=role, over="县水利局" if role else "")
        words = []
        for language in ("en", "zh-hans"):
            with translation.override(language):
                words.append(notice.why)
        assert words[0].startswith("You receive this")
        assert words[1].startswith("您")


# ---------- how it goes out ----------


def test_each_person_chooses_by_kind_and_duties_are_mailed_whatever_was_chosen(world):
    choose(world.clerk, alert="none", act="none")
    choose(world.chief, alert="digest")
    people = holders({Role.CLERK, Role.CHIEF}, over=world.department)
    notify(people, "alert_digest", count=1, worst=[])
    notify(people, "nominated", case="1", unit="x")
    ways = set(Notice.objects.values_list("code", "recipient__username", "mail"))
    assert ways == {("alert_digest", "clerk", "none"), ("alert_digest", "chief", "digest"), ("nominated", "clerk", "now"),
                    ("nominated", "chief", "now")}  # fmt: skip
    assert deliver() == 2
    assert Notice.objects.visible_to(world.clerk).count() == 2


def test_who_has_no_address_gets_no_mail_of_the_past_once_there_is_one(world):
    notify([world.leader], "nominated", case="1", unit="x")
    User.objects.filter(pk=world.leader.pk).update(email="leader@example.org")
    assert deliver() == 0
    assert Notice.objects.get().mail == "none"


def test_without_a_mail_server_nothing_is_called_mailed(world, settings):
    notify([world.clerk], "nominated", case="1", unit="x")
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    notify([world.chief], "nominated", case="1", unit="x")
    assert deliver() == 0
    assert Notice.objects.filter(mailed_at__isnull=False).count() == 0
    assert Notice.objects.get(recipient=world.chief).mail == "none"


def test_a_disabled_account_is_not_mailed(world):
    notify([world.clerk], "nominated", case="1", unit="x")
    User.objects.filter(pk=world.clerk.pk).update(is_active=False)
    assert deliver() == 0


def test_the_daily_mail_is_one_for_several_notices_with_an_identifier_of_its_own(world):
    choose(world.trainee, **{"class": "digest"})
    notify([world.trainee], "quiz_open")
    notify([world.trainee], "class_teacher", number=1, year=2026)
    assert deliver() == 0
    bundle_notices()
    bundle_notices()  # the second beat
    assert Job.objects.get(kind="mail_digest").outcome == {"digests": 1}
    assert deliver() == 1
    message, digest = mail.outbox[0], Digest.objects.get()
    assert message.extra_headers["Message-ID"] == digest.message_id
    assert "2" in message.subject
    for notice in Notice.objects.all():
        assert notice.digest == digest
        with translation.override("en"):
            assert notice.text in message.body
            assert notice.why in message.body
    Digest.objects.update(mailed_at=None)
    assert deliver() == 1
    assert mail.outbox[1].extra_headers["Message-ID"] == digest.message_id
    assert mail.outbox[1].body == message.body


def test_what_comes_after_the_daily_mail_waits_for_the_next_one(world):
    choose(world.trainee, **{"class": "digest"})
    now = timezone.now()
    notify([world.trainee], "quiz_open")
    assert bundle(at=now) == 1
    notify([world.trainee], "quiz_open")
    assert bundle(at=now) == 0
    assert Notice.objects.to_bundle().count() == 1
    assert bundle(at=now + DAY) == 1
    assert Digest.objects.count() == 2


# ---------- the outside world fails ----------


def test_when_the_server_is_out_one_mail_finds_it_out_and_the_others_keep_their_attempts(world, settings):
    settings.EMAIL_BACKEND = "tests.test_outbox.Down"
    Down.tried = 0
    notify([world.clerk, world.chief, world.head], "nominated", case="1", unit="x")
    assert deliver() == 0
    assert Down.tried == 1
    assert sorted(Notice.objects.values_list("attempts", "mail_error")) == [
        (0, ""),
        (0, ""),
        (1, "SMTPServerDisconnected"),
    ]


def test_a_sentence_that_cannot_be_said_stops_nobody_elses_mail(world):
    notify([world.clerk], "nominated", case="1")  # the unit is missing: an error of ours
    notify([world.chief], "nominated", case="1", unit="x")
    assert deliver() == 1
    assert [message.to for message in mail.outbox] == [["chief@example.org"]]
    assert Notice.objects.get(recipient=world.clerk).mail_error == "KeyError"


def test_the_waits_grow_have_an_end_and_do_not_come_together():
    previous = dt.timedelta(0)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        waits = {wait_after(attempt) for _ in range(20)}
        assert len(waits) > 1
        assert all(FIRST_WAIT * (1 - JITTER) <= wait <= LONGEST_WAIT * (1 + JITTER) for wait in waits)
        assert max(waits) >= previous
        previous = min(waits)
    # A night without a server loses no mail.
    assert sum((wait_after(n) for n in range(1, MAX_ATTEMPTS)), dt.timedelta(0)) > dt.timedelta(hours=20)


def test_a_lease_outlives_the_longest_answer_of_the_mail_server(settings):
    assert dt.timedelta(seconds=8 * settings.EMAIL_TIMEOUT) < settings.MAIL_LEASE


# ---------- the choice on the page ----------


def test_the_choice_stands_on_the_own_page(world):
    client = Client()
    client.force_login(world.clerk, backend="accounts.user.backend.RoleBackend")
    page = client.get("/me/").content.decode()
    for kind in CHOOSABLE:
        assert f'name="mail_{kind.code}"' in page
    assert 'name="mail_act"' not in page
    with translation.override("zh-hans"):
        assert str(KIND_OF["act"].label) in page
    data = {"email": "clerk@example.org", "language": "zh-hans"} | {f"mail_{k.code}": "digest" for k in CHOOSABLE}
    assert client.post("/me/", data).status_code == 302
    world.clerk.refresh_from_db()
    assert world.clerk.mail_choices == {kind.code: "digest" for kind in CHOOSABLE}
    assert client.post("/me/", data | {"mail_alert": "pigeon"}).status_code == 422
    assert client.post("/me/", data | {"mail_act": "none"}).status_code == 302
    world.clerk.refresh_from_db()
    assert "act" not in world.clerk.mail_choices
