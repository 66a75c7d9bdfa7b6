"""The README's ten-minute walk through the demonstration county, as a newcomer clicks it."""

import pytest
from python_calamine import CalamineWorkbook

from accounts.models import Unit, User
from cohorts.models import Meeting, Referral
from cohorts.site.demo.running import build
from tests.test_journey import REVIEW, do_step, send, talks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(live_server, settings):
    settings.DEMO = True
    settings.DEMO_PASSWORD = "walk-the-county"
    build(say=lambda _line: None)


def become(page, account):
    """One click on a card of the sign-in page."""
    page.goto("/sign-in/")
    page.locator(f".demo-cards form:has(input[value='{account}']) button").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_the_walk_of_the_readme(demo, open_page, settings):
    page = open_page(locale="en-GB")
    case = Referral.objects.get(state="draft", unit__code="slj")
    become(page, "demo-liaison-slj")
    page.goto(case.unit_return.get_absolute_url())
    page.get_by_role("link", name=case.cadre.name).click()
    assert case.facts in page.locator("main").inner_text()
    become(page, "demo-head-slj")
    do_step(page, case.unit_return, "sign", password=settings.DEMO_PASSWORD)
    case.refresh_from_db()
    assert case.state == "nominated"
    page.goto(case.get_absolute_url())
    page.locator("form:has(input[value='demo-chief']):has(input[value='chief']) button").first.click()
    members = [User.objects.get(username=name).pk for name in ("demo-clerk", "demo-verifier")]
    send(page, "/teams/new/", name="Team", members=members, cases=[case.pk])
    become(page, "demo-clerk")
    send(
        page,
        "/letters/new/",
        kind="discipline",
        number="W1",
        sent_on=str(case.unit_return.round.opens_on),
        cases=[case.pk],
    )
    line = case.screenings.get()
    today = str(line.letter.sent_on)
    send(
        page, f"/letters/{line.letter.public_id}/", number="W2", answered_on=today, **{f"answer_{line.pk}": "no_effect"}
    )
    do_step(page, case, "verify", upheld_B1="yes", reason_B1="The list shows it.", tolerance="no", tolerance_reason="None",
            report_number="R1", report_text="Proved.", **talks(today))  # fmt: skip
    do_step(page, case, "notify", method="in_person")
    do_step(page, case, "reply", none=True)
    send(page, "/meetings/new/", kind="department", cases=[case.pk])
    become(page, "demo-leader")
    meeting = Meeting.objects.get(recorded_at__isnull=True)
    item = meeting.items.get()
    leader = User.objects.get(username="demo-leader").cadre.name
    send(
        page,
        f"/meetings/{meeting.public_id}/",
        number="W3",
        extract="Agreed.",
        present=leader,
        **{f"result_{item.pk}": "agreed"},
    )
    case.refresh_from_db()
    assert case.state == "confirmed"
    practising = Referral.objects.filter(state="in_practice").earliest("pk")
    become(page, "demo-clerk")
    do_step(page, practising, "open_review")
    become(page, "demo-chief")
    panel = ",".join(
        User.objects.get(username=f"demo-{name}").cadre.name for name in ("recorder", "inspector", "system")
    )
    do_step(page, practising, "qualify", panel=panel, **REVIEW)
    # The cadre has signed that there will be no objection; otherwise the leader waits five working days.
    do_step(page, practising, "object", none=True)
    become(page, "demo-leader")
    do_step(page, practising, "return_to_unit", outcome="same_post")
    assert practising.state == "returned"
    assert practising.penalties.get(kind="suspension").end is not None
    become(page, "demo-chief")
    page.locator("details:has(form[action='/role/']) summary").first.click()
    page.get_by_role("button", name="Department administrator").click()
    page.goto("/reports/cohort/")
    with page.expect_download() as download:
        page.locator("main form[action='/reports/cohort/export/'] button", has_text="XLSX").click()
    rows = CalamineWorkbook.from_path(str(download.value.path())).get_sheet_by_index(1).to_python()
    assert len(rows) == Unit.objects.reporting().count() + 4
