"""The trail under attack: whatever is changed by SQL, ``verify_trail`` names the first event that does not hold."""

import io
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import DecisionEvent
from accounts.trail.models import TrailHead
from accounts.trail.triggers import lay, lift
from accounts.trail.workflow import digest_of, first_break, hash_of
from cohorts.procedure.workflow import move
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    """Some real events, oldest first."""
    world = World()
    case = world.nominated()
    for n in range(4):
        move(case, "correct", by=world.clerk, reason=f"更正{n}")
        case.refresh_from_db()
    return list(DecisionEvent.objects.order_by("seq"))


@contextmanager
def tampering():
    lift(connection)
    with connection.cursor() as cursor:
        yield cursor
    lay(connection)


def verify(*args) -> str:
    out = io.StringIO()
    call_command("verify_trail", *args, stdout=out)
    return out.getvalue()


def broken(*args) -> str:
    with pytest.raises(CommandError) as error:
        verify(*args)
    return str(error.value)


def test_an_untouched_trail_holds(events):
    assert str(len(events)) in verify()


@pytest.mark.parametrize(
    "column",
    [
        "payload",
        "action",
        "actor_role",
        "at",
        "subject_id",
        "payload_digest",
        "hash",
        "prev_hash",
        "salt",
        "recorded_at",
    ],
)
def test_an_edited_event_is_named(events, column):
    victim, donor = events[3], events[5]
    with tampering() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_decisionevent WHERE seq = %s", [donor.seq])
        value = "f" * 64 if column in ("hash", "prev_hash") else cursor.fetchone()[0]
        if column in ("action", "actor_role"):
            value = "forged"
        if column in ("at", "recorded_at"):
            value = "2001-01-01 00:00:00+00:00" if connection.vendor == "postgresql" else "2001-01-01 00:00:00"
        if column == "subject_id":
            value = "0" * 32
        if column == "payload":
            value = '{"forged":true}'
        cursor.execute(f"UPDATE accounts_decisionevent SET {column} = %s WHERE seq = %s", [value, victim.seq])
    assert f"event {victim.seq}:" in broken()


def test_a_deleted_event_is_named(events):
    with tampering() as cursor:
        cursor.execute("DELETE FROM accounts_decisionevent WHERE seq = %s", [events[3].seq])
    assert f"event {events[3].seq}:" in broken()


def test_an_inserted_event_is_named(events):
    last = events[-1]
    forged = DecisionEvent(seq=last.seq + 1, prev_hash=last.hash, at=last.at, recorded_at=last.recorded_at, actor=last.actor, actor_role="leader",
                           action="referral.release", subject_type="referral", subject_id=last.subject_id, payload="{}", salt="0" * 32,
                           payload_digest=digest_of("0" * 32, "{}"))  # fmt: skip
    forged.hash = hash_of(forged)
    forged.save()
    assert f"event {last.seq + 2}:" in broken()


def test_an_event_inserted_in_the_middle_is_named(events):
    with tampering() as cursor:
        for event in reversed(events[4:]):
            cursor.execute("UPDATE accounts_decisionevent SET seq = seq + 1 WHERE seq = %s", [event.seq])
        new = events[4]
        forged = DecisionEvent(seq=new.seq, prev_hash="e" * 64, at=new.at, recorded_at=new.recorded_at, actor=new.actor, actor_role="leader",
                               action="referral.release", subject_type="referral", subject_id=new.subject_id, payload="{}", salt="0" * 32,
                               payload_digest=digest_of("0" * 32, "{}"))  # fmt: skip
        forged.hash = hash_of(forged)
        forged.save()
    assert f"event {new.seq}:" in broken()


def test_two_swapped_events_are_named(events):
    one, two = events[3], events[4]
    with tampering() as cursor:
        for old, new in ((one.seq, 9_000_000), (two.seq, one.seq), (9_000_000, two.seq)):
            cursor.execute("UPDATE accounts_decisionevent SET seq = %s WHERE seq = %s", [new, old])
    assert f"event {one.seq}:" in broken()


def test_a_tail_cut_with_its_head_is_found_by_the_exported_head(events, tmp_path):
    file = tmp_path / "deep" / "head.json"
    verify("--export-head", str(file))
    assert verify("--head", str(file))
    cut = events[-3:]
    with tampering() as cursor:
        cursor.execute("DELETE FROM accounts_decisionevent WHERE seq >= %s", [cut[0].seq])
    assert f"event {cut[0].seq}:" in broken()
    kept = events[-4]
    TrailHead.objects.update(seq=kept.seq, hash=kept.hash)
    assert first_break() is None
    assert f"event {cut[0].seq}: tail cut" in broken("--head", str(file))


def test_a_chain_written_anew_is_found_by_the_exported_head(events, tmp_path):
    file = tmp_path / "head.json"
    verify("--export-head", str(file))
    last = events[-1]
    last.payload = '{"forged":true}'
    last.payload_digest = digest_of(last.salt, last.payload)
    last.hash = hash_of(last)
    with tampering():
        last.save()
    TrailHead.objects.update(hash=last.hash)
    assert first_break() is None
    assert f"event {last.seq}: exported head" in broken("--head", str(file))


def test_a_broken_payload_is_reported_even_when_its_digest_was_written_anew(events):
    last = events[-1]
    last.payload = '{"a":'
    last.payload_digest = digest_of(last.salt, last.payload)
    last.hash = hash_of(last)
    with tampering():
        last.save()
    TrailHead.objects.update(hash=last.hash)
    assert f"event {last.seq}: json" in broken()


def test_a_lost_head_is_reported(events):
    TrailHead.objects.all().delete()
    assert f"event {len(events) + 1}: head" in broken()


def test_a_purged_payload_keeps_the_chain(events):
    with tampering() as cursor:
        cursor.execute("UPDATE accounts_decisionevent SET payload = '', salt = '' WHERE seq = %s", [events[3].seq])
    assert first_break() is None


@pytest.mark.parametrize("content", ["", "no json", "[]", "{}", '{"seq": "x", "hash": "y"}', None])
def test_a_file_that_is_no_head_ends_in_a_sentence(events, tmp_path, content):
    file = tmp_path / "head.json"
    if content is not None:
        file.write_text(content)
    assert str(file) in broken("--head", str(file))


@pytest.mark.parametrize(
    "sql", ["UPDATE accounts_decisionevent SET action = 'x'", "DELETE FROM accounts_decisionevent"]
)
def test_the_database_itself_refuses(events, sql):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert DecisionEvent.objects.count() == len(events)
