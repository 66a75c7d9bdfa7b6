"""The weekly list: what is planned, what somebody says became of it, and what a settled week puts on record."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import DecisionEvent, DutyPeriod, Relation
from assessments.evidence.meets import who_meets
from assessments.evidence.models import Evidence
from assessments.task.models import Area, SettledWeek, Task, TaskState, monday
from assessments.task.todo import todo
from assessments.task.workflow import (
    accept_excuse,
    carry_over,
    end_area,
    keep_area,
    mark,
    mark_rest_done,
    plan_tasks,
    report_done,
    review_week,
    settle_week,
)  # fmt: skip
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY


def moment(day: dt.date, hour: int = 9) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


class Town:
    """A bureau that keeps its list: last week's Monday, its people, and short names for what is done."""

    def __init__(self) -> None:
        self.world = World()
        self.unit, self.head, self.liaison = self.world.bureau, self.world.head, self.world.liaison
        self.cadre, self.trainee = self.world.cadre, self.world.trainee
        self.week = monday(self.world.today) - WEEK
        self.begin, self.end = moment(self.week, 8), moment(self.week + WEEK, 8)

    def plan(self, *days: int, week: dt.date | None = None, cadre=None, **more) -> list[Task]:
        """Tasks due on the given days of the week (0 = Monday), planned on its Monday."""
        week = week or self.week
        rows = [{"content": f"走访第{n}组{day}", "cadre": cadre or self.cadre, "due_on": week + day * DAY} | more for n, day in enumerate(days)]  # fmt: skip
        return plan_tasks(by=self.liaison, unit=self.unit, rows=rows, at=moment(week, 8))

    def task(self, day: int = 4, **more) -> Task:
        return self.plan(day, **more)[0]

    def settle(self, week: dt.date | None = None) -> SettledWeek:
        week = week or self.week
        return settle_week(self.unit, week, by=self.head, at=moment(week + WEEK, 8))

    def missed(self, **more) -> Task:
        """A task that was not done, in a settled week."""
        task = self.task(**more)
        mark(task, by=self.liaison, state="missed", at=self.end)
        self.settle()
        task.refresh_from_db()
        return task


@pytest.fixture
def town():
    return Town()


def refused(call, *args, **kwargs) -> str:
    with translation.override("en"), pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return error.value.messages[0]


def test_a_list_is_planned_in_few_statements_and_one_event(town):
    people = [town.world.person(town.unit) for _ in range(40)]

    def cost(n: int, week: dt.date) -> int:
        rows = [{"content": f"第{i}项", "cadre": people[i % 40], "due_on": week + DAY} for i in range(n)]
        with CaptureQueriesContext(connection) as queries:
            plan_tasks(by=town.liaison, unit=town.unit, rows=rows, at=moment(week))
        return len(queries)

    assert cost(400, town.week) <= cost(1, town.week + WEEK) + 8  # the embedded database takes 62 rows at a time
    assert DecisionEvent.objects.filter(action="task.plan").count() == 2
    assert Task.objects.in_week(town.week).count() == 400


def test_content_person_and_day_are_required_of_each_row(town):
    other = town.world.person(town.world.forestry)
    good = {"content": "走访", "cadre": town.cadre, "due_on": town.world.today}
    assert "does not belong" in refused(
        plan_tasks, by=town.liaison, unit=town.unit, rows=[good, good | {"cadre": other}]
    )
    assert "what is to be done" in refused(plan_tasks, by=town.liaison, unit=town.unit, rows=[good | {"content": " "}])
    assert "before this week" in refused(
        plan_tasks, by=town.liaison, unit=town.unit, rows=[good | {"due_on": town.week}]
    )
    assert "already" in refused(plan_tasks, by=town.liaison, unit=town.unit, rows=[good, good])
    assert "no task" in refused(plan_tasks, by=town.liaison, unit=town.unit, rows=[])
    town.cadre.retires_on = town.world.today
    town.cadre.save()
    assert "no longer in service" in refused(plan_tasks, by=town.liaison, unit=town.unit, rows=[good])
    assert not Task.objects.exists(), "nothing is half saved"


def test_nothing_counts_before_somebody_says_so(town):
    tasks = town.plan(0, 2, 4)
    assert "3 tasks are still open" in refused(town.settle)
    assert mark_rest_done(town.unit, town.week, by=town.liaison, at=town.end) == 3
    town.settle()
    assert {t.state for t in Task.objects.filter(pk__in=[t.pk for t in tasks])} == {"done"}
    assert not Evidence.objects.filter(kind="task").exists()


def test_exceptions_are_typed_and_the_rest_is_done_in_one_click(town):
    late, missed, _other = town.plan(0, 2, 4)
    said = {"reason": "", "done_on": None, "carry_to": None}
    marks = [
        said | {"task": late, "state": "late", "done_on": late.due_on + DAY},
        said | {"task": missed, "state": "missed"},
    ]
    review_week(town.unit, town.week, by=town.head, marks=marks, rest=True, settle=True, at=town.end)
    items = list(Evidence.objects.filter(kind="task").order_by("happened_on"))
    assert [(i.cadre, i.fact, i.criterion, i.happened_on) for i in items] == [
        (town.cadre, "missed", "B2", late.due_on),
        (town.cadre, "missed", "B2", missed.due_on),
    ]
    assert all(i.recorded_by == town.head and i.title and i.source for i in items)


def test_three_misses_in_a_year_meet_b2(town):
    town.plan(0, 2, 4)
    for task in Task.objects.all():
        mark(task, by=town.liaison, state="missed", at=town.end)
    assert not [s for s in who_meets(town.unit, town.world.edition, town.world.today) if s.criterion.code == "B2"]
    settle_week(town.unit, town.week, by=town.head)
    met = [s for s in who_meets(town.unit, town.world.edition, town.world.today) if s.criterion.code == "B2"]
    assert [s.cadre for s in met] == [town.cadre]
    accept_excuse(Task.objects.first(), by=town.head, reason="防汛抽调")
    assert not [s for s in who_meets(town.unit, town.world.edition, town.world.today) if s.criterion.code == "B2"]


def test_a_week_settled_twice_settles_once(town):
    town.missed()
    events = DecisionEvent.objects.count()
    first = SettledWeek.objects.get()
    assert town.settle() == first
    assert (SettledWeek.objects.count(), Evidence.objects.filter(kind="task").count()) == (1, 1)
    assert DecisionEvent.objects.count() == events
    with pytest.raises(IntegrityError), transaction.atomic():
        SettledWeek.objects.create(unit=town.unit, week=town.week, settled_by=town.head)


def test_a_settled_week_stands_still(town):
    task = town.missed()
    assert "stands still" in refused(mark, task, by=town.liaison, state="done", at=town.end)
    assert "stands still" in refused(report_done, task, by=town.trainee, at=town.end)
    assert "stands still" in refused(mark_rest_done, town.unit, town.week, by=town.liaison, at=town.end)
    assert "stands still" in refused(town.task, 3)


def test_weeks_are_settled_in_order_and_not_before_they_begin(town):
    town.task()
    following = town.week + WEEK
    town.plan(0, week=following)
    mark_rest_done(town.unit, following, by=town.liaison, at=moment(following))
    assert "first" in refused(settle_week, town.unit, following, by=town.head)
    town.plan(0, week=following + WEEK)
    assert "still to come" in refused(mark_rest_done, town.unit, following + WEEK, by=town.liaison)
    assert "no task" in refused(settle_week, town.world.forestry, town.week, by=town.head)


def test_the_cadre_reports_the_own_task_and_nobody_elses(town):
    task = town.task(2)
    report_done(task, by=town.trainee, at=moment(task.due_on))
    task.refresh_from_db()
    assert (task.state, task.said_by_self) == ("done", True)
    other = town.task(3, cadre=town.world.person(town.unit))
    with pytest.raises(PermissionDenied):
        report_done(other, by=town.trainee)


def test_reported_after_the_due_day_it_is_late_unless_it_was_done_before(town):
    one, two = town.plan(0, 1)
    report_done(one, by=town.trainee, at=town.end)
    report_done(two, by=town.trainee, done_on=two.due_on, at=town.end)
    assert list(Task.objects.values_list("state", flat=True)) == ["late", "done"]
    assert "still to come" in refused(report_done, two, by=town.trainee, done_on=town.week + 40 * DAY, at=town.end)


def test_what_the_unit_has_stated_the_cadre_does_not_overwrite(town):
    task = town.task()
    mark(task, by=town.liaison, state="missed", at=town.end)
    assert "has stated" in refused(report_done, task, by=town.trainee, at=town.end)
    mark(task, by=town.liaison, state="open", at=town.end)
    report_done(task, by=town.trainee, at=town.end)


def test_a_due_day_ends_at_midnight(town):
    task = town.task(4)
    assert "24:00" in refused(mark, task, by=town.liaison, state="missed", at=moment(task.due_on, 23))
    mark(task, by=town.liaison, state="missed", at=moment(task.due_on + DAY, 0))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"state": "excused"}, "needs its reason"), ({"state": "late"}, "after the due day"), ({"state": "gone"}, "Choose"),
        ({"state": "done", "done_on": dt.date(2999, 1, 1)}, "still to come"),
    ],
)  # fmt: skip
def test_a_word_that_says_too_little_is_refused(town, said, words):
    assert words in refused(mark, town.task(), by=town.liaison, at=town.end, **said)


def test_done_after_the_due_day_is_late_whatever_was_ticked(town):
    task = town.task(0)
    assert mark(task, by=town.liaison, state="done", done_on=task.due_on + DAY, at=town.end).state == "late"


def test_a_due_day_on_leave_excuses_by_itself(town):
    open_one, late, kept = town.plan(0, 2, 4)
    DutyPeriod.objects.create(cadre=town.cadre, kind="medical", start=town.week, end=town.week + 3 * DAY)
    mark(late, by=town.liaison, state="late", done_on=late.due_on + DAY, at=town.end)
    mark(kept, by=town.liaison, state="missed", at=town.end)
    town.settle()
    rows = list(Task.objects.order_by("due_on").values_list("state", "on_leave"))
    assert rows == [("excused", True), ("excused", True), ("missed", False)]
    assert [i.happened_on for i in Evidence.objects.filter(kind="task")] == [kept.due_on]
    assert open_one.pk


def test_a_secondment_excuses_nothing(town):
    DutyPeriod.objects.create(cadre=town.cadre, kind="seconded", start=town.week, host=town.world.town)
    assert town.missed().evidence


def test_a_deadline_set_afterwards_proves_nothing(town):
    row = {"content": "补记", "cadre": town.cadre, "due_on": town.week}
    task = plan_tasks(by=town.liaison, unit=town.unit, rows=[row], at=moment(town.week + 2 * DAY))[0]
    mark(task, by=town.liaison, state="missed", at=town.end)
    town.settle()
    assert not Evidence.objects.filter(kind="task").exists()


def test_an_excuse_accepted_later_supersedes_with_its_reason(town):
    task = town.missed()
    old = task.evidence
    new = accept_excuse(task, by=town.world.deputy, reason="防汛抽调", at=town.end)
    assert (new.state, new.reason) == ("excused", "防汛抽调")
    assert (new.evidence.supersedes, new.evidence.fact, new.evidence.criterion, new.evidence.correction) == (
        old,
        "",
        "",
        "防汛抽调",
    )
    assert "nothing to excuse" in refused(accept_excuse, task, by=town.world.deputy, reason="再次")


def test_nobody_excuses_himself_or_a_relative(town):
    own = town.task(1, cadre=town.world.deputy.cadre)
    kin = town.task(2)
    for task in (own, kin):
        mark(task, by=town.liaison, state="missed", at=town.end)
    Relation.objects.create(cadre=town.world.deputy.cadre, other=town.cadre, kind="kin")
    assert "nobody excuses himself" in refused(
        mark, own, by=town.world.deputy, state="excused", reason="忙", at=town.end
    )
    town.settle()
    for task in (own, kin):
        assert "nobody excuses himself" in refused(accept_excuse, task, by=town.world.deputy, reason="忙")
        assert accept_excuse(task, by=town.head, reason="防汛抽调").state == "excused"


def test_an_excuse_waits_for_the_settlement_and_needs_a_reason(town):
    task = town.task()
    mark(task, by=town.liaison, state="missed", at=town.end)
    assert "not settled yet" in refused(accept_excuse, task, by=town.head, reason="x")
    town.settle()
    assert "needs its reason" in refused(accept_excuse, task, by=town.head, reason=" ")


def test_what_is_carried_over_is_a_new_row_and_the_miss_stays(town):
    task = town.task()
    new = carry_over(task, by=town.liaison, due_on=town.week + WEEK + DAY, at=town.end)
    task.refresh_from_db()
    assert (task.state, task.carried_to, new.state, new.content, new.week) == (
        "missed",
        new,
        "open",
        task.content,
        town.week + WEEK,
    )
    assert "already" in refused(carry_over, task, by=town.liaison, due_on=new.due_on + DAY, at=town.end)
    town.settle()
    assert Evidence.objects.get(kind="task").happened_on == task.due_on


def test_only_what_was_not_done_is_carried_over_to_a_later_day(town):
    task, done = town.plan(2, 3)
    assert "after the old one" in refused(carry_over, task, by=town.liaison, due_on=task.due_on, at=town.end)
    task.refresh_from_db()
    assert task.state == "open", "a refusal leaves nothing half done"
    mark(done, by=town.liaison, state="done", at=town.end)
    assert "was not done" in refused(carry_over, done, by=town.liaison, due_on=town.week + WEEK, at=town.end)


def test_a_key_target_that_is_not_done_speaks_to_c2_until_it_is_met(town):
    task = town.missed(key=True)
    assert (task.evidence.fact, task.evidence.criterion, task.evidence.happened_on) == ("target", "C2", task.due_on)
    following = town.week + WEEK
    second = carry_over(task, by=town.liaison, due_on=following, at=town.end)
    mark(second, by=town.liaison, state="missed", at=moment(following + WEEK))
    town.settle(following)
    second.refresh_from_db()
    assert second.evidence.fact == "missed", "one target is unmet once"
    third = carry_over(second, by=town.liaison, due_on=following + WEEK, at=moment(following + WEEK))
    mark(third, by=town.liaison, state="done", at=moment(following + WEEK))
    town.settle(following + WEEK)
    task.refresh_from_db()
    assert (task.evidence.fact, task.evidence.criterion) == ("missed", "B2")
    assert not Evidence.objects.current().filter(fact="target").exists()


def test_the_database_has_the_last_word(town):
    task = town.task()
    for broken in ({"state": "gone"}, {"state": "late", "said_by": town.head}, {"state": "excused", "said_by": town.head},
                   {"state": "done"}, {"content": ""}, {"week": task.due_on + DAY}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**broken)


def test_who_sees_which_tasks(town):
    task, world = town.task(), town.world
    for user in (world.head, world.deputy, world.liaison):
        assert list(Task.objects.visible_to(user)) == [task]
    for user in (
        world.clerk,
        world.chief,
        world.leader,
        world.stranger,
        world.inspector,
        world.recorder,
        world.team_head,
    ):
        assert not Task.objects.visible_to(user).exists()
    assert list(Task.objects.visible_to(world.trainee.acting_as("cadre"))) == [task]
    above = world.user("county-head", world.county, "unit_head")
    assert list(Task.objects.visible_to(above)) == [task]


def test_what_waits(town):
    assert todo(town.liaison, town.world.today) == []
    town.task()
    entry = todo(town.liaison, town.world.today)[0]
    assert entry["url"] == f"/tasks/week/{town.week}/settle/"
    mine = todo(town.trainee.acting_as("cadre"), town.world.today)[0]
    assert (mine["count"], mine["urgent"], mine["url"]) == (1, True, "/tasks/mine/")
    mark_rest_done(town.unit, town.week, by=town.liaison)
    town.settle()
    assert todo(town.liaison, town.world.today) == todo(town.trainee, town.world.today) == []
    assert todo(town.world.clerk, town.world.today) == []


def test_two_leaders_split_the_villages(town):
    world, leader = town.world, town.world.person(town.world.town)
    east = keep_area(by=world.head, unit=world.town, name="东片", leader=leader, villages=[world.village])
    assert "东片" in refused(
        keep_area, by=world.head, unit=world.town, name="西片", leader=leader, villages=[world.village]
    )
    assert "already" in refused(keep_area, by=world.head, unit=world.town, name="东片", leader=leader, villages=[])
    keep_area(by=world.head, unit=world.town, name="东一片", leader=leader, villages=[world.village], area=east)
    end_area(east, by=world.head)
    end_area(east, by=world.head)
    assert not Area.objects.standing().exists()
    assert DecisionEvent.objects.filter(action="area.end").count() == 1
    keep_area(by=world.head, unit=world.town, name="东一片", leader=leader, villages=[world.village])
    row = {"content": "走访", "cadre": town.cadre, "due_on": world.today, "area": east}
    assert "another unit" in refused(plan_tasks, by=town.liaison, unit=town.unit, rows=[row])


class SettlingIsIdempotent(TestCase):
    """Whatever was said of a week's tasks, settling it again changes nothing, and each miss stands in the record once."""

    @given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["done", "late", "missed", "excused", "rest"]), st.booleans()), min_size=1, max_size=6), st.booleans())  # fmt: skip
    def test_settling_again_changes_nothing(self, said, away):
        town = Town()
        tasks = town.plan(*[day for day, _state, _key in said])
        if away:
            DutyPeriod.objects.create(cadre=town.cadre, kind="leave", start=town.week, end=town.week + 3 * DAY)
        for task, (_day, state, key) in zip(tasks, said, strict=True):
            Task.objects.filter(pk=task.pk).update(key=key)
            if state != "rest":
                day = task.due_on + DAY if state == "late" else None
                mark(task, by=town.liaison, state=state, reason="防汛" if state == "excused" else "", done_on=day, at=town.end)  # fmt: skip
        mark_rest_done(town.unit, town.week, by=town.liaison, at=town.end)

        def everything():
            return [list(m.objects.order_by("pk").values_list()) for m in (Task, SettledWeek, Evidence, DecisionEvent)]

        town.settle()
        once = everything()
        town.settle()
        assert everything() == once
        unkept = Task.objects.filter(state__in=[TaskState.LATE, TaskState.MISSED])
        items = Evidence.objects.filter(kind="task")
        assert sorted(unkept.values_list("evidence", flat=True)) == sorted(items.values_list("pk", flat=True))
        assert items.filter(fact="target").count() == unkept.filter(state="missed", key=True).count()
        assert not Task.objects.open().exists()
