"""The pages of the review: names are told apart, bad input stays and saves nothing, sheets and files open for whom they concern."""

import re

import pytest
from django.test import Client

from accounts.kit.people import names_in
from accounts.people.workflow import add_unit
from cohorts.models import FollowUp, Referral, ReturnReview
from cohorts.practice.villages import Villages
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.workflow import move
from cohorts.review.points import PARTS
from cohorts.site.views import tasks_of
from tests.world import World

pytestmark = pytest.mark.django_db
SCORES = {f"score_{part}": "80" for part in PARTS}


@pytest.fixture
def world():
    return World()


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


def sheet_of(world, case, panel, **changes):
    return {
        "version": case.version,
        "held_on": str(world.today),
        "panel": panel,
        "defence": "minutes",
        **SCORES,
    } | changes


def rename(cadre, name: str):
    cadre.name, cadre.pinyin = name, "wangping"
    cadre.save()
    return cadre


@pytest.mark.parametrize(("text", "names"), [
    ("甲，乙、丙", ["甲", "乙", "丙"]), ("a, b;c\nd", ["a", "b", "c", "d"]), (" 甲 ,, 甲", ["甲"]), ("", []),
])  # fmt: skip
def test_names_are_separated_as_people_write_them(text, names):
    assert names_in(text) == names


def test_two_people_of_one_name_are_told_apart_by_a_choice_that_keeps_the_input(world):
    case = world.under_review()
    first, second = (rename(world.person(unit), "王平") for unit in (world.office, world.forestry))
    others = [world.person(world.office) for _ in range(2)]
    client, url = client_of(world.chief), f"{case.get_absolute_url()}do/qualify/"
    data = sheet_of(world, case, f"王平，{others[0].name}、{others[1].pinyin}", remark_theory="closed book")
    page = client.post(url, data)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Several people bear this name" in text
    assert "县林业局" in text
    assert 'value="closed book"' in text
    assert not ReturnReview.objects.exists()
    assert client.post(url, data | {"panel_0": str(second.public_id)}).status_code == 302
    seats = {seat.cadre for seat in ReturnReview.objects.get().seats.all()}
    assert second in seats
    assert first not in seats
    assert client.post(url, data | {"panel_0": str(second.public_id)}).status_code == 409
    assert ReturnReview.objects.count() == 1


def test_a_name_with_its_unit_in_brackets_needs_no_question_and_an_unknown_one_is_refused(world):
    case = world.under_review()
    for unit in (world.office, world.forestry):
        rename(world.person(unit), "王平")
    others = [world.person(world.office).name for _ in range(2)]
    client, url = client_of(world.chief), f"{case.get_absolute_url()}do/qualify/"
    page = client.post(url, sheet_of(world, case, f"张无此人,{','.join(others)}"))
    assert page.status_code == 422
    assert "Not found: 张无此人" in page.content.decode()
    assert client.post(url, sheet_of(world, case, f"王平（县林业局）,{','.join(others)}")).status_code == 302


def test_too_few_points_are_refused_with_the_input_and_one_click_records_them_as_unqualified(world):
    case = world.under_review()
    panel = ",".join(world.person(world.office).name for _ in range(3))
    client, data = client_of(world.chief), sheet_of(world, case, panel, **dict.fromkeys(SCORES, "50"))
    page = client.post(f"{case.get_absolute_url()}do/qualify/", data)
    assert page.status_code == 409
    assert f'formaction="{case.get_absolute_url()}do/fail/"' in page.content.decode()
    assert client.post(f"{case.get_absolute_url()}do/fail/", data).status_code == 302
    case.refresh_from_db()
    assert case.state == "unqualified"


def test_persons_present_at_a_meeting_are_told_apart_and_who_left_must_have_been_there(world):
    case = world.notified()
    move(case, "reply", by=world.trainee.acting_as("cadre"), none=True, points=[])
    rename(world.clerk.cadre, "王平")
    stranger = rename(world.person(world.forestry), "王平")
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    item, client = meeting.items.get(), client_of(world.leader)
    url = f"/meetings/{meeting.public_id}/"
    data = {
        "number": "3",
        "extract": "agreed",
        "present": f"王平,{world.leader.cadre.name}",
        f"result_{item.pk}": "agreed",
    }
    assert client.post(url, data).status_code == 422
    page = client.post(url, data | {"present_0": str(stranger.public_id), f"left_{item.pk}": "赵不在"})
    assert page.status_code == 422
    assert "赵不在 is not among the persons present" in page.content.decode()
    assert client.post(url, data | {"present_0": str(world.clerk.cadre.public_id)}).status_code == 409
    assert (
        client.post(url, data | {"present_0": str(world.clerk.cadre.public_id), f"left_{item.pk}": "王平"}).status_code
        == 302
    )
    case.refresh_from_db()
    assert case.state == "confirmed"


def test_the_sheet_is_empty_before_the_result_and_shows_the_arithmetic_afterwards(world):
    case = world.under_review()
    url = f"/reviews/{case.public_id}/sheet/"
    assert "________" in client_of(world.chief).get(url).content.decode()
    move(case, "qualify", by=world.chief, **world.sheet(82))
    text = re.sub(r"\s+", " ", client_of(world.chief).get(url).content.decode())
    assert "28.7" in text
    assert "may object to this result in writing until" in text
    assert client_of(world.trainee).get(url).status_code == 200
    assert client_of(world.stranger).get(url).status_code == 404
    assert client_of(world.head).get(url).status_code == 403


def test_the_trainee_reads_the_result_and_objects_with_a_file_that_only_insiders_open(world):
    case = world.under_review()
    case = move(case, "fail", by=world.chief, **world.sheet(50))
    client = client_of(world.trainee)
    text = client.get(case.get_absolute_url()).content.decode()
    assert "you may object until" in text
    assert "Theory exam" in text
    upload = world.upload("异议.txt", "走访户数不足".encode())
    data = {"version": case.version, "text": "only three households", "file": upload}
    assert client.post(f"{case.get_absolute_url()}do/object/", data).status_code == 302
    file = case.reviews.get().objection.file
    assert client_of(world.chief).get(f"{case.get_absolute_url()}files/{file.public_id}/").status_code == 200
    assert client_of(world.stranger).get(f"{case.get_absolute_url()}files/{file.public_id}/").status_code == 404
    assert "Objection" in client_of(world.chief).get(f"{case.get_absolute_url()}do/answer_objection/").content.decode()


def test_the_list_filters_and_names_what_is_missing(world):
    case = world.under_review()
    client = client_of(world.chief)
    assert "Theory exam" in client.get("/reviews/").content.decode()
    assert str(case) not in client.get("/reviews/?state=qualified").content.decode()
    assert str(case) in client.get(f"/reviews/?cohort={case.cohort.public_id}").content.decode()
    move(case, "qualify", by=world.chief, **world.sheet())
    move(case, "object", by=world.clerk, text="x")
    assert str(case) in client.get("/reviews/?state=objection").content.decode()


def test_the_leader_is_led_to_the_trainees_on_whom_he_can_decide_now(world):
    case = world.under_review()
    move(case, "qualify", by=world.chief, **world.sheet())
    move(case, "object", by=world.clerk, text="x")
    page = "/reviews/?state=qualified_ready"
    assert str(case) not in client_of(world.leader).get(page).content.decode()
    assert page not in {task["url"] for task in tasks_of(world.leader)}
    move(case, "answer_objection", by=world.chief, reason="x")
    assert str(case) in client_of(world.leader).get(page).content.decode()
    assert page in {task["url"] for task in tasks_of(world.leader)}


def test_a_follow_up_is_entered_from_the_list_once(world):
    case = world.returned()
    FollowUp.objects.filter(months=3).update(due_on=world.today)
    row, client = case.follow_ups.get(months=3), client_of(world.clerk)
    assert row.get_absolute_url() in client.get("/follow-ups/").content.decode()
    assert client.post(row.get_absolute_url(), {"became": ""}).status_code == 422
    assert client.post(row.get_absolute_url(), {"became": "same"}).status_code == 302
    assert client.post(row.get_absolute_url(), {"became": "down"}).status_code == 409
    row.refresh_from_db()
    assert row.became == "same"
    assert client_of(world.leader).get("/follow-ups/").status_code == 403
    assert "in the same post" in client.get(case.get_absolute_url()).content.decode()
    assert Referral.objects.count() == 1


def test_who_stays_stays_in_one_village_of_several_with_the_same_name(world):
    case = world.under_review()
    move(case, "qualify", by=world.chief, **world.sheet())
    case = move(case, "object", by=world.clerk, none=True)
    twin = add_unit(name=world.village.name, kind="village", parent=world.forestry, code="twin")
    client, url = client_of(world.leader), f"{case.get_absolute_url()}do/stay_at_grassroots/"
    assert Villages.label(twin) in client.get(url).content.decode()
    data = {"version": case.version, "choice_on": str(world.today), "returned_on": str(world.today), "number": "1"}
    assert client.post(url, data | {"village": world.village.name}).status_code == 422
    assert client.post(url, data | {"village": Villages.label(twin)}).status_code == 302
    assert case.reviews.get().village == twin
