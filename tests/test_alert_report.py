"""The cohort report: page, XLSX and CSV are one; its figures equal sums in SQL; every export is in the register."""

import csv
import hashlib
import io

import pytest
from django.db import connection
from python_calamine import CalamineWorkbook

from accounts.job import Job, perform_waiting
from accounts.models import CountySetting, DecisionEvent
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.measure.workflow import propose_measure
from cohorts.models import Referral, ReportExport
from cohorts.procedure.narrow import CASE_FIGURES
from cohorts.procedure.step import NotGranted
from cohorts.procedure.workflow import move
from cohorts.report.filters import filters_for
from cohorts.report.sections import SECTION_OF, SECTIONS
from cohorts.report.workflow import make_export, tables
from cohorts.training.workflow import cancel_session, record_roll
from tests.test_pages import as_
from tests.test_training import admitted, session
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
URL, EXPORT = "/reports/cohort/", "/reports/cohort/export/"


@pytest.fixture
def world():
    """A returned case, a struck-out one, a withdrawn one, a nomination of another unit and a nil return."""
    world = World()
    other = world.draft(world.person(world.bureau))
    third = world.draft(world.person(world.bureau))
    world.returned()
    for case in (other, third):
        case.refresh_from_db()
    world.screened(other)
    move(other, "propose_strike_out", by=world.clerk, ground="not_proved", reason="不实")
    move(other, "strike_out", by=world.leader, reason="同意")
    move(third, "withdraw", by=world.head, reason="调离")
    return world


def report(client, query=""):
    page = client.get(f"{URL}?{query}")
    assert page.status_code == 200, page.status_code
    return {table.code: table for table in page.context["tables"]}


def totals(table) -> dict:
    codes = [column.code for column in SECTION_OF[table.code].columns]
    return dict(zip(codes, (cell.value for cell in table.totals), strict=True))


def one(sql: str, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def test_totals_equal_an_independent_sum_in_sql(world):
    found = report(as_(world.admin))
    campaign = world.campaign.pk
    cases = "SELECT COUNT(*) FROM cohorts_referral r WHERE r.campaign_id = %s AND r.state <> 'draft'"
    expected = {
        "asked": one("SELECT COUNT(*) FROM cohorts_unitreturn u JOIN cohorts_round o ON o.id = u.round_id WHERE o.campaign_id = %s", campaign),
        "filed": one("SELECT COUNT(*) FROM cohorts_unitreturn u JOIN cohorts_round o ON o.id = u.round_id WHERE o.campaign_id = %s "
                     "AND u.state IN ('filed', 'accepted')", campaign),
        "nil": 0,
        "nominated": one(cases, campaign),
        "verified": one(f"{cases} AND r.verified_on IS NOT NULL", campaign),
        "struck_out": one(f"{cases} AND r.state = 'struck_out'", campaign),
        "notified": one(f"{cases} AND EXISTS (SELECT 1 FROM cohorts_service s WHERE s.referral_id = r.id)", campaign),
        "confirmed": one(f"{cases} AND r.cohort_id IS NOT NULL", campaign),
        "released": one(f"{cases} AND r.state = 'released'", campaign),
        "admitted": one(f"{cases} AND r.cohort_id IS NOT NULL", campaign),
        "in_class": 0,
        "finished": one(f"{cases} AND r.state IN ('returned', 'stayed', 'reassigned', 'exited')", campaign),
    }  # fmt: skip
    for code in ("funnel", "units"):
        figures = totals(found[code])
        assert {key: figures[key] for key in expected} == expected, code
    assert expected["nominated"] == 3 and expected["finished"] == 1
    results = totals(found["results"])
    assert results["qualified"] == one("SELECT COUNT(*) FROM cohorts_returnreview WHERE qualified")
    assert (results["returned"], results["withdrawn_by_unit"], results["ended_other"]) == (1, 1, 0)
    named = sum(line[1].value for line in found["criteria"].lines)
    assert named == one("SELECT COUNT(*) FROM cohorts_referral_criteria")
    upheld = sum(line[2].value for line in found["criteria"].lines)
    assert upheld == one("SELECT COUNT(*) FROM cohorts_finding WHERE upheld")
    assert [cell.value for cell in found["verification"].lines[0]][2] == 1
    assert totals(found["penalties"])["begun"] == one("SELECT COUNT(*) FROM cohorts_penalty")
    assert found["duration"].lines[0][1].value == 0


def test_a_discontinued_case_counts_under_its_ground(world):
    grounds = ("died", "retired", "left", "other", "died")
    for ground in grounds:
        cadre = world.person(world.bureau)
        case = Referral.objects.create(campaign=world.campaign, unit=world.bureau, cadre=cadre, state="nominated")
        move(case, "discontinue", by=world.leader, ground=ground, reason="不再在岗")
    results = totals(report(as_(world.admin))["results"])
    assert {ground: results[f"ended_{ground}"] for ground in grounds} == {
        "died": 2,
        "retired": 1,
        "left": 1,
        "other": 1,
    }
    withdrawn = one("SELECT COUNT(*) FROM cohorts_referral WHERE state = 'withdrawn'")
    assert results["withdrawn_by_unit"] + 5 == withdrawn


def attended(world):
    """Two classes: sessions held, cancelled and to come; somebody late, excused, and absent beyond the limit."""
    for back, marks in ((3, ("present", "late", "absent")), (2, ("excused", "present", "present"))):
        cohort = world.open_class(back=back, teacher=world.teacher)
        cases = admitted(world, cohort, 3)
        held, cancelled, _to_come = (session(world, cohort, title=f"课{n}", hours=n) for n in (2, 3, 4))
        record_roll(held, by=world.teacher, marks={c.pk: (m, "事由") for c, m in zip(cases, marks, strict=True)})
        cancel_session(cancelled, by=world.teacher, reason="停电")


def test_attendance_equals_an_independent_sum_in_sql(world):
    attended(world)
    found = totals(report(as_(world.admin))["attendance"])
    hours = "SELECT COALESCE(SUM(s.hours), 0) FROM cohorts_session s"
    missed = f"{hours} JOIN cohorts_attendance a ON a.session_id = s.id WHERE s.cancelled_on IS NULL AND a.mark = %s"
    assert found["trainees"] == one("SELECT COUNT(*) FROM cohorts_referral WHERE cohort_id IS NOT NULL") == 7
    assert found["planned"] == one(f"{hours} WHERE s.cancelled_on IS NULL") == 12
    assert found["held"] == one(f"{hours} WHERE s.cancelled_on IS NULL AND s.recorded_at IS NOT NULL") == 4
    for mark in ("late", "excused", "absent"):
        assert found[mark] == one(missed, mark) == 2
    assert found["over_limit"] == 2, "two hours of leave of six are more than a seventh"


def test_measures_equal_an_independent_sum_in_sql(world):
    rows = [
        propose_measure(by=world.chief, kind="circular", campaign=world.campaign, unit=unit, reason="逾期未报")
        for unit in (world.bureau, world.forestry, world.town)
    ]
    move(rows[0], "decide", by=world.leader, number="石组通1号", document_on=world.today)
    move(rows[1], "refuse", by=world.leader, reason="情节轻微")
    table = report(as_(world.admin))["measures"]
    found = totals(table)
    for state in ("proposed", "in_effect", "refused", "revoked"):
        assert (
            found[state]
            == one("SELECT COUNT(*) FROM cohorts_unitmeasure WHERE state = %s", state)
            == (state != "revoked")
        )
    assert [line[0].value for line in table.lines] == [world.bureau.name, world.forestry.name, world.town.name]
    narrowed = report(as_(world.admin), f"campaign={world.campaign.public_id}&kind=town")["measures"]
    assert [line[0].value for line in narrowed.lines] == [world.town.name]


def test_every_figure_opens_as_many_rows_as_it_says(world):
    client, opened = as_(world.leader), 0
    for table in report(client).values():
        for line in [*table.lines, table.totals]:
            for cell in line:
                if cell.url:
                    page = client.get(cell.url)
                    assert len(page.context["rows"]) == cell.value, cell.url
                    assert page.context["figure"], cell.url
                    opened += 1
    assert opened > 20


def test_figures_open_nothing_that_the_reader_may_not_read(world):
    urls = {
        cell.url.partition("?")[0]
        for table in report(as_(world.admin)).values()
        for line in table.lines
        for cell in line
        if cell.url
    }
    assert urls == {"/returns/"}


def test_filters_narrow_every_section_and_stay_in_the_address(world):
    client, query = as_(world.admin), f"campaign={world.campaign.public_id}"
    cohort = world.campaign.cohorts.get().public_id
    for narrowed, count in ((f"&cohort={cohort}", 1), (f"&round={world.round.public_id}", 3), ("&kind=town", 0), ("&kind=bureau", 3),
                            ("&origin=county", 0), (f"&unit={world.bureau.name[:3]}", 3), ("&unit=none", 0)):  # fmt: skip
        assert totals(report(client, query + narrowed)["units"])["nominated"] == count, narrowed
    for nonsense in ("&kind=palace", "&round=x", "&origin=moon"):
        assert client.get(f"{URL}?{query}{nonsense}").status_code == 422
    assert client.get(f"{URL}?campaign=nonsense").status_code == 200
    page = client.get(f"{URL}?{query}&kind=bureau").content.decode()
    assert 'name="kind" value="bureau"' in page


def test_against_the_campaign_before(world):
    later = create_campaign(
        by=world.admin, year=world.today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=world.today, class_ends_on=world.today + 300 * DAY,
    )  # fmt: skip
    open_round(by=world.admin, campaign=later, kind="first", opens_on=world.today, closes_on=world.today + DAY)
    table = report(as_(world.admin), f"campaign={later.public_id}&compare=on")["units"]
    columns = [label for label, _number in table.columns]
    place = [c.code for c in SECTION_OF["units"].columns].index("nominated")
    # unit, staff, then each figure with its difference
    at = 2 + (place - 2) * 2
    assert columns[at] != columns[at + 1]
    assert [cell.value for cell in table.totals[at : at + 2]] == [0, -3]
    assert sum(line[at + 1].value for line in table.lines) == -3


def sheets(content: bytes) -> dict:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbook_holds_the_page_and_says_where_it_comes_from(world):
    client = as_(world.admin)
    found = report(client)
    answer = client.post(EXPORT, {"campaign": str(world.campaign.public_id)})
    assert answer["Content-Disposition"].endswith('.xlsx"')
    book, row = sheets(answer.content), ReportExport.objects.get()
    assert list(book) == [str(section.title) for section in SECTIONS]
    for table in found.values():
        sheet = book[table.title]
        assert world.campaign.notice_number in sheet[0][0]
        assert row.serial in sheet[1][0] and str(world.admin) in sheet[1][0]
        shown = [*table.values, *([[cell.value for cell in table.totals]] if table.totals else [])]
        assert [[int(c) if isinstance(c, float) else c for c in line] for line in sheet[3:]] == shown, table.code
    assert row.sha256 == hashlib.sha256(answer.content).hexdigest()
    assert row.rows == sum(len(table.lines) for table in found.values())
    assert DecisionEvent.objects.filter(action="report.export").count() == 1


def test_a_section_as_csv_opens_in_excel_and_holds_no_formula(world):
    world.bureau.name = "=SUM(A1)局"
    world.bureau.save()
    answer = as_(world.admin).post(
        EXPORT, {"campaign": str(world.campaign.public_id), "format": "csv", "section": "units"}
    )
    assert answer.content.startswith("\ufeff".encode())
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "'=SUM(A1)局" in [line[0] for line in lines]
    assert not [cell for line in lines for cell in line if cell[:1] in "=+@" and cell]
    assert int(lines[-1][5]) == 3


def test_who_exports_and_who_reads(world):
    for user, reads, exports in (
        (world.admin, 200, 200),
        (world.leader, 200, 403),
        (world.clerk, 403, 403),
        (world.head, 403, 403),
        (world.chief, 403, 403),
    ):
        client = as_(user)
        assert client.get(URL).status_code == reads, user.username
        assert client.post(EXPORT, {"campaign": str(world.campaign.public_id)}).status_code == exports, user.username
        assert client.get("/reports/exports/").status_code == exports
    with pytest.raises(NotGranted):
        make_export(
            by=world.leader, filters=filters_for(world.leader, world.campaign, {}), compare=False, format="xlsx"
        )
    assert ReportExport.objects.count() == 1
    page = as_(world.admin).get("/reports/exports/").content.decode()
    assert ReportExport.objects.get().sha256 in page


@pytest.mark.parametrize("wrong", [{"format": "exe"}, {"section": "secrets"}, {"campaign": "x"}, {"kind": "palace"}])
def test_an_export_of_something_else_leaves_nothing(world, wrong):
    answer = as_(world.admin).post(EXPORT, {"campaign": str(world.campaign.public_id)} | wrong)
    assert answer.status_code == 404
    assert not ReportExport.objects.exists()


def test_a_large_export_is_made_in_the_background_by_the_same_function(world):
    CountySetting.objects.create(key="export_direct_rows", value=2, start=world.today)
    client = as_(world.admin)
    asked = {"campaign": str(world.campaign.public_id), "format": "csv", "section": "units", "kind": "bureau"}
    answer = client.post(EXPORT, asked)
    job = Job.objects.get(kind="cohort_report")
    assert answer.url == job.get_absolute_url()
    assert not ReportExport.objects.exists()
    perform_waiting()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 1, 1)
    content = b"".join(client.get(f"{job.get_absolute_url()}file/").streaming_content)
    row = ReportExport.objects.get()
    assert hashlib.sha256(content).hexdigest() == row.sha256 == job.outcome["sha256"]
    assert (row.exported_by, row.filters["kind"], row.section) == (world.admin, "bureau", "units")


def test_the_report_costs_the_same_for_more_units(world, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            tables(filters_for(world.admin, world.campaign, {}), compare=True)
        return len(queries)

    attended(world)
    propose_measure(by=world.chief, kind="circular", campaign=world.campaign, unit=world.bureau, reason="逾期未报")
    before = cost()
    attended(world)
    for unit in (world.forestry, world.town):
        propose_measure(by=world.chief, kind="circular", campaign=world.campaign, unit=unit, reason="逾期未报")
        for _ in range(2):
            Referral.objects.create(
                campaign=world.campaign, unit=unit, cadre=world.person(unit), state="struck_out", strike_reason="token"
            )
    assert cost() == before


def test_every_figure_has_a_heading_and_every_heading_of_a_figure_has_a_condition():
    from accounts.wording import known

    for section in SECTIONS:
        for column in section.columns:
            assert known(f"column.{column.code}"), column.code
    assert all(known(f"column.{figure}") for figure in CASE_FIGURES)
