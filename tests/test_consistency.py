"""Consistency of the criteria: figures of verification, decision and overturning, for the section and its leader."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Relation
from cohorts.models import Finding, MeetingItem, Referral
from cohorts.procedure.meetings import prepare_meeting
from cohorts.referral.consistency import FEWEST, Line, lines_of
from tests.test_pages import as_
from tests.world import World

pytestmark = pytest.mark.django_db
URL = "/criteria/consistency/"


@pytest.fixture
def world():
    return World()


def line(world, code: str = "B1", user=None) -> Line:
    return next(row for row in lines_of(world.edition, user or world.clerk) if row.criterion.code == code)


def figures(row: Line) -> tuple[int, ...]:
    return row.used, row.checked, row.upheld, row.decided, row.agreed, row.overturned


def test_the_figures_follow_a_case_from_the_nomination_to_the_overturning(world):
    case = world.nominated()
    assert figures(line(world)) == (1, 0, 0, 0, 0, 0)
    case = world.notified(world.verified(case))
    assert figures(line(world)) == (1, 1, 1, 0, 0, 0)
    case = world.confirmed(case)
    assert figures(line(world)) == (1, 1, 1, 1, 1, 0)
    assert line(world).units == [(world.bureau.name, 1)]
    Referral.objects.filter(pk=case.pk).update(state="overturned")
    assert figures(line(world)) == (1, 1, 1, 1, 1, 1)
    assert line(world).overturned_percent == 100
    assert figures(line(world, "B2")) == (0, 0, 0, 0, 0, 0)


def test_a_release_is_a_decision_that_does_not_agree_and_a_first_of_two_meetings_is_none(world):
    case = world.notified()
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    MeetingItem.objects.filter(meeting=meeting).update(result="agreed")
    assert figures(line(world))[3:] == (0, 0, 0), "another meeting has yet to decide"
    MeetingItem.objects.filter(meeting=meeting).update(result="released")
    Referral.objects.filter(pk=case.pk).update(state="released")
    assert figures(line(world))[3:] == (1, 0, 0)
    Finding.objects.filter(referral=case).update(upheld=False)
    assert figures(line(world))[1:] == (1, 0, 0, 0, 0), "what the team did not uphold is not the meeting's to confirm"


def many(world, released: int, confirmed: int) -> None:
    for n in range(released + confirmed):
        case = Referral.objects.create(campaign=world.campaign, unit=world.bureau, cadre=world.person(world.bureau),
                                       state="released" if n < released else "returned")  # fmt: skip
        criterion = world.edition.criteria.get(code="B1")
        case.criteria.add(criterion)
        Finding.objects.create(referral=case, criterion=criterion, upheld=True, reason="x")
        meeting = world.campaign.meetings.create(kind="department", held_on=world.today)
        MeetingItem.objects.create(
            meeting=meeting, referral=case, order=1, result="released" if n < released else "agreed"
        )


@pytest.mark.parametrize(
    ("released", "confirmed", "marked"), [(1, 4, True), (1, 5, False), (4, 0, False), (5, 0, True)]
)
def test_a_fifth_of_five_decisions_puts_a_criterion_on_the_agenda(world, released, confirmed, marked):
    many(world, released, confirmed)
    assert FEWEST == 5 and line(world).on_the_agenda is marked
    page = as_(world.chief).get(URL)
    assert page.status_code == 200
    assert page.content.decode().count("text-bg-warning") == marked


def test_the_page_costs_the_same_with_more_cases_and_leaves_out_whom_the_reader_must_not_know_of(world):
    many(world, 0, 1)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_(world.clerk).get(URL)
        return len(queries)

    first = cost()
    many(world, 1, 3)
    assert cost() == first
    assert line(world).used == 5
    kin = Referral.objects.first().cadre
    Relation.objects.create(cadre=world.clerk.cadre, other=kin, kind="kin", declared_on=world.today)
    assert line(world).used == 4


def test_an_edition_without_nominations_says_so_and_others_have_no_right(world):
    page = as_(world.leader).get(f"{URL}?edition=2018")
    assert page.status_code == 200 and not page.context["any"]
    for user in (world.head, world.admin, world.inspector, world.liaison):
        assert as_(user).get(URL).status_code == 403
