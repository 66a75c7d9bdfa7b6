"""Many people at once: exactly one act counts, everybody else gets a clear answer."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import DecisionEvent, User
from accounts.trail.workflow import first_break
from cohorts.campaign.models import UnitReturn
from cohorts.procedure.step import Refused
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(clients: int, act: Callable[[int], object]) -> Counter:
    """Run an act in so many threads, each with its own connection; the answers, counted."""
    answers: Counter = Counter()
    start, lock = threading.Barrier(clients), threading.Lock()

    def client(number: int) -> None:
        try:
            start.wait(30)
            act(number)
            answer = "done"
        except Refused as refused:
            answer = ",".join(sorted(refused.codes))
        except Exception as error:
            answer = repr(error)
        finally:
            connection.close()
        with lock:
            answers[answer] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def test_fifty_signings_of_one_return_make_one_case_and_49_clear_answers():
    world = World()
    world.draft()
    world.prepared()
    head, key = world.head.pk, world.unit_return.pk

    def sign(_number: int) -> None:
        move(UnitReturn.objects.get(pk=key), "sign", by=User.objects.get(pk=head), password_entered=True)

    answers = at_once(50, sign)
    assert answers == {"done": 1, "stale": 49}
    assert Referral.objects.open().count() == 1
    assert DecisionEvent.objects.filter(action="unitreturn.sign").count() == 1
    assert DecisionEvent.objects.filter(action="referral.nominate").count() == 1
    assert first_break() is None


def test_eight_clients_that_move_one_case_leave_one_event_per_version():
    world = World()
    case = world.nominated()
    before = DecisionEvent.objects.filter(subject_id=case.public_id).count()

    def work(number: int) -> None:
        for n in range(5):
            move(
                Referral.objects.get(pk=case.pk),
                "correct",
                by=User.objects.get(pk=world.clerk.pk),
                reason=f"更正{number}-{n}",
            )

    assert at_once(8, work) == {"done": 8}
    version = case.version
    case.refresh_from_db()
    events = DecisionEvent.objects.filter(subject_id=case.public_id).count() - before
    assert case.version - version == events == 40
    assert first_break() is None


def test_eight_clients_with_one_version_in_hand_make_one_change():
    world = World()
    case = world.nominated()

    def work(number: int) -> None:
        move(
            Referral.objects.get(pk=case.pk),
            "correct",
            by=User.objects.get(pk=world.clerk.pk),
            version=case.version,
            reason=f"更正{number}",
        )

    assert at_once(8, work) == {"done": 1, "stale": 7}
    assert first_break() is None
