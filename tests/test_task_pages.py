"""Pages of the weekly list as unit and cadre use them."""

import datetime as dt
import io
import re

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.kit.tables import lines_of_upload
from accounts.models import DutyPeriod
from assessments.task.models import Area, SettledWeek, Task, monday
from assessments.task.workflow import accept_excuse, keep_area, mark, plan_tasks
from tests.test_task import WEEK, Town
from tests.world import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return Town()


def as_(user, role: str = "") -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    client.cookies["django_language"] = "en"
    if role:
        session = client.session
        session["role"] = f"{role}:{user.acting_as(role).role.unit_id}"
        session.save()
    return client


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send back of the editable table."""
    data = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        checkbox = 'type="checkbox"' in tag
        if name and not (checkbox and " checked" not in tag):
            data[name[1]] = value[1] if value else ("on" if checkbox else "")
    return data


def week_list(town: Town, *rows) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for y, row in enumerate(
            [["城关镇一周工作清单"], [], ["序号", "责任人", "工作内容", "完成时限", "片区", "重点"], *rows]
        ):
            for x, cell in enumerate(row):
                page.write_string(y, x, str(cell))
    return SimpleUploadedFile("周清单.xlsx", buffer.getvalue())


def test_a_unit_that_never_used_it_is_told_that_it_is_optional(town):
    page = as_(town.liaison).get("/tasks/").content.decode()
    assert "It is optional" in page


def test_one_line_is_entered_quickly(town):
    client, day = as_(town.liaison), town.world.today
    answer = client.post("/tasks/", {"content": "走访", "cadre": town.cadre.name, "due_on": str(day)})
    assert answer.status_code == 302
    task = Task.objects.get()
    assert (task.unit, task.cadre, task.due_on, task.planned_by) == (town.unit, town.cadre, day, town.liaison)
    page = client.get(answer.url).content.decode()
    assert "走访" in page
    again = client.post("/tasks/", {"content": "走访", "cadre": town.cadre.name, "due_on": str(day)})
    assert again.status_code == 409
    assert "already" in again.content.decode()


@pytest.mark.parametrize("missing", ["content", "cadre", "due_on"])
def test_the_three_fixes_are_required(town, missing):
    data = {"content": "走访", "cadre": town.cadre.name, "due_on": str(town.world.today)} | {missing: ""}
    answer = as_(town.liaison).post("/tasks/", data)
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_one_person_answers_for_a_task(town):
    names = f"{town.cadre.name}、{town.head.cadre.name}"
    answer = as_(town.liaison).post("/tasks/", {"content": "走访", "cadre": names, "due_on": str(town.world.today)})
    assert answer.status_code == 422
    assert "name one" in answer.content.decode()


def test_a_list_with_three_bad_rows_is_mended_in_place_and_saved_whole(town):
    client, today = as_(town.liaison), town.world.today
    name = town.cadre.name
    file = week_list(
        town,
        [1, name, "走访监测户", f"{today.year}年{today.month}月{today.day}日", "", ""],
        [2, "查无此人", "开院坝会", today.isoformat(), "", ""],
        [3, f"{name[0]} {name[1:]}", "修水渠", "下周", "", "√"],
        [4, name, "", f"{today:%Y%m%d}", "", ""],
    )
    answer = client.post("/tasks/sheet/", {"file": file, "text": ""})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "4 rows read" in page
    assert "3 rows to mend" in page
    assert not Task.objects.exists(), "looking at a list saves nothing"
    assert page.index("查无此人") < page.index("走访监测户"), "rows to mend stand first"
    assert "No." not in page.split("<thead>")[1].split("</thead>")[0]
    data = fields_of(page)
    assert data["row-1-line"] == "5", "the row's number in the source"
    refused = client.post("/tasks/sheet/", data)
    assert refused.status_code == 422
    assert not Task.objects.exists()
    mended = data | {"row-1-cadre": name, "row-2-due_on": today.isoformat(), "row-3-content": "报表"}
    saved = client.post("/tasks/sheet/", mended)
    assert saved.status_code == 302
    assert set(Task.objects.values_list("content", "key")) == {
        ("走访监测户", False),
        ("开院坝会", False),
        ("修水渠", True),
        ("报表", False),
    }
    assert client.post("/tasks/sheet/", mended).status_code == 302, "the same table sent twice"
    assert Task.objects.count() == 4


def test_a_bad_row_may_be_left_out(town):
    client, today = as_(town.liaison), town.world.today.isoformat()
    page = client.post(
        "/tasks/sheet/", {"text": f"走访\t{town.cadre.name}\t{today}\n开会\t查无此人\t{today}"}
    ).content.decode()
    assert "No header was found" in page
    data = fields_of(page)
    assert client.post("/tasks/sheet/", data | {"row-0-DELETE": "on", "row-1-DELETE": "on"}).status_code == 422
    assert client.post("/tasks/sheet/", data | {"row-1-DELETE": "on"}).status_code == 302
    assert Task.objects.get().content == "走访"


def test_of_several_people_of_one_name_the_meant_one_is_chosen(town):
    other = town.world.person(town.unit, post="股长")
    type(other).objects.filter(pk=other.pk).update(name=town.cadre.name, pinyin=town.cadre.pinyin)
    client, today = as_(town.liaison), town.world.today.isoformat()
    page = client.post("/tasks/sheet/", {"text": f"走访\t{town.cadre.name}\t{today}"}).content.decode()
    assert "choose the one who is meant" in page
    assert "股长" in page
    data = fields_of(page)
    assert client.post("/tasks/sheet/", data).status_code == 422
    assert client.post("/tasks/sheet/", data | {"row-0-cadre_which": "nonsense"}).status_code == 422
    assert client.post("/tasks/sheet/", data | {"row-0-cadre_which": str(other.public_id)}).status_code == 302
    assert Task.objects.get().cadre == other


def test_names_are_looked_up_within_the_own_unit(town):
    stranger = town.world.stranger.cadre
    page = (
        as_(town.liaison).post("/tasks/sheet/", {"text": f"走访\t{stranger.name}\t{town.world.today}"}).content.decode()
    )
    assert f"Not found: {stranger.name}" in page


def test_areas_and_weeks_of_a_row_are_checked(town):
    keep_area(by=town.head, unit=town.unit, name="东片", leader=town.head.cadre, villages=[])
    client, today = as_(town.liaison), town.world.today
    head = "工作内容\t责任人\t完成时限\t片区\n"
    page = client.post("/tasks/sheet/", {"text": f"{head}走访\t{town.cadre.name}\t{today}\t西片"}).content.decode()
    assert "No area of the unit" in page
    page = client.post(
        "/tasks/sheet/", {"text": f"{head}走访\t{town.cadre.name}\t{today - 14 * DAY}\t东片"}
    ).content.decode()
    assert "before this week" in page
    page = client.post("/tasks/sheet/", {"text": f"{head}走访\t{town.cadre.name}\t{today}\t东片"}).content.decode()
    assert client.post("/tasks/sheet/", fields_of(page)).status_code == 302
    assert Task.objects.get().area.name == "东片"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Paste a list or choose a file"), ({"text": "a", "file": SimpleUploadedFile("a.csv", b"a,b")}, "not both"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04x")}, "cannot be opened"), ({"file": SimpleUploadedFile("a.csv", b"")}, "empty"),
        ({"file": SimpleUploadedFile("a.csv", b"x,y\n1,2")}, "columns"), ({"row-TOTAL_FORMS": "x"}, "ManagementForm"),
        ({"row-TOTAL_FORMS": "9999", "row-INITIAL_FORMS": "0"}, "500"), ({"row-TOTAL_FORMS": "-4", "row-INITIAL_FORMS": "0"}, "No row is left"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_answered_with_a_sentence(town, data, words):
    answer = as_(town.liaison).post("/tasks/sheet/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_five_hundred_rows_come_in_with_as_many_queries_as_five(town):
    client, today = as_(town.liaison), town.world.today

    def cost(n: int) -> int:
        text = "\n".join(f"第{n}批第{i}项\t{town.cadre.name}\t{today}" for i in range(n))
        with CaptureQueriesContext(connection) as queries:
            page = client.post("/tasks/sheet/", {"text": text}).content.decode()
        looked = len(queries)
        assert client.post("/tasks/sheet/", fields_of(page)).status_code == 302
        return looked

    cost(1)
    assert cost(5) == cost(500)
    assert Task.objects.count() == 506


def test_the_template_is_a_workbook_with_the_columns(town):
    answer = as_(town.liaison).get("/tasks/sheet/?template")
    lines = lines_of_upload(SimpleUploadedFile("t.xlsx", answer.content))
    assert lines[0].cells == ["Content", "Responsible person", "Finish by", "Area", "Key target"]


def test_the_week_is_settled_in_two_clicks(town):
    late, _missed, other = town.plan(0, 2, 4)
    client, url = as_(town.head), f"/tasks/week/{town.week}/settle/"
    assert "open" in client.get(url).content.decode()
    refused = client.post(url, {"act": "settle"})
    assert refused.status_code == 409
    prefix = f"t{late.pk}"
    broken = client.post(url, {"act": "rest", f"{prefix}-state": "late"})
    assert broken.status_code == 422
    assert "after the due day" in broken.content.decode()
    data = {f"{prefix}-state": "late", f"{prefix}-done_on": str(late.due_on + DAY)}
    assert client.post(url, data | {"act": "rest"}).status_code == 302
    assert list(Task.objects.values_list("state", flat=True)) == ["late", "done", "done"]
    assert (
        client.post(url, {"act": "settle"} | data | {f"t{t.pk}-state": "done" for t in (_missed, other)}).status_code
        == 302
    )
    assert SettledWeek.objects.count() == 1
    assert "settled by" in client.get(url).content.decode()
    assert client.post(url, {"act": "settle"}).status_code == 409 or SettledWeek.objects.count() == 1


def test_a_reason_alone_excuses_and_a_day_alone_is_done(town):
    one, two = town.plan(0, 2)
    data = {"act": "save", f"t{one.pk}-reason": "防汛抽调", f"t{two.pk}-done_on": str(two.due_on + DAY)}
    assert as_(town.liaison).post(f"/tasks/week/{town.week}/settle/", data).status_code == 302
    assert list(Task.objects.values_list("state", flat=True)) == ["excused", "late"]


def test_what_is_carried_over_on_the_settle_page_stands_in_the_next_week(town):
    task, today = town.task(0), town.world.today
    data = {"act": "save", f"t{task.pk}-carry_to": str(today)}
    assert as_(town.liaison).post(f"/tasks/week/{town.week}/settle/", data).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.carried_to.due_on, task.carried_to.week) == ("missed", today, monday(today))
    page = as_(town.liaison).get("/tasks/").content.decode()
    assert "carried over from" in page


def test_the_liaison_keeps_the_list_and_does_not_settle_it(town):
    town.task()
    client, url = as_(town.liaison), f"/tasks/week/{town.week}/settle/"
    assert "The head or deputy settles the week" in client.get(url).content.decode()
    assert client.post(url, {"act": "settle"}).status_code == 403


def test_a_refused_settlement_saves_no_exception(town):
    one, _two = town.plan(0, 2)
    answer = as_(town.head).post(f"/tasks/week/{town.week}/settle/", {"act": "settle", f"t{one.pk}-state": "missed"})
    assert answer.status_code == 409
    assert not Task.objects.exclude(state="open").exists()


def test_leave_says_so_on_the_pages(town):
    task = town.task(0)
    DutyPeriod.objects.create(cadre=town.cadre, kind="medical", start=town.week)
    client = as_(town.head)
    for url in (f"/tasks/?week={town.week}", f"/tasks/week/{town.week}/settle/", task.get_absolute_url()):
        assert "excused by itself" in client.get(url).content.decode(), url


def test_one_tasks_page_its_deeds_and_its_history(town):
    task = town.task(0)
    client, url = as_(town.head), task.get_absolute_url()
    assert client.post(f"{url}mark/", {}).status_code == 422
    assert client.post(f"{url}mark/", {"state": "open"}).status_code == 302
    assert client.post(f"{url}mark/", {"state": "missed"}).status_code == 302
    assert client.post(f"{url}mark/", {"state": "excused"}).status_code == 422
    assert client.post(f"{url}excuse/", {"reason": "防汛"}).status_code == 409
    town.settle()
    assert client.post(f"{url}mark/", {"state": "done"}).status_code == 409
    page = client.get(url).content.decode()
    assert "deadline missed without accepted reason" in page
    assert f"{url}excuse/" in page
    assert client.post(f"{url}carry/", {"due_on": str(town.week)}).status_code == 409
    carried = client.post(f"{url}carry/", {"due_on": str(town.world.today)})
    assert carried.url == Task.objects.get(carried_from=task).get_absolute_url()
    assert client.post(f"{url}excuse/", {"reason": "防汛"}).status_code == 302
    page = client.get(url).content.decode()
    for words in ("Excuse accepted after the settlement", "防汛", "Carried over to", "establishes nothing"):
        assert words in page
    assert as_(town.liaison).get(f"{url}excuse/").status_code == 403
    assert as_(town.world.stranger).get(url).status_code == 404
    assert as_(town.world.clerk).get(url).status_code == 403


def test_the_cadre_reports_on_the_phone(town):
    old, now = town.task(0), plan_tasks(by=town.liaison, unit=town.unit, rows=[{"content": "入户", "cadre": town.cadre, "due_on": town.world.today}])[0]  # fmt: skip
    client = as_(town.trainee, "cadre")
    page = client.get("/tasks/mine/").content.decode()
    assert "was due on" in page
    assert client.post(f"{now.get_absolute_url()}done/").status_code == 302
    assert client.post(f"{old.get_absolute_url()}done/", {"done_on": "never"}).status_code == 422
    wrong = client.post(f"{old.get_absolute_url()}done/", {"done_on": str(town.world.today + DAY)})
    assert wrong.status_code == 409
    assert "still to come" in wrong.content.decode()
    assert client.post(f"{old.get_absolute_url()}done/", {"done_on": str(old.due_on)}).status_code == 302
    assert list(Task.objects.order_by("due_on").values_list("state", flat=True)) == ["done", "done"]
    assert "reported by the person" in as_(town.liaison).get("/tasks/").content.decode()
    assert client.get(old.get_absolute_url()).status_code == 200
    other = town.task(1, cadre=town.world.person(town.unit))
    assert client.post(f"{other.get_absolute_url()}done/").status_code == 404
    assert client.get("/tasks/").status_code == 403


def test_the_week_prints_on_one_page_grouped_by_area(town):
    area = keep_area(by=town.head, unit=town.unit, name="东片", leader=town.head.cadre, villages=[])
    town.plan(0, 2, area=area)
    town.plan(3)
    page = as_(town.head).get(f"/tasks/week/{town.week}/print/").content.decode()
    assert page.count("<article") == 1
    assert page.index("东片") < page.index("Without area")
    assert town.head.cadre.name in page
    assert as_(town.head).get("/tasks/week/nonsense/print/").status_code == 404
    by_person = as_(town.head).get(f"/tasks/?week={town.week}&by=person").content.decode()
    assert "Without area" not in by_person


def test_areas_are_kept_on_their_page(town):
    world = town.world
    head, leader = world.user("town-head", world.town, "unit_head"), world.person(world.town)
    client = as_(head)
    data = {"name": "东片", "leader": leader.name, "villages": [world.village.pk]}
    assert client.post("/tasks/areas/", data).status_code == 302
    assert client.post("/tasks/areas/", data).status_code == 422, "the village belongs to the first area"
    assert client.post("/tasks/areas/", data | {"villages": []}).status_code == 409, "so does the name"
    assert client.post("/tasks/areas/", data | {"leader": "查无此人"}).status_code == 422
    area = Area.objects.get()
    assert "新桥村" in client.get("/tasks/areas/").content.decode()
    assert client.post(area.get_absolute_url(), data | {"name": "西片"}).status_code == 302
    assert client.post(area.get_absolute_url(), {"name": ""}).status_code == 422
    assert as_(town.head).get(area.get_absolute_url()).status_code == 404
    assert client.post(area.get_absolute_url(), {"act": "end"}).status_code == 302
    assert client.get(area.get_absolute_url()).status_code == 404


def test_the_bureau_looks_at_the_lists_below_it(town):
    above = town.world.user("county-head", town.world.county, "unit_head")
    task = town.task()
    client = as_(above)
    assert str(town.unit) in client.get("/tasks/").content.decode()
    page = client.get(f"/tasks/?week={town.week}&unit={town.unit.public_id}").content.decode()
    assert task.content in page
    assert client.get("/tasks/?unit=x").status_code == 404
    assert as_(town.head).get(f"/tasks/?unit={town.world.forestry.public_id}").status_code == 404


PAGES = ["/tasks/?week={week}", "/tasks/?week={week}&by=person", "/tasks/week/{week}/print/", "/tasks/week/{week}/settle/", "/tasks/areas/"]  # fmt: skip


def test_lists_cost_the_same_for_one_row_and_for_five(town):
    world = town.world

    def more(n: int) -> None:
        leader = world.person(town.unit)
        area = keep_area(by=town.head, unit=town.unit, name=f"片{n}", leader=leader, villages=[])
        tasks = town.plan(0, 4, cadre=world.person(town.unit), area=area) + town.plan(1 + n % 3, content=f"己{n}")
        mark(tasks[0], by=town.liaison, state="excused", reason="防汛", at=town.end)
        mark(tasks[1], by=town.liaison, state="missed", at=town.end)
        plan_tasks(by=town.liaison, unit=town.unit, rows=[{"content": f"续{n}", "cadre": town.cadre, "due_on": world.today, "area": area}], carried_from=tasks[1])  # fmt: skip

    def costs() -> dict[str, int]:
        found = {}
        for user, role, urls in ((town.head, "", PAGES), (town.trainee, "cadre", ["/tasks/mine/"])):
            client = as_(user, role)
            for url in urls:
                client.get(url.format(week=town.week))
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(url.format(week=town.week)).status_code == 200
                found[url] = len(queries)
        return found

    more(1)
    one = costs()
    for n in range(2, 6):
        more(n)
    assert costs() == one


def test_an_accepted_excuse_is_shown_with_its_reason(town):
    task = town.missed()
    accept_excuse(task, by=town.head, reason="防汛抽调", at=town.end)
    assert "防汛抽调" in as_(town.liaison).get(f"/tasks/?week={town.week}").content.decode()


def test_the_to_dos_lead_where_it_is_done(town):
    town.task()
    page = as_(town.liaison).get("/").content.decode()
    assert f"/tasks/week/{town.week}/settle/" in page
    assert "/tasks/mine/" in as_(town.trainee, "cadre").get("/").content.decode()
    assert (town.world.today - town.week) >= WEEK
    assert dt.date.fromisoformat(str(town.week)).weekday() == 0


@pytest.mark.parametrize("day", ["x", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_a_week_of_no_calendar_is_no_page(town, day):
    client = as_(town.head)
    for url in (f"/tasks/?week={day}", f"/tasks/week/{day}/print/", f"/tasks/week/{day}/settle/"):
        assert client.get(url).status_code == 404, url
