"""The pages of the points ledger, as the people who use them see them."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.people.workflow import add_unit
from assessments.models import PointAppeal, PointEntry, PointLedger, RoutineTask, Settlement
from assessments.points.appeal import make_appeal
from assessments.points.workflow import list_routine, place
from tests.test_points import Ledger, _settle_rest
from tests.world import kept_points

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger():
    return Ledger()


def sign_in(user, role: str = "") -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    if role:
        session = client.session
        session["role"] = f"{role}:None"
        session.save()
    return client


def text(response) -> str:
    return response.content.decode()


def test_a_unit_without_a_ledger_is_told_what_it_is_and_whoever_would_keep_it_may_begin(ledger):
    client = sign_in(ledger.world.stranger)
    assert "/points/setup/" in text(client.get("/points/"))
    assert client.get("/points/enter/").status_code == 302
    assert client.post("/points/enter/", {}).status_code == 409
    page = client.get("/points/setup/")
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields} | {
        "act": "begin",
        "template": "2019",
        "starts_on": f"{ledger.second:%Y-%m}",
    }
    assert client.post("/points/setup/", data | {"cap": "0"}).status_code == 422
    assert client.post("/points/setup/", data | {"base_2": "1"}).status_code == 409
    assert client.post("/points/setup/", data).status_code == 302
    made = PointLedger.objects.get(unit=ledger.world.forestry)
    assert made.rules.get().mode == "hours"
    assert client.post("/points/setup/", data).status_code == 422
    assert sign_in(ledger.world.clerk).post("/points/setup/", data).status_code == 403


def test_groups_duties_and_routine_are_set_up_on_one_page(ledger):
    client = sign_in(ledger.liaison)
    new = ledger.world.person(ledger.unit)
    page = client.get("/points/setup/")
    data = {f"places-p{row['cadre'].pk}": row["field"].value() for row in page.context["places"].rows()}
    assert f"places-p{ledger.liaison.cadre_id}" not in data, "nobody grades himself"
    data |= {
        "act": "places",
        "places-start": ledger.second,
        f"places-p{new.pk}": "23",
        f"places-p{ledger.me.pk}": "",
        f"places-p{ledger.other.pk}": "14",
    }
    assert client.post("/points/setup/", data).status_code == 302
    assert new.point_places.get().grade == 3
    assert ledger.me.point_places.get().end == ledger.second
    assert ledger.other.point_places.get(end=None).grade == 4
    duty = {
        "act": "duty",
        "duty-who": ledger.other.name,
        "duty-duty": "驻村",
        "duty-hours": "30",
        "duty-start": ledger.second,
    }
    assert client.post("/points/setup/", duty).status_code == 302
    row = ledger.other.further_duties.get()
    assert client.post("/points/setup/", {"act": "duty_end", "row": row.public_id}).status_code == 302
    assert client.post("/points/setup/", {"act": "routine", "routine-name": "值班"}).status_code == 302
    task = RoutineTask.objects.get()
    assert client.post("/points/setup/", {"act": "drop", "row": task.public_id}).status_code == 302
    assert client.post("/points/setup/", {"act": "drop", "row": "x"}).status_code == 404
    assert client.post("/points/setup/", {"act": "unknown"}).status_code == 422
    assert client.post("/points/setup/", {"act": "duty"}).status_code == 422


def entry_data(ledger, **fields):
    return {"who": ledger.me.name, "reason": "全县调研报告", "day": ledger.first, "key": "k1"} | fields


def test_one_form_records_an_entry_for_several_people_and_saving_twice_adds_once(ledger):
    client = sign_in(ledger.liaison)
    data = entry_data(ledger, who=f"{ledger.me.name}、{ledger.other.pinyin}")
    for _n in range(2):
        assert client.post("/points/enter/?kind=project", data).status_code == 302
    assert PointEntry.objects.count() == 2
    response = client.post("/points/enter/?kind=project", data, follow=True)
    assert any(message.level_tag == "info" for message in response.context["messages"])
    assert client.post("/points/enter/?kind=unfinished", data).status_code == 409
    assert client.post("/points/enter/?kind=project", entry_data(ledger, who="无此人")).status_code == 422
    assert client.post("/points/enter/", data).status_code == 422
    assert client.get("/points/enter/?kind=base").status_code == 404
    assert client.post("/points/enter/?kind=project", entry_data(ledger, key="k2", day="2099-01-01")).status_code == 409


def test_a_list_from_excel_names_its_bad_rows_and_is_saved_whole_once_they_are_right(ledger):
    list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    client, me, day = sign_in(ledger.liaison), ledger.me.name, ledger.first
    good = [
        f"{me}\troutine\t{day}\t\t值班",
        f"{ledger.other.name}\tproject\t{day:%Y/%m/%d}\t调研报告",
        f"{me}\tmistake\t{day:%Y.%m.%d}\t报表\t数据错报",
    ]
    bad = [f"无此人\tproject\t{day}\tx", f"{me}\tgift\t{day}\tx", f"{me}\tproject\t2026-13-40\tx", f"{me}\tproject\t{day}", f"{me}\troutine\t{day}\t\t无此任务",
           f"{me}\tmistake\t{day}\tx", f"{me}\thours\t{day}\tx\tmany", f"{me}\thours\t{day}\tx\t0", me]  # fmt: skip
    header = "姓名\t类别\t日期\t事由\t明细"
    page = client.post("/points/sheet/", {"text": "\n".join([header, *good, "", *bad])})
    assert page.status_code == 200 and page.context["bad"] == len(bad)
    assert client.get("/points/sheet/?template").status_code == 200
    data = page.context["rows"].data | {"key": "k"}
    assert client.post("/points/sheet/", data).status_code == 422
    assert not PointEntry.objects.exists()
    left_out = {f"row-{n}-DELETE": "on" for n in range(len(good), len(good) + len(bad))}
    for _n in range(2):
        assert client.post("/points/sheet/", data | left_out).status_code == 302
    assert sorted(PointEntry.objects.values_list("kind", flat=True)) == ["mistake", "project", "routine"]
    page = client.post("/points/sheet/", {"text": f"{header}\n{me}\tproject\t2099-01-01\tx"})
    assert client.post("/points/sheet/", page.context["rows"].data | {"key": "other"}).status_code == 409


def test_a_refused_form_keeps_what_was_typed(ledger):
    page = text(
        sign_in(ledger.liaison).post("/points/enter/?kind=mistake", entry_data(ledger, name="", reason="抄错两个数"))
    )
    assert "抄错两个数" in page
    assert ledger.me.name in page


def test_the_month_shows_ranking_groups_entries_and_settles(ledger):
    ledger.enter()
    ledger.enter("unfinished", cadre=ledger.other)
    client = sign_in(ledger.head)
    page = client.get("/points/")
    assert page.context["month"] == ledger.first
    assert page.context["board"].best[0].cadre == ledger.me
    assert [row.cadre for row in page.context["board"].deducted] == [ledger.other]
    assert len(client.get("/points/?group=2").context["board"].rows) == 5
    for month in ("2001-01", "x", "2099-01"):
        assert client.get(f"/points/?month={month}").status_code == 404
    assert client.get("/points/settle/").status_code == 200
    month = {"month": f"{ledger.first:%Y-%m}"}
    assert sign_in(ledger.liaison).post("/points/settle/", month).status_code == 403
    assert client.post("/points/settle/", {"month": f"{ledger.third:%Y-%m}"}).status_code == 409
    for _n in range(2):
        assert client.post("/points/settle/", month).status_code == 302
    assert Settlement.objects.count() == 1
    assert client.get(f"/points/?month={month['month']}").context["board"].best[0].cadre == ledger.me
    assert ledger.me.name in text(client.get(f"/points/{month['month']}/print/"))
    assert client.get("/points/2001-01/print/").status_code == 404


def test_routine_tasks_are_carried_on_with_one_button(ledger):
    task = list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    ledger.enter("routine", routine=task)
    client = sign_in(ledger.liaison)
    month = {"month": f"{ledger.second:%Y-%m}"}
    assert client.get(f"/points/?month={month['month']}").context["routine_before"]
    for _n in range(2):
        assert client.post("/points/carry/", month).status_code == 302
    assert PointEntry.objects.filter(month=ledger.second).count() == 1
    assert client.post("/points/carry/", {"month": "x"}).status_code == 404


def test_the_own_page_shows_the_own_place_and_nobody_elses(ledger):
    entry = ledger.enter("unfinished")
    ledger.enter(cadre=ledger.other, reason="别人的项目")
    ledger.settle()
    client = sign_in(ledger.world.trainee)
    page = client.get("/points/mine/")
    assert (page.context["statements"][0].unit_size, page.context["statements"][0].group_size) == (11, 6)
    assert "别人的项目" not in text(page)
    assert all(cadre.name not in text(page) for cadre in ledger.people[1:] if cadre.name != ledger.me.name)
    assert client.get("/points/").status_code == 403
    theirs = PointEntry.objects.filter(cadre=ledger.other).first()
    for tail in ("", "appeal/"):
        assert client.get(theirs.get_absolute_url() + tail).status_code == 404
    assert client.get(entry.get_absolute_url()).context["may_appeal"]
    assert client.post(f"{entry.get_absolute_url()}appeal/", {"text": ""}).status_code == 422
    assert client.post(f"{entry.get_absolute_url()}appeal/", {"text": "当天出差"}).status_code == 302
    assert client.post(f"{entry.get_absolute_url()}appeal/", {"text": "再次"}).status_code == 409
    assert PointAppeal.objects.count() == 1


def test_an_appeal_is_decided_on_the_page_of_the_entry(ledger):
    entry = ledger.enter("unfinished", by=ledger.deputy)
    url = f"{entry.get_absolute_url()}answer/"
    data = {"uphold": "yes", "reason": "属实"}
    head, deputy = sign_in(ledger.head), sign_in(ledger.deputy)
    assert head.post(url, data).status_code == 409, "there is no appeal yet"
    make_appeal(entry, by=ledger.world.trainee, text="当天在外出差。")
    assert deputy.get(entry.get_absolute_url()).context["form"] is None
    assert deputy.post(url, data).status_code == 409
    assert sign_in(ledger.liaison).post(url, data).status_code == 403
    assert sign_in(ledger.world.stranger).post(url, data).status_code == 404
    assert head.post(url, {"uphold": "yes"}).status_code == 422
    assert head.post(url, data).status_code == 302
    assert head.post(url, data).status_code == 409
    assert PointAppeal.objects.get().state == "upheld"


def test_in_a_units_role_nobody_opens_the_own_entry(ledger):
    place(by=ledger.deputy, unit=ledger.unit, cadre=ledger.head.cadre, group=1, grade=4, start=ledger.first)
    entry = ledger.enter(cadre=ledger.head.cadre)
    assert sign_in(ledger.head).get(entry.get_absolute_url()).status_code == 404
    assert sign_in(ledger.head, "cadre").get(entry.get_absolute_url()).status_code == 200
    assert entry not in sign_in(ledger.head).get("/points/entries/").context["rows"]


def test_the_entries_are_found_by_name_kind_and_month(ledger):
    ledger.enter()
    ledger.enter("unfinished", cadre=ledger.other, day=ledger.second)
    client = sign_in(ledger.liaison)
    assert len(client.get("/points/entries/").context["rows"]) == 2
    assert len(client.get("/points/entries/?kind=project").context["rows"]) == 1
    assert len(client.get(f"/points/entries/?month={ledger.second:%Y-%m}").context["rows"]) == 1
    assert client.get(f"/points/entries/?q={ledger.other.name}").status_code == 200


def test_a_unit_above_opens_the_ledger_below_and_a_strangers_is_not_there(ledger):
    below = add_unit(code="station", name="水利站", kind="institution", parent=ledger.unit)
    kept_points(by=ledger.head, approver=ledger.deputy, unit=below, template="2019", starts_on=ledger.second)
    client = sign_in(ledger.head)
    assert f"?unit={below.public_id}" in text(client.get("/points/"))
    assert client.get(f"/points/?unit={below.public_id}").context["unit"] == below
    assert client.get(f"/points/?unit={ledger.world.forestry.public_id}").status_code == 404
    assert client.get("/points/?unit=x").status_code == 404


def test_the_award_shows_its_arithmetic_and_payroll_gets_a_safe_file(ledger):
    ledger.me.name = "=1+1"
    ledger.me.save()
    ledger.enter()
    ledger.settle()
    client, year = sign_in(ledger.head), ledger.first.year
    url = f"/points/share/{year}/"
    assert client.get(url).status_code == 200
    trial = client.get(f"{url}?pot=10000")
    assert next(row["given"] for row in trial.context["rows"]) == Decimal("417.91")
    assert sum(row["given"] for row in trial.context["rows"]) == Decimal(4000)
    assert client.get(f"{url}?pot=x").status_code == 422
    assert client.get(f"{url}file/").status_code == 404
    assert client.post(url, {"pot": "10000"}).status_code == 409
    assert client.post(url, {"pot": "-1"}).status_code == 422
    _settle_rest(ledger)
    assert sign_in(ledger.deputy).post(url, {"pot": "10000"}).status_code == 403
    assert client.post(url, {"pot": "10000.01"}).status_code == 302
    assert client.get(url).context["frozen"]
    response = client.get(f"{url}file/")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    named = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert len(named) == 1
    assert named[0].data_type == "s"
    assert cells[-1][4] == 4000
    assert any(str(ledger.head) in str(row[0]) for row in cells[:4])
    assert "10000.01" in text(client.get(url)) or "10,000.01" in text(client.get(url))


def test_an_award_of_a_year_before_the_ledger_says_so(ledger):
    assert "month" in text(sign_in(ledger.head).get(f"/points/share/{ledger.first.year - 1}/?pot=100"))


def test_pages_cost_the_same_with_one_row_and_with_five(ledger):
    ledger.settle()
    pages = [
        (ledger.head, "/points/"), (ledger.head, f"/points/?month={ledger.first:%Y-%m}"), (ledger.liaison, "/points/entries/"),
        (ledger.world.trainee, "/points/mine/"), (ledger.head, "/points/setup/"), (ledger.head, f"/points/share/{ledger.first.year}/?pot=100"),
        (ledger.head, f"/points/{ledger.second:%Y-%m}/print/"), (ledger.head, "/points/settle/"),
    ]  # fmt: skip
    clients = {user.pk: sign_in(user) for user, _url in pages}

    def more(n: int) -> None:
        cadre = ledger.world.person(ledger.unit)
        place(by=ledger.liaison, unit=ledger.unit, cadre=cadre, group=1, grade=2, start=ledger.second)
        for one in (ledger.me, cadre):
            task = list_routine(by=ledger.liaison, unit=ledger.unit, name=f"值班{n}")
            ledger.enter("routine", cadre=one, day=ledger.second, routine=task)
            ledger.enter("unfinished", cadre=one, day=ledger.second)
            ledger.mistake(ledger.second, cadre=one)
        make_appeal(ledger.enter("unfinished", day=ledger.second), by=ledger.world.trainee, text="x")

    def costs() -> list[int]:
        found = []
        for user, url in pages:
            with CaptureQueriesContext(connection) as queries:
                assert clients[user.pk].get(url).status_code == 200, url
            found.append(len(queries))
        return found

    more(0)
    costs()
    one = costs()
    for n in range(1, 5):
        more(n)
    assert costs() == one
