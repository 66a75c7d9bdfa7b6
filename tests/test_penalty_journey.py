"""In real Chromium: the month's list from the clerk to payroll and back, and a unit head who asks before a promotion."""

import pytest

from cohorts.penalty.payroll import PayrollList
from cohorts.procedure.workflow import move
from tests.chromium import PHONE
from tests.test_journey import do_step, fill, send, sign_in, world  # noqa: F401 -- fixtures of the journeys
from tests.world import DAY

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_months_list_goes_to_payroll_and_a_head_asks(world, sign_in, axe):  # noqa: F811
    case = world.confirmed()
    cohort = world.open_class(back=1)
    decided = world.today.replace(day=1) - DAY
    move(case, "admit", by=world.chief, cohort=cohort, decided_on=decided, number="D1")
    clerk = sign_in(world.clerk)
    clerk.goto("/")
    assert "payroll lists of this month to draw up" in clerk.locator("main").inner_text()
    send(clerk, "/payroll/new/", channel="finance", month=str(world.today.replace(day=1)))
    row = PayrollList.objects.get()
    do_step(clerk, row, "hand_over")
    payroll = sign_in(world.payroll)
    payroll.goto("/")
    payroll.locator("main a", has_text="payroll lists to execute").click()
    payroll.locator("main tbody a").first.click()
    assert case.cadre.name in payroll.locator("main tbody").inner_text()
    assert case.number not in payroll.locator("main").inner_text()
    with payroll.expect_download() as download:
        payroll.get_by_text("Download XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    axe(payroll)
    line = row.lines.get()
    do_step(payroll, row, "execute", executed_on=str(world.today), voucher="V8", **{f"line_{line.pk}": "Sent to the bank already"})  # fmt: skip
    assert row.state == "differences"
    do_step(clerk, row, "settle", **{f"line_{line.pk}": "Withheld next month"})
    assert row.state == "settled"
    assert "Withheld next month" in clerk.locator("main").inner_text()
    head = sign_in(world.head, size=PHONE)
    head.goto("/eligibility/")
    fill(head, purpose="promotion", people=case.cadre.name)
    head.locator("main button.btn-primary").click()
    answer = head.locator("main").inner_text()
    assert "No promotion until the end day." in answer
    assert "D1" in answer
    assert head.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    axe(head)
