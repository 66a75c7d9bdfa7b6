"""A unit's points ledger: setting up, entering, settling, appealing, sharing the award."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.calendar import working_days
from accounts.models import DutyPeriod, Notice
from accounts.people.workflow import begin_duty, record_departure
from accounts.trail.models import DecisionEvent
from assessments.evidence.models import Evidence
from assessments.models import AwardShare, PointAppeal, PointEntry, PointStatement, Settlement
from assessments.points.appeal import answer_appeal, make_appeal
from assessments.points.award import reckon, share_award
from assessments.points.board import board
from assessments.points.drafting import begin_ledger
from assessments.points.entering import Row, carry_routine, enter, enter_many
from assessments.points.rules import month_of, next_month
from assessments.points.settlement import duty_load, lines_of, settle_month, totals, what_if_fell
from assessments.points.todo import todo
from assessments.points.workflow import (
    Placing,
    begin_further_duty,
    drop_routine,
    end_further_duty,
    end_place,
    list_routine,
    place,
    place_many,
)
from tests.world import DAY, World, kept_points, new_rules

pytestmark = pytest.mark.django_db
D = Decimal


class Ledger:
    """The bureau's ledger since two months ago: six cadres of policy affairs, five of general affairs, all of grade 1."""

    def __init__(self, template: str = "2018") -> None:
        self.world = world = World()
        self.third = month_of(world.today)
        self.second = month_of(self.third - DAY)
        self.first = month_of(self.second - DAY)
        self.unit, self.head, self.deputy, self.liaison = world.bureau, world.head, world.deputy, world.liaison
        self.people = [world.cadre, *[world.person(world.bureau) for _ in range(10)]]
        self.me, self.other = self.people[:2]
        self.row = kept_points(
            by=self.liaison,
            approver=self.head,
            unit=self.unit,
            template=template,
            starts_on=self.first,
            groups=("政策", "综合"),
        )
        rows = [Placing(cadre, 1 if n < 6 else 2, 1) for n, cadre in enumerate(self.people)]
        place_many(by=self.liaison, unit=self.unit, rows=rows, start=self.first)
        self.n = 0

    def rule(self, template, month, **fields):
        """New rules from a month on, drafted by the liaison and approved by the head."""
        return new_rules(
            by=self.liaison, approver=self.head, unit=self.unit, template=template, starts_on=month, **fields
        )

    def enter(self, kind="project", cadre=None, day=None, by=None, **fields):
        self.n += 1
        fields = {"key": f"key{self.n}", "reason": "事由"} | fields
        return enter(
            by=by or self.liaison, cadre=cadre or self.me, kind=kind, day=day or self.first + 4 * DAY, **fields
        )

    def mistake(self, day, name="数据错报", **fields):
        return self.enter("mistake", day=day, name=name, **fields)

    def settle(self, month=None):
        return settle_month(self.unit, month or self.first, by=self.head)

    def fresh(self):
        return type(self.row).objects.get(pk=self.row.pk)

    def statement(self, cadre=None, month=None):
        rows = PointStatement.objects.of(self.row, month or self.first).current()
        return rows.get(cadre=cadre or self.me)

    def line(self, cadre=None, month=None):
        wanted = (cadre or self.me).pk
        return next(line for line in lines_of(self.fresh(), month or self.first) if line.cadre == wanted)


@pytest.fixture
def ledger():
    return Ledger()


def refusal(error) -> str:
    return " ".join(error.value.messages)


# Setting up


def test_a_unit_begins_a_ledger_once_and_with_two_names(ledger):
    assert ledger.row.open_month == ledger.first
    assert ledger.row.rules_in(ledger.third).mode == "posts"
    with pytest.raises(ValidationError):
        begin_ledger(by=ledger.head, unit=ledger.unit, template="2019", starts_on=ledger.first, groups=("甲", "乙"))
    other = ledger.world.user("head2", ledger.world.forestry, "unit_head")
    with pytest.raises(ValidationError) as error:
        begin_ledger(
            by=other, unit=ledger.world.forestry, template="2019", starts_on=ledger.first, groups=("甲", " 甲")
        )
    assert "group_two" in error.value.message_dict
    with pytest.raises(ValidationError) as error:
        begin_ledger(by=other, unit=ledger.world.forestry, template="2019", starts_on=ledger.first, groups=("甲", "乙"),
                     figures={"base": ["9", "1", "1", "1"]})  # fmt: skip
    assert "base" in error.value.message_dict


def test_only_whoever_keeps_a_ledger_begins_it_and_only_the_own_units(ledger):
    for by, unit in ((ledger.world.clerk, ledger.unit), (ledger.head, ledger.world.forestry)):
        with pytest.raises(PermissionDenied):
            begin_ledger(by=by, unit=unit, template="2018", starts_on=ledger.first, groups=("甲", "乙"))


def test_a_later_change_of_the_rules_is_a_new_row_and_old_months_keep_theirs(ledger):
    early = ledger.enter()
    with pytest.raises(ValidationError):
        ledger.rule("2019", ledger.first)
    ledger.rule("2019", ledger.third, figures={"project": "12"})
    late = ledger.enter(day=ledger.third)
    assert (early.points, early.rules.mode) == (D(10), "posts")
    assert (late.points, late.rules.mode) == (D(12), "hours")
    with pytest.raises(ValidationError):
        ledger.rule("2018", ledger.third)


def test_the_new_rules_do_not_begin_where_entries_lie_or_what_is_settled(ledger):
    ledger.enter(day=ledger.second)
    with pytest.raises(ValidationError):
        ledger.rule("2019", ledger.second)
    ledger.settle()
    with pytest.raises(ValidationError):
        ledger.rule("2019", ledger.first)


def test_groups_and_grades_are_dated(ledger):
    place(by=ledger.liaison, unit=ledger.unit, cadre=ledger.me, group=2, grade=3, start=ledger.second)
    assert duty_load(ledger.unit, ledger.second - DAY)[ledger.me.pk] == 1
    assert duty_load(ledger.unit, ledger.second)[ledger.me.pk] == 3
    place(by=ledger.liaison, unit=ledger.unit, cadre=ledger.me, group=2, grade=4, start=ledger.second)
    assert duty_load(ledger.unit, ledger.second)[ledger.me.pk] == 4, "the same day again is a correction"
    with pytest.raises(ValidationError):
        place(by=ledger.liaison, unit=ledger.unit, cadre=ledger.me, group=1, grade=1, start=ledger.first)
    end_place(ledger.me.point_places.get(end=None), by=ledger.liaison, end=ledger.third)
    assert ledger.me.pk not in duty_load(ledger.unit, ledger.third)


def test_nobody_is_placed_into_a_strangers_ledger_by_himself_or_in_a_settled_month(ledger):
    stranger = ledger.world.person(ledger.world.forestry)
    with pytest.raises(ValidationError):
        place(by=ledger.liaison, unit=ledger.unit, cadre=stranger, group=1, grade=1, start=ledger.first)
    with pytest.raises(ValidationError):
        place(by=ledger.liaison, unit=ledger.unit, cadre=ledger.liaison.cadre, group=1, grade=1, start=ledger.first)
    ledger.settle()
    with pytest.raises(ValidationError):
        place(by=ledger.liaison, unit=ledger.unit, cadre=ledger.me, group=2, grade=1, start=ledger.first)


def test_a_further_duty_of_two_thirds_of_the_week_lifts_the_grade_while_it_is_held(ledger):
    add = {"by": ledger.liaison, "unit": ledger.unit, "cadre": ledger.me, "start": ledger.first}
    begin_further_duty(name="小事", hours=D("26.6"), **add)
    assert duty_load(ledger.unit, ledger.first)[ledger.me.pk] == 1
    duty = begin_further_duty(name="驻村", hours=D("26.7"), **add)
    assert duty_load(ledger.unit, ledger.first)[ledger.me.pk] == 2
    assert ledger.line().base == D(70)
    end_further_duty(duty, by=ledger.liaison, end=ledger.second)
    assert duty_load(ledger.unit, ledger.second)[ledger.me.pk] == 1
    for wrong in ({"hours": 0}, {"hours": 81}):
        with pytest.raises(ValidationError):
            begin_further_duty(name="x", **add, **wrong)


# Entering


def test_saving_twice_adds_once(ledger):
    one = ledger.enter(key="k")
    two = ledger.enter(key="k")
    assert one == two
    assert (one.added, two.added) == (True, False)
    assert PointEntry.objects.count() == 1
    with pytest.raises(ValidationError):
        ledger.enter("unfinished", key="k")


def test_a_routine_task_counts_once_a_month(ledger):
    task = list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    assert list_routine(by=ledger.liaison, unit=ledger.unit, name="值班 ") == task
    assert ledger.enter("routine", routine=task).points == 10
    assert not ledger.enter("routine", routine=task, day=ledger.first + 8 * DAY).added
    assert ledger.enter("routine", routine=task, day=ledger.second).added
    drop_routine(task, by=ledger.liaison)
    task.refresh_from_db()
    with pytest.raises(ValidationError):
        ledger.enter("routine", routine=task, day=ledger.third)


def test_last_months_routine_is_carried_on_in_one_click_and_only_once(ledger):
    task = list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    for cadre in ledger.people[:3]:
        ledger.enter("routine", cadre=cadre, routine=task)
    end_place(ledger.people[2].point_places.get(), by=ledger.liaison, end=ledger.second)
    again = {"by": ledger.liaison, "unit": ledger.unit, "month": ledger.second}
    assert carry_routine(**again) == 2
    assert carry_routine(**again) == 0
    assert totals(ledger.unit, ledger.second, ledger.second) == {ledger.me.pk: D(10), ledger.other.pk: D(10)}


@pytest.mark.parametrize(("kind", "fields"), [
    ("base", {}), ("counter", {}), ("mistake", {"name": " "}), ("routine", {}), ("hours", {"hours": D(3)}), ("project", {"key": ""}),
])  # fmt: skip
def test_what_a_kind_needs_is_asked_for(ledger, kind, fields):
    with pytest.raises(ValidationError):
        ledger.enter(kind, **fields)
    assert not PointEntry.objects.exists()


def test_hours_count_where_the_rules_go_by_hours():
    ledger = Ledger("2019")
    assert ledger.enter("hours", hours=D("7.5")).points == D("3.75")


def test_no_entry_ahead_of_time_before_the_ledger_or_for_whoever_has_no_place(ledger):
    for wrong in ({"day": ledger.world.today + DAY}, {"day": ledger.first - DAY}, {"cadre": ledger.head.cadre}):
        with pytest.raises(ValidationError):
            ledger.enter(**wrong)


def test_nobody_enters_points_of_himself(ledger):
    place(by=ledger.deputy, unit=ledger.unit, cadre=ledger.liaison.cadre, group=1, grade=1, start=ledger.first)
    with pytest.raises(ValidationError):
        ledger.enter(cadre=ledger.liaison.cadre)


def test_a_stranger_enters_nothing(ledger):
    with pytest.raises(PermissionDenied):
        ledger.enter(by=ledger.world.stranger)


def test_a_deduction_is_told_to_the_cadre_and_a_gain_is_not(ledger):
    ledger.enter()
    assert not Notice.objects.filter(recipient=ledger.world.trainee, code="points_deducted").exists()
    ledger.enter("unfinished")
    assert Notice.objects.filter(recipient=ledger.world.trainee, code="points_deducted").count() == 1


# The same mistake again: 5, 10, 20, 20 (at most 4 times)


def test_the_same_mistake_doubles_and_another_one_begins_anew(ledger):
    points = [ledger.mistake(ledger.first + n * DAY).points for n in range(4)]
    assert points == [-5, -10, -20, -20]
    assert ledger.mistake(ledger.first + 5 * DAY, name="迟报").points == -5
    assert ledger.mistake(ledger.first + 5 * DAY, name=" 数据错报 ").points == -20
    assert ledger.mistake(ledger.first + 5 * DAY, cadre=ledger.other).points == -5


def test_a_mistake_is_evidence_in_the_same_stroke_and_unfinished_work_only_when_wished(ledger):
    ledger.mistake(ledger.first)
    item = Evidence.objects.get()
    assert (item.cadre, item.kind, item.fact, item.key, item.criterion) == (
        ledger.me,
        "task",
        "mistake",
        "数据错报",
        "B5",
    )
    ledger.enter("unfinished")
    assert Evidence.objects.count() == 1
    ledger.enter("unfinished", evidence=True)
    assert Evidence.objects.filter(fact="missed", criterion="B2").count() == 1
    assert DecisionEvent.objects.filter(action="evidence.add").count() == 2


def test_an_earlier_mistake_entered_late_gives_the_same_months(ledger):
    days = [ledger.first + 3 * DAY, ledger.first + 20 * DAY, ledger.second + 2 * DAY, ledger.second + 9 * DAY]
    for n in (2, 0, 3, 1):
        ledger.mistake(days[n])
    for n in range(4):
        ledger.mistake(days[n], cadre=ledger.other)
    if days[0].year == days[2].year:
        for month, points in ((ledger.first, -15), (ledger.second, -40)):
            assert totals(ledger.unit, month, month) == {ledger.me.pk: D(points), ledger.other.pk: D(points)}
    counters = PointEntry.objects.filter(kind="counter")
    assert counters.exists()
    assert not counters.filter(cadre=ledger.other).exists()


def test_many_at_once_and_one_by_one_in_any_order_give_the_same(ledger):
    span = (ledger.world.today - ledger.first).days
    days = [ledger.first + DAY * n for n in random.Random(7).sample(range(span), 8)]
    rows = [
        Row(cadre=ledger.other, kind="mistake", day=day, name="数据错报", key=f"many{n}") for n, day in enumerate(days)
    ]
    for day in sorted(days, reverse=True):
        ledger.mistake(day)
    made = enter_many(by=ledger.liaison, unit=ledger.unit, rows=rows)
    assert [entry.key for entry in made] == [row.key for row in rows]
    for month in (ledger.first, ledger.second, ledger.third):
        found = totals(ledger.unit, month, month)
        assert found.get(ledger.me.pk) == found.get(ledger.other.pk)


def test_many_entries_cost_no_more_statements_than_few(ledger):
    def cost(n: int, mark: str) -> int:
        rows = [
            Row(cadre=ledger.people[k % 11], kind=kind, day=ledger.first + k * DAY, key=f"{mark}{kind}{k}", name="漏报")
            for k in range(n) for kind in ("project", "mistake")
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            enter_many(by=ledger.liaison, unit=ledger.unit, rows=rows)
        return len(queries)

    few = cost(2, "a")
    assert cost(20, "b") <= few + 1


# The month


def test_a_month_is_settled_once_in_order_after_its_end_by_the_head(ledger):
    with pytest.raises(PermissionDenied):
        settle_month(ledger.unit, ledger.first, by=ledger.deputy)
    for month in (ledger.second, ledger.third):
        with pytest.raises(ValidationError):
            ledger.settle(month)
    one = ledger.settle()
    assert ledger.settle() == one
    assert Settlement.objects.count() == 1
    assert PointStatement.objects.count() == len(ledger.people)
    ledger.settle(ledger.second)
    with pytest.raises(ValidationError, match=r"\d"):
        ledger.settle(ledger.third)


# Grade 1 has 60; one project +10, one routine +10, unfinished -5, a mistake -5: 70.
def test_a_statement_by_hand_and_its_entries_add_up(ledger):
    task = list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    ledger.enter()
    ledger.enter("routine", routine=task)
    ledger.enter("unfinished")
    ledger.mistake(ledger.first)
    foretold = ledger.line()
    ledger.settle()
    row, days = ledger.statement(), len(working_days(ledger.first, ledger.second))
    assert (row.base, row.plus, row.minus, row.total) == (D(60), D(20), D(-10), D(70))
    assert (row.working_days, row.present_days, row.unit_place, row.group_place) == (days, days, 1, 1)
    assert row.line == foretold, "what the page foretells is what is frozen"
    assert row.score == (D(70) / days).quantize(D("0.0001"))
    assert totals(ledger.unit, ledger.first, ledger.first) == {
        line.cadre: line.total for line in lines_of(ledger.fresh(), ledger.first)
    }


def test_leave_and_secondment_are_neutral(ledger):
    days = working_days(ledger.first, ledger.second)
    begin_duty(ledger.me, by=ledger.head, kind="leave", start=ledger.first, end=days[5])
    begin_duty(
        ledger.other, by=ledger.head, kind="seconded", start=ledger.first, end=ledger.third, host=ledger.world.town
    )
    ledger.settle()
    mine, gone = ledger.statement(), ledger.statement(ledger.other)
    assert mine.present_days == len(days) - 5
    assert mine.base == (D(60) * (len(days) - 5) / len(days)).quantize(D("0.01"))
    assert (gone.present_days, gone.base, gone.score, gone.unit_place) == (0, 0, None, None)
    third = ledger.statement(ledger.people[2])
    assert abs(mine.score - third.score) < D("0.01"), "the same per day as the others"


def test_whoever_leaves_the_service_counts_until_then(ledger):
    leaver = ledger.people[3]
    last = working_days(ledger.second, ledger.third)[10]
    record_departure(leaver, by=ledger.world.clerk, on=last, how="left")
    assert ledger.line(leaver, ledger.second).present_days == 10


def test_after_settling_an_entry_belongs_to_the_next_open_month(ledger):
    early = ledger.mistake(ledger.first + 10 * DAY)
    ledger.settle()
    before = PointStatement.objects.values_list("pk", "total", "version")
    frozen = list(before)
    late = ledger.mistake(ledger.first + 2 * DAY)
    assert late.month == ledger.second
    assert late.points == -5
    counter = early.counters.get()
    assert (counter.points, counter.month) == (D(-5), ledger.second)
    assert list(before.all()) == frozen
    assert ledger.line(month=ledger.second).minus == D(-10)


def test_the_database_ranks_as_the_settlement_did_with_ties_and_by_group(ledger):
    for n, cadre in enumerate(ledger.people):
        for k in range((0, 1, 1, 2, 0, 3, 1, 1, 2, 0, 0)[n]):
            ledger.enter(cadre=cadre, day=ledger.first + k * DAY)
    ledger.settle()
    rows = PointStatement.objects.of(ledger.row, ledger.first).current()
    with CaptureQueriesContext(connection) as queries:
        ranked = list(rows.ranked())
    assert len(queries) == 1
    assert [(row.in_unit, row.in_group) for row in ranked] == [(row.unit_place, row.group_place) for row in ranked]
    assert sorted(row.unit_place for row in ranked) == [1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8]
    group = list(rows.ranked().filter(group=2))
    assert [row.in_group for row in group] == [row.group_place for row in group]
    assert sorted(row.in_group for row in group) == [1, 2, 2, 4, 4]


def test_a_group_below_five_shows_points_and_no_places(ledger):
    for cadre in ledger.people[6:8]:
        end_place(cadre.point_places.get(), by=ledger.liaison, end=ledger.second)
    ledger.settle()
    ledger.settle(ledger.second)
    row = ledger.statement(ledger.people[8], ledger.second)
    assert (row.total, row.group_place) == (D(60), None)
    assert row.unit_place is not None
    shown = board(ledger.fresh(), ledger.second, 2, ledger.head)
    assert [r.place for r in shown.rows] == [None, None, None]


def test_the_board_hides_the_readers_own_line_and_keeps_the_places(ledger):
    place(by=ledger.deputy, unit=ledger.unit, cadre=ledger.head.cadre, group=1, grade=4, start=ledger.first)
    for settled in (False, True):
        if settled:
            ledger.settle()
        shown = board(ledger.fresh(), ledger.first, None, ledger.head)
        assert shown.hidden == 1
        assert min(row.place for row in shown.rows) == 2
        assert board(ledger.fresh(), ledger.first, None, ledger.deputy).hidden == 0


# What if, appeals


def test_what_if_an_entry_fell_shows_total_and_place_with_and_without_it(ledger):
    entry = ledger.enter("unfinished")
    fall = what_if_fell(ledger.fresh(), entry)
    assert (fall.now.total, fall.without.total) == (D(55), D(60))
    assert (fall.now.unit_place, fall.without.unit_place) == (11, 1)
    ledger.settle()
    assert what_if_fell(ledger.fresh(), entry) == fall


def test_what_if_a_mistake_fell_makes_its_later_times_cheaper(ledger):
    one = ledger.mistake(ledger.first)
    two = ledger.mistake(ledger.first + DAY)
    fall = what_if_fell(ledger.fresh(), one)
    assert (fall.now.total, fall.without.total) == (D(45), D(55))
    assert fall.others == {two.pk: D(5)}


def appeal(ledger, entry):
    return make_appeal(entry, by=ledger.world.trainee, text="当天在外出差。")


def test_an_appeal_is_made_by_the_cadre_and_one_at_a_time(ledger):
    entry = ledger.enter("unfinished")
    with pytest.raises(PermissionDenied):
        make_appeal(entry, by=ledger.head, text="x")
    appeal(ledger, entry)
    assert Notice.objects.filter(code="points_appeal").count() == 2, "head and deputy are told"
    with pytest.raises(ValidationError):
        appeal(ledger, entry)


def test_whoever_recorded_the_cadre_and_kin_do_not_decide(ledger):
    entry = ledger.enter("unfinished", by=ledger.deputy)
    row = appeal(ledger, entry)
    with pytest.raises(ValidationError):
        answer_appeal(row, by=ledger.deputy, uphold=True, reason="r")
    with pytest.raises(PermissionDenied):
        answer_appeal(row, by=ledger.liaison, uphold=True, reason="r")
    ledger.world.head.cadre.relations.create(other=ledger.me, kind="kin")
    with pytest.raises(ValidationError):
        answer_appeal(row, by=ledger.head, uphold=True, reason="r")
    assert PointAppeal.objects.get().state == "open"


def test_a_rejected_appeal_keeps_its_reason_and_changes_nothing(ledger):
    entry = ledger.enter("unfinished")
    row = answer_appeal(appeal(ledger, entry), by=ledger.head, uphold=False, reason="有记录为证")
    assert (row.state, row.reason) == ("rejected", "有记录为证")
    assert not entry.counters.exists()
    assert Notice.objects.filter(code="points_answered", recipient=ledger.world.trainee).exists()
    with pytest.raises(ValidationError):
        answer_appeal(row, by=ledger.head, uphold=True, reason="r")
    assert appeal(ledger, entry).state == "open"


def test_an_upheld_appeal_on_a_settled_month_makes_a_new_version_and_the_old_one_stays(ledger):
    entry = ledger.enter("unfinished")
    ledger.enter("unfinished", cadre=ledger.other)
    ledger.settle()
    old = ledger.statement()
    assert (old.total, old.unit_place) == (D(55), 10)
    answer_appeal(appeal(ledger, entry), by=ledger.head, uphold=True, reason="属实")
    new = ledger.statement()
    assert (new.version, new.total, new.minus, new.unit_place) == (2, D(60), D(0), 1)
    old.refresh_from_db()
    assert (old.total, old.unit_place, old.superseded_by) == (D(55), 10, new)
    shifted, same = ledger.statement(ledger.other), ledger.statement(ledger.people[2])
    assert (shifted.version, shifted.total, shifted.unit_place) == (2, D(55), 11), "another's place changed with it"
    assert same.version == 1, "whoever keeps the place keeps the statement"
    counter = entry.counters.get()
    assert (counter.points, counter.month) == (D(5), ledger.first)
    assert totals(ledger.unit, ledger.first, ledger.first)[ledger.me.pk] == D(60)
    with pytest.raises(ValidationError):
        appeal(ledger, entry)


def test_a_mistake_that_falls_makes_the_later_ones_cheaper_and_is_no_evidence_any_more(ledger):
    entries = [ledger.mistake(ledger.first + n * DAY) for n in range(3)]
    ledger.settle()
    answer_appeal(appeal(ledger, entries[0]), by=ledger.head, uphold=True, reason="系统故障")
    assert ledger.statement().minus == D(-15)
    assert Evidence.objects.current().filter(fact="mistake").count() == 2


def test_a_fall_takes_back_in_each_month_what_stood_there(ledger):
    """Two times of one mistake: the earlier one comes after the settlement, so that the difference stands in the next month."""
    second = ledger.mistake(ledger.first + 10 * DAY)
    ledger.settle()
    ledger.mistake(ledger.first + DAY)
    assert ledger.line(month=ledger.second).minus == D(-10)
    fall = what_if_fell(ledger.fresh(), second)
    assert fall.without.minus - fall.now.minus == D(5)
    answer_appeal(appeal(ledger, second), by=ledger.head, uphold=True, reason="属实")
    assert ledger.statement().minus == 0
    assert ledger.line(month=ledger.second).minus == D(-5)
    assert totals(ledger.unit, ledger.first, ledger.second)[ledger.me.pk] == D(55)


def test_of_a_base_a_part_may_stay(ledger):
    ledger.settle()
    base = PointEntry.objects.get(cadre=ledger.me, kind="base")
    row = appeal(ledger, base)
    for wrong in (D(-1), D(60)):
        with pytest.raises(ValidationError):
            answer_appeal(row, by=ledger.deputy, uphold=True, reason="请假天数有误", instead=wrong)
    answer_appeal(row, by=ledger.deputy, uphold=True, reason="请假天数有误", instead=D("62.5"))
    assert ledger.statement().base == D("62.5")


# Award


def whole_year(ledger):
    """Every month from the ledger's first to December settled, as if the year were over."""
    year, month = ledger.first.year, ledger.first
    while month.year == year:
        after = next_month(month)
        at = dt.datetime.combine(after + 5 * DAY, dt.time(9), tzinfo=dt.UTC)
        settle_month(ledger.unit, month, by=ledger.head, at=at)
        month = after
    return year


def test_the_award_is_shared_to_the_fen_and_frozen_once(ledger):
    for n, cadre in enumerate(ledger.people):
        for k in range(n % 3):
            ledger.enter(cadre=cadre, day=ledger.first + k * DAY)
    with pytest.raises(ValidationError):
        share_award(ledger.unit, ledger.first.year, 1_000_001, by=ledger.head)
    ledger.settle()
    with pytest.raises(ValidationError):
        share_award(ledger.unit, ledger.first.year, 1_000_001, by=ledger.head)
    row = ledger.fresh()
    assert reckon(row, ledger.first.year, 1_000_001).unsettled, "a trial is possible before"
    year = _settle_rest(ledger)
    row = share_award(ledger.unit, year, 1_000_001, by=ledger.head)
    assert (row.shared_fen, row.per_cent) == (400_000, 40)
    assert sum(row.lines.values_list("fen", flat=True)) == 400_000
    assert share_award(ledger.unit, year, 1_000_001, by=ledger.head) == row
    again = share_award(ledger.unit, year, 2_000_000, by=ledger.head)
    assert (again.version, AwardShare.objects.count()) == (2, 2)
    with pytest.raises(PermissionDenied):
        share_award(ledger.unit, year, 1, by=ledger.deputy)
    for pot in (0, -5):
        with pytest.raises(ValidationError):
            share_award(ledger.unit, year, pot, by=ledger.head)


def _settle_rest(ledger):
    year, month = ledger.first.year, next_month(ledger.first)
    while month.year == year:
        at = dt.datetime.combine(next_month(month) + 5 * DAY, dt.time(9), tzinfo=dt.UTC)
        settle_month(ledger.unit, month, by=ledger.head, at=at)
        month = next_month(month)
    return year


def test_nothing_is_shared_when_nobody_has_points_above_zero(ledger):
    DutyPeriod.objects.bulk_create(DutyPeriod(cadre=cadre, kind="leave", start=ledger.first) for cadre in ledger.people)
    year = whole_year(ledger)
    with pytest.raises(ValidationError):
        share_award(ledger.unit, year, 100_000, by=ledger.head)


# To-dos


def test_the_head_is_reminded_of_the_month_and_the_deciders_of_appeals(ledger):
    fifth = ledger.second + 4 * DAY
    assert todo(ledger.head, fifth - DAY) == []
    assert [entry["url"] for entry in todo(ledger.head, fifth)] == ["/points/settle/"]
    entry = ledger.enter("unfinished", by=ledger.deputy)
    appeal(ledger, entry)
    assert [e["url"] for e in todo(ledger.head, ledger.first)] == [entry.get_absolute_url()]
    assert todo(ledger.deputy, ledger.first) == []
    assert todo(ledger.liaison, fifth) == []
