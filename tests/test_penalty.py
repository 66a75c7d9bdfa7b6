"""Consequences in the users' words: which start, when they end, what they stand against, and what payroll is told."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from accounts.permissions import Role
from accounts.setting.models import SETTINGS, CountySetting
from cohorts.models import Campaign, Penalty, Referral
from cohorts.penalty.due import due, months_from
from cohorts.penalty.eligibility import Purpose, eligibility
from cohorts.penalty.kinds import BY_CODE, CODES, KINDS, OPEN_ENDED, Facts, add_months, first_of_next_month
from cohorts.penalty.payroll import PayrollLine, PayrollList
from cohorts.penalty.workflow import (
    draw_list,
    end_early,
    end_with_return,
    extend_penalties,
    lift_penalties,
    start_penalties,
)
from cohorts.procedure.step import NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.referral.models import CLOSED, FINISHED, OPEN
from tests.world import DAY, World

DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2030, 12, 31))
DATE = dt.date.fromisoformat


def end_of(code, start, returned, units="months"):
    return BY_CODE[code].at_return(start, returned, Facts(start, start, units))


@pytest.mark.parametrize(
    ("units", "decided", "start", "returned", "end"),
    [
        ("months", "2026-03-01", "2026-04-01", "2026-07-15", "2026-08-01"),
        ("months", "2026-03-31", "2026-04-01", "2026-07-31", "2026-08-01"),
        ("months", "2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01"),
        ("months", "2028-01-31", "2028-02-01", "2028-02-29", "2028-03-01"),
        ("months", "2026-03-05", "2026-04-01", "2026-03-20", "2026-04-01"),
        ("days", "2026-03-31", "2026-04-01", "2026-07-31", "2026-07-31"),
        ("days", "2026-12-31", "2027-01-01", "2027-01-01", "2027-01-01"),
        ("days", "2026-03-05", "2026-03-06", "2026-03-05", "2026-03-06"),
    ],
)
def test_a_suspension_counts_whole_months_or_days(units, decided, start, returned, end):
    facts = Facts(DATE(decided), DATE(returned), units)
    assert BY_CODE["suspension"].begins(facts) == DATE(start)
    assert BY_CODE["suspension"].planned_end(facts) is None
    assert BY_CODE["suspension"].at_return(DATE(start), DATE(returned), facts) == DATE(end)


def test_merit_loss_covers_the_years_of_the_class_and_the_bar_six_months_more():
    facts = Facts(DATE("2026-10-09"), DATE("2027-02-20"))
    merit, bar = BY_CODE["merit_loss"], BY_CODE["promotion_bar"]
    assert (merit.begins(facts), merit.planned_end(facts)) == (DATE("2026-10-09"), DATE("2028-01-01"))
    assert merit.at_return(DATE("2026-10-09"), DATE("2026-12-30"), facts) == DATE("2027-01-01")
    assert bar.planned_end(facts) == DATE("2027-08-20")
    assert bar.at_return(DATE("2026-10-09"), DATE("2026-08-31"), facts) == DATE("2027-04-09")
    assert add_months(DATE("2026-08-31"), 6) == DATE("2027-02-28")


@given(
    decided=DAYS, stay=st.integers(0, 500), class_days=st.integers(1, 400), units=st.sampled_from(["months", "days"])
)
def test_each_kind_ends_by_its_rule_and_two_of_them_outlive_the_return(decided, stay, class_days, units):
    facts = Facts(decided, decided + class_days * DAY, units)
    returned = decided + stay * DAY
    for kind in KINDS:
        start, planned = kind.begins(facts), kind.planned_end(facts)
        end = kind.at_return(start, returned, facts)
        assert end >= start
        assert (planned is None) == (kind.code in OPEN_ENDED)
        if kind.code == "suspension":
            assert end <= max(start, first_of_next_month(returned) if units == "months" else returned)
        else:
            assert end > returned
            assert planned > decided + class_days * DAY


def test_a_new_kind_must_be_named_in_the_countys_setting():
    assert sorted(SETTINGS["penalties"].default) == sorted(CODES)


# ---------- in the procedure ----------


@pytest.fixture
def world():
    return World()


def admitted(world, **fields):
    case = world.confirmed()
    cohort = world.open_class(back=1)
    data = {"cohort": cohort, "decided_on": world.today, "number": "石组决1号"} | fields
    return move(case, "admit", by=world.chief, **data)


def kinds_of(case):
    return sorted(case.penalties.values_list("kind", flat=True))


@pytest.mark.django_db
def test_the_admission_starts_each_consequence_as_a_decision_of_its_own(world):
    case = admitted(world)
    rows = {row.kind: row for row in case.penalties.all()}
    assert sorted(rows) == sorted(CODES)
    assert {row.decision_number for row in rows.values()} == {"石组决1号"}
    assert {row.basis for row in rows.values()} == {world.campaign.notice_number}
    assert (rows["suspension"].item, rows["suspension"].end) == ("working_allowance", None)
    assert rows["merit_loss"].end and rows["promotion_bar"].end


@pytest.mark.django_db
def test_institution_staff_lose_incentive_pay_instead_of_the_allowance(world):
    case = world.nominated()
    Referral.objects.filter(pk=case.pk).update(category="institution_technical")
    case.refresh_from_db()
    start_penalties(case, decided_on=world.today, number="1")
    assert case.penalties.get(kind="suspension").item == "incentive_pay"


@pytest.mark.django_db
def test_a_campaign_without_a_package_starts_nothing(world):
    Campaign.objects.update(penalty_kinds=[])
    assert kinds_of(admitted(world)) == []


@pytest.mark.django_db
def test_a_kind_that_the_county_switched_off_does_not_start(world):
    CountySetting.objects.create(key="penalties", value=["merit_loss"], start=world.today - DAY)
    assert kinds_of(admitted(world)) == ["merit_loss"]


@pytest.mark.django_db
def test_a_kind_switched_off_only_from_tomorrow_on_starts_today(world):
    CountySetting.objects.create(key="penalties", value=[], start=world.today + DAY)
    assert kinds_of(admitted(world)) == sorted(CODES)


@pytest.mark.django_db
def test_the_return_ends_the_suspension_and_leaves_the_others_to_their_own_day(world):
    case = world.returned()
    rows = {row.kind: row for row in case.penalties.all()}
    assert rows["suspension"].end == first_of_next_month(world.today)
    assert rows["merit_loss"].end == dt.date(world.today.year + 1, 1, 1)
    assert rows["promotion_bar"].end == add_months(world.today, 6)
    assert not Penalty.objects.without_end_on_closed_cases().exists()
    assert not Penalty.objects.beyond_rule(world.today + 60 * DAY).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["discontinue", "transfer"])
def test_a_case_that_closes_early_ends_its_suspension_only(world, action):
    case = admitted(world)
    before = dict(case.penalties.exclude(kind="suspension").values_list("kind", "end"))
    move(case, action, by=world.leader, reason="因故终止", number="函1")
    assert case.penalties.get(kind="suspension").end is not None
    assert dict(case.penalties.exclude(kind="suspension").values_list("kind", "end")) == before


@pytest.mark.django_db
def test_an_extended_trainees_suspension_goes_on_and_the_end_days_follow_the_class(world):
    case = admitted(world)
    later = world.open_class(back=-300)  # more than a year later: the merit of another year is lost as well
    case.cohort = later
    case.save(update_fields=["cohort"])
    assert len(extend_penalties(case)) == 2
    assert case.penalties.get(kind="suspension").end is None
    assert case.penalties.get(kind="promotion_bar").end == add_months(later.ends_on, 6)
    assert extend_penalties(case) == []


@pytest.mark.django_db
def test_an_overturned_case_holds_nothing_in_force_and_may_be_decided_anew(world):
    case = admitted(world)
    assert len(lift_penalties(case, on=world.today)) == 3
    for day in range(0, 400, 7):
        assert not Penalty.objects.in_force(world.today + day * DAY).exists()
    assert lift_penalties(case, on=world.today) == []
    start_penalties(case, decided_on=world.today, number="2")
    assert case.penalties.filter(lifted_on__isnull=True).count() == 3


@pytest.mark.django_db
def test_the_database_refuses_a_second_one_of_a_kind_and_a_bar_without_an_end(world):
    case = admitted(world)
    fields = {"referral": case, "decision_number": "x", "decided_on": world.today, "start": world.today}
    for extra in (
        {"kind": "suspension", "item": "working_allowance"},
        {"kind": "promotion_bar"},
        {"kind": "unknown", "end": world.today},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Penalty.objects.create(**fields, **extra)


@pytest.mark.django_db
def test_what_outlives_its_rule_is_found(world):
    case = admitted(world)
    on = first_of_next_month(first_of_next_month(world.today))
    for state in CLOSED:
        Referral.objects.filter(pk=case.pk).update(state=state, closed_on=world.today)
        assert Penalty.objects.without_end_on_closed_cases().count() == 1, state
        found = {row.kind for row in Penalty.objects.beyond_rule(on)}
        assert found == (set(CODES) if state == "overturned" else {"suspension"}), state
    assert not Penalty.objects.filter(referral__state__in=OPEN).exists()


@pytest.fixture
def nominated(world):
    return world, world.nominated()


@pytest.mark.django_db
@given(
    decided=st.integers(0, 300),
    closed=st.integers(0, 400),
    state=st.sampled_from(sorted(CLOSED)),
    units=st.sampled_from(["months", "days"]),
)
def test_no_suspension_is_in_force_on_a_closed_case_beyond_its_rule(nominated, decided, closed, state, units):
    world, case = nominated
    with transaction.atomic():
        CountySetting.objects.create(key="suspension_units", value=units, start=dt.date(2020, 1, 1))
        day = world.today - decided * DAY
        ended = day + closed * DAY
        start_penalties(case, decided_on=day, number="1")
        if state in FINISHED:
            end_with_return(case, returned_on=ended)
        elif state == "overturned":
            lift_penalties(case, on=ended)
        else:
            end_early(case, on=ended)
        Referral.objects.filter(pk=case.pk).update(state=state, closed_on=ended)
        assert not Penalty.objects.without_end_on_closed_cases().exists()
        for n in range(0, 200, 9):
            assert not Penalty.objects.beyond_rule(ended + n * DAY).exists()
        transaction.set_rollback(True)


# ---------- eligibility ----------


def brute(cadre, purpose, on):
    """Day by day, row by row, without a query of the function's."""
    kinds = {"award": {"merit_loss"}, "promotion": {"promotion_bar"}, "leaving": set()}[purpose]
    for row in Penalty.objects.filter(referral__cadre=cadre, kind__in=kinds):
        if row.start <= on and (row.end is None or on < row.end):
            return False
    if purpose != "award":
        for case in Referral.objects.filter(cadre=cadre).exclude(state="draft"):
            named = case.nominated_at and timezone.localtime(case.nominated_at).date()
            if named and named <= on and (case.state in OPEN or on < case.closed_on):
                return False
    return True


@pytest.mark.django_db
def test_the_answer_equals_the_one_found_day_by_day(world):
    case = world.returned()
    other = world.person(world.bureau)
    held = world.person(world.bureau)
    Referral.objects.create(campaign=world.campaign, unit=world.bureau, cadre=held, state="nominated",
                            nominated_at=timezone.now(), nominated_by=world.head)  # fmt: skip
    Referral.objects.filter(pk=case.pk).update(closed_on=world.today + 3 * DAY)
    people = [case.cadre, other, held]
    for n in (-400, -1, 0, 1, 2, 3, 4, 30, 36, 37, 38, 100, 180, 181, 182, 183, 500):
        on = world.today + n * DAY
        for purpose in Purpose.values:
            answers = eligibility(people, purpose, on)
            assert {c.pk: answers[c.pk].allowed for c in people} == {c.pk: brute(c, purpose, on) for c in people}, (
                on,
                purpose,
            )


@pytest.mark.django_db
def test_two_hundred_people_cost_the_same_statements_as_one(world):
    people = [world.person(world.bureau) for _ in range(6)]

    def cost(names):
        client = as_(world.clerk)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(
                "/eligibility/", {"purpose": "promotion", "on": str(world.today), "people": "\n".join(names)}
            )
        assert answer.status_code == 200
        return len(queries)

    names = [person.name for person in people]
    assert cost(names[:2]) == cost(names + [f"不存在{n}" for n in range(190)])
    too_many = as_(world.clerk).post(
        "/eligibility/", {"purpose": "award", "on": str(world.today), "people": "\n".join(map(str, range(201)))}
    )
    assert too_many.status_code == 422


def as_(user):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


def ask(user, cadre, purpose="promotion", **extra):
    data = {"purpose": purpose, "on": str(timezone.localdate()), "people": cadre.name} | extra
    answer = as_(user).post("/eligibility/", data)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_the_unit_head_reads_restriction_end_and_number_and_asks_about_the_own_people_only(world):
    case = admitted(world)
    page = ask(world.head, world.cadre)
    assert "石组决1号" in page
    stranger = world.user("h2", world.forestry, Role.UNIT_HEAD)
    assert "石组决1号" not in ask(stranger, world.cadre)
    assert case.number in ask(world.clerk, world.cadre)
    sheet = ask(world.head, world.cadre, print="1")
    assert 'article class="sheet"' in sheet
    assert case.get_absolute_url() not in sheet


@pytest.mark.django_db
@pytest.mark.parametrize("mistyped", ["0026-11-26", "9999-12-31"])
def test_a_mistyped_year_is_asked_about(world, mistyped):
    answer = as_(world.head).post("/eligibility/", {"purpose": "award", "on": mistyped, "people": str(world.cadre)})
    assert answer.status_code == 422 and answer.context["form"].errors["on"] == ["请核对年份。"]


@pytest.mark.django_db
def test_bad_input_keeps_what_was_typed(world):
    answer = as_(world.head).post("/eligibility/", {"purpose": "x", "on": "x", "people": "某某"})
    assert answer.status_code == 422
    assert "某某" in answer.content.decode()


# ---------- payroll ----------

JAN, FEB, MAR, APR = (dt.date(2026, n, 1) for n in range(1, 5))


@pytest.mark.parametrize(
    ("start", "end", "lifted", "standing", "month", "lines"),
    [
        (FEB, None, False, {}, JAN, []),
        (FEB, None, False, {}, FEB, [("stop", FEB, 1, [])]),
        (FEB, None, False, {}, MAR, [("stop", FEB, 2, [FEB])]),
        (FEB, None, False, {"stop": FEB}, MAR, []),
        (FEB, MAR, False, {"stop": FEB}, MAR, [("resume", MAR, 1, [])]),
        (FEB, MAR, False, {"stop": FEB}, APR, [("resume", MAR, 1, [MAR])]),
        (FEB, MAR, False, {"stop": FEB, "resume": MAR}, APR, []),
        (FEB, FEB, False, {}, APR, []),
        (FEB, FEB, False, {"stop": FEB}, MAR, [("resume", FEB, 0, [FEB])]),
        (FEB, MAR, False, {}, APR, [("stop", FEB, 1, [FEB]), ("resume", MAR, 1, [])]),
        (JAN, DATE("2026-03-10"), True, {"stop": JAN}, APR, [("repay", APR, 3, [JAN, FEB, MAR])]),
        (JAN, MAR, True, {"stop": JAN, "resume": MAR}, APR, [("repay", APR, 2, [JAN, FEB])]),
        (JAN, MAR, True, {}, APR, []),
        (JAN, MAR, True, {"stop": JAN, "repay": APR}, APR, []),
    ],
)  # fmt: skip
def test_what_payroll_is_told_in_a_month(start, end, lifted, standing, month, lines):
    assert [tuple(line) for line in due(start, end, lifted=lifted, standing=standing, month=month)] == lines


@given(start=DAYS, length=st.one_of(st.none(), st.integers(0, 20)), late=st.integers(0, 9), months=st.integers(1, 30))
def test_every_stop_is_followed_by_its_resumption_and_every_month_is_withheld_once(start, length, late, months):
    """Whole months: lists of consecutive months; the end is recorded ``late`` months after it. What is withheld in the
    end is the months of the suspension, no more and no less.
    """
    start = start.replace(day=1)
    end = add_months(start, length) if length is not None else None
    known = add_months(end, late) if end else None
    standing, withheld = {}, set()
    month = add_months(start, -1)
    last = add_months(start, months + (length or 0) + late)
    while month <= last:
        now = end if known and known <= month else None
        for line in due(start, now, lifted=False, standing=standing, month=month):
            standing[line.kind] = line.from_day
            if line.kind == "stop":
                withheld |= set(line.arrears)
            else:
                withheld -= set(line.arrears)
        stopped = "stop" in standing and "resume" not in standing
        if stopped:
            withheld.add(month)
        month = add_months(month, 1)
    assert ("resume" in standing) == ("stop" in standing and end is not None)
    assert withheld == set(months_from(start, end if end else first_of_next_month(last)))


def november(world):
    """A case admitted last month, so that this month's list has a stop."""
    case = admitted(world, decided_on=(world.today.replace(day=1) - DAY))
    return case, draw_list(by=world.clerk, organizer=world.department, channel="finance", month=world.today)


def cells(client, row):
    answer = client.get(f"{row.get_absolute_url()}file/")
    assert answer.status_code == 200
    return answer.content, CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


@pytest.mark.django_db
def test_a_list_names_the_change_never_the_ground_and_stays_as_it_was_drawn(world):
    case, row = november(world)
    payroll = as_(world.payroll)
    assert payroll.get(row.get_absolute_url()).status_code == 404
    move(row, "hand_over", by=world.clerk)
    first, table = cells(payroll, row)
    assert case.cadre.name in table[2]
    assert case.facts not in str(table)
    assert case.number not in str(table)
    case.penalties.filter(kind="suspension").update(end=world.today.replace(day=1))
    case.cadre.name = "改名"
    case.cadre.save()
    assert cells(payroll, row)[0] == first


@pytest.mark.django_db
def test_payroll_opens_its_lists_and_nothing_of_a_case(world):
    case, row = november(world)
    move(row, "hand_over", by=world.clerk)
    payroll = as_(world.payroll)
    for url in ("/payroll/", row.get_absolute_url(), "/"):
        assert payroll.get(url).status_code == 200, url
    assert payroll.get(case.get_absolute_url()).status_code == 404
    assert payroll.get("/penalties/").status_code == 403
    assert payroll.get("/eligibility/").status_code == 403
    assert payroll.get("/payroll/new/").status_code == 403


@pytest.mark.django_db
def test_another_paying_office_has_its_own_list(world):
    CountySetting.objects.create(key="payroll_channels", value={"education": ["slj"]}, start=dt.date(2020, 1, 1))
    _case, row = november(world)
    assert row.lines.count() == 0
    other = draw_list(by=world.clerk, organizer=world.department, channel="education", month=world.today)
    assert other.lines.count() == 1
    move(other, "hand_over", by=world.clerk)
    centre = world.user("centre", world.bureau, Role.PAYROLL)
    assert list(PayrollList.objects.visible_to(centre)) == [other]
    with pytest.raises(NotVisible):
        move(other, "execute", by=world.payroll)


@pytest.mark.django_db
def test_a_month_has_one_list_and_none_before_it_begins(world):
    november(world)
    for month in (world.today, world.today + 40 * DAY, world.today - 40 * DAY):
        with pytest.raises(ValidationError):
            draw_list(by=world.clerk, organizer=world.department, channel="finance", month=month)


@pytest.mark.django_db
def test_after_the_cut_off_day_a_list_is_not_drawn_anew(world):
    _case, row = november(world)
    month = world.today.replace(day=1)
    at = timezone.make_aware(dt.datetime.combine(month + 4 * DAY, dt.time(10)))
    move(row, "draw_again", by=world.clerk, at=at)
    with pytest.raises(Refused) as refused:
        move(row, "draw_again", by=world.clerk, at=at + 10 * DAY)
    assert refused.value.codes == {"payroll_cutoff"}


def executed(world, row, difference=""):
    line = row.lines.get()
    return move(
        row,
        "execute",
        by=world.payroll,
        executed_on=world.today,
        voucher="凭证8号",
        remark="",
        differences={line.pk: difference},
    )


@pytest.mark.django_db
def test_what_was_not_executed_comes_again_with_its_back_month(world):
    case, row = november(world)
    move(row, "hand_over", by=world.clerk)
    executed(world, row, "本月已报表")
    row.refresh_from_db()
    assert row.state == "differences"
    with pytest.raises(Refused) as refused:
        move(row, "settle", by=world.clerk, answers={})
    assert refused.value.codes == {"payroll_answers"}
    move(row, "settle", by=world.clerk, answers={row.lines.get().pk: "下月补扣"})
    following = PayrollList.objects.create(
        organizer=world.department, channel="finance", month=first_of_next_month(world.today), drawn_by=world.clerk
    )
    from cohorts.penalty.workflow import freeze_lines

    assert freeze_lines(following) == 1
    assert following.lines.get().arrears == [f"{world.today:%Y-%m}"]
    assert following.lines.get().penalty.referral == case


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "voucher", "code"),
    [(1, "8", "payroll_executed_day"), (-1, "8", "payroll_executed_day"), (0, " ", "payroll_voucher")],
)
def test_an_execution_needs_its_day_and_voucher(world, day, voucher, code):
    _case, row = november(world)
    move(row, "hand_over", by=world.clerk)
    with pytest.raises(Refused) as refused:
        move(
            row,
            "execute",
            by=world.payroll,
            executed_on=world.today + day * DAY,
            voucher=voucher,
            remark="",
            differences={},
        )
    assert refused.value.codes == {code}


@pytest.mark.django_db
def test_each_executed_stop_has_a_resumption_or_its_case_is_open_or_exited(world):
    case, row = november(world)
    move(row, "hand_over", by=world.clerk)
    executed(world, row)
    move(case, "discontinue", by=world.leader, reason="退休")
    following = PayrollList.objects.create(
        organizer=world.department, channel="finance", month=first_of_next_month(world.today), drawn_by=world.clerk
    )
    from cohorts.penalty.workflow import freeze_lines

    freeze_lines(following)
    stops = PayrollLine.objects.standing().filter(kind="stop").exclude(penalty__referral__state__in=[*OPEN, "exited"])
    back = PayrollLine.objects.standing().exclude(kind="stop").values("penalty")
    assert stops.exists()
    assert not stops.exclude(penalty__in=back).exists()


@pytest.mark.django_db
def test_a_suspension_in_days_states_working_days_never_an_amount(world):
    CountySetting.objects.create(key="suspension_units", value="days", start=dt.date(2020, 1, 1))
    _case, row = november(world)
    line = row.lines.get()
    assert line.from_day == world.today.replace(day=1)
    assert 15 <= line.days <= 24


# ---------- pages ----------


@pytest.mark.django_db
def test_the_page_of_consequences_shows_the_own_scope(world):
    admitted(world)
    for user, found in ((world.clerk, True), (world.leader, True), (world.head, True)):
        page = as_(user).get("/penalties/?state=all")
        assert page.status_code == 200
        assert (world.cadre.name in page.content.decode()) == found
    stranger = world.user("h2", world.forestry, Role.UNIT_HEAD)
    assert world.cadre.name not in as_(stranger).get("/penalties/?state=all").content.decode()
    for user in (world.liaison, world.payroll, world.inspector):
        assert as_(user).get("/penalties/").status_code == 403
    for query in ("?state=ended", "?kind=promotion_bar", "?kind=x&campaign=x&state=y", "?unit=县水利", "?sort=name"):
        assert as_(world.clerk).get(f"/penalties/{query}").status_code == 200, query


@pytest.mark.django_db
def test_the_cadre_concerned_reads_what_stops_and_only_remedies_that_exist(world):
    case = admitted(world)
    client = as_(world.trainee)
    session = client.session
    session["role"] = "cadre:None"
    session.save()
    page = client.get(case.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert page.count("big-date") == 3
    assert page.count("By law") == 1 or page.count("依法") == 1


@pytest.mark.django_db
def test_a_list_is_drawn_in_the_browser_once(world):
    admitted(world)
    clerk = as_(world.clerk)
    data = {"channel": "finance", "month": str(world.today.replace(day=1))}
    assert clerk.post("/payroll/new/", data).status_code == 302
    assert clerk.post("/payroll/new/", data).status_code == 409
    assert clerk.post("/payroll/new/", data | {"month": "2020-01-01"}).status_code == 422
    assert PayrollList.objects.count() == 1


@pytest.mark.django_db
def test_the_campaigns_package_is_chosen_by_check_boxes(world):
    data = {"year": 2031, "ordinal": 1, "edition": world.edition.pk, "notice_number": "9", "opened_on": str(world.today),
            "class_ends_on": str(world.today + 90 * DAY), "penalty_kinds": ["merit_loss"]}  # fmt: skip
    assert as_(world.admin).get("/campaigns/new/").content.decode().count('name="penalty_kinds"') == 3
    assert as_(world.admin).post("/campaigns/new/", data).status_code == 302
    assert Campaign.objects.get(year=2031).penalty_kinds == ["merit_loss"]
    assert as_(world.admin).post("/campaigns/new/", data | {"year": 2032, "penalty_kinds": ["x"]}).status_code == 422
