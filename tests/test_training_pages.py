"""The pages of a class in the client: who finds what, what is refused and how."""

import pytest
from django.test import Client

from accounts.calendar import add_working_days
from accounts.models import DecisionEvent, DutyPeriod, Relation
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral, Service, State
from cohorts.training.models import Attendance, Cohort, Session
from cohorts.training.quiz import open_quiz, write_quiz
from cohorts.training.workflow import close_phase, record_roll
from tests.test_training import QUIZ, admitted, confirmed, first_week, practising, session
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def as_(user):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


def in_class(world, cohort):
    """The world's trainee, admitted to the class."""
    case = world.confirmed()
    move(case, "admit", by=world.chief, cohort=cohort, decided_on=world.today, number="决1")
    case.refresh_from_db()
    return case


def text(client, url, status=200):
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def test_a_class_is_opened_after_its_phases_were_shown(world):
    client, day = as_(world.chief), add_working_days(world.today, 2)
    data = {"programme": "2019", "starts_on": str(day), "teacher": world.teacher.pk}
    shown = client.post("/cohorts/new/", data | {"preview": "1"})
    assert shown.status_code == 200
    assert len(shown.context["preview"]) == 6
    assert not Cohort.objects.exists()
    answer = client.post("/cohorts/new/", data)
    cohort = Cohort.objects.get()
    assert answer.url == f"{cohort.get_absolute_url()}admit/"
    assert (cohort.teacher, cohort.phases.count()) == (world.teacher, 6)


def test_a_year_that_is_not_announced_is_said_on_the_page(world, monkeypatch):
    monkeypatch.setattr("cohorts.training.views.is_announced", lambda day: False)
    day = add_working_days(world.today, 2)
    client = as_(world.chief)
    shown = client.post("/cohorts/new/", {"programme": "2018", "starts_on": str(day), "preview": "1"})
    assert f"国务院尚未公布{day.year}年放假安排" in shown.content.decode()
    assert "国务院尚未公布" in text(client, first_week(world).get_absolute_url())


@pytest.mark.parametrize("mistyped", ["0026-12-01", "9999-12-31"])
def test_a_mistyped_year_of_the_first_day_is_asked_about(world, mistyped):
    answer = as_(world.chief).post("/cohorts/new/", {"programme": "2018", "starts_on": mistyped, "preview": "1"})
    assert answer.status_code == 422 and "请核对年份" in answer.content.decode()


def test_a_first_day_off_is_refused_with_the_next_working_day(world):
    saturday = world.today + ((5 - world.today.weekday()) % 7 + 7 * 20) * DAY
    for extra in ({}, {"preview": "1"}):
        answer = as_(world.chief).post("/cohorts/new/", {"programme": "2018", "starts_on": str(saturday), **extra})
        assert answer.status_code == 422
    assert "下一个工作日" in answer.content.decode()
    assert str(saturday) in answer.content.decode()
    assert not Cohort.objects.exists()


def test_a_list_is_admitted_from_the_class_page_all_or_nothing(world):
    cohort = first_week(world)
    one, two = confirmed(world, 2)
    url = f"{cohort.get_absolute_url()}admit/"
    client = as_(world.clerk)
    protected = DutyPeriod.objects.create(cadre=two.cadre, kind="medical", start=world.today)
    data = {"cases": [one.pk, two.pk], "decided_on": str(world.today), "number": "石组决9号"}
    refused = client.post(url, data)
    assert refused.status_code == 409
    page = refused.content.decode()
    assert f"{two}：" in page.replace(": ", "：")
    assert "石组决9号" in page
    assert not Referral.objects.filter(cohort=cohort).exists()
    protected.delete()
    assert client.post(url, data).status_code == 302
    assert Referral.objects.filter(cohort=cohort, state=State.IN_THEORY).count() == 2
    assert client.post(url, data).status_code == 422
    assert DecisionEvent.objects.filter(action="referral.admit").count() == 2
    assert client.post(url, data | {"decided_on": str(world.today + DAY)}).status_code == 422


def test_a_recused_clerk_does_not_find_the_name(world):
    cohort = first_week(world)
    (case,) = admitted(world, cohort)
    assert case.cadre.name in text(as_(world.clerk), cohort.get_absolute_url())
    Relation.objects.create(cadre=world.clerk.cadre, other=case.cadre, kind="kin")
    assert case.cadre.name not in text(as_(world.clerk), cohort.get_absolute_url())


def test_the_teacher_finds_the_own_class_and_no_case_page(world):
    mine, other = first_week(world), world.open_class(back=2)
    (case,) = admitted(world, mine)
    client = as_(world.teacher)
    assert case.cadre.name in text(client, mine.get_absolute_url())
    text(client, other.get_absolute_url(), 404)
    text(client, case.get_absolute_url(), 403)
    text(client, "/cohorts/")


def test_teacher_and_monitor_are_named_on_a_page(world):
    cohort = world.open_class(back=2)
    (case,) = admitted(world, cohort)
    url = f"{cohort.get_absolute_url()}people/"
    assert (
        as_(world.chief).post(url, {"teacher": world.teacher.pk, "phone": "内线12", "monitor": ""}).status_code == 302
    )
    teacher = as_(world.teacher)
    assert 'name="teacher"' not in text(teacher, url)
    assert teacher.post(url, {"monitor": case.pk, "teacher": world.chief.pk}).status_code == 302
    cohort.refresh_from_db()
    assert (cohort.teacher, cohort.teacher_phone, cohort.monitor) == (world.teacher, "内线12", case)
    (outsider,) = confirmed(world)
    assert teacher.post(url, {"monitor": outsider.pk}).status_code == 422


def test_a_phase_that_lacks_a_roll_says_so_and_stays_open(world):
    cohort = first_week(world)
    (case,) = admitted(world, cohort)
    row = session(world, cohort)
    url = f"{cohort.get_absolute_url()}phases/1/close/"
    client = as_(world.clerk)
    assert row.title in text(client, url)
    answer = client.post(url, {"reason": "提前"})
    assert answer.status_code == 409
    assert cohort.phases.filter(closed_on__isnull=False).count() == 0
    record_roll(row, by=world.teacher, marks={case.pk: ("present", "")})
    short = client.post(url, {"reason": ""})
    assert short.status_code == 409
    assert client.post(url, {"reason": "汛期提前"}).status_code == 302
    assert client.post(url, {"reason": "汛期提前"}).status_code == 409
    assert DecisionEvent.objects.filter(action="phase.close").count() == 1
    text(client, f"{cohort.get_absolute_url()}phases/9/close/", 404)


def test_one_click_leads_the_whole_class_on(world):
    cohort = world.open_class()
    cases = admitted(world, cohort, 2)
    close_phase(cohort.phases.first(), by=world.chief)
    page = text(as_(world.clerk), cohort.get_absolute_url())
    assert f"{cohort.get_absolute_url()}placements/" in page
    practising(world, cohort, cases)
    client, url = as_(world.clerk), f"{cohort.get_absolute_url()}forward/"
    client.post(url)
    assert Referral.objects.filter(state=State.IN_PRACTICE).count() == 2
    world.close_phases(cohort, 2)
    assert "forward/" in text(client, cohort.get_absolute_url())
    for _n in range(2):
        assert client.post(url).status_code == 302
    assert Referral.objects.filter(state=State.UNDER_REVIEW).count() == 2
    assert DecisionEvent.objects.filter(action="referral.open_review").count() == 2


def test_the_next_theory_block_follows_by_the_same_click(world):
    cohort = world.open_class(programme="2019", back=40)
    cases = admitted(world, cohort)
    world.close_phases(cohort, 1)
    practising(world, cohort, cases)
    world.close_phases(cohort, 2)
    as_(world.clerk).post(f"{cohort.get_absolute_url()}forward/")
    cases[0].refresh_from_db()
    assert (cases[0].state, cases[0].phase.order) == (State.IN_THEORY, 3)


def test_a_session_is_planned_printed_and_cancelled(world):
    cohort = first_week(world)
    client, url = as_(world.teacher), f"{cohort.get_absolute_url()}sessions/new/"
    data = {
        "phase": cohort.phases.first().pk, "kind": "talk", "title": "谈心谈话", "place": "三楼", "day": str(world.today), "begins_at": "09:00",
        "ends_at": "08:00", "hours": 2,
    }  # fmt: skip
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert "谈心谈话" in refused.content.decode()
    assert not Session.objects.exists()
    data["ends_at"] = "10:30"
    assert client.post(url, data | {"another": "1"}).url.endswith(f"?day={world.today}")
    row = Session.objects.get()
    assert "谈心谈话" in text(client, f"{cohort.get_absolute_url()}timetable/")
    text(client, f"{row.get_absolute_url()}roll/sheet/")
    assert client.post(f"{row.get_absolute_url()}cancel/", {"reason": ""}).status_code == 422
    assert client.post(f"{row.get_absolute_url()}cancel/", {"reason": "停电"}).status_code == 302
    assert "停电" in text(client, cohort.get_absolute_url())
    assert "谈心谈话" not in text(client, f"{cohort.get_absolute_url()}timetable/")


def test_a_roll_takes_everybody_present_and_keeps_the_input_of_a_refusal(world):
    cohort = first_week(world)
    one, two = admitted(world, cohort, 2)
    row = session(world, cohort, kind="psychology")
    client, url = as_(world.teacher), f"{row.get_absolute_url()}roll/"
    assert text(client, url).count('value="present"') == 2
    data = {f"mark_{one.pk}": "present", f"mark_{two.pk}": "excused", f"reason_{two.pk}": ""}
    refused = client.post(url, data)
    assert refused.status_code == 409
    assert not Attendance.objects.exists()
    assert client.post(url, data | {f"mark_{two.pk}": "asleep"}).status_code == 422
    assert client.post(url, data | {f"reason_{two.pk}": "就医"}).status_code == 302
    assert client.post(url, data | {f"reason_{two.pk}": "就医"}).status_code == 302
    assert DecisionEvent.objects.filter(action__startswith="session.").count() == 2
    assert Attendance.objects.get(case=two).reason == "就医"


def test_my_class_tells_the_trainee_days_place_hours_and_teacher(world):
    cohort = first_week(world)
    trainee = as_(world.trainee)
    assert "没有参加培训班" in text(trainee, "/class/")
    case = in_class(world, cohort)
    (other,) = admitted(world, cohort)
    rows = [session(world, cohort, title=f"课{n}", hours=7) for n in range(2)]
    session(world, cohort, title="明天的课", place="党校礼堂", day=add_working_days(world.today, 1))
    for n, row in enumerate(rows):
        record_roll(
            row, by=world.teacher, marks={case.pk: ("absent" if n else "present", ""), other.pk: ("present", "")}
        )
    page = text(trainee, "/class/")
    for words in ("党校礼堂", "超过七分之一", str(world.teacher), "计划共18学时"):
        assert words in page, words
    assert other.cadre.name not in page
    assert "超过七分之一" in text(trainee, case.get_absolute_url())
    text(trainee, cohort.get_absolute_url(), 403)


def test_the_trainee_takes_the_quiz_and_sees_nobody_elses_marks(world):
    cohort = first_week(world)
    case = in_class(world, cohort)
    teacher, trainee = as_(world.teacher), as_(world.trainee)
    base = f"{cohort.get_absolute_url()}quiz/"
    assert teacher.post(f"{base}write/", {"text": "没有选项", "pass_mark": 1}).status_code == 422
    assert teacher.post(f"{base}write/", {"text": QUIZ, "pass_mark": 9}).status_code == 422
    assert teacher.post(f"{base}write/", {"text": QUIZ, "pass_mark": 3}).status_code == 302
    text(trainee, "/class/quiz/", 404)
    assert teacher.post(base, {"act": "open"}).status_code == 302
    assert teacher.post(base, {"act": "open"}).status_code == 409
    assert "/class/quiz/" in text(trainee, "/")
    half = trainee.post("/class/quiz/", {"answer_0": "1"})
    assert half.status_code == 422
    assert trainee.post("/class/quiz/", {"answer_0": "1", "answer_1": "2"}).status_code == 302
    assert trainee.post("/class/quiz/", {"answer_0": "1", "answer_1": "0"}).status_code == 409
    assert case.quiz_results.get().marks == 2
    assert "2 / 3" in text(trainee, "/class/quiz/")
    assert "1" in text(teacher, base)
    assert teacher.post(f"{base}marks/", {f"marks_{case.pk}": 3}).status_code == 302
    assert case.quiz_results.get().marks == 2
    assert teacher.post(base, {"act": "close"}).status_code == 302


def test_marks_come_from_paper_too(world):
    cohort = first_week(world)
    (case,) = admitted(world, cohort)
    quiz = write_quiz(cohort, by=world.teacher, text=QUIZ, pass_mark=3)
    open_quiz(quiz, by=world.teacher)
    url = f"{cohort.get_absolute_url()}quiz/marks/"
    assert as_(world.teacher).post(url, {f"marks_{case.pk}": 7}).status_code == 422
    assert as_(world.teacher).post(url, {f"marks_{case.pk}": 3}).status_code == 302
    assert quiz.results.get().marks == 3


def test_a_trainee_of_another_class_finds_no_session(world):
    mine, other = first_week(world), world.open_class(back=2)
    in_class(world, mine)
    (stranger,) = admitted(world, other)
    Service.objects.get_or_create(
        referral=stranger, defaults={"method": "in_person", "served_on": world.today, "served_by": world.clerk}
    )
    row = session(world, other)
    text(as_(world.trainee), f"{row.get_absolute_url()}roll/", 404)
    text(as_(world.trainee), other.get_absolute_url(), 404)
