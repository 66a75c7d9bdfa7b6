"""The page of the minutes asked: counted from the trail, within the reader's scope."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.trail.workflow import record
from accounts.wording import known
from cohorts.site.minutes import minutes_of, table
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_minutes_are_acts_times_what_one_takes_per_person_and_week(world):
    for _n in range(8):
        record("evidence.add", world.cadre, by=world.liaison)
    record("evidence.add", world.cadre, by=world.liaison, at=timezone.now() - 40 * DAY)  # older than four weeks
    (row,) = [row for row in minutes_of(world.liaison, timezone.now()) if row["acts"]]
    each = table()["minutes"]["evidence.add"]
    assert [(a["n"], a["people"], a["week"]) for a in row["acts"]] == [(8, 1, 8 * each / 4)]
    assert row["week"] == 8 * each / 4


def test_everybody_sees_what_is_asked_of_him_a_head_the_unit_the_department_the_county(world):
    record("evidence.add", world.cadre, by=world.liaison)
    record("evidence.add", world.cadre, by=world.stranger)

    def seen(user):
        return {(row["people"], act["n"]) for row in minutes_of(user, timezone.now()) for act in row["acts"] if "role" in row
                if act["action"] == "evidence.add"}  # fmt: skip

    assert seen(world.liaison) == {(1, 1)}
    assert seen(world.head) == {(1, 1)}
    assert seen(world.clerk) == {(2, 2)}
    assert seen(world.recorder) == set()
    client = Client()
    client.force_login(world.head, backend="accounts.user.backend.RoleBackend")
    assert client.get("/minutes/").status_code == 200


def test_every_act_of_the_table_has_words():
    assert [code for code in table()["minutes"] if not known(f"event.{code}")] == []
