"""Journeys in real Chromium: the thin thread from nomination to return, a strike-out, a stranger, language and width."""

import datetime as dt

import pytest
from python_calamine import CalamineWorkbook

from accounts.file.workflow import store
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from assessments.evidence.workflow import add_evidence
from cohorts.alert.workflow import scan
from cohorts.campaign.models import NilReason
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral, StrikeReason
from cohorts.referral.workflow import discard_draft
from cohorts.review.points import PARTS
from tests.chromium import PHONE
from tests.world import DAY, PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = {"name": "paper.txt", "mimeType": "text/plain", "buffer": b"A paper of the unit."}


@pytest.fixture
def world(live_server):
    return World()


@pytest.fixture
def sign_in(open_page):
    """``sign_in(user)``: a page of that person's own, in English."""

    def enter(user, language="en", **options):
        page = open_page(**options)
        page.goto("/sign-in/")
        switch = page.locator(f"button[name=language][value={language}]")
        if switch.count():
            switch.first.click()
        fill(page, username=user.username, password=PASSWORD)
        page.locator(".sign-in button[type=submit]").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return enter


def fill(page, **values):
    """Fill each field by its name, whatever its kind."""
    for name, value in values.items():
        field = page.locator(f"main [name='{name}']")
        kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)
        elif kind == "file":
            field.set_input_files(value)
        elif kind == "checkbox":
            for one in value if isinstance(value, list) else [value]:
                page.locator(f"main [name='{name}']" + ("" if one is True else f"[value='{one}']")).check()
        else:
            field.fill(str(value))


def send(page, url, button="main form:has([name=csrfmiddlewaretoken]) button.btn-primary", **values):
    """Fill and send the form of a page; it must lead away from it."""
    page.goto(url)
    fill(page, **values)
    with page.expect_navigation() as landed:
        page.locator(button).first.click()
    assert landed.value.status == 200, page.locator("main").inner_text()


def talks(day, n=3):
    """Three talks of a verification, as the form asks for them."""
    rows = range(1, n + 1)
    return {f"talk_who_{k}": f"Colleague {k}" for k in rows} | {f"talk_on_{k}": str(day) for k in rows}


def do_step(page, subject, action, **values):
    send(page, f"{subject.get_absolute_url()}do/{action}/", **values)
    subject.refresh_from_db()


def test_the_thin_thread(world, sign_in):
    today = world.today
    RoleAssignment.objects.create(user=world.verifier, role=Role.VERIFIER, unit=world.department, start=today - DAY)
    code = world.edition.criteria.get(code="B1").pk
    day = str(today - 60 * DAY)
    liaison, row = sign_in(world.liaison), world.unit_return
    send(
        liaison, f"{row.get_absolute_url()}nominate/?cadre={world.cadre.public_id}", criteria=[code], facts="Tasks were not done.",
        how_raised="panel", talk_on=day, talk_by="Head", talk_agreed="One month",
        kind_1="task", title_1="Task list", happened_on_1=day, source_1="Office",
        kind_2="inspection", title_2="Bulletin", happened_on_2=day, source_2="Inspection office", file_2=PAPER,
    )  # fmt: skip
    case = Referral.objects.get()
    do_step(
        liaison, row, "prepare", nil="no", meeting_kind="party_group", meeting_on=str(today), meeting_members="Five"
    )
    head = sign_in(world.head)
    head.goto(f"{row.get_absolute_url()}sheet/")
    number = head.locator("article.sheet b.num").first.inner_text()
    do_step(head, row, "sign", sheet=PAPER, sheet_number=number)
    chief, clerk, leader = sign_in(world.chief), sign_in(world.clerk), sign_in(world.leader)
    send(chief, "/teams/new/", name="Team 1", members=[world.clerk.pk, world.verifier.pk], cases=[case.pk])
    send(clerk, "/letters/new/", kind="discipline", number="L1", sent_on=str(today), cases=[case.pk])
    line = case.screenings.get()
    send(
        clerk,
        f"/letters/{line.letter.public_id}/",
        number="A1",
        answered_on=str(today),
        **{f"answer_{line.pk}": "no_effect"},
    )
    do_step(clerk, case, "verify", upheld_B1="yes", reason_B1="The list shows it.", tolerance="no", tolerance_reason="None",
            report_number="R1", report_text="Proved.", **talks(today))  # fmt: skip
    do_step(clerk, case, "notify", method="in_person", served_on=str(today))
    trainee = sign_in(world.trainee)
    trainee.goto(case.get_absolute_url())
    assert "Tasks were not done." in trainee.locator("main").inner_text()
    do_step(trainee, case, "reply", point_1="I was ill.", final=True)
    do_step(clerk, case, "answer_reply", **{f"answer_{case.reply_points.get().public_id}": "No certificate."})
    send(clerk, "/meetings/new/", kind="department", held_on=str(today), cases=[case.pk])
    item = case.meeting_items.get()
    send(leader, f"/meetings/{item.meeting.public_id}/", number="3", extract="Agreed.", present=world.leader.cadre.name,
         **{f"result_{item.pk}": "agreed", f"reason_{item.pk}": "Discussed"})  # fmt: skip
    cohort = world.open_class()
    do_step(chief, case, "admit", cohort=str(cohort.pk), decided_on=str(today), number="D1")
    send(chief, f"{cohort.get_absolute_url()}phases/1/close/")
    do_step(clerk, case, "start_practice", village=world.village.name, supervisor="Secretary", starts_on=str(today))
    send(chief, f"{cohort.get_absolute_url()}phases/2/close/", reason="Ended early.")
    do_step(clerk, case, "open_review")
    do_step(chief, case, "qualify", held_on=str(today), panel=panel_of(world), **REVIEW)
    do_step(trainee, case, "object", none=True)
    do_step(leader, case, "return_to_unit", outcome="same_post", returned_on=str(today))
    assert case.state == "returned"
    clerk.goto(case.get_absolute_url())
    assert clerk.locator("section[aria-labelledby=effect-title] .big-date").count() == 3
    raise_alerts(world)
    clerk.goto("/alerts/")
    text = clerk.locator("main").inner_text()
    assert "filed a nil return" in text
    assert "referred in succession" in text
    admin = sign_in(world.admin)
    admin.goto(f"/reports/cohort/?campaign={world.campaign.public_id}")
    shown = admin.locator("#units tfoot td").all_inner_texts()
    with admin.expect_download() as download:
        admin.locator("main form[action='/reports/cohort/export/'] button", has_text="XLSX").click()
    rows = CalamineWorkbook.from_path(str(download.value.path())).get_sheet_by_index(1).to_python()
    assert [str(int(cell)) if isinstance(cell, float) else cell for cell in rows[-1]] == shown


# Five scores of 80 on a review sheet.
REVIEW = {f"score_{part}": "80" for part in PARTS} | {"defence": "Four questions, four answers."}


def panel_of(world) -> str:
    return ",".join(world.person(world.department).name for _ in range(3))


def raise_alerts(world):
    """A nil return against outside evidence, and the returned cadre named again in the next campaign."""
    other = world.round.returns.get(unit=world.forestry)
    draft = world.draft(world.stranger.cadre, other, world.stranger)
    discard_draft(draft, by=world.stranger)
    world.prepared(other, world.stranger, nil=True, nil_reason=NilReason.values[0])
    forester = world.user("forester", world.forestry, Role.UNIT_HEAD)
    move(other, "sign", by=forester, password_entered=True)
    first = world.campaign, world.unit_return
    world.campaign = create_campaign(
        by=world.admin, year=world.today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=world.today, class_ends_on=world.today + dt.timedelta(days=300),
    )  # fmt: skip
    again = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=world.today, closes_on=world.today + 5 * DAY
    )
    world.unit_return = again.returns.get(unit=world.bureau)
    world.nominated()
    world.campaign, world.unit_return = first
    scan()


def test_a_strike_out(world, sign_in):
    case = world.screened(world.nominated())
    do_step(
        sign_in(world.clerk), case, "propose_strike_out", ground=StrikeReason.values[0], reason="Ill for half a year."
    )
    do_step(sign_in(world.leader), case, "strike_out", reason="Agreed.")
    assert case.state == "struck_out"


def test_a_stranger_finds_nothing(world, sign_in, console):
    console.allow(404)
    case, page = world.nominated(), sign_in(world.stranger)
    file = store(world.upload(), by=world.liaison)
    item = add_evidence(
        by=world.liaison, cadre=case.cadre, kind="doc", title="x", happened_on=world.today, source="x", file=file
    )
    case.evidence_links.create(evidence=item)
    case.refresh_from_db()
    for url in (
        case.get_absolute_url(),
        world.unit_return.get_absolute_url(),
        f"{case.get_absolute_url()}files/{file.public_id}/",
    ):
        assert page.goto(url).status == 404, url


def test_language_width_and_access(world, sign_in, open_page, axe):
    case = world.notified()
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    assert sign_in(world.clerk).locator("html").get_attribute("lang") == "en"
    assert sign_in(world.clerk, language="zh-hans").locator("html").get_attribute("lang") == "zh-hans"
    page = open_page()
    page.goto("/sign-in/")
    axe(page)
    phone = sign_in(world.clerk, size=PHONE)
    for url in ("/", case.get_absolute_url(), world.unit_return.get_absolute_url()):
        phone.goto(url)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0], url
    seen = {
        world.clerk: (
            "/",
            case.get_absolute_url(),
            world.unit_return.get_absolute_url(),
            "/criteria/",
            f"{case.get_absolute_url()}do/defer/",
        ),
        world.leader: (f"/meetings/{meeting.public_id}/",),
        world.admin: ("/reports/cohort/",),
        world.liaison: (f"{world.unit_return.get_absolute_url()}nominate/?cadre={world.head.cadre.public_id}",),
    }
    for user, urls in seen.items():
        page = sign_in(user)
        for url in urls:
            assert page.goto(url).status == 200, url
            axe(page)
