"""The department administrator's report and the clerk's alerts in real Chromium; a real worker scans and exports."""

import time

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.job import Job, JobState, ask_for
from accounts.tasks import wake_worker
from cohorts.alert.models import Alert, ReminderCall
from cohorts.alert.workflow import SCAN, scan
from cohorts.campaign.models import Round
from cohorts.models import ReportExport
from cohorts.report.sections import SECTIONS
from cohorts.report.workflow import EXPORT
from cohorts.tasks import scan_alerts, send_digests
from tests.chromium import PHONE
from tests.test_journey import do_step, fill, send, sign_in
from tests.world import DAY, World

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["sign_in"]


@pytest.fixture
def world(live_server):
    return World()


def test_the_administrator_filters_a_cohort_and_compares_the_file_with_the_page(world, sign_in, axe, console):
    case = world.returned()
    world.campaign.cohorts.create(number=2, starts_on=world.today, ends_on=world.today + DAY)
    page = sign_in(world.admin)
    page.goto("/reports/cohort/")
    axe(page)
    fill(page, cohort=str(case.cohort.public_id))
    page.locator("form.filters button[type=submit]").click()
    page.wait_for_url(lambda url: str(case.cohort.public_id) in url)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download XLSX").click()
    book = CalamineWorkbook.from_path(str(download.value.path()))
    assert len(book.sheet_names) == len(SECTIONS)
    for name, code in zip(book.sheet_names, [section.code for section in SECTIONS], strict=True):
        rows = book.get_sheet_by_name(name).to_python()
        foot = page.locator(f"#{code} tfoot td").all_inner_texts()
        if foot:
            assert [str(int(cell)) if isinstance(cell, float) else cell for cell in rows[-1]] == foot, name
    assert page.locator("#units tfoot td").all_inner_texts()[5] == "1"
    with page.expect_download() as download:
        page.locator("#results button").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.goto("/reports/exports/")
    axe(page)
    assert page.locator("tbody tr").count() == 2
    assert ReportExport.objects.order_by("pk")[0].sha256 in page.locator("main").inner_text()
    console.allow(403)
    for user in (world.clerk, world.head):
        other = sign_in(user)
        assert other.goto("/reports/cohort/").status == 403
        assert other.goto("/reports/exports/").status == 403
        assert other.locator("h1").count() == 1


def test_the_clerk_takes_an_alert_calls_the_unit_and_resolves_it(world, sign_in, axe, open_page):
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    scan()
    alert = Alert.objects.get(unit=world.bureau)
    page = sign_in(world.clerk)
    page.goto("/alerts/")
    axe(page)
    page.get_by_role("link", name=alert.unit.name).first.click()
    page.wait_for_url(lambda url: str(alert.public_id) in url)
    axe(page)
    do_step(page, alert, "acknowledge")
    page.goto("/alerts/calls/")
    axe(page)
    row = page.locator("tbody tr", has_text=world.bureau.name)
    assert str(world.liaison) in row.inner_text()
    row.locator("a", has_text="Record a call").click()
    page.wait_for_load_state()
    fill(page, reached="Duty office", answer="Tomorrow")
    page.get_by_role("button", name="Record the call").click()
    page.wait_for_url("**/alerts/calls/")
    assert "Tomorrow" in page.locator("tbody tr", has_text=world.bureau.name).inner_text()
    assert ReminderCall.objects.count() == 1
    page.goto("/alerts/calls/sheet/")
    assert str(world.head) in page.locator("article.sheet").inner_text()
    do_step(page, alert, "resolve", note="Called; the return comes tomorrow.")
    assert alert.state == "resolved"
    page.goto(alert.get_absolute_url())
    assert "Called; the return comes tomorrow." in page.locator("main").inner_text()
    phone = sign_in(world.clerk, size=PHONE, language="zh-hans")
    for url in (
        "/alerts/",
        alert.get_absolute_url(),
        "/alerts/calls/",
        f"/alerts/calls/{world.unit_return.public_id}/",
    ):
        phone.goto(url)
        axe(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0], url


def test_a_call_is_recorded_without_javascript(world, sign_in):
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    page = sign_in(world.clerk, javascript=False)
    send(page, f"/alerts/calls/{world.unit_return.public_id}/", reached="x", answer="y")
    assert ReminderCall.objects.get().answer == "y"


@pytest.mark.xdist_group("worker")
def test_a_real_worker_scans_digests_and_exports(celery_worker_process, sign_in):
    world = World()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    scan_alerts.delay()
    scan_alerts.delay()
    send_digests.delay()
    page = sign_in(world.admin)
    asked = {"compare": False, "format": "xlsx", "section": "", "query": {"campaign": str(world.campaign.public_id)}}
    job = ask_for(EXPORT, by=world.admin, **asked)
    wake_worker()
    page.goto(job.get_absolute_url())
    until = time.monotonic() + 60
    while page.get_by_role("link", name="Download").count() == 0 and time.monotonic() < until:
        page.wait_for_timeout(500)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, len(SECTIONS), len(SECTIONS))
    assert Job.objects.filter(kind=SCAN).count() == 1 or timezone.now().minute % 10 == 0
    assert Alert.objects.filter(rule="return_missing", state="open").count() == 5
    assert Job.objects.get(kind="alert_digest").outcome == {"told": 2}
