"""A journey in Chromium: one review fails and the class is extended, one passes and the cadre stays, an exit is decided."""

import datetime as dt

import pytest
from django.utils import timezone

from cohorts.campaign.models import Campaign
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.models import Referral
from cohorts.procedure.workflow import move
from cohorts.review.models import Bar
from cohorts.review.points import PARTS
from tests.chromium import PHONE
from tests.test_journey import PAPER, REVIEW, do_step, panel_of, sign_in  # noqa: F401 -- a fixture
from tests.world import DAY, World

pytestmark = pytest.mark.django_db(transaction=True)
LOW = {f"score_{part}": "50" for part in PARTS} | {"defence": "One question was answered."}


@pytest.fixture
def world(live_server):
    return World()


def test_a_review_fails_another_passes_and_an_exit_is_decided(world, sign_in, axe):  # noqa: F811 -- the fixture
    today = world.today
    # A year ago: qualified and returned. Named again, the case is under review.
    first = world.returned()
    Campaign.objects.filter(pk=world.campaign.pk).update(concluded_on=today)
    Referral.objects.filter(pk=first.pk).update(nominated_at=timezone.now() - dt.timedelta(days=200))
    world.campaign = create_campaign(
        by=world.admin, year=today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=today, class_ends_on=today + 300 * DAY,
    )  # fmt: skip
    world.round = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=today, closes_on=today + DAY
    )
    world.unit_return = world.round.returns.get(unit=world.bureau)
    case = world.under_review()
    later = world.open_class(back=20)
    chief, leader, trainee = sign_in(world.chief), sign_in(world.leader), sign_in(world.trainee, size=PHONE)

    chief.goto(f"{case.get_absolute_url()}do/qualify/")
    axe(chief)
    do_step(chief, case, "fail", held_on=str(today), panel=panel_of(world), **LOW)
    trainee.goto(case.get_absolute_url())
    assert "you may object until" in trainee.locator("main").inner_text()
    assert trainee.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    axe(trainee)
    do_step(trainee, case, "object", none=True)
    do_step(leader, case, "extend", cohort=str(later.pk), reason="One more class.")
    assert (case.state, case.cohort) == ("in_theory", later)
    world.close_phases(later)
    move(case, "start_practice", by=world.clerk, village=world.village, supervisor="村支书", starts_on=today)
    move(case, "open_review", by=world.clerk)
    case.refresh_from_db()

    do_step(chief, case, "fail", held_on=str(today), panel=panel_of(world), **LOW)
    do_step(trainee, case, "object", none=True)
    do_step(
        chief, case, "propose_exit", ground="cs88_1", reason="Two years incompetent.", proof=PAPER, cleared=list(Bar.values),
        discipline_number="J1", discipline_on=str(today),
    )  # fmt: skip
    leader.goto(f"{case.get_absolute_url()}do/decide_exit/")
    assert "incompetent in the annual appraisal" in leader.locator("main").inner_text()
    axe(leader)
    do_step(leader, case, "decide_exit", examination="E1", approved_by="committee", approval_number="A1")
    assert (case.state, case.exit.approval_number) == ("exited", "A1")
    assert case.penalties.get(kind="suspension").end is not None


def test_a_qualified_trainee_chooses_to_stay_and_the_sheet_is_printed(world, sign_in, axe):  # noqa: F811 -- the fixture
    case = world.under_review()
    chief, leader = sign_in(world.chief), sign_in(world.leader)
    do_step(chief, case, "qualify", held_on=str(world.today), panel=panel_of(world), **REVIEW)
    chief.goto("/reviews/")
    axe(chief)
    chief.goto(f"/reviews/{case.public_id}/sheet/")
    assert "may object to this result in writing" in chief.locator("article.sheet").inner_text()
    axe(chief)
    do_step(sign_in(world.trainee), case, "object", none=True)
    do_step(leader, case, "stay_at_grassroots", choice_on=str(world.today), file=PAPER)
    assert case.state == "stayed"
    leader.goto(case.get_absolute_url())
    assert "stays in the village" in leader.locator("main").inner_text()
