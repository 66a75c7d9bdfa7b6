"""The daily record in a real browser: the week's list comes from Excel, its bad rows are mended, misses become names."""

import datetime as dt

import pytest
import xlsxwriter

from accounts.models import User
from assessments.task.models import Task, monday
from assessments.task.workflow import mark, mark_rest_done, plan_tasks, settle_week
from tests.chromium import PHONE
from tests.test_journey import sign_in  # noqa: F401 -- the fixture
from tests.world import DAY, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live_server):
    world = World()
    User.objects.all().update(language="en")
    return world


def week_list(path, world, friday):
    """A title row, the columns in another order, two good rows and three bad ones: nobody of this name, no day, no content."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        rows = [
            ["本周工作清单"], ["责任人", "完成时限", "工作内容"],
            [str(world.cadre), f"{friday:%Y年%m月%d日}", "水库巡查"], [str(world.head.cadre), f"{friday:%Y.%m.%d}", "汛前检查"],
            ["查无此人", f"{friday:%Y-%m-%d}", "渠道清淤"], [str(world.cadre), "下周再说", "水质取样"], [str(world.cadre), f"{friday:%Y-%m-%d}", ""],
        ]  # fmt: skip
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)


def test_the_list_comes_from_excel_and_what_is_missed_names_the_person(world, sign_in, axe, console, tmp_path):  # noqa: F811 -- the fixture
    console.allow(422)
    friday = monday(world.today) + 4 * DAY
    week_list(tmp_path / "week.xlsx", world, friday)
    page = sign_in(world.liaison)
    page.goto("/tasks/")
    axe(page)
    page.get_by_role("link", name="Paste or upload").first.click()
    page.set_input_files("input[type=file]", str(tmp_path / "week.xlsx"))
    page.get_by_role("button", name="Read the list").click()
    axe(page)
    assert "3 rows to mend" in page.locator("main").inner_text()
    assert not Task.objects.exists()
    # The rows to mend stand first, in the order of the sheet.
    page.locator("[name=row-2-cadre]").fill(str(world.trainee))
    page.locator("[name=row-3-due_on]").fill(friday.isoformat())
    page.get_by_role("button", name="Check and save all rows").click()
    assert "1 row to mend" in page.locator("main").inner_text()
    assert page.locator("[name=row-2-cadre]").input_value() == str(world.trainee)
    page.locator("[name=row-4-content]").fill("台账更新")
    page.get_by_role("button", name="Check and save all rows").click()
    assert "水质取样" in page.locator("main").inner_text()
    assert Task.objects.count() == 5
    axe(page)

    phone = sign_in(world.trainee, size=PHONE)
    phone.goto("/tasks/mine/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    axe(phone)
    phone.get_by_role("button", name="Done").first.click()
    assert Task.objects.filter(state="done", cadre=world.cadre).count() == 1

    missed_weeks(world)
    head = sign_in(world.head)
    head.goto("/record/")
    axe(head)
    assert str(world.cadre) in head.locator("main").inner_text()
    head.locator("summary", has_text="3 items").click()
    head.get_by_role("link", name="Nominate").click()
    assert head.locator(f"input[name=criteria][value='{world.edition.criteria.get(code='B2').pk}']").is_checked()
    assert head.locator("input[name=evidence]:checked").count() == 3
    phone.goto("/record/mine/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    axe(phone)
    phone.get_by_role("link", name="Look and state").first.click()
    phone.fill("#id_text", "The gauge was broken.")
    phone.check("#id_disputes")
    phone.get_by_role("button", name="Attach the statement").click()
    axe(phone)
    head.goto("/record/")
    assert "disputed" in head.locator("main").inner_text()


def missed_weeks(world):
    """Three weeks of the past in which the person kept nothing; the head settled them."""
    for back in (4, 3, 2):
        start = monday(world.today) - back * 7 * DAY
        moment = dt.datetime.combine(start, dt.time(9), tzinfo=dt.UTC)
        (task,) = plan_tasks(by=world.liaison, unit=world.bureau, at=moment,
                             rows=[{"content": f"督办件{back}", "cadre": world.cadre, "due_on": start + 3 * DAY}])  # fmt: skip
        later = moment + 7 * DAY
        mark(task, by=world.liaison, state="missed", reason="未开展", at=later)
        mark_rest_done(world.bureau, start, by=world.liaison, at=later)
        settle_week(world.bureau, start, by=world.head, at=later)
