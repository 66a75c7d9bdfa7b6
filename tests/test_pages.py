"""Every page opens for those who may, and keeps the others out."""

import pytest
from django.test import Client
from django.utils.formats import date_format

from cohorts.models import Meeting
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.workflow import move
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def as_(user, role=None):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    if role:
        session = client.session
        session["role"] = f"{role}:None"
        session.save()
    return client


def test_the_pages_of_the_organizer_open(world):
    case = world.notified()
    prepare_meeting(by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case])
    meeting = Meeting.objects.get()
    letter = case.screenings.get().letter
    for user in (world.clerk, world.chief, world.leader):
        client = as_(user)
        for url in ("/", "/cases/", case.get_absolute_url(), "/returns/", world.unit_return.get_absolute_url(), "/campaigns/",
                    f"/campaigns/{world.campaign.public_id}/", "/meetings/", f"/meetings/{meeting.public_id}/",
                    f"/meetings/{meeting.public_id}/sheet/", "/alerts/", "/questions/", "/criteria/", "/criteria/?edition=2018", "/notices/"):  # fmt: skip
            assert client.get(url).status_code == 200, url
    for url in ("/letters/", "/letters/new/", f"/letters/{letter.public_id}/", "/meetings/new/", "/cohorts/new/"):
        assert as_(world.clerk).get(url).status_code == 200, url
    assert as_(world.chief).get("/teams/new/").status_code == 200
    assert as_(world.chief).get(f"/campaigns/{world.campaign.public_id}/nominate/").status_code == 200
    assert as_(world.admin).get("/campaigns/new/").status_code == 200
    assert as_(world.admin).get("/reports/cohort/").status_code == 200
    assert as_(world.clerk).get("/reports/cohort/").status_code == 403


def test_each_step_has_its_page(world):
    case = world.screened(world.nominated())
    for action in ("verify", "propose_strike_out", "send_back", "defer", "correct"):
        assert as_(world.clerk).get(f"{case.get_absolute_url()}do/{action}/").status_code == 200, action
    assert as_(world.clerk).get(f"{case.get_absolute_url()}do/confirm/").status_code == 404
    assert as_(world.clerk).get(f"{case.get_absolute_url()}do/notify/").status_code == 409


def test_the_unit_prepares_and_signs_in_the_browser(world):
    liaison = as_(world.liaison)
    base = world.unit_return.get_absolute_url()
    assert world.cadre.name in liaison.get(f"{base}nominate/?q={world.cadre.name}").content.decode()
    page = f"{base}nominate/?cadre={world.cadre.public_id}"
    assert liaison.get(page).status_code == 200
    data = {
        "criteria": world.edition.criteria.get(code="B1").pk, "facts": "多次未完成任务", "how_raised": "panel", "no_talk_reason": "借调在外",
        "kind_1": "task", "title_1": "台账", "happened_on_1": "2026-05-01", "source_1": "办公室",
        "kind_2": "inspection", "title_2": "通报", "happened_on_2": "2026-05-02", "source_2": "督查室", "file_2": world.upload(),
    }  # fmt: skip
    saved = liaison.post(page, data, follow=True)
    assert saved.status_code == 200
    case = world.cadre.referrals.get()
    assert case.evidence_links.count() == 2
    prepared = {
        "version": 1,
        "nil": "no",
        "meeting_kind": "party_group",
        "meeting_on": str(world.today),
        "meeting_members": "五人",
    }
    assert liaison.post(f"{base}do/prepare/", prepared).status_code == 302
    assert liaison.get(f"{base}sheet/").status_code == 200
    world.unit_return.refresh_from_db()
    head = as_(world.head)
    sign = f"{base}do/sign/"
    wrong = head.post(sign, {"version": 2, "sheet": world.upload(), "sheet_number": "X"})
    assert wrong.status_code == 409
    right = {"version": 2, "sheet": world.upload(), "sheet_number": world.unit_return.sheet_number}
    assert head.post(sign, right).status_code == 302
    case.refresh_from_db()
    assert case.state == "nominated"
    file = case.evidence_links.get(evidence__kind="inspection").evidence.file
    assert head.get(f"{case.get_absolute_url()}files/{file.public_id}/").status_code == 200
    assert as_(world.stranger).get(f"{case.get_absolute_url()}files/{file.public_id}/").status_code == 404


def test_a_stranger_gets_404_on_case_and_return(world):
    case = world.nominated()
    client = as_(world.stranger)
    for url in (case.get_absolute_url(), f"{case.get_absolute_url()}do/verify/", world.unit_return.get_absolute_url()):
        assert client.get(url).status_code == 404, url


def test_the_cadre_reads_why_and_replies(world):
    case = world.notified()
    client = as_(world.trainee)
    page = client.get(case.get_absolute_url()).content.decode()
    assert case.facts in page
    assert str(world.clerk) not in page
    case.refresh_from_db()
    answer = client.post(
        f"{case.get_absolute_url()}do/reply/", {"version": case.version, "point_1": "当时在住院", "final": "on"}
    )
    assert answer.status_code == 302
    assert case.reply_points.get().text == "当时在住院"


def test_an_inspector_states_a_purpose_first(world):
    case = world.nominated()
    client = as_(world.inspector)
    # The inspector's scope is the county; the organizer lies below it.
    assert case.facts not in client.get(case.get_absolute_url()).content.decode()
    assert client.post(case.get_absolute_url(), {"purpose": "年度检查"}).status_code == 302
    assert case.facts in client.get(case.get_absolute_url()).content.decode()


def test_the_report_adds_up_and_downloads(world):
    world.returned()
    client = as_(world.admin)
    page = client.get("/reports/cohort/")
    units = next(table for table in page.context["tables"] if table.code == "units")
    assert units.totals[-1].value == 1
    file = client.post("/reports/cohort/export/", {"campaign": str(world.campaign.public_id)})
    assert file.content[:2] == b"PK"


def test_a_stale_form_is_refused_with_its_input(world):
    case = world.nominated()
    client = as_(world.clerk)
    move(case, "correct", by=world.clerk, reason="更正")
    answer = client.post(
        f"{case.get_absolute_url()}do/send_back/", {"version": case.version, "reason": "补充材料一二三"}
    )
    assert answer.status_code == 409
    assert "补充材料一二三" in answer.content.decode()


def test_save_and_next_leads_to_the_next_case_of_the_own_team(world):
    other = world.draft(world.person(world.bureau))
    first = world.screened(world.nominated())
    other.refresh_from_db()
    other.team = first.team
    other.save(update_fields=["team"])
    findings = {
        "upheld_B1": "yes",
        "reason_B1": "台账相符",
        "tolerance": "no",
        "tolerance_reason": "无",
        "report_number": "1",
        "report_text": "属实",
        **{f"talk_who_{n}": f"同事{n}" for n in (1, 2, 3)},
        **{f"talk_on_{n}": str(world.today) for n in (1, 2, 3)},
        "onward": "queue",
    }
    answer = as_(world.clerk).post(f"{first.get_absolute_url()}do/verify/", {"version": first.version, **findings})
    assert answer.url == f"{other.get_absolute_url()}do/verify/"


def test_two_people_of_one_name_are_told_apart_wherever_cases_are_ticked(world):
    """Number and unit stand beside the name; a meeting's list also says who may still reply, and until when."""
    case = world.nominated()
    assert f"{case.number} {case} · {case.unit_name}" in as_(world.clerk).get("/letters/new/").content.decode()
    assert f"{case.number} {case} · {case.unit_name}" in as_(world.chief).get("/teams/new/").content.decode()


def test_a_meetings_list_says_who_may_still_reply(world):
    case = world.notified()
    page = as_(world.clerk).get("/meetings/new/").content.decode()
    assert f"{case.number} {case} · {case.unit_name}（陈述申辩期至{date_format(case.reply_due)}）" in page
    move(case, "reply", by=world.trainee.acting_as("cadre"), points=["x"], final=True)
    assert "陈述申辩期至" not in as_(world.clerk).get("/meetings/new/").content.decode()


def test_what_stands_against_a_step_is_said_before_its_form_is_filled_in(world):
    case = world.nominated()
    step = f"{case.get_absolute_url()}do/verify/"
    for page in (case.get_absolute_url(), step):
        text = as_(world.clerk).get(page).content.decode()
        assert "请先指定核查组" in text and "回复意见尚未收录" in text
    world.screened(case)
    for page in (case.get_absolute_url(), step):
        text = as_(world.clerk).get(page).content.decode()
        assert "请先指定核查组" not in text and "回复意见尚未收录" not in text


def test_facts_and_evidence_stand_beside_the_findings(world):
    case = world.screened(world.nominated())
    page = as_(world.clerk).get(f"{case.get_absolute_url()}do/verify/").content.decode()
    assert case.facts in page
    for link in case.evidence_links.all():
        assert link.evidence.title in page


def test_the_cadre_finds_the_own_case_and_no_list_of_everything_that_may_befall_him(world):
    client = as_(world.trainee)
    assert "没有向您送达的告知书" in client.get("/cases/").content.decode()
    case = world.notified()
    page = client.get("/cases/").content.decode()
    assert case.get_absolute_url() in page and "我的情况" in page
    assert "辞退" not in page and "移送" not in page
