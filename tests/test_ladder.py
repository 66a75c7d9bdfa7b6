"""The ladder: an alert about a unit climbs by working days until something has happened; each level is told, nobody above."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import CalendarDay, CountySetting, Notice, Relation
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from accounts.user.models import RoleAssignment
from cohorts.alert.history import history_of
from cohorts.alert.ladder import next_climb, offered, people_at, reminder
from cohorts.alert.ladder_workflow import climb, ring, take_measure
from cohorts.alert.models import Alert, AlertChange, Level
from cohorts.alert.workflow import scan, send_digests
from cohorts.campaign.models import Round
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A missing return of each unit, raised on a working day."""
    world = World()
    world.day = add_working_days(add_working_days(world.today, 1), -1)
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.day - DAY)
    scan(on=world.day)
    return world


def mine(world) -> Alert:
    return Alert.objects.select_related("unit", "organizer").get(unit=world.bureau, rule="return_missing")


def later(world, days: int) -> dt.date:
    return add_working_days(world.day, days)


def told() -> set[str]:
    rows = Notice.objects.filter(code__startswith="alert_level")
    return set(rows.values_list("recipient__username", flat=True))


def climb_to(world, level: Level) -> Alert:
    """Days go by until the bureau's alert stands at a level."""
    day = world.day
    while mine(world).level < level:
        day = add_working_days(day, 1)
        climb(on=day)
    world.now = day
    return mine(world)


# ---------- climbing ----------


def test_an_alert_climbs_after_its_working_days_and_each_level_is_told_when_it_is_reached(world):
    steps = [(0, 0, set()), (1, 1, {"liaison", "stranger"}), (2, 1, set()), (3, 2, {"head"}), (5, 2, set()), (6, 3, {"clerk", "chief"}),
             (10, 3, set()), (11, 4, {"leader"}), (20, 4, set())]  # fmt: skip
    for days, level, who in steps:
        Notice.objects.all().delete()
        climb(on=later(world, days))
        assert (mine(world).level, told()) == (level, who), days


def test_a_holiday_in_between_does_not_count(world):
    climb(on=later(world, 1))
    holiday = later(world, 2)
    due = later(world, 4)
    CalendarDay.objects.create(day=holiday, working=False, note="县庆")
    assert next_climb(mine(world), world.day) == due
    assert climb(on=holiday) == {"climbed": 0, "reminded": 0}
    day = holiday
    while day < due:
        assert mine(world).level == Level.LIAISON
        day += DAY
        climb(on=day)
    assert (mine(world).level, mine(world).level_since) == (Level.HEAD, due)


def test_nobody_is_told_anything_on_a_day_off(world):
    day = later(world, 1)
    CalendarDay.objects.create(day=day, working=False)
    climb(on=day)
    assert not AlertChange.objects.filter(action="climb").exists()


def test_twice_on_a_day_changes_nothing(world):
    for days in (1, 3):
        climb(on=later(world, days))
        before = (list(Alert.objects.order_by("pk").values()), AlertChange.objects.count(), Notice.objects.count())
        assert climb(on=later(world, days)) == {"climbed": 0, "reminded": 0}
        assert before == (
            list(Alert.objects.order_by("pk").values()), AlertChange.objects.count(), Notice.objects.count(),
        )  # fmt: skip


def test_levels_without_days_are_climbed_one_a_day_so_that_each_is_asked(world):
    CountySetting.objects.create(
        key="ladder_days", value={"grace": 0, "liaison": 0, "head": 0, "section": 0}, start=world.day
    )
    for n, level in enumerate((1, 2, 3, 4)):
        climb(on=later(world, n))
        climb(on=later(world, n))
        assert mine(world).level == level


def test_a_day_on_which_beat_was_down_costs_nobody_his_days(world):
    climb(on=later(world, 30))
    assert mine(world).level == Level.LIAISON
    climb(on=later(world, 31))
    assert mine(world).level == Level.LIAISON
    climb(on=later(world, 32))
    assert mine(world).level == Level.HEAD


def test_what_happened_ends_the_climb_and_what_comes_back_begins_below(world):
    alert = climb_to(world, Level.HEAD)
    world.nominated()
    scan(on=world.now)
    climb(on=add_working_days(world.now, 20))
    alert.refresh_from_db()
    assert (alert.state, alert.level) == ("cleared", Level.HEAD), "the history keeps how far it had climbed"
    type(world.unit_return).objects.filter(pk=world.unit_return.pk).update(
        state="expected", filed_at=None, first_filed_at=None
    )
    scan(on=add_working_days(world.now, 21))
    alert.refresh_from_db()
    assert (alert.state, alert.level, alert.told_on) == ("open", Level.GRACE, None)


def test_alerts_about_a_case_do_not_climb(world):
    case = world.notified()
    scan(on=case.reply_due + DAY)
    climb(on=add_working_days(case.reply_due, 30))
    alert = Alert.objects.get(rule="reply_over")
    assert alert.level == Level.GRACE and next_climb(alert, world.day) is None


def test_the_nearest_holder_is_told_and_an_office_without_one_still_climbs(world):
    world.user("bureau-chief", world.county, Role.LIAISON, over=world.county)
    RoleAssignment.objects.filter(user=world.stranger).update(end=world.day)
    climb(on=later(world, 1))
    names = {user.username for user in people_at([mine(world)], world.day)[mine(world).pk]}
    assert names == {"liaison"}
    assert "bureau-chief" in told(), "where the unit has nobody of its own the unit above is asked"
    climb(on=later(world, 3))
    assert Alert.objects.get(unit=world.town).level == Level.HEAD
    assert "head" in told() and not told() & {"clerk", "chief", "leader"}


def test_several_alerts_at_one_desk_are_one_notice(world):
    climb_to(world, Level.SECTION)
    for user in (world.clerk, world.chief):
        notice = Notice.objects.get(recipient=user, code="alert_levels")
        assert notice.params["count"] == 5
        assert notice.path == "/alerts/?level=section"
        assert notice.why


def test_every_climb_is_a_row_and_an_event_of_the_trail(world):
    alert = climb_to(world, Level.LEADER)
    rows = alert.changes.filter(action="climb").order_by("pk").values_list("level", flat=True)
    assert list(rows) == [1, 2, 3, 4]
    assert first_break() is None


# ---------- reminding ----------


def test_the_same_level_is_reminded_every_two_working_days_until_something_has_happened(world):
    climb_to(world, Level.LEADER)
    days = []
    for n in range(1, 8):
        day = add_working_days(world.now, n)
        if climb(on=day)["reminded"]:
            days.append(n)
    assert days == [2, 4, 6]
    alert = mine(world)
    move(alert, "acknowledge", by=world.clerk)
    move(alert, "resolve", by=world.clerk, note="已补报")
    assert AlertChange.objects.filter(alert=alert, action="remind", level=4).count() == 3
    climb(on=add_working_days(world.now, 9))
    assert AlertChange.objects.filter(alert=alert, action="remind", level=4).count() == 3


def test_whoever_takes_note_is_left_in_peace_for_some_days_but_the_days_of_his_level_run_on(world):
    alert = climb_to(world, Level.SECTION)
    at = timezone.make_aware(dt.datetime.combine(world.now, dt.time(9)))
    move(alert, "heed", by=world.chief, at=at, note="周五前电话督促")
    reminded = []
    for n in range(1, 5):
        climb(on=add_working_days(world.now, n))
        reminded.append(AlertChange.objects.filter(alert=alert, action="remind", level=3).count())
    assert reminded == [0, 0, 0, 1], "three days of quiet"
    climb(on=add_working_days(world.now, 5))
    assert mine(world).level == Level.LEADER


def test_only_the_level_that_is_asked_takes_note(world):
    alert = climb_to(world, Level.LIAISON)
    for user in (world.clerk, world.leader):
        with pytest.raises(Refused) as refused:
            move(alert, "heed", by=user)
        assert refused.value.codes == {"alert_other_level"}
    for user in (world.head, world.stranger, world.deputy):
        with pytest.raises(NotVisible):
            move(alert, "heed", by=user)
    with pytest.raises(NotVisible):
        move(alert, "heed", by=world.admin)
    assert move(alert, "heed", by=world.liaison).quiet_until
    move(alert, "acknowledge", by=world.clerk)
    quiet = mine(world).quiet_until
    climb(on=later(world, 3))
    assert quiet and mine(world).quiet_until is None, "a new level has not asked for quiet"


def test_no_days_between_reminders_reminds_nobody(world):
    CountySetting.objects.create(key="ladder_nag_days", value=0, start=world.day)
    climb_to(world, Level.LEADER)
    assert not AlertChange.objects.filter(action="remind").exists()


# ---------- who sees what ----------


def test_the_units_own_people_find_an_alert_once_it_has_climbed_to_them(world):
    seen = {
        level: {
            user.username for user in (world.liaison, world.head, world.deputy, world.stranger)
            if Alert.objects.visible_to(user).filter(pk=climb_to(world, level).pk).exists()
        }
        for level in (Level.GRACE, Level.LIAISON, Level.HEAD)
    }  # fmt: skip
    assert seen == {0: set(), 1: {"liaison"}, 2: {"liaison", "head", "deputy"}}
    alert = mine(world)
    page = as_(world.head).get(alert.get_absolute_url()).content.decode()
    assert "do/heed/" in page and "do/resolve/" not in page and "measure/" not in page
    assert any(task["url"] == "/alerts/?level=head" and task["count"] == 1 for task in tasks_of(world.head))
    assert "do/heed/" not in as_(world.liaison).get(alert.get_absolute_url()).content.decode()


def test_a_measure_that_is_only_proposed_does_not_show_in_the_units_history(world):
    alert = climb_to(world, Level.SECTION)
    measure = take_measure(alert, by=world.chief, kind="circular", reason="逾期未报")
    assert AlertChange.objects.visible_to(world.chief).filter(measure=measure).exists()
    assert not AlertChange.objects.visible_to(world.head).filter(measure=measure).exists()
    page = as_(world.head).get(alert.get_absolute_url()).content.decode()
    assert measure.number not in page and measure.get_absolute_url() not in page
    assert all(entry["url"] != measure.get_absolute_url() for entry in history_of(world.bureau, world.head))


# ---------- measures and reminders ----------


def test_each_level_offers_its_measures_to_those_who_may_take_them(world):
    found = {}
    for level in Level:
        alert = climb_to(world, level)
        found[int(level)] = (offered(alert, world.clerk), offered(alert, world.chief), offered(alert, world.head))
    every = ["interview", "circular", "commendation", "accountability"]
    assert found == {
        0: ([], [], []), 1: ([], [], []), 2: (["interview"], ["interview"], []), 3: (["interview"], every[:2], []), 4: (["interview"], every, []),
    }  # fmt: skip
    page = as_(world.chief).get(mine(world).get_absolute_url()).content.decode()
    for kind in every:
        assert f"measure/{kind}/" in page


def test_a_measure_taken_from_an_alert_is_linked_to_it_and_is_never_taken_before_its_level(world):
    alert = climb_to(world, Level.LIAISON)
    with pytest.raises(Refused) as refused:
        take_measure(alert, by=world.chief, kind="circular", reason="x")
    assert refused.value.codes == {"measure_not_at_level"}
    alert = climb_to(world, Level.HEAD)
    held = {"person": world.head.cadre, "held_on": world.today, "held_by": "副部长", "agreed": "三日内补报"}
    measure = take_measure(alert, by=world.clerk, kind="interview", reason="逾期未报", **held)
    assert alert.changes.get(action="measure").measure == measure
    assert (measure.unit, measure.campaign) == (world.bureau, world.campaign)
    with pytest.raises(ValidationError):
        take_measure(alert, by=world.clerk, kind="interview", reason="逾期未报", **held)
    assert alert.changes.filter(action="measure").count() == 1
    with pytest.raises(NotGranted):
        take_measure(climb_to(world, Level.SECTION), by=world.clerk, kind="circular", reason="x")
    with pytest.raises(NotVisible):
        take_measure(alert, by=world.stranger, kind="interview", reason="x", **held)


def test_the_form_of_a_measure_is_filled_from_the_alert(world):
    alert = climb_to(world, Level.HEAD)
    url = f"{alert.get_absolute_url()}measure/"
    client = as_(world.clerk)
    form = client.get(f"{url}interview/").context["form"]
    assert (form["person"].initial, form["reason"].initial) == (str(world.head), alert.text)
    assert client.get(f"{url}circular/").status_code == 403
    assert client.get(f"{url}nothing/").status_code == 404
    early = as_(world.chief).get(f"{url}circular/")
    assert early.status_code == 409
    data = {
        "person": str(world.head),
        "held_on": str(world.today),
        "held_by": "副部长",
        "reason": "逾期未报",
        "agreed": "三日内补报",
    }
    assert client.post(f"{url}interview/", data | {"agreed": ""}).status_code == 422
    assert client.post(f"{url}interview/", data).status_code == 302
    again = client.post(f"{url}interview/", data)
    assert again.status_code == 409 and "三日内补报" in again.content.decode()
    assert alert.changes.filter(action="measure").count() == 1


def test_a_reminder_names_no_person_and_no_case_and_its_answer_is_kept_once(world):
    alert = climb_to(world, Level.LIAISON)
    words = reminder(alert, world.now)
    assert not any(str(user) in words for user in (world.liaison, world.head, world.cadre))
    first = {"number": 1, "reached": "办公室", "answer": "明日报送"}
    ring(alert, by=world.clerk, **first)
    with pytest.raises(Refused) as refused:
        ring(alert, by=world.clerk, **first)
    assert refused.value.codes == {"stale"}
    with pytest.raises(NotGranted):
        ring(alert, by=world.liaison, number=2, reached="x", answer="y")
    client = as_(world.clerk)
    page = client.get(f"{alert.get_absolute_url()}call/").content.decode()
    assert words in page and "明日报送" in page
    assert (
        client.post(f"{alert.get_absolute_url()}call/", {"number": 2, "reached": "x", "answer": ""}).status_code == 422
    )
    assert client.post(f"{alert.get_absolute_url()}call/", first).status_code == 409
    move(alert, "acknowledge", by=world.clerk)
    move(alert, "resolve", by=world.clerk, note="已报")
    with pytest.raises(Refused) as refused:
        ring(alert, by=world.clerk, number=2, reached="x", answer="y")
    assert refused.value.codes == {"alert_settled"}


def test_each_rung_prints_its_call_list(world):
    climb_to(world, Level.HEAD)
    client = as_(world.clerk)
    for url in ("/alerts/calls/?level=head", "/alerts/calls/sheet/?level=head"):
        page = client.get(url)
        assert {line.alert.unit for line in page.context["lines"]} == set(
            Alert.objects.filter(level=2).values_list("unit", flat=True).distinct() and [a.unit for a in Alert.objects.filter(level=2)]
        )  # fmt: skip
        line = next(line for line in page.context["lines"] if line.alert.unit == world.bureau)
        assert line.people == [world.head] and line.next_on == add_working_days(world.now, 3)
        assert str(world.head) in page.content.decode()
        assert str(world.head) not in line.reminder
    assert not client.get("/alerts/calls/?level=section").context["lines"]
    assert client.get("/alerts/calls/?level=x").status_code == 404
    assert as_(world.leader).get("/alerts/calls/?level=head").status_code == 403


def test_the_draft_of_a_circular_is_filled_from_the_units_history_and_leaves_number_and_signature_open(world):
    alert = climb_to(world, Level.SECTION)
    measure = take_measure(alert, by=world.chief, kind="circular", reason="逾期未报，经催办仍未上报。")
    case = world.notified()
    scan(on=case.reply_due + DAY)
    page = as_(world.chief).get(f"{measure.get_absolute_url()}circular/").content.decode()
    assert alert.text in page and "【待编号】" in page and "【待签发】" in page
    assert case.number not in page and case.person_name not in page
    assert as_(world.head).get(f"{measure.get_absolute_url()}circular/").status_code == 404
    move(measure, "decide", by=world.leader, number="石组发3号", document_on=world.today)
    page = as_(world.chief).get(f"{measure.get_absolute_url()}circular/").content.decode()
    assert "石组发3号" in page and "【待编号】" not in page


# ---------- history, order, statements ----------


def test_the_units_history_is_complete_and_newest_first(world):
    alert = climb_to(world, Level.SECTION)
    ring(alert, by=world.clerk, number=1, reached="主任", answer="明日报送")
    measure = take_measure(alert, by=world.chief, kind="circular", reason="逾期未报")
    found = history_of(world.bureau, world.chief)
    assert {entry["url"] for entry in found} == {alert.get_absolute_url(), measure.get_absolute_url()}
    assert len(found) == 3
    assert [entry["at"] for entry in found] == sorted((entry["at"] for entry in found), reverse=True)
    assert any("明日报送" in entry["outcome"] for entry in found)
    page = as_(world.chief).get(world.bureau.get_absolute_url()).content.decode()
    assert "明日报送" in page and alert.text in page
    actions = list(alert.changes.order_by("pk").values_list("action", flat=True))
    assert actions[0] == "raise" and actions[-2:] == ["call", "measure"]
    words = as_(world.chief).get(alert.get_absolute_url()).content.decode()
    assert "主任" in words and measure.number in words


def test_every_step_of_an_alert_is_a_row_with_its_states(world):
    alert = mine(world)
    move(alert, "acknowledge", by=world.clerk)
    move(alert, "assign", by=world.chief, owner=world.chief)
    move(alert, "resolve", by=world.chief, note="已报")
    rows = alert.changes.order_by("pk").values_list("action", "before", "after", "role")
    assert list(rows) == [
        ("raise", "", "open", "system"), ("acknowledge", "open", "acknowledged", "clerk"),
        ("assign", "acknowledged", "acknowledged", "chief"), ("resolve", "acknowledged", "resolved", "chief"),
    ]  # fmt: skip


def test_an_alert_about_kin_is_neither_told_nor_shown(world):
    alert = climb_to(world, Level.LIAISON)
    Alert.objects.filter(pk=alert.pk).update(cadre=world.cadre)
    Relation.objects.create(cadre=world.head.cadre, other=world.cadre, kind="kin")
    Notice.objects.all().delete()
    alert = climb_to(world, Level.HEAD)
    assert "head" not in told()
    assert not Alert.objects.visible_to(world.head).filter(pk=alert.pk).exists()


def test_the_worst_is_the_most_severe_and_then_the_highest_level(world):
    climb_to(world, Level.LIAISON)
    for unit, level in ((world.forestry, 4), (world.town, 3), (world.office, 2)):
        Alert.objects.filter(unit=unit).update(level=level)
    case = world.notified()
    scan(on=case.reply_due + DAY)
    rows = as_(world.clerk).get("/alerts/").context["rows"]
    found = [(row.severity, row.level) for row in rows]
    assert found == sorted(found, reverse=True)
    assert found[:3] == [(3, 4), (3, 3), (3, 0)]
    send_digests()
    worst = Notice.objects.get(recipient=world.clerk, code="alert_digest").params["worst"]
    assert worst[:2] == ["@rule.return_missing", "@rule.reply_over"]


def test_climbing_and_the_pages_cost_the_same_for_one_alert_and_for_five(world):
    climb_to(world, Level.HEAD)
    ring(mine(world), by=world.clerk, number=1, reached="x", answer="y")
    rest = Alert.objects.exclude(unit=world.bureau)
    kept = list(rest.values_list("pk", flat=True))
    rest.update(state="resolved", owner=world.clerk)
    client = as_(world.clerk)
    urls = ("/alerts/", "/alerts/calls/?level=head", "/alerts/calls/sheet/?level=head", mine(world).get_absolute_url(),
            world.bureau.get_absolute_url())  # fmt: skip
    client.get("/alerts/")

    def costs() -> list[int]:
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        return found

    def climbing(n: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            climb(on=add_working_days(world.now, n))
        return len(queries)

    one = (costs(), climbing(3))
    AlertChange.objects.filter(action="climb", level=3).delete()
    Alert.objects.filter(pk__in=kept).update(state="open", owner=None)
    Alert.objects.update(level=2, level_since=world.now, told_on=world.now, unit=world.bureau)
    for n in range(2, 6):
        ring(mine_or_any(), by=world.clerk, number=n, reached="x", answer="y")
    five = (costs(), climbing(3))
    assert one == five


def mine_or_any() -> Alert:
    return Alert.objects.filter(changes__action="call").distinct().get()
