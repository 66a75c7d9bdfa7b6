"""Findings: who sees what, what goes on record, how a mistake is corrected, and which line did not look."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import CalendarDay
from accounts.file.workflow import store
from accounts.models import CountySetting, DecisionEvent, DutyPeriod, Relation
from accounts.people.workflow import add_unit
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from assessments.criteria.models import Edition
from assessments.evidence.meets import who_meets
from assessments.evidence.models import Evidence
from assessments.supervision import gaps as gaps_module
from assessments.supervision.gaps import WEEK, county_gaps, gaps, monday_of
from assessments.supervision.models import Finding, line_of
from assessments.supervision.todo import todo
from assessments.supervision.workflow import record_finding, record_findings, supersede_finding
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def world():
    world = World()
    world.town_head = world.user("town-head", world.town, Role.UNIT_HEAD)
    world.town_team = world.user("town-team", world.town, Role.TEAM_HEAD, over=world.village)
    world.rover = world.user("rover", world.town, Role.RECORDER)
    world.villager = world.person(world.town)
    return world


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def look(by, unit=None, **fields):
    content = {
        "seen_at": timezone.now() - dt.timedelta(hours=1),
        "place": "便民服务大厅",
        "what": "上班时间不在岗",
        "severity": 2,
    }
    return record_finding(by=by, unit=unit or by.role.unit, **(content | fields))


def seen_by(user, *findings):
    return set(Finding.objects.visible_to(user).values_list("pk", flat=True)) & {f.pk for f in findings}


def test_the_role_says_on_which_line_somebody_looks(world):
    lines = {user.username: line_of(user.role) for user in (world.head, world.deputy, world.team_head, world.town_team,
                                                            world.rover, world.recorder, world.liaison, world.clerk)}  # fmt: skip
    assert lines == {"head": "leader", "deputy": "in_charge", "team-head": "in_charge", "town-team": "in_charge",
                     "rover": "roving", "recorder": "outside", "liaison": "", "clerk": ""}  # fmt: skip
    assert line_of(world.trainee.role) == ""


def test_a_village_team_looks_for_its_town(world):
    row = look(world.town_team, cadre=world.villager, unit=world.town)
    assert (row.line, row.keeper, row.office) == ("in_charge", world.town, "")
    in_village = look(world.town_team, severity=0, what="")
    assert (in_village.unit, in_village.keeper) == (world.village, world.town)


@pytest.mark.parametrize("user", ["liaison", "clerk", "chief", "leader", "inspector", "trainee", "teacher"])
def test_who_looks_on_no_line_records_nothing(world, user):
    with pytest.raises(PermissionDenied):
        look(getattr(world, user), world.bureau)
    with pytest.raises(PermissionDenied):
        look(world.head, line="outside")
    assert not Finding.objects.exists()


def test_everybody_sees_what_the_scope_says(world):
    about_cadre = look(world.head, cadre=world.cadre)
    about_head = look(world.recorder, world.bureau, cadre=world.head.cadre, office="inspection")
    about_unit = look(world.deputy, severity=0, what="")
    in_town = look(world.town_team, world.town, cadre=world.villager)
    every = (about_cadre, about_head, about_unit, in_town)
    a, b, c, d = (f.pk for f in every)
    for user, wanted in [
        (world.head, {a, c}), (world.deputy, {a, b, c}), (world.liaison, {a, b, c}), (world.stranger, set()),
        (world.team_head, set()), (world.town_team, {d}), (world.town_head, {d}), (world.recorder, {b}), (world.rover, set()),
        (world.clerk, {a, b, c, d}), (world.chief, {a, b, c, d}), (world.leader, {a, b, c, d}), (world.admin, set()),
        (world.inspector, set()), (world.teacher, set()), (world.payroll, set()), (world.trainee, set()), (world.supervisor, set()),
    ]:  # fmt: skip
        assert seen_by(user, *every) == wanted, user.username


def test_nobody_reads_or_writes_about_kin(world):
    row = look(world.deputy, cadre=world.cadre)
    kin = Relation.objects.create(cadre=world.liaison.cadre, other=world.cadre, kind="kin")
    assert seen_by(world.liaison, row) == set()
    Relation.objects.create(cadre=world.cadre, other=world.head.cadre, kind="dispute")
    with pytest.raises(ValidationError) as refused:
        look(world.head, cadre=world.cadre)
    assert set(refused.value.message_dict) == {"cadre"}
    with pytest.raises(ValidationError):
        look(world.deputy, cadre=world.deputy.cadre)
    kin.kind = "acquaintance"
    kin.save()
    assert seen_by(world.liaison, row) == {row.pk}


def test_nobody_writes_beyond_the_own_reach(world):
    for by, unit, cadre in ((world.head, world.forestry, None), (world.head, world.bureau, world.villager),
                            (world.rover, world.bureau, None), (world.town_team, world.town, world.cadre)):  # fmt: skip
        with pytest.raises(ValidationError):
            look(by, unit, cadre=cadre)
    look(world.recorder, world.bureau, cadre=world.cadre, office="patrol")
    DutyPeriod.objects.create(cadre=world.cadre, kind="seconded", host=world.town, start=world.today - 10 * DAY)
    look(world.town_team, world.town, cadre=world.cadre)
    assert Finding.objects.count() == 2


def test_what_is_wrong_with_a_person_goes_on_record(world):
    row = look(world.head, cadre=world.cadre, criterion="B1")
    item = row.evidence
    assert (item.cadre, item.kind, item.title, item.outside, item.criterion, item.recorded_by) == (
        world.cadre, "inspection", "上班时间不在岗", False, "B1", world.head,
    )  # fmt: skip
    assert item.source == world.bureau.name
    assert item.happened_on == timezone.localtime(row.seen_at).date()
    assert [e.action for e in DecisionEvent.objects.order_by("-seq")[:2]] == ["finding.record", "evidence.add"]


def test_praise_and_what_concerns_the_unit_is_no_evidence(world):
    look(world.head, cadre=world.cadre, severity=0, what="抢险在前")
    look(world.head, severity=3, what="大厅无人")
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("office", "fields", "kind", "fact", "key"),
    [
        ("inspection", {}, "inspection", "", ""),
        ("inspection", {"fact": "late"}, "attendance", "late", ""),
        ("inspection", {"fact": "absent", "amount": 2}, "attendance", "absent", ""),
        ("assessment", {"fact": "mistake", "key": "数据错报"}, "inspection", "mistake", "数据错报"),
        ("inspection", {"fact": "reminder"}, "warning", "reminder", ""),
        ("petitions", {"key": "信核〔2026〕7号"}, "complaint", "complaint", "信核〔2026〕7号"),
        ("hotline", {"key": "工单88"}, "complaint", "complaint", "工单88"),
        ("audit", {}, "doc", "", ""),
        ("rural", {}, "inspection", "", ""),
    ],
)
def test_an_outside_recorder_says_what_it_establishes(world, office, fields, kind, fact, key):
    item = look(world.recorder, world.bureau, cadre=world.cadre, office=office, **fields).evidence
    assert (item.kind, item.fact, item.key, item.outside) == (kind, fact, key, True)
    assert item.amount == fields.get("amount", 1)


REFUSED = [
    ("from the future", {"seen_at": timezone.now() + 9 * DAY}, "seen_at"),
    ("without a place", {"place": " "}, "place"),
    ("wrong without a word", {"what": " "}, "what"),
    ("an inside line that names an office", {"office": "audit"}, "office"),
    ("a complaint that no office verified", {"fact": "complaint", "key": "1"}, "fact"),
    ("a grade", {"fact": "grade"}, "fact"),
    ("a mistake without its name", {"fact": "mistake"}, "key"),
    ("a fact about nobody", {"fact": "late", "cadre": None}, "fact"),
    ("a fact of praise", {"fact": "late", "severity": 0}, "fact"),
]


@pytest.mark.parametrize(("fields", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_finding_is_refused(world, fields, field):
    with pytest.raises(ValidationError) as refused:
        look(world.head, **({"cadre": world.cadre} | fields))
    assert set(refused.value.message_dict) == {field}
    assert not Finding.objects.exists() and not Evidence.objects.exists()


def test_a_recorder_names_the_office_and_a_complaint_its_number(world):
    for fields in ({}, {"office": "petitions"}, {"office": "petitions", "key": "1", "fact": "late"}):
        with pytest.raises(ValidationError):
            look(world.recorder, world.bureau, cadre=world.cadre, **fields)
    assert not Evidence.objects.exists()


def test_the_same_finding_is_recorded_once(world):
    moment = timezone.now() - DAY
    look(world.head, cadre=world.cadre, seen_at=moment)
    with pytest.raises(ValidationError):
        look(world.head, cadre=world.cadre, seen_at=moment)
    look(world.head, severity=0, what="", seen_at=moment)
    with pytest.raises(ValidationError):
        look(world.head, severity=0, what="", seen_at=moment)
    assert (Finding.objects.count(), Evidence.objects.count()) == (2, 1)


def test_the_database_keeps_evidence_beside_every_finding_about_a_person(world):
    row = look(world.head, severity=0, cadre=world.cadre)
    for fields in (
        {"severity": 2},
        {"severity": 4},
        {"line": "x"},
        {"line": "outside"},
        {"office": "audit"},
        {"keeper": None},
        {"correction": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.filter(pk=row.pk).update(**fields)


def test_a_correction_supersedes_the_finding_and_its_evidence_together(world):
    row = look(world.head, cadre=world.cadre, severity=3, criterion="B1")
    new = supersede_finding(row, by=world.head, reason="程度有误", severity=1, what="迟到十分钟", fact="late")
    assert (new.supersedes, new.correction, new.severity, new.place) == (row, "程度有误", 1, row.place)
    assert (new.evidence.supersedes, new.evidence.title, new.evidence.fact, new.evidence.criterion) == (
        row.evidence,
        "迟到十分钟",
        "late",
        "B1",
    )
    assert list(Finding.objects.current()) == [new]
    assert list(Evidence.objects.current()) == [new.evidence]
    assert Finding.objects.count() == 2
    with pytest.raises(ValidationError):
        supersede_finding(row, by=world.head, reason="再次更正")


def test_what_turns_out_in_order_establishes_nothing_any_more(world):
    rows = [
        look(world.recorder, world.bureau, cadre=world.cadre, office="petitions", key=f"信{n}", what=f"事项{n}")
        for n in (1, 2)
    ]
    met = {row.criterion.code for row in who_meets(world.bureau, world.edition, world.today)}
    assert met == {"D4"}
    new = supersede_finding(rows[0], by=world.recorder, reason="复核不实", severity=0, what="", fact="", key="")
    assert who_meets(world.bureau, world.edition, world.today) == []
    assert (new.evidence.fact, new.evidence.supersedes) == ("", rows[0].evidence)
    again = supersede_finding(new, by=world.recorder, reason="再核属实", severity=2, what="事项1", key="信1")
    assert again.evidence.supersedes == new.evidence
    assert who_meets(world.bureau, world.edition, world.today)


def test_the_wrong_person_is_taken_off_and_the_right_one_put_on_record(world):
    other = world.person(world.bureau)
    row = look(world.head, cadre=world.cadre)
    new = supersede_finding(row, by=world.head, reason="同名误记", cadre=other)
    assert [item.cadre for item in Evidence.objects.current()] == [other]
    nobody = supersede_finding(new, by=world.head, reason="系单位问题", cadre=None)
    assert nobody.evidence is None
    (item,) = Evidence.objects.current()
    assert (item.cadre, item.fact, item.criterion) == (other, "", "") and item.title != new.what


def test_only_who_looked_corrects_and_says_why(world):
    row = look(world.deputy, cadre=world.cadre)
    for user in (world.head, world.team_head, world.recorder):
        with pytest.raises(PermissionDenied):
            supersede_finding(row, by=user, reason="x", severity=0)
    with pytest.raises(ValidationError):
        supersede_finding(row, by=world.deputy, reason="  ", severity=1)
    assert Finding.objects.count() == 1


def test_a_photo_is_hashed_and_goes_on_record_with_it(world):
    photo = store(SimpleUploadedFile("现场.png", PNG), by=world.head)
    row = look(world.head, cadre=world.cadre, photo=photo)
    assert len(photo.sha256) == 64 and row.evidence.file == photo
    assert photo.sha256 in DecisionEvent.objects.get(action="finding.record").payload
    assert supersede_finding(row, by=world.head, reason="更正", severity=1).photo == photo


def many(world, n, **fields):
    return [
        {"unit": world.bureau, "cadre": world.person(world.bureau), "seen_at": at(world.today - DAY), "place": "局机关",
         "what": f"问题{i}", "severity": 1 + i % 3, "office": "inspection"} | fields for i in range(n)
    ]  # fmt: skip


def test_a_list_is_recorded_in_as_many_statements_as_one_row(world):
    def cost(rows):
        with CaptureQueriesContext(connection) as queries:
            record_findings(by=world.recorder, rows=rows)
        return len(queries)

    record_findings(by=world.recorder, rows=many(world, 1, what="先前"))
    one, twenty = many(world, 1), many(world, 20)
    assert cost(one) == cost(twenty) <= 17
    assert Evidence.objects.filter(outside=True).count() == Finding.objects.count() == 22
    assert all(row.evidence.title == row.what and row.evidence.cadre == row.cadre for row in Finding.objects.all())
    assert first_break() is None


def test_a_list_is_recorded_whole_or_not_at_all_and_once(world):
    rows = many(world, 3)
    with pytest.raises(ValidationError):
        record_findings(by=world.recorder, rows=[*rows, rows[0] | {"place": ""}])
    with pytest.raises(ValidationError) as twice:
        record_findings(by=world.recorder, rows=[*rows, rows[0]])
    assert rows[0]["cadre"].name in twice.value.messages[0]
    assert not Finding.objects.exists() and not Evidence.objects.exists()
    record_findings(by=world.recorder, rows=rows)
    with pytest.raises(ValidationError):
        record_findings(by=world.recorder, rows=rows)
    assert Finding.objects.count() == 3


# Gaps, by hand: a Wednesday, so that this week is still open. W0 = this week, W1 = last week, ...
WEDNESDAY = dt.date(2026, 9, 16)


@pytest.fixture
def wednesday(monkeypatch):
    monkeypatch.setattr(gaps_module.timezone, "localdate", lambda *_args: WEDNESDAY)
    return monday_of(WEDNESDAY)


def put(by, unit, day, hour=9):
    return record_findings(by=by, at=at(day, 20), rows=[{"unit": unit, "seen_at": at(day, hour), "place": "村委会"}])[0]


def table(unit, monday, weeks=5):
    return {row.line.value: [look.state for look in row.weeks] for row in gaps(unit, monday, weeks)}


def test_which_line_did_not_look_by_hand(world, wednesday):
    assert gaps(world.town, wednesday, 5) is None
    put(world.town_head, world.town, wednesday - 3 * WEEK + 2 * DAY)  # W3: the record begins
    put(world.town_head, world.town, wednesday - 1 * DAY)  # Sunday of W1
    put(world.town_team, world.village, wednesday - 2 * WEEK)  # Monday of W2, for the town
    put(world.town_team, world.village, wednesday + DAY)  # W0
    put(world.head, world.bureau, wednesday - 2 * WEEK)  # another unit
    assert table(world.town, wednesday) == {
        "leader": ["open", "looked", "gap", "looked", "before"],
        "in_charge": ["looked", "gap", "looked", "gap", "before"],
        "roving": ["open", "gap", "gap", "gap", "before"],
    }
    assert [row.gaps for row in gaps(world.town, wednesday, 5)] == [1, 2, 3]
    assert gaps(world.village, wednesday, 5) is None


def test_from_thursday_on_this_week_is_a_gap_too(world, wednesday, monkeypatch):
    put(world.town_head, world.town, wednesday - WEEK)
    monkeypatch.setattr(gaps_module.timezone, "localdate", lambda *_args: WEDNESDAY + DAY)
    assert table(world.town, wednesday, 2) == {
        "leader": ["gap", "looked"],
        "in_charge": ["gap", "gap"],
        "roving": ["gap", "gap"],
    }


def test_a_daily_line_counts_days_not_findings_and_a_week_without_work_asks_for_nothing(world, wednesday):
    monday = wednesday
    CountySetting.objects.create(
        key="look_days", value={"leader": 1, "in_charge": 3, "roving": 0}, start=monday - 90 * DAY
    )
    put(world.town_team, world.village, monday - WEEK, 8)
    put(world.town_team, world.village, monday - WEEK, 15)  # the same day
    for n in range(3):
        put(world.town_team, world.village, monday - 2 * WEEK + n * DAY)
    for n in range(5):
        CalendarDay.objects.create(day=monday - 3 * WEEK + n * DAY, working=False)
    put(world.town_head, world.town, monday - 4 * WEEK)
    assert table(world.town, monday) == {
        "leader": ["open", "gap", "gap", "free", "looked"],
        "in_charge": ["open", "short", "looked", "free", "gap"],
        "roving": ["free", "free", "free", "free", "free"],
    }


def test_a_corrected_finding_counts_on_the_day_of_its_correction(world, wednesday):
    row = put(world.town_head, world.town, wednesday - 2 * WEEK)
    supersede_finding(row, by=world.town_head, reason="日期写错", seen_at=at(wednesday - WEEK))
    assert table(world.town, wednesday, 3)["leader"] == ["open", "looked", "before"]


def test_gaps_are_read_in_one_statement_for_a_unit_and_for_a_county(world, wednesday):
    def findings_read(call):
        with CaptureQueriesContext(connection) as queries:
            call()
        return sum("assessments_finding" in query["sql"] for query in queries), len(queries)

    put(world.town_head, world.town, wednesday - WEEK)
    one = [findings_read(lambda: gaps(world.town, wednesday, 9)), findings_read(lambda: county_gaps(world.county.path, wednesday, 8))]  # fmt: skip
    for n in range(5):
        put(world.town_head, world.town, wednesday - n * WEEK, 10)
        put(world.head, world.bureau, wednesday - n * WEEK, 10)
    again = [findings_read(lambda: gaps(world.town, wednesday, 9)), findings_read(lambda: county_gaps(world.county.path, wednesday, 8))]  # fmt: skip
    assert one == again
    assert [found for found, _all in one] == [1, 1]


def test_the_county_sees_units_with_gaps_and_units_that_do_not_use_the_record(world, wednesday):
    school = add_unit(code="school", name="城关中学", kind="institution", parent=world.bureau)
    put(world.town_head, world.town, wednesday - 3 * WEEK)
    put(world.town_head, world.town, wednesday - WEEK + 6 * DAY)
    put(world.rover, world.town, wednesday - 2 * WEEK)
    put(world.rover, world.town, wednesday)  # this week is not counted
    rows = {row.unit: row for row in county_gaps(world.county.path, wednesday, 8)}
    town = rows[world.town]
    assert (town.begun, town.weeks, town.missed, town.total) == (True, 3, {"leader": 1, "in_charge": 3, "roving": 2}, 6)
    for n in range(5):  # the week in which the roving inspection looked becomes a holiday: it counts for nobody
        CalendarDay.objects.create(day=wednesday - 2 * WEEK + n * DAY, working=False)
    free = {row.unit: row for row in county_gaps(world.county.path, wednesday, 8)}[world.town]
    assert (free.weeks, free.missed) == (2, {"leader": 0, "in_charge": 2, "roving": 2})
    assert not rows[world.forestry].begun and rows[world.forestry].total == 0
    assert school not in rows and world.village not in rows


def test_the_look_of_the_week_waits_from_thursday_on_where_the_record_is_used(world):
    monday = monday_of(world.today) - 52 * WEEK
    thursday = monday + 3 * DAY
    people = (world.town_head, world.town_team, world.rover)
    assert [todo(user, thursday) for user in people] == [[], [], []]  # not used
    put(world.town_head, world.town, monday - WEEK)
    assert [len(todo(user, thursday - DAY)) for user in people] == [0, 0, 0]
    assert [len(todo(user, thursday)) for user in people] == [1, 1, 1]
    put(world.town_head, world.town, monday + DAY)
    assert [len(todo(user, thursday)) for user in people] == [0, 1, 1]
    for user in (world.recorder, world.head, world.liaison, world.clerk, world.trainee):
        assert todo(user, thursday) == []


def test_the_criteria_are_those_of_the_nearest_organizer(world):
    own = Edition.objects.in_use(world.town)
    assert own.organizer is None and own.code == "2019"
    Edition.objects.filter(code="2018").update(organizer=world.bureau)
    child = add_unit(code="zx", name="水利站", kind="institution", parent=world.bureau)
    assert (Edition.objects.in_use(child).code, Edition.objects.in_use(world.town).code) == ("2018", own.code)
