"""The heads' first indicator, the resolution it rests on and its file; the mirror; due dates beside a schedule."""

import datetime as dt
import io
from statistics import quantiles

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.calendar import add_working_days, is_working_day
from accounts.job import Job, perform_waiting
from accounts.models import CalendarDay, CountySetting, DecisionEvent, User
from accounts.people.workflow import add_unit
from accounts.permissions import Role
from accounts.setting import preview
from accounts.setting.registry import SETTINGS
from cohorts.alert.ladder_workflow import climb
from cohorts.alert.models import Alert, AlertChange
from cohorts.alert.workflow import scan
from cohorts.campaign.models import Round, UnitReturn
from cohorts.indicator.mirror import band_of, comparable, mirror
from cohorts.indicator.models import Resolution
from cohorts.indicator.parts import PARTS, indicators, last_day
from cohorts.indicator.workflow import hand_over, record_resolution
from cohorts.measure.models import UnitMeasure
from cohorts.procedure.step import NotGranted
from cohorts.referral.models import Referral
from cohorts.report.models import ReportExport
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
# The year that the tests look at is over, so that no test hangs on today's date.
YEAR = timezone.localdate().year - 1


@pytest.fixture
def world():
    return World()


def resolved(world, since: dt.date | None = None, number: str = "石常决〔2019〕1号") -> Resolution:
    day = since or dt.date(2019, 1, 1)
    return record_resolution(by=world.admin, number=number, decided_on=day, valid_from=day, extract="列为首项指标。")


def at(day: dt.date, hour: int = 10) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def rounds(world) -> list[Round]:
    """Four closed rounds of this year and one of last year, and one that was cancelled."""
    year, found = YEAR, []
    days = [dt.date(year, 1, 5) + n * DAY for n in range(4)] + [dt.date(year - 1, 12, 31), dt.date(year, 1, 9)]
    for n, day in enumerate(days):
        found.append(Round.objects.create(campaign=world.campaign, number=n + 10, kind="supplementary", opens_on=day - 3 * DAY, closes_on=day,
                                          cancelled_on=day if n == 5 else None))  # fmt: skip
    return found


def filed(world, row: Round, unit, days: int | None, reason: str = "") -> UnitReturn:
    """A return filed so many days after the closing day; None: never."""
    when = {} if days is None else {"first_filed_at": at(row.closes_on + days * DAY), "filed_at": at(row.closes_on + days * DAY), "signed_by": world.head, "state": "accepted"}  # fmt: skip
    return UnitReturn.objects.create(round=row, unit=unit, sent_back_reason=reason, **when)


def a_year(world) -> None:
    """The bureau: one return on time and sent back once, one late, two missing, an alert that climbed, two measures."""
    one, two, three, four, last_year, cancelled = rounds(world)
    filed(world, one, world.bureau, 0, reason="缺会议记录")
    filed(world, two, world.bureau, 1)
    filed(world, three, world.bureau, None)
    filed(world, four, world.bureau, None)
    filed(world, last_year, world.bureau, None)
    filed(world, cancelled, world.bureau, None)
    filed(world, one, world.forestry, -1)
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today + 400 * DAY)
    scan(on=dt.date(YEAR, 1, 12), at=at(dt.date(YEAR, 1, 12)))
    kept = Alert.objects.get(
        subject_key=f"unitreturn:{UnitReturn.objects.get(round=three, unit=world.bureau).public_id}"
    )
    Alert.objects.exclude(pk=kept.pk).update(state="resolved", owner=world.clerk)
    for n in range(1, 8):
        climb(on=add_working_days(dt.date(YEAR, 1, 12), n))
    fields = {"campaign": world.campaign, "unit": world.bureau, "reason": "x", "proposed_by": world.chief}
    day = {"document_number": "1", "document_on": dt.date(YEAR, 2, 1)}
    UnitMeasure.objects.create(kind="circular", state="in_effect", **day, **fields)
    UnitMeasure.objects.create(
        kind="interview", state="in_effect", person=world.head.cadre, held_on=dt.date(YEAR, 6, 1), **fields
    )
    UnitMeasure.objects.create(kind="circular", state="revoked", **day, **fields)
    UnitMeasure.objects.create(
        kind="interview",
        state="in_effect",
        person=world.head.cadre,
        held_on=dt.date(YEAR - 1, 3, 1),
        **fields,
    )


def counted(world) -> dict[str, int]:
    """The same figures counted by hand, row by row, without the indicator's queries."""
    year, found = (
        YEAR,
        dict.fromkeys(("on_time", "late", "missing", "sent_back", "climbed", "flagged", "measures"), 0),
    )
    for row in UnitReturn.objects.filter(unit=world.bureau).select_related("round"):
        if row.round.closes_on.year != year or row.round.cancelled_on:
            continue
        day = row.first_filed_at and timezone.localtime(row.first_filed_at).date()
        if day is None:
            found["missing"] += row.round.closes_on < world.today
        else:
            found["late" if day > row.round.closes_on else "on_time"] += 1
        found["sent_back"] += bool(row.sent_back_reason)
    climbs = [c for c in AlertChange.objects.select_related("alert") if c.action == "climb" and c.level == 3]
    found["climbed"] = len({c.alert_id for c in climbs if c.alert.unit_id == world.bureau.pk and c.day.year == year})
    for row in UnitMeasure.objects.filter(unit=world.bureau):
        found["measures"] += row.state == "in_effect" and row.day.year == year
    return found


# ---------- the indicator ----------


def test_the_indicator_equals_an_independent_count(world):
    a_year(world)
    row = indicators([world.bureau.pk], YEAR, world.today)[world.bureau.pk]
    found = {figure.part.code: figure.count for figure in row.figures}
    assert found == counted(world)
    assert found == {"on_time": 1, "late": 1, "missing": 2, "sent_back": 1, "climbed": 1, "flagged": 0, "measures": 2}
    assert row.value == 100 - 5 - 2 * 15 - 3 - 5 - 2 * 10
    CountySetting.objects.create(key="indicator_weights", value=dict.fromkeys(found, 50), start=world.today)
    assert indicators([world.bureau.pk], YEAR, world.today)[world.bureau.pk].value == 0


def test_every_part_has_a_weight_or_none_and_a_word(world):
    weights = SETTINGS["indicator_weights"]
    assert {part.code for part in PARTS if part.weighs} == set(weights.default) == set(weights.keys)
    assert all(not part.label.startswith("part.") for part in PARTS)


def test_each_number_shows_its_rows_one_click_away(world):
    resolved(world)
    a_year(world)
    url = f"/indicator/units/{world.bureau.public_id}/?year={YEAR}"
    for user in (world.clerk, world.head, world.admin):
        page = as_(user).get(url)
        for figure, rows in page.context["figures"]:
            assert len(rows) == figure.count, figure.part.code
    links = {row["url"] for _figure, rows in as_(world.head).get(url).context["figures"] for row in rows}
    assert "" not in links and all(as_(world.head).get(link).status_code == 200 for link in links)
    rows = {figure.part.code: rows for figure, rows in as_(world.admin).get(url).context["figures"]}
    assert rows["climbed"][0]["text"] and not rows["climbed"][0]["url"], "no link to what the reader may not open"


def test_without_a_resolution_in_force_there_is_no_indicator_for_that_day(world):
    a_year(world)
    urls = (f"/indicator/?year={YEAR}", f"/indicator/units/{world.bureau.public_id}/?year={YEAR}")
    with translation.override("en"):
        for url in urls:
            page = as_(world.clerk).get(url)
            assert "不存在此项指标" in page.content.decode()
            assert not any(getattr(unit, "indicator", None) for unit in page.context.get("rows") or [])
    resolved(world, dt.date(YEAR, 1, 1))
    assert "不存在此项指标" not in as_(world.clerk).get(urls[0]).content.decode()
    assert as_(world.clerk).get(urls[1]).context["value"] == 37
    last = as_(world.clerk).get(urls[1].replace(str(YEAR), str(YEAR - 1)))
    assert last.context["value"] is None and "不存在此项指标" in last.content.decode()
    with pytest.raises(ValidationError):
        hand_over(by=world.admin, year=YEAR - 1)


def test_a_resolution_is_dated_and_recorded_once_by_the_department_administrator(world):
    row = resolved(world)
    assert DecisionEvent.objects.get(action="resolution.record").subject_id == row.public_id
    day = world.today
    for wrong in ({"decided_on": day + DAY, "valid_from": day + DAY}, {"decided_on": day, "valid_from": day - DAY},
                  {"number": row.number}, {"valid_from": row.valid_from, "decided_on": row.valid_from}):  # fmt: skip
        with pytest.raises(ValidationError):
            record_resolution(
                by=world.admin, **{"number": "2", "decided_on": day, "valid_from": day, "extract": "x"} | wrong
            )
    with pytest.raises(NotGranted):
        record_resolution(by=world.chief, number="3", decided_on=day, valid_from=day, extract="x")
    later = resolved(world, day, "石常决〔2026〕2号")
    assert Resolution.objects.in_force(day - DAY) == row and Resolution.objects.in_force(day) == later
    client = as_(world.admin)
    data = {"number": "3", "decided_on": str(day - DAY), "valid_from": str(day - 2 * DAY), "extract": "保留的摘录"}
    refused = client.post("/indicator/resolutions/", data)
    assert refused.status_code == 409 and "保留的摘录" in refused.content.decode()
    assert client.post("/indicator/resolutions/", data | {"number": ""}).status_code == 422
    assert client.post("/indicator/resolutions/", data | {"valid_from": str(day - DAY)}).status_code == 302
    assert as_(world.clerk).post("/indicator/resolutions/", data).status_code == 403
    assert as_(world.clerk).get("/indicator/resolutions/").context["form"] is None


def test_there_is_no_league_table_and_a_head_reads_his_own_unit_only(world):
    resolved(world)
    a_year(world)
    for sort in ("unit", "-value", "value"):
        rows = as_(world.clerk).get(f"/indicator/?year={YEAR}&sort={sort}").context["rows"]
        assert [row.path for row in rows] == sorted(row.path for row in rows)
    head = as_(world.head)
    assert head.get(f"/indicator/?year={YEAR}")["Location"] == f"/indicator/units/{world.bureau.public_id}/?year={YEAR}"
    assert head.get(f"/indicator/units/{world.bureau.public_id}/?year={YEAR}").context["value"] == 37
    assert head.get(f"/indicator/units/{world.forestry.public_id}/").status_code == 404
    for user, status in ((world.deputy, 403), (world.liaison, 403), (world.leader, 200), (world.admin, 200)):
        assert as_(user).get("/indicator/").status_code == status
    assert as_(world.clerk).get(f"/indicator/?year={world.today.year + 1}").status_code == 404


def test_once_a_year_the_file_goes_to_the_assessment_office_and_stands_in_the_register(world):
    resolved(world)
    a_year(world)
    client = as_(world.admin)
    answer = client.post("/indicator/hand-over/", {"year": YEAR})
    assert answer.status_code == 302
    job = Job.objects.get(kind="indicator")
    assert answer["Location"] == job.get_absolute_url()
    client.post("/indicator/hand-over/", {"year": YEAR})
    assert Job.objects.filter(kind="indicator").count() == 1, "a second click asks for nothing more"
    perform_waiting()
    job.refresh_from_db()
    row = ReportExport.objects.get(section="indicator")
    assert (job.state, job.outcome["serial"], job.outcome["sha256"]) == ("done", row.serial, row.sha256)
    sheet = openpyxl.load_workbook(io.BytesIO(job.file.read())).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    bureau = next(line for line in lines if line[0] == world.bureau.name)
    assert bureau[1:] == [1, 1, 2, 1, 1, 0, 2, 63, 37]
    assert Resolution.objects.get().number in str(lines[1][0])
    register = client.get("/reports/exports/").content.decode()
    assert row.serial in register and f"/indicator/?year={YEAR}" in register
    assert row.serial in client.get(f"/indicator/?year={YEAR}").content.decode()
    assert as_(world.chief).post("/indicator/hand-over/", {"year": YEAR}).status_code == 403
    assert client.post("/indicator/hand-over/", {"year": world.today.year + 1}).status_code == 404
    assert client.post("/indicator/hand-over/", {"year": "x"}).status_code == 404


def test_last_years_file_is_a_task_until_it_is_handed_over(world):
    resolved(world)
    a_year(world)
    wanted = f"/indicator/?year={YEAR}"
    admin = User.objects.get(pk=world.admin.pk)
    assert any(task["url"] == wanted for task in tasks_of(admin))
    elsewhere = world.user("elsewhere", world.forestry, Role.DEPARTMENT_ADMIN, over=world.forestry)
    UnitReturn.objects.filter(unit=world.forestry).delete()
    assert not any(task["url"] == wanted for task in tasks_of(elsewhere))  # none of its units was asked
    hand_over(by=world.admin, year=YEAR)
    assert not any(task["url"] == wanted for task in tasks_of(admin))
    with pytest.raises(NotGranted):
        hand_over(by=world.chief, year=YEAR)


def test_a_year_is_looked_at_on_its_last_day_or_today(world):
    assert last_day(2020, world.today) == dt.date(2020, 12, 31)
    assert last_day(world.today.year, world.today) == world.today


def test_the_list_costs_the_same_for_one_unit_and_for_five(world):
    resolved(world)
    row = rounds(world)[0]
    Round.objects.exclude(pk=row.pk).update(closes_on=dt.date(2010, 1, 31), opens_on=dt.date(2010, 1, 1))
    filed(world, row, world.bureau, 0)
    client = as_(world.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/indicator/?year={YEAR}").status_code == 200
        return len(queries)

    cost()
    one = cost()
    for unit in (world.forestry, world.town, world.office, world.department):
        filed(world, row, unit, 1)
    assert len(client.get(f"/indicator/?year={YEAR}").context["rows"]) == 5
    assert cost() == one


# ---------- the mirror ----------


def peers(world, count: int) -> list:
    """So many comparable units, each with one return and as many referred as its number."""
    row = rounds(world)[0]
    filed(world, row, world.bureau, 0)
    found = []
    for n in range(count):
        unit = add_unit(
            code=f"p{n}", name=f"同类{n}局", kind="bureau", parent=world.county, reports=True, staff_in_post=50
        )
        filed(world, row, unit, n % 2)
        for _ in range(n):
            Referral.objects.create(campaign=world.campaign, unit=unit, cadre=world.person(unit), state="nominated",
                                    nominated_at=at(dt.date(YEAR, 3, 1)), nominated_by=world.head)  # fmt: skip
        found.append(unit)
    type(world.forestry).objects.filter(pk=world.forestry.pk).update(staff_in_post=600)
    return found


def lines_of(world, user=None):
    return {line.code: line for line in mirror(world.bureau, YEAR, dt.date(YEAR, 12, 31), user or world.head)}


def test_under_five_comparable_units_the_mirror_shows_nothing(world):
    peers(world, 4)
    assert all(line.quarters == [] for line in lines_of(world).values())
    page = as_(world.head).get(f"/mirror/?year={YEAR}").content.decode()
    assert "同类0局" not in page and "不足5个" in page


def test_from_five_on_it_shows_quarters_and_median_and_no_name(world):
    found = peers(world, 5)
    lines = lines_of(world)
    shares = [100 * n / 50 for n in range(5)]
    assert lines["referred"].quarters == [round(q, 1) for q in quantiles(shares, n=4, method="inclusive")]
    assert sorted(lines["on_time"].others) == [0, 0, 100, 100, 100]
    assert (lines["on_time"].own, lines["days"].own, lines["days"].quarters[1]) == (100, 3, 3)
    for user in (world.head, world.deputy):
        page = as_(user).get(f"/mirror/?year={YEAR}").content.decode()
        assert not any(unit.name in page for unit in found)
    for user in (world.liaison, world.clerk, world.leader):
        assert as_(user).get(f"/mirror/?year={YEAR}").status_code == 403


def test_comparable_is_the_same_kind_and_staff_band(world):
    found = peers(world, 2)
    for kind, staff in (("town", 50), ("bureau", 29), ("bureau", 60), ("bureau", 0)):
        add_unit(
            code=f"{kind}{staff}",
            name=f"{kind}{staff}",
            kind=kind,
            parent=world.county,
            reports=True,
            staff_in_post=staff,
        )
    gone = add_unit(code="gone", name="gone", kind="bureau", parent=world.county, reports=True, staff_in_post=50)
    type(gone).objects.filter(pk=gone.pk).update(dissolved_on=world.today)
    assert set(comparable(world.bureau)) == set(found)
    assert [band_of(staff) for staff in (0, 9, 10, 59, 60)] == [None, (1, 9), (10, 29), (30, 59), (60, None)]


def test_a_figure_that_fewer_than_five_have_is_hidden_by_itself(world):
    found = peers(world, 5)
    UnitReturn.objects.filter(unit=found[0]).delete()
    lines = lines_of(world)
    assert lines["referred"].quarters and not lines["on_time"].quarters and not lines["days"].quarters


def test_the_mirror_gives_no_case_away_that_its_reader_may_not_know(world):
    peers(world, 5)
    Referral.objects.create(campaign=world.campaign, unit=world.bureau, cadre=world.head.cadre, state="nominated",
                            nominated_at=at(dt.date(YEAR, 3, 1)), nominated_by=world.deputy)  # fmt: skip
    assert lines_of(world)["referred"].own == 0
    assert lines_of(world, world.deputy)["referred"].own > 0


def test_the_mirror_costs_the_same_for_five_units_and_for_nine(world):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            lines_of(world)
        return len(queries)

    peers(world, 5)
    five = cost()
    for n in range(4):
        add_unit(code=f"q{n}", name=f"q{n}", kind="bureau", parent=world.county, reports=True, staff_in_post=40)
    assert cost() == five <= 3


# ---------- due dates beside a schedule ----------


def test_a_schedule_shows_its_next_five_due_dates_as_working_days(world):
    client = as_(world.admin)
    for key in ("ladder_days", "ladder_nag_days", "ladder_pause_days", "reply_days", "objection_days"):
        shown = client.get(f"/settings/{key}/").context["schedule"]
        assert len(shown) == 5
        days = [row["day"] for row in shown]
        assert days == sorted(days) and all(is_working_day(day) for day in days)
    assert [row["day"] for row in client.get("/settings/ladder_days/").context["schedule"]][:4] == [
        add_working_days(world.today, n) for n in (1, 3, 6, 11)
    ]
    assert client.get("/settings/talks/").context["schedule"] == []
    for key, offers in (("ladder_days", True), ("talks", False)):
        assert ('name="preview"' in client.get(f"/settings/{key}/").content.decode()) is offers


def test_the_dates_are_shown_before_and_after_saving_and_a_holiday_moves_them(world):
    client, holiday = as_(world.admin), add_working_days(world.today, 1)
    data = {"value": 2, "start": str(world.today)}
    first = client.post("/settings/ladder_nag_days/", data | {"value": 1, "preview": "1"})
    assert first.status_code == 200 and first.context["meant"][0]["day"] == holiday
    assert not CountySetting.objects.exists(), "nothing is saved by looking"
    CalendarDay.objects.create(day=holiday, working=False)
    again = client.post("/settings/ladder_nag_days/", data | {"value": 1, "preview": "1"})
    assert again.context["meant"][0]["day"] == add_working_days(world.today, 1) > holiday
    start = world.today + 10 * DAY
    assert client.post("/settings/ladder_nag_days/", {"value": 4, "start": str(start)}).status_code == 302
    rows = client.get("/settings/ladder_nag_days/").context["rows"]
    assert [row["day"] for row in rows[0].schedule] == [add_working_days(start, 4 * n) for n in range(1, 6)]


def test_a_day_of_the_month_is_the_last_one_of_a_short_month():
    found = preview.day_of_month(31, dt.date(2027, 1, 31))
    assert [day for _what, day in found] == [
        dt.date(2027, 1, 31), dt.date(2027, 2, 28), dt.date(2027, 3, 31), dt.date(2027, 4, 30), dt.date(2027, 5, 31),
    ]  # fmt: skip
    assert preview.every_days(0, dt.date(2027, 1, 31)) == []
