"""Democratic rating as a unit holds it: who may, who rates whom, when there is a result, and what it is good for."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import DecisionEvent, DutyPeriod, Notice, Relation, User
from accounts.people.workflow import add_unit
from assessments.ballot.facts import year_before
from assessments.ballot.models import Ballot, BallotCandidate, BallotVoter
from assessments.ballot.todo import todo
from assessments.ballot.workflow import close_ballot, destroy_old_registers, open_ballot, put_on_record, result, vote
from assessments.evidence.models import Evidence
from assessments.points.entering import enter
from assessments.points.rules import month_of
from assessments.points.workflow import Placing, place_many
from assessments.task.models import Task, monday
from cohorts.site.views import tasks_of
from tests.test_races import at_once
from tests.world import DAY, World, kept_points

pytestmark = pytest.mark.django_db


class Rating:
    """The water bureau with so many voters (the head among them), and a ballot in which each rates each."""

    def __init__(self, voters: int = 12, days: int = 3, **changes) -> None:
        self.world = World()
        unit = self.world.bureau
        known = [self.world.head, self.world.deputy, self.world.liaison, self.world.trainee, self.world.team_head]
        self.users = known + [self.world.user(f"voter{n}", unit, None) for n in range(voters - len(known))]
        for user in self.users:
            user.acting_as("cadre")
        people = [user.cadre for user in self.users]
        fields = {
            "unit": unit,
            "title": "年度民主测评",
            "closes_on": self.world.today + days * DAY,
            "voters": people,
            "candidates": people,
        }
        self.ballot = open_ballot(by=self.world.liaison, **(fields | changes))

    def marks(self, user, mark="good", **others):
        """The same mark for everybody, other marks for those named by their cadre's key."""
        rated = self.ballot.candidates.exclude(cadre=user.cadre_id).values_list("cadre", flat=True)
        return dict.fromkeys(rated, mark) | {int(k[1:]): v for k, v in others.items() if int(k[1:]) != user.cadre_id}

    def vote(self, users, mark="good", **others) -> None:
        for user in users:
            vote(self.ballot, by=user, answers=self.marks(user, mark, **others))

    def closed(self) -> Ballot:
        self.ballot = close_ballot(self.ballot, by=self.world.liaison, at=None)
        return self.ballot

    def row(self, user) -> BallotCandidate:
        return self.ballot.candidates.get(cadre=user.cadre_id)

    def page(self, user, role=None):
        client = Client()
        client.force_login(user, backend="accounts.user.backend.RoleBackend")
        if role:
            session = client.session
            session["role"] = f"{role}:None"
            session.save()
        return client


def refused(act, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as caught:
        act(*args, **kwargs)
    return " ".join(caught.value.messages)


@pytest.fixture
def rating():
    return Rating()


# Opening


def test_a_unit_under_ten_staff_is_told_what_to_do_instead():
    world = World()
    small = add_unit(code="daj", name="县档案馆", kind="institution", parent=world.bureau, staff_in_post=5)
    people = [world.person(small) for _ in range(9)]
    ask = {
        "by": world.liaison,
        "unit": small,
        "title": "测评",
        "closes_on": world.today,
        "voters": people,
        "candidates": people,
    }
    assert "支部" in refused(open_ballot, **ask)
    # Without a stated number the people in service are counted.
    small.staff_in_post = 0
    assert "支部" in refused(open_ballot, **ask)
    people.append(world.person(small))
    assert open_ballot(**(ask | {"voters": people, "candidates": people})).invited == 10


def test_a_ballot_needs_eight_others_who_rate_each(rating):
    people = [user.cadre for user in rating.users]
    world, unit = rating.world, rating.world.forestry
    there = [world.person(unit) for _ in range(9)]
    ask = {"by": world.stranger, "unit": unit, "title": "测评", "closes_on": world.today}
    assert "8" in refused(open_ballot, **ask, voters=there[:8], candidates=there)
    # Eight who are not rated themselves are enough; so are nine who are.
    assert refused(open_ballot, **ask, voters=there, candidates=[])
    assert refused(open_ballot, **ask, voters=[*there, people[0]], candidates=there)
    assert open_ballot(**ask, voters=there[:8], candidates=there[8:]).invited == 8


def test_a_day_in_the_past_a_second_ballot_and_people_who_left_are_refused(rating):
    world, people = rating.world, [user.cadre for user in rating.users]
    ask = {
        "by": world.liaison,
        "unit": world.bureau,
        "title": "再测评",
        "closes_on": world.today,
        "voters": people,
        "candidates": people,
    }
    assert "已" in refused(open_ballot, **ask)
    assert Ballot.objects.count() == 1
    rating.world.forestry.staff_in_post = 60
    assert refused(open_ballot, **(ask | {"closes_on": world.today - DAY}))
    Ballot.objects.all().delete()
    people[0].left_on, people[0].left_how = world.today, "left"
    people[0].save()
    assert refused(open_ballot, **ask)


def test_opening_tells_everybody_asked_and_stands_among_their_tasks(rating):
    world = rating.world
    assert Notice.objects.filter(code="ballot_open").count() == 12
    assert [t["url"] for t in todo(world.trainee, world.today)] == [rating.ballot.get_absolute_url()]
    assert "年度民主测评" in str(tasks_of(world.trainee.acting_as("cadre")))
    rating.vote([world.trainee])
    assert todo(world.trainee, world.today) == []
    assert todo(world.liaison.acting_as("liaison"), world.today) == []
    assert todo(world.liaison, world.today + 3 * DAY)[0]["count"] == 1


# Voting


def test_everybody_rates_everybody_else_once(rating):
    first, second = rating.users[:2]
    rating.vote([first], "fair")
    assert "已" in refused(vote, rating.ballot, by=first, answers=rating.marks(first))
    rating.vote([second], "poor")
    assert (rating.row(first).fair, rating.row(first).poor) == (0, 1)
    assert (rating.row(second).fair, rating.row(second).poor) == (1, 0)
    assert rating.row(rating.users[5]).answers == 2


def test_nobody_rates_himself_not_even_with_a_forged_form(rating):
    user = rating.users[5]
    page = rating.page(user).get(rating.ballot.get_absolute_url()).content.decode()
    assert str(rating.users[6].cadre.public_id) in page
    assert str(user.cadre.public_id) not in page
    assert refused(vote, rating.ballot, by=user, answers={user.cadre_id: "good"})
    url = f"{rating.ballot.get_absolute_url()}vote/"
    forged = {f"mark_{user.cadre.public_id}": "good", f"mark_{rating.users[6].cadre.public_id}": "poor"}
    answer = rating.page(user).post(url, forged)
    assert answer.status_code == 409
    assert "checked" in answer.content.decode()
    assert sum(row.answers for row in rating.ballot.candidates.all()) == 0
    assert not BallotVoter.objects.filter(voted=True).exists()


def test_marks_and_people_that_the_ballot_does_not_know_are_refused(rating):
    user, other = rating.users[5:7]
    assert refused(vote, rating.ballot, by=user, answers={other.cadre_id: "excellent"})
    assert refused(vote, rating.ballot, by=user, answers={rating.world.clerk.cadre_id: "good"})
    url = f"{rating.ballot.get_absolute_url()}vote/"
    assert rating.page(user).post(url, {f"mark_{rating.world.clerk.cadre.public_id}": "good"}).status_code == 409
    assert rating.page(user).post(url, {"mark_x": "good"}).status_code == 422
    assert not BallotVoter.objects.filter(voted=True).exists()


def test_who_is_not_asked_does_not_vote(rating):
    with pytest.raises(PermissionDenied):
        vote(rating.ballot, by=rating.world.clerk, answers={})
    page = rating.page(rating.world.verifier, "cadre")
    assert page.get(rating.ballot.get_absolute_url()).status_code == 404
    assert page.post(f"{rating.ballot.get_absolute_url()}vote/").status_code == 404
    # A head votes as the cadre concerned, not as the head.
    assert rating.page(rating.world.head).post(f"{rating.ballot.get_absolute_url()}vote/").status_code == 403


def test_a_voter_votes_on_his_page_and_finds_it_done(rating):
    user = rating.users[5]
    page, url = rating.page(user), rating.ballot.get_absolute_url()
    assert "/vote/" in page.get(url).content.decode()
    answer = page.post(f"{url}vote/", {f"mark_{rating.users[6].cadre.public_id}": "poor"}, follow=True)
    assert answer.status_code == 200
    assert "/vote/" not in answer.content.decode()
    assert rating.row(rating.users[6]).poor == 1


def test_after_the_last_day_no_vote_is_taken(rating):
    Ballot.objects.update(opened_on=rating.world.today - 9 * DAY, closes_on=rating.world.today - DAY)
    user = rating.users[5]
    assert refused(vote, rating.ballot, by=user, answers={})
    assert "/vote/" not in rating.page(user).get(rating.ballot.get_absolute_url()).content.decode()


# Until closing


def test_until_closing_the_unit_sees_how_many_came_and_nothing_else(rating):
    rating.vote(rating.users[3:9], "poor")
    page = rating.page(rating.world.head).get(rating.ballot.get_absolute_url())
    assert page.context["ballot"].turnout == 6
    assert result(rating.ballot) == []
    text = page.content.decode()
    assert not any(str(user.cadre) in text for user in rating.users if user != rating.world.head)
    assert rating.page(rating.world.head).get(f"{rating.ballot.get_absolute_url()}sheet/").status_code == 404
    assert not BallotCandidate.objects.visible_to(rating.world.head.acting_as("unit_head")).exists()
    assert "6 / 12" in rating.page(rating.world.liaison).get("/ballots/").content.decode()


def test_it_closes_from_the_last_day_on_or_when_all_have_voted(rating):
    assert refused(close_ballot, rating.ballot, by=rating.world.liaison)
    url = rating.ballot.get_absolute_url()
    assert rating.page(rating.world.liaison).post(f"{url}close/").status_code == 409
    rating.vote(rating.users)
    assert rating.page(rating.world.liaison).post(f"{url}close/").status_code == 302
    rating.ballot.refresh_from_db()
    assert (rating.ballot.state, rating.ballot.came, rating.ballot.valid) == ("closed", 12, 12)
    assert refused(close_ballot, rating.ballot, by=rating.world.liaison)
    assert refused(vote, rating.ballot, by=rating.users[0], answers={})


# The result


def test_fewer_than_eight_valid_ballots_give_no_result_and_the_counts_are_destroyed():
    rating = Rating(days=0)
    rating.vote(rating.users[:7], "poor")
    rating.vote(rating.users[7:9], "none")
    ballot = rating.closed()
    assert (ballot.came, ballot.valid, ballot.has_result) == (9, 7, False)
    assert {(row.good, row.fair, row.poor) for row in ballot.candidates.all()} == {(0, 0, 0)}
    page = rating.page(rating.world.deputy).get(ballot.get_absolute_url()).content.decode()
    assert str(rating.users[8].cadre) not in page
    assert rating.page(rating.world.deputy).get(f"{ballot.get_absolute_url()}sheet/").status_code == 200
    assert DecisionEvent.objects.get(action="ballot.close").payload.count("[") == 0


def test_cannot_judge_is_no_answer_and_a_person_whom_few_can_judge_has_no_result():
    rating = Rating(days=0)
    little_known, other = rating.users[8:10]
    rating.vote(rating.users[:8], "good", **{f"c{little_known.cadre_id}": "none", f"c{other.cadre_id}": "poor"})
    rating.vote([little_known], "good", **{f"c{other.cadre_id}": "none"})
    ballot = rating.closed()
    assert ballot.valid == 9
    assert not rating.row(little_known).has_result
    assert (rating.row(other).poor, rating.row(other).answers, rating.row(other).percent("poor")) == (8, 8, 100)
    assert rating.row(rating.users[0]).percent("good") == 100


def test_the_manager_reads_no_row_about_himself_or_kin_and_the_cadre_reads_his_own():
    rating = Rating(days=0)
    rating.vote(rating.users, "fair")
    ballot, head, kin = rating.closed(), rating.world.head, rating.users[6]
    Relation.objects.create(cadre=head.cadre, other=kin.cadre, kind="kin")
    shown = {row.cadre_id for row in rating.page(head).get(ballot.get_absolute_url()).context["rows"]}
    assert shown == {user.cadre_id for user in rating.users} - {head.cadre_id, kin.cadre_id}
    shown = {row.cadre_id for row in rating.page(head).get(f"{ballot.get_absolute_url()}sheet/").context["rows"]}
    assert kin.cadre_id not in shown
    own = rating.page(kin).get(ballot.get_absolute_url())
    assert own.context["own"].cadre_id == kin.cadre_id
    assert rating.page(rating.world.stranger).get(ballot.get_absolute_url()).status_code == 404
    assert rating.page(rating.world.clerk).get(ballot.get_absolute_url()).status_code == 403


def test_a_third_poor_is_put_on_record_once_and_only_supports():
    rating = Rating(voters=10, days=0)
    third, less = rating.users[5:7]
    rating.vote(rating.users[:3], "good", **{f"c{third.cadre_id}": "poor", f"c{less.cadre_id}": "poor"})
    rating.vote([rating.users[7]], "good", **{f"c{third.cadre_id}": "none", f"c{less.cadre_id}": "none"})
    rating.vote(rating.users[4:7] + rating.users[8:], "good")
    rating.vote([rating.users[3]], "good")
    ballot, page = rating.closed(), rating.page(rating.world.deputy)
    assert (rating.row(third).poor, rating.row(third).answers) == (3, 8)
    Ballot.objects.update(poor_percent=38)
    url = f"{ballot.get_absolute_url()}record/"
    assert page.post(f"{url}{third.cadre.public_id}/").status_code == 409
    Ballot.objects.update(poor_percent=37)
    assert page.post(f"{url}{third.cadre.public_id}/").status_code == 302
    assert page.post(f"{url}{third.cadre.public_id}/").status_code == 409
    assert page.post(f"{url}{rating.users[0].cadre.public_id}/").status_code == 409
    item = Evidence.objects.get(kind="ballot")
    assert (item.cadre, item.criterion, item.happened_on) == (third.cadre, "", ballot.closed_on)
    assert "3" in item.title and "8" in item.title
    assert rating.row(third).evidence == item


def test_nobody_puts_a_result_about_himself_on_record():
    rating = Rating(days=0)
    deputy = rating.world.deputy
    rating.vote(rating.users, "good", **{f"c{deputy.cadre_id}": "poor"})
    ballot = rating.closed()
    url = f"{ballot.get_absolute_url()}record/{deputy.cadre.public_id}/"
    assert rating.page(deputy).post(url).status_code == 404
    with pytest.raises(PermissionDenied):
        put_on_record(rating.row(deputy), by=deputy)
    assert rating.page(rating.world.head).post(url).status_code == 302


def test_who_voted_is_forgotten_ninety_days_after_closing_and_the_numbers_stay():
    rating = Rating(days=0)
    rating.vote(rating.users)
    ballot, today = rating.closed(), rating.world.today
    assert destroy_old_registers(today + 90 * DAY) == 0
    assert destroy_old_registers(today + 91 * DAY) == 12
    assert not ballot.voters.exists()
    page = rating.page(rating.world.head).get(ballot.get_absolute_url())
    assert page.context["ballot"].turnout == 12
    assert len(page.context["rows"]) == 11


# Votes beside facts


def test_the_years_tasks_stand_beside_the_votes_and_a_hard_worker_is_warned_of():
    rating = Rating(days=0)
    world, busy, idle, barred = rating.world, rating.users[5], rating.users[6], rating.users[7]
    rating.vote(rating.users, "good", **{f"c{user.cadre_id}": "poor" for user in (busy, barred)})
    fields = {"unit": world.bureau, "planned_by": world.liaison, "said_by": world.liaison, "state": "done"}

    def carried(user, number: int, day) -> None:
        Task.objects.bulk_create(
            Task(cadre=user.cadre, content=f"任务{n}", due_on=day, week=monday(day), **fields) for n in range(number)
        )

    for user in rating.users:
        carried(user, {busy: 9, idle: 0, barred: 9}.get(user, 4), world.today - 100 * DAY)
    # What is older than twelve months, excused or missed is not counted.
    carried(idle, 30, world.today - 400 * DAY)
    Task.objects.create(cadre=idle.cadre, content="迎检", due_on=world.today, week=monday(world.today),
                        **(fields | {"state": "missed"}))  # fmt: skip
    Relation.objects.create(cadre=world.head.cadre, other=barred.cadre, kind="dispute")
    ballot = rating.closed()
    page = rating.page(world.head).get(ballot.get_absolute_url())
    facts = {row.cadre_id: row.facts for row in page.context["rows"]}
    assert (facts[busy.cadre_id]["tasks"], facts[idle.cadre_id]["tasks"]) == (9, 0)
    assert (page.context["middle"]["tasks"], page.context["middle"]["poor"]) == (4, 0)
    # The third who would be named is in dispute with the head, who reads nothing about him.
    assert {(row.cadre, row.idle) for row in page.context["warned"]} == {(busy.cadre, False), (idle.cadre, True)}
    text = page.content.decode()
    assert "得罪人" in text and "中位数4" in text
    assert "得罪人" in rating.page(world.head).get(f"{ballot.get_absolute_url()}sheet/").content.decode()


def test_points_and_duty_load_stand_beside_the_votes_where_the_unit_keeps_them():
    rating = Rating(days=0)
    world, busy, outside = rating.world, rating.users[5], rating.users[6]
    head, liaison = world.head.acting_as("unit_head"), world.liaison.acting_as("liaison")
    start = month_of(world.today)
    kept_points(by=liaison, approver=head, unit=world.bureau, template="2018", starts_on=start)
    people = [user.cadre for user in rating.users if user not in (outside, liaison)]
    place_many(by=liaison, unit=world.bureau, rows=[Placing(cadre, 1, 2) for cadre in people], start=start)
    enter(by=liaison, cadre=busy.cadre, kind="project", day=world.today, key="k", reason="防汛方案")
    rating.vote(rating.users, "good", **{f"c{busy.cadre_id}": "poor"})
    page = rating.page(world.head).get(rating.closed().get_absolute_url())
    facts = {row.cadre_id: row.facts for row in page.context["rows"]}
    assert facts[busy.cadre_id]["points"] > 0 and facts[busy.cadre_id]["load"] == 2
    assert facts[rating.users[7].cadre_id]["points"] == 0
    assert (facts[outside.cadre_id]["points"], facts[outside.cadre_id]["load"]) == (None, None)
    assert page.context["kept"] == {"tasks": False, "points": True, "load": True}
    assert [(row.cadre, row.idle) for row in page.context["warned"]] == [(busy.cadre, False)]


def test_the_twelve_months_end_with_the_month_of_closing():
    assert year_before(dt.date(2026, 12, 31)) == dt.date(2026, 1, 1)
    assert year_before(dt.date(2026, 2, 3)) == dt.date(2025, 3, 1)


# Pages


def test_the_unit_opens_a_ballot_on_the_page_without_those_on_leave():
    world = World()
    people = [world.user(f"v{n}", world.bureau, None).cadre for n in range(9)]
    DutyPeriod.objects.create(cadre=people[0], kind="leave", start=world.today - DAY)
    client = Client()
    client.force_login(world.liaison, backend="accounts.user.backend.RoleBackend")
    lines = client.get("/ballots/new/").context["form"].lines()
    assert [line["cadre"] for line in lines if not line["votes"]] == [people[0]]
    assert all(line["rated"] for line in lines)
    data = {"title": "民主测评", "closes_on": str(world.today), "voters": [str(line["cadre"].public_id) for line in lines if line["votes"]],
            "candidates": [str(people[0].public_id)]}  # fmt: skip
    few = client.post("/ballots/new/", data | {"voters": data["voters"][:7]})
    assert few.status_code == 409
    assert sum(line["votes"] for line in few.context["form"].lines()) == 7
    assert client.post("/ballots/new/", data | {"closes_on": "x"}).status_code == 422
    assert client.post("/ballots/new/", data).status_code == 302
    ballot = Ballot.objects.get()
    assert (ballot.invited, ballot.candidates.get().cadre) == (13, people[0])
    # Who is rated without a vote sees nothing before the end.
    assert not Ballot.objects.visible_to(User.objects.get(cadre=people[0]).acting_as("cadre")).exists()
    assert client.get("/ballots/new/?unit=x").status_code == 404
    assert client.get(f"/ballots/new/?unit={world.forestry.public_id}").status_code == 404


def test_a_small_unit_sees_the_reason_on_the_page():
    world = World()
    world.bureau.staff_in_post = 9
    world.bureau.save()
    client = Client()
    client.force_login(world.liaison, backend="accounts.user.backend.RoleBackend")
    page = client.get("/ballots/new/")
    assert page.status_code == 200
    assert "<table" not in page.content.decode()
    assert client.post("/ballots/new/", {"title": "x", "closes_on": str(world.today)}).status_code == 409


def test_a_head_who_is_asked_is_led_to_his_own_vote(rating):
    page = rating.page(rating.world.head)
    url = rating.ballot.get_absolute_url()
    assert page.get(url).context["waits"]
    page.post("/role/", {"role": "cadre:None"})
    assert f"{url}vote/" in page.get(url).content.decode()


def test_the_list_and_the_result_cost_the_same_for_few_and_for_many(monkeypatch):
    monkeypatch.setattr("accounts.user.middleware.STAMP", 3600)
    rating = Rating(days=0)
    rating.vote(rating.users)
    world, page, voter = rating.world, rating.page(rating.world.head), rating.page(rating.users[6])
    urls = ("/ballots/", rating.closed().get_absolute_url(), f"{rating.ballot.get_absolute_url()}sheet/")

    def cost(client, url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    one = [cost(page, url) for url in urls] + [cost(voter, "/ballots/")]
    people = [user.cadre for user in rating.users] + [world.person(world.bureau) for _ in range(4)]
    ask = {
        "by": world.liaison,
        "unit": world.bureau,
        "title": "测评",
        "closes_on": world.today,
        "voters": people,
        "candidates": people,
    }
    for _ in range(4):
        second = open_ballot(**ask)
        for user in rating.users:
            vote(second, by=user, answers={cadre.pk: "good" for cadre in people if cadre.pk != user.cadre_id})
        close_ballot(second, by=world.liaison)
    urls = ("/ballots/", second.get_absolute_url(), f"{second.get_absolute_url()}sheet/")
    assert [cost(page, url) for url in urls] + [cost(voter, "/ballots/")] == one


# The database has the last word


def test_the_database_refuses_what_the_forms_never_send(rating):
    ballot = rating.ballot
    for change in ({"state": "draft"}, {"state": "closed"}, {"closes_on": ballot.opened_on - DAY},
                   {"state": "closed", "closed_on": ballot.opened_on, "came": 13},
                   {"state": "closed", "closed_on": ballot.opened_on, "came": 3, "valid": 4}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Ballot.objects.filter(pk=ballot.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        BallotVoter.objects.create(ballot=ballot, cadre=rating.users[0].cadre)


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_of_one_voter_count_once_and_voters_at_once_all_count():
    rating = Rating()
    keys, key = [user.pk for user in rating.users], rating.ballot.pk
    target = rating.users[11].cadre_id
    lock, said = threading.Lock(), []

    def click(number: int, user: int) -> None:
        try:
            vote(Ballot.objects.get(pk=key), by=User.objects.get(pk=user), answers={target: "poor"})
        except ValidationError as error:
            with lock:
                said.append(error.code)

    at_once(20, lambda number: click(number, keys[0]))
    assert said == ["twice"] * 19
    assert BallotCandidate.objects.get(cadre=target).poor == 1
    assert at_once(10, lambda number: click(number, keys[1 + number])) == {"done": 10}
    assert BallotCandidate.objects.get(cadre=target).poor == 11
    ballot = Ballot.objects.with_turnout().get()
    assert (ballot.turnout, ballot.valid) == (11, 11)
