"""A trainee, a village's party secretary and a class teacher, each at a phone, without a photo."""

import pytest

from cohorts.practice.models import LedgerEntry, LogEntry, SignOff
from tests.chromium import PHONE
from tests.test_journey import fill, send, sign_in  # noqa: F401 -- the fixture
from tests.world import DAY, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live_server):
    return World()


def test_log_sign_off_ledger_and_paper(world, sign_in, axe):  # noqa: F811 -- the fixture
    case = world.practising(
        starts_on=world.today - 10 * DAY, ends_on=world.today + 20 * DAY, goals="Visit all households"
    )
    placement = case.placements.get()

    def look(page, url):
        assert page.goto(url).status == 200, url
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], url
        axe(page)

    trainee = sign_in(world.trainee, size=PHONE)
    look(trainee, "/practice/")
    look(trainee, f"{placement.get_absolute_url()}log/")
    send(trainee, f"{placement.get_absolute_url()}log/", done="Visited nine households.")
    send(trainee, f"{placement.get_absolute_url()}ledger/", matter="problem", category="water", title="Water tower leaks", place="Group 2",
         found="visit", plan="Repair it")  # fmt: skip
    entry = LedgerEntry.objects.get()
    look(trainee, f"{entry.get_absolute_url()}do/act/")
    send(trainee, f"{entry.get_absolute_url()}do/act/", what="Repaired the tower.")
    send(trainee, f"{entry.get_absolute_url()}do/state_result/", result="Water runs again.")

    secretary = sign_in(world.supervisor, size=PHONE)
    look(secretary, "/practice/")
    assert "Visited nine households." in secretary.locator("main").inner_text()
    with secretary.expect_navigation():
        secretary.get_by_role("button", name="Sign the week").click()
    assert SignOff.objects.get().agreed
    look(secretary, entry.get_absolute_url())
    send(
        secretary,
        f"{entry.get_absolute_url()}do/confirm/",
        confirmer="committee",
        confirmer_name="Village committee",
        paper_number="C1",
    )
    entry.refresh_from_db()
    assert entry.state == "confirmed"
    look(secretary, placement.get_absolute_url())

    teacher = sign_in(world.teacher, size=PHONE)
    look(teacher, "/practice/")
    teacher.goto(f"{placement.get_absolute_url()}log-sheet/")
    number = teacher.locator("article.sheet b.num").first.inner_text()
    look(teacher, f"{placement.get_absolute_url()}log/")
    send(teacher, f"{placement.get_absolute_url()}log/", sheet_number=number, done="On paper: visited the school.")
    assert LogEntry.objects.filter(sheet_number=number, entered_by=world.teacher).count() == 1
    look(teacher, placement.get_absolute_url())
    look(teacher, "/ledger/")

    clerk = sign_in(world.clerk)
    for url in (
        "/practice/",
        "/ledger/",
        placement.get_absolute_url(),
        case.get_absolute_url(),
        f"/cohorts/{case.cohort.public_id}/placements/",
    ):
        assert clerk.goto(url).status == 200, url
        axe(clerk)
