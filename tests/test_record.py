"""Who meets a criterion: hand-made records against the thresholds of the edition."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.people.workflow import begin_duty
from assessments.evidence.measures import months_before
from assessments.evidence.meets import standings, who_meets
from assessments.evidence.workflow import absence_days, add_evidence, state, supersede
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
KINDS = {"complaint": "complaint", "grade": "appraisal", "late": "attendance", "absent": "attendance",
         "training_absence": "attendance", "resit_failed": "training", "reminder": "warning"}  # fmt: skip


@pytest.fixture
def world():
    return World()


def item(world, fact="", cadre=None, back=30, **fields):
    content = {"kind": KINDS.get(fact, "task"), "title": "记录", "source": "单位台账", "fact": fact} | fields
    content.setdefault("happened_on", world.today - back * DAY)
    return add_evidence(by=world.liaison, cadre=cadre or world.cadre, **content)


def met(world, on=None, unit=None):
    return {
        (row.cadre.pk, row.criterion.code) for row in who_meets(unit or world.county, world.edition, on or world.today)
    }


TABLE = [
    # what is on record: (fact, days back, fields) ..., what is met
    ("three deadlines missed in twelve months", [("missed", 10, {}), ("missed", 200, {}), ("missed", 360, {})], {"B2"}),
    ("two deadlines missed", [("missed", 10, {}), ("missed", 20, {})], set()),
    ("the third one is older than twelve months", [("missed", 10, {}), ("missed", 20, {}), ("missed", 370, {})], set()),
    ("the same mistake three times, reminded before the last",
     [("mistake", 90, {"key": "数据错报"}), ("mistake", 60, {"key": "数据错报"}), ("reminder", 40, {"key": "数据错报"}),
      ("mistake", 10, {"key": "数据错报"})], {"B5"}),
    ("the same mistake three times, never reminded", [("mistake", n, {"key": "数据错报"}) for n in (10, 20, 30)], set()),
    ("three different mistakes",
     [("reminder", 90, {"key": "甲"})] + [("mistake", n, {"key": key}) for n, key in ((10, "甲"), (20, "乙"), (30, "丙"))], set()),
    ("an annual grade incompetent", [("grade", 200, {"key": "incompetent"})], {"C1"}),
    ("one grade basically competent", [("grade", 200, {"key": "basic"})], set()),
    ("two of them in a row", [("grade", 200, {"key": "basic"}), ("grade", 565, {"key": "basic"})], {"C1"}),
    ("a better grade after the incompetent one", [("grade", 400, {"key": "incompetent"}), ("grade", 35, {"key": "competent"})], set()),
    ("a key target unmet for six months", [("target", 190, {})], {"C2"}),
    ("a key target unmet for five months", [("target", 150, {})], set()),
    ("training missed twice", [("training_absence", 10, {}), ("training_absence", 90, {})], {"C4"}),
    ("one resit failed", [("resit_failed", 10, {})], {"C4"}),
    ("three days away, also after a reminder",
     [("absent", 90, {"amount": 2}), ("reminder", 60, {"criterion": "D1"}), ("absent", 10, {"amount": 1})], {"D1"}),
    ("three days away, never reminded", [("absent", 90, {"amount": 2}), ("absent", 10, {"amount": 1})], set()),
    ("ten times late, also after a reminder", [("reminder", 200, {"criterion": "D1"})] + [("late", n * 9 + 1, {}) for n in range(10)], {"D1"}),
    ("beyond the limit of the statutory procedure", [("reminder", 90, {"criterion": "D1"}), ("absent", 10, {"amount": 16})], set()),
    ("two complaints verified", [("complaint", 10, {"key": "信1号"}), ("complaint", 90, {"key": "信2号"})], {"D4"}),
    ("two complaints about one matter", [("complaint", 10, {"key": "信1号"}), ("complaint", 90, {"key": "信1号"})], set()),
    ("what is not measured: two kinds of record named for it",
     [("", 10, {"criterion": "B1"}), ("", 20, {"criterion": "B1", "kind": "inspection"})], {"B1"}),
    ("what is not measured: one kind only", [("", 10, {"criterion": "B1"}), ("", 20, {"criterion": "B1"})], set()),
    ("a ballot and a talk", [("", 10, {"criterion": "B1", "kind": "ballot"}), ("", 20, {"criterion": "B1", "kind": "talk"})], set()),
    ("an own statement never counts",
     [("", 10, {"criterion": "B1"}), ("", 20, {"criterion": "B1", "kind": "own_statement"})], set()),
]  # fmt: skip


@pytest.mark.parametrize(("record", "codes"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_record_meets_what_the_edition_says(world, record, codes):
    for fact, back, fields in record:
        item(world, fact, back=back, **fields)
    assert met(world) == {(world.cadre.pk, code) for code in codes}


def test_a_deadline_missed_during_leave_is_no_evidence(world):
    for back in (10, 20, 30):
        item(world, "missed", back=back)
    begin_duty(world.cadre, by=world.liaison, kind="medical", start=world.today - 25 * DAY, end=world.today - 15 * DAY)
    assert met(world) == set()


def test_what_was_corrected_and_what_was_written_later_do_not_count(world):
    items = [item(world, "missed", back=back) for back in (10, 20, 30)]
    assert met(world) == {(world.cadre.pk, "B2")}
    assert met(world, on=world.today - DAY) == set()  # written today
    supersede(items[0], by=world.liaison, reason="理由已采信", fact="")
    assert met(world) == set()
    with pytest.raises(ValidationError):
        supersede(items[0], by=world.liaison, reason="再次更正")


def test_people_who_cannot_be_nominated_meet_nothing(world):
    contract = world.person(world.bureau, category="contract")
    for back in (10, 20, 30):
        item(world, "missed", cadre=contract, back=back)
    assert met(world) == set()


def test_the_record_says_what_a_nomination_still_lacks(world):
    for back in (10, 20, 30):
        item(world, "missed", back=back)
    (row,) = who_meets(world.bureau, world.edition, world.today)
    assert row.met and not row.ready and [code for code, _params in row.missing] == ["missing.kinds"]
    item(world, kind="complaint", back=5, criterion="B2")
    (row,) = who_meets(world.bureau, world.edition, world.today)
    assert row.ready and len(row.items) == 4


def test_a_begun_record_stands_on_the_page_but_meets_nothing(world):
    item(world, "missed", back=10)
    (row,) = standings(world.bureau, world.edition, world.today)
    assert not row.met and row.criterion.code == "B2" and row.items


def test_a_whole_county_takes_as_many_statements_as_one_cadre(world):
    def statements():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            who_meets(world.county, world.edition, world.today)
        return len(queries)

    for back in (10, 20, 30):
        item(world, "missed", back=back)
    one = statements()
    for unit in (world.bureau, world.forestry, world.town):
        for _n in range(3):
            cadre = world.person(unit)
            for back in (10, 20, 30):
                item(world, "missed", cadre=cadre, back=back)
    assert len(met(world)) == 10
    assert statements() == one <= 12


def test_absence_is_counted_in_calendar_days_for_civil_servants_and_in_working_days_for_institution_staff(world):
    teacher = world.person(world.bureau, category="institution_technical")
    friday, monday = dt.date(2026, 11, 20), dt.date(2026, 11, 23)
    assert absence_days(world.cadre, friday, monday) == 4
    assert absence_days(teacher, friday, monday) == 2


def test_only_the_cadre_concerned_states_something_to_an_item(world):
    row = item(world, "missed")
    with pytest.raises(PermissionDenied):
        state(row, by=world.liaison, text="并非本人责任")
    state(row, by=world.trainee.acting_as("cadre"), text="上一环节迟交", disputes=True)
    assert row.statements.get().disputes


def test_months_are_counted_on_the_calendar():
    assert months_before(dt.date(2026, 3, 31), 1) == dt.date(2026, 2, 28)
    assert months_before(dt.date(2024, 2, 29), 12) == dt.date(2023, 2, 28)
    assert months_before(dt.date(2026, 1, 15), 13) == dt.date(2024, 12, 15)


def page(user, path, **query):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client.get(path, query)


def test_the_head_sees_names_evidence_and_what_is_missing_and_the_button_leads_to_the_filled_form(world):
    for back in (10, 20, 30):
        item(world, "missed", back=back, title=f"第{back}号督办件超期")
    answer = page(world.head, "/record/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert str(world.cadre) in text and "第10号督办件超期" in text and "meter-gaps" in text
    assert f"{world.unit_return.get_absolute_url()}nominate/?cadre={world.cadre.public_id}&amp;criteria=B2" in text


def test_nobody_reads_in_the_list_what_stands_about_himself_or_kin(world):
    for back in (10, 20, 30):
        item(world, "missed", cadre=world.head.cadre, back=back)
    assert page(world.head, "/record/").context["total"] == 0
    assert page(world.deputy, "/record/").context["total"] == 1
    row = world.head.cadre.evidence.first()
    assert page(world.head, row.get_absolute_url()).status_code == 404
    assert page(world.deputy, row.get_absolute_url()).status_code == 200


def test_the_department_narrows_the_county_to_a_unit_and_nobody_leaves_his_scope(world):
    for unit in (world.bureau, world.forestry):
        cadre = world.person(unit)
        for back in (10, 20, 30):
            item(world, "missed", cadre=cadre, back=back)
    assert page(world.clerk, "/record/").context["total"] == 2
    assert page(world.clerk, "/record/", unit="县林业局").context["total"] == 1
    assert page(world.head, "/record/", unit="县林业局").context["total"] == 1  # the own unit: the field is not offered
    assert page(world.clerk, "/record/", show="ready").context["total"] == 0


def test_the_list_asks_as_often_for_five_people_as_for_one(world):
    def queries():
        client = Client()
        client.force_login(world.head, backend="accounts.user.backend.RoleBackend")
        client.get("/record/")
        with CaptureQueriesContext(connection) as found:
            client.get("/record/", {"show": "all"})
        return len(found)

    def one_more():
        cadre = world.person(world.bureau)
        for back in (10, 20, 30):
            item(world, "missed", cadre=cadre, back=back)

    one_more()
    one = queries()
    for _n in range(4):
        one_more()
    assert queries() == one


def test_an_item_is_typed_corrected_and_both_versions_stay(world):
    client = Client()
    client.force_login(world.liaison, backend="accounts.user.backend.RoleBackend")
    address = f"/record/new/?cadre={world.cadre.public_id}"
    content = {
        "title": "无故缺勤",
        "source": "考勤表",
        "happened_on": "2026-11-20",
        "last_day": "2026-11-23",
        "fact": "absent",
    }
    assert client.post(address, content | {"title": ""}).status_code == 422
    assert client.post(address, content | {"fact": "mistake"}).status_code == 422  # which mistake?
    assert client.post(address, content | {"last_day": "2026-11-19"}).status_code == 422
    assert not world.cadre.evidence.exists()
    assert client.post(address, content).status_code == 302
    row = world.cadre.evidence.get()
    assert (row.kind, row.amount, row.outside) == ("attendance", 4, False)
    correction = {
        "title": "无故缺勤",
        "source": "考勤表",
        "happened_on": "2026-11-20",
        "fact": "absent",
        "reason": "补交了请假条",
    }
    assert client.post(f"{row.get_absolute_url()}correct/", correction | {"reason": ""}).status_code == 422
    assert client.post(f"{row.get_absolute_url()}correct/", correction).status_code == 302
    assert client.post(f"{row.get_absolute_url()}correct/", correction).status_code == 409
    new = world.cadre.evidence.current().get()
    assert new.supersedes == row and new.amount == 1
    assert "补交了请假条" in client.get(new.get_absolute_url()).content.decode()


def test_the_cadre_reads_everything_about_himself_and_a_dispute_stands_beside_the_entry(world):
    row = item(world, "missed", title="周报超期")
    client = Client()
    client.force_login(world.trainee, backend="accounts.user.backend.RoleBackend")
    assert "周报超期" in client.get("/record/mine/").content.decode()
    assert any(entry["url"] == "/record/mine/" for entry in client.get("/").context["tasks"])
    assert client.post(row.get_absolute_url(), {"text": ""}).status_code == 422
    assert client.post(row.get_absolute_url(), {"text": "系统故障所致", "disputes": "on"}).status_code == 302
    case = world.nominated(new_evidence=[], evidence=[row, item(world, kind="inspection", criterion="B1")])
    for reader in (world.head, world.clerk):
        assert "系统故障所致" in page(reader, case.get_absolute_url()).content.decode()
    assert "系统故障所致" in page(world.liaison, f"/people/{world.cadre.public_id}/").content.decode()


def test_grades_and_absences_come_from_the_lists_that_the_office_keeps(world):
    client = Client()
    client.force_login(world.liaison, backend="accounts.user.backend.RoleBackend")
    other = world.person(world.forestry)
    year = world.today.year - 1
    text = f"姓名\t考核年度\t考核结果\t依据文号\n{world.cadre}\t{year}\t不称职\t通知书1号\n{other.name}甲\t{year}\t称职\t通知书2号\n"
    table = client.post("/record/grades/", {"text": text})
    assert table.status_code == 200 and not world.cadre.evidence.exists()
    rows = table.context["rows"]
    data = rows.data | {"key": table.context["key"]}
    assert client.post("/record/grades/", data).status_code == 422  # nobody of this name in the unit
    assert client.post("/record/grades/", data | {"row-1-DELETE": "on"}).status_code == 302
    row = world.cadre.evidence.get()
    assert (row.fact, row.key, row.happened_on) == ("grade", "incompetent", dt.date(year, 12, 31))
    assert met(world) == {(world.cadre.pk, "C1")}
    text = f"姓名\t情况\t开始日期\t结束日期\t依据\n{world.cadre}\t旷工\t2026.11.20\t2026年11月23日\t考勤表\n{world.cadre}\t迟到\t20261124\t\t考勤表\n"
    table = client.post("/record/attendance/", {"text": text})
    data = table.context["rows"].data
    assert client.post("/record/attendance/", data | {"key": "a"}).status_code == 302
    assert [(e.fact, e.amount) for e in world.cadre.evidence.filter(kind="attendance")] == [("absent", 4), ("late", 1)]
    client.post("/record/attendance/", data | {"key": "b"})
    assert world.cadre.evidence.filter(kind="attendance").count() == 2


def test_a_spreadsheets_number_of_a_day_is_no_year_of_a_grade(world):
    client = Client()
    client.force_login(world.liaison, backend="accounts.user.backend.RoleBackend")
    answer = client.post(
        "/record/grades/", {"text": f"姓名\t考核年度\t考核结果\t依据文号\n{world.cadre}\t45230\t称职\t通知书1号\n"}
    )
    assert answer.status_code == 200 and "year" in answer.context["rows"].forms[0].errors


def test_absence_is_shown_in_the_days_of_the_persons_own_law(world):
    teacher = world.person(world.bureau, category="institution_technical")
    for cadre in (world.cadre, teacher):
        item(world, "absent", cadre=cadre, back=0, amount=4)
    first = item(world, "absent", back=0, amount=2, title="外出未报备")
    supersede(first, by=world.liaison, reason="补交了请假条", fact="")
    mine = page(world.trainee, "/record/mine/").content.decode()
    assert "今年无故缺勤4个自然日" in mine
    assert "今年无故缺勤4个工作日" in page(world.head, f"/people/{teacher.public_id}/").content.decode()


def test_the_criteria_page_says_how_far_back_items_count(world):
    text = page(world.head, "/criteria/").content.decode()
    assert "12个月内" in text
    windows = {c.code: c.window for c in world.edition.criteria.all()}
    assert windows["B1"] == windows["B2"] == 12 and windows["C1"] is None and windows["C2"] is None
