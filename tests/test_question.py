"""Questions to units: who is asked about whom, what answers count, and when open ones flag a unit."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import DecisionEvent, DutyPeriod, Notice, Relation, Unit, User
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from assessments.criteria.models import Edition
from assessments.evidence.models import Evidence
from assessments.evidence.workflow import add_evidence, supersede
from assessments.models import PointAppeal, PointEntry
from assessments.points.drafting import begin_ledger
from cohorts.alert.ladder import people_at
from cohorts.alert.ladder_workflow import climb
from cohorts.alert.models import Alert, Level
from cohorts.alert.workflow import scan
from cohorts.campaign.models import Round
from cohorts.campaign.workflow import open_round
from cohorts.models import Referral, UnitQuestion
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.question.counts import standing_gaps
from cohorts.question.workflow import answer_by_naming, ask_questions, settle_questions
from cohorts.referral.workflow import begin_draft
from cohorts.site.views import tasks_of
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    world.round.refresh_from_db()
    return world


def missed(world, cadre=None, times=3, kind="task", **fields):
    """A record that meets B2: three deadlines missed."""
    return [
        add_evidence(by=world.clerk, cadre=cadre or world.cadre, kind=kind, title=f"未按期完成{n}", source="台账", fact="missed",
                     happened_on=world.today - (30 + n) * DAY, **fields)
        for n in range(times)
    ]  # fmt: skip


def ask(world, on=None):
    return ask_questions(world.round, by=User.objects.system(), on=on or world.today)


def after(world):
    """The first day on which questions of today count."""
    return add_working_days(world.today, 10) + DAY


def figures(world):
    """The bureau's K and G of the round once the day of the answer is over; None when nothing is open."""
    rows = [row for row in standing_gaps(after(world)) if row.unit_return == world.unit_return]
    return rows[0] if rows else None


def explained(world, question, by=None, **fields):
    return move(
        question, "explain", by=by or world.head, **({"ground": "talk", "answer": "三月已谈话，此后按期。"} | fields)
    )


def flagged(world, on=None):
    scan(on=on or after(world))
    return {alert.unit for alert in Alert.objects.standing().filter(rule="evidence_gap")}


# ---------- asking ----------


def test_whoever_meets_a_criterion_and_was_not_named_becomes_a_question_with_criterion_and_items(world):
    items = missed(world)
    missed(world, world.person(world.bureau), times=2)
    (question,) = ask(world)
    assert (question.unit, question.cadre, question.criterion.code) == (world.bureau, world.cadre, "B2")
    assert set(question.items.all()) == set(items)
    assert question.due_on == add_working_days(world.today, 10)
    notice = Notice.objects.get(recipient=world.head, code="questions_asked")
    assert world.cadre.name not in notice.text and "1" in notice.text
    assert ask(world) == [] and UnitQuestion.objects.count() == 1
    assert first_break() is None


def test_before_the_closing_day_only_a_unit_whose_return_is_on_file_is_asked(world):
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today + 5 * DAY)
    missed(world)
    assert ask(world) == []
    world.nominated(world.person(world.bureau))
    assert len(ask(world)) == 1


def test_nobody_is_asked_about_a_person_who_was_named_or_is_announced_to_follow(world):
    missed(world)
    case = world.draft()
    Referral.objects.filter(pk=case.pk).update(follow_until=world.today + 3 * DAY, follow_reason="待审计报告")
    assert ask(world) == []
    Referral.objects.filter(pk=case.pk).update(follow_until=None, follow_reason="")
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    assert ask(world) == []


def test_a_school_is_asked_through_the_unit_that_reports_for_it(world):
    from accounts.people.workflow import add_unit

    school = add_unit(code="school", name="二小", kind="institution", parent=world.bureau)
    missed(world, world.person(school))
    assert ask(world)[0].unit == world.bureau


def test_a_supplementary_round_asks_the_named_units_and_nothing_twice(world):
    items = missed(world)
    missed(world, world.person(world.forestry))
    assert {q.unit for q in ask(world)} == {world.bureau, world.forestry}
    second = open_round(by=world.admin, campaign=world.campaign, kind="supplementary", opens_on=world.today - DAY,
                        closes_on=world.today - DAY, units=[world.bureau])  # fmt: skip
    assert ask_questions(second, by=User.objects.system(), on=world.today) == []
    add_evidence(
        by=world.clerk,
        cadre=world.cadre,
        kind="task",
        title="又一次",
        source="台账",
        fact="missed",
        happened_on=world.today,
    )
    (again,) = ask_questions(second, by=User.objects.system(), on=world.today)
    assert (again.cadre, again.items.count()) == (world.cadre, len(items) + 1)


def test_protected_status_on_the_day_of_the_answer_explains_by_itself(world):
    missed(world)
    DutyPeriod.objects.create(cadre=world.cadre, kind="medical", start=world.today - DAY)
    (question,) = ask(world)
    assert (question.state, question.moot) == ("moot", "protected")
    assert not Notice.objects.filter(code="questions_asked").exists()
    assert flagged(world) == set()


def test_a_scan_asks_a_whole_county_in_as_many_statements_as_one_unit(world):
    def statements(day):
        with CaptureQueriesContext(connection) as queries:
            asked = ask(world, day)
        return len(queries), len(asked)

    missed(world)
    one, asked = statements(world.today)
    assert asked == 1
    for unit in (world.bureau, world.forestry, world.town, world.office):
        world.user(f"head-{unit.code}", unit, Role.UNIT_HEAD)
        for _n in range(4):
            missed(world, world.person(unit))
    many, asked = statements(world.today)
    assert asked == 16 and many <= one <= 40


# ---------- answering ----------


def test_an_explanation_counts_when_somebody_outside_the_unit_accepts_it(world):
    missed(world)
    question = explained(world, ask(world)[0])
    assert question.state == "explained" and flagged(world) == set()
    inside = world.user("inside", world.bureau, Role.CLERK, over=world.department)
    with pytest.raises(Refused) as refused:
        move(question, "accept", by=inside)
    assert refused.value.codes == {"question_own_unit"}
    with pytest.raises(NotGranted):
        move(question, "accept", by=world.head)
    question = move(question, "accept", by=world.clerk)
    assert (question.state, question.decided_by) == ("accepted", world.clerk)
    assert flagged(world) == set()


def test_a_refused_explanation_leaves_the_question_open_and_may_be_given_anew(world):
    missed(world)
    question = explained(world, ask(world)[0])
    with pytest.raises(Refused):
        move(question, "refuse", by=world.clerk, reason=" ")
    question = move(question, "refuse", by=world.clerk, reason="谈话没有记录")
    assert flagged(world) == {world.bureau}
    question = explained(world, question, answer="附谈话记录")
    assert question.decided_by is None
    move(question, "accept", by=world.chief)
    assert flagged(world) == set()


def test_an_explanation_needs_a_reason_and_a_sentence(world):
    missed(world)
    (question,) = ask(world)
    for data in ({"ground": "", "answer": "x"}, {"ground": "talk", "answer": " "}):
        with pytest.raises(Refused) as refused:
            move(question, "explain", by=world.liaison, **data)
        assert refused.value.codes == {"question_no_answer"}


def test_a_dispute_names_one_of_the_items_and_is_upheld_or_refused(world):
    items = missed(world)
    (question,) = ask(world)
    other = missed(world, world.person(world.forestry), times=1)[0]
    with pytest.raises(Refused) as refused:
        move(question, "dispute", by=world.head, disputed=other, answer="不是他")
    assert refused.value.codes == {"question_other_item"}
    question = move(question, "dispute", by=world.head, disputed=items[0], answer="当日在省里开会")
    assert flagged(world) == set()
    question = move(question, "uphold", by=world.clerk)
    assert question.state == "dispute_upheld" and flagged(world) == set()


def test_who_is_asked_about_sees_nothing_and_the_deputy_answers(world):
    missed(world, world.head.cadre)
    (question,) = ask(world)
    assert not UnitQuestion.objects.visible_to(world.head).exists()
    assert not Notice.objects.filter(recipient=world.head, code="questions_asked").exists()
    with pytest.raises(NotVisible):
        explained(world, question)
    assert explained(world, question, by=world.deputy).state == "explained"


def test_kin_of_the_person_neither_answer_nor_decide(world):
    missed(world)
    (question,) = ask(world)
    for user in (world.liaison, world.clerk):
        Relation.objects.create(cadre=user.cadre, other=world.cadre, kind="kin")
        assert not UnitQuestion.objects.visible_to(user).exists()
    explained(world, question)
    with pytest.raises(NotVisible):
        move(question, "accept", by=world.clerk)


@pytest.mark.parametrize("who", ["stranger", "trainee", "inspector", "verifier", "payroll", "teacher", "admin"])
def test_nobody_else_sees_a_question(world, who):
    missed(world)
    ask(world)
    assert not UnitQuestion.objects.visible_to(getattr(world, who)).exists()


def test_a_question_is_answered_by_the_nomination_until_its_day_and_is_not_late(world):
    items = missed(world)
    world.nominated(world.person(world.bureau))
    move(world.unit_return, "accept", by=world.clerk)
    (question,) = ask(world)
    case = answer_by_naming(question, by=world.liaison)
    assert set(case.criteria.all()) == {question.criterion}
    assert {link.evidence for link in case.evidence_links.all()} == set(items)
    assert answer_by_naming(question, by=world.liaison) == case  # a second click finds the same draft
    add_evidence(
        by=world.clerk, cadre=world.cadre, kind="inspection", title="督查通报", source="督查室", happened_on=world.today
    )
    from cohorts.referral.workflow import revise_draft

    revise_draft(case, by=world.liaison, facts="三次逾期", how_raised="panel", no_talk_reason="在外出差",
                 new_evidence=[{"kind": "inspection", "title": "通报", "happened_on": world.today, "source": "督查室"}])  # fmt: skip
    move(world.unit_return, "sign_supplement", by=world.head, names=[case], password_entered=True)
    case.refresh_from_db()
    assert case.state == "nominated" and not case.came_late
    assert figures(world) is None  # counted at once
    assert flagged(world) == set()
    question.refresh_from_db()
    assert question.state == "nominated"


def test_a_filed_return_takes_no_further_name_without_a_question(world):
    world.nominated(world.person(world.bureau))
    world.unit_return.refresh_from_db()
    with pytest.raises(ValidationError):
        begin_draft(by=world.liaison, cadre=world.cadre, campaign=world.campaign, unit_return=world.unit_return)


def test_a_nomination_taken_back_opens_the_question_again(world):
    missed(world)
    (question,) = ask(world)
    system = User.objects.system()
    case = world.nominated()
    assert settle_questions(world.round, by=system, on=world.today) == 1
    assert settle_questions(world.round, by=system, on=world.today) == 0
    move(case, "withdraw", by=world.head, reason="再研究")
    settle_questions(world.round, by=system, on=world.today)
    question.refresh_from_db()
    assert question.state == "open" and flagged(world) == {world.bureau}
    assert DecisionEvent.objects.filter(action="unitquestion.reopen").count() == 1


def test_a_name_that_the_county_had_to_state_leaves_the_question_of_the_unit_open(world):
    missed(world)
    ask(world)
    fields = {"cadre": world.cadre, "unit_return": None}
    nominate(world, 1, origin="county", **fields)
    assert flagged(world) == {world.bureau}
    Referral.objects.update(origin="three_mechanisms")
    assert flagged(world) == set()


def test_a_corrected_record_a_departure_and_a_late_illness_explain_by_themselves(world):
    people = [world.cadre, world.person(world.bureau), world.person(world.bureau)]
    items = [missed(world, cadre) for cadre in people]
    asked = {q.cadre_id: q for q in ask(world)}
    supersede(items[0][0], by=world.clerk, reason="理由已采信", fact="")
    people[1].left_on, people[1].left_how = world.today, "left"
    people[1].save()
    DutyPeriod.objects.create(cadre=people[2], kind="medical", start=world.today)
    settle_questions(world.round, by=User.objects.system(), on=world.today)
    for cadre, why in zip(people, ("record", "gone", "protected"), strict=True):
        question = asked[cadre.pk]
        question.refresh_from_db()
        assert (question.state, question.moot) == ("moot", why)
    assert flagged(world) == set()


def test_leave_that_begins_after_the_day_of_the_answer_explains_nothing(world):
    missed(world)
    (question,) = ask(world)
    DutyPeriod.objects.create(cadre=world.cadre, kind="leave", start=after(world))
    settle_questions(world.round, by=User.objects.system(), on=after(world) + DAY)
    question.refresh_from_db()
    assert question.state == "open"


# ---------- the evidence gap ----------


def nominate(world, count, **fields):
    """So many people named on the bureau's return, as the signing leaves them."""
    now = timezone.now()
    for _n in range(count):
        Referral.objects.create(**({"campaign": world.campaign, "unit_return": world.unit_return, "unit": world.bureau, "state": "nominated",
            "cadre": world.person(world.bureau), "nominated_at": now, "nominated_by": world.head} | fields))  # fmt: skip


@pytest.mark.parametrize(
    ("named", "open_", "flag"), [(0, 1, True), (3, 1, True), (4, 1, False), (6, 2, True), (7, 2, False), (5, 0, False)]
)
def test_a_unit_is_flagged_when_a_quarter_or_more_is_open(world, named, open_, flag):
    nominate(world, named)
    for _n in range(open_):
        missed(world, world.person(world.bureau))
    assert len(ask(world)) == open_
    row = figures(world)
    assert (row and (row.nominated, row.open, row.all)) == ((named, open_, named + open_) if open_ else None)
    assert flagged(world) == ({world.bureau} if flag else set())


def test_a_question_counts_only_after_its_day(world):
    missed(world)
    (question,) = ask(world)
    assert flagged(world, on=question.due_on) == set()
    assert flagged(world, on=question.due_on + DAY) == {world.bureau}
    alert = Alert.objects.get(rule="evidence_gap")
    assert (alert.params["open"], alert.params["of"]) == (1, 1)
    assert world.cadre.name not in alert.text


def test_a_gap_is_told_to_those_who_may_know_of_an_open_question(world):
    missed(world, world.head.cadre)
    ask(world)
    assert flagged(world) == {world.bureau}
    day, alert, told = world.today, Alert.objects.get(rule="evidence_gap"), {}
    while alert.level < Level.HEAD:
        day = add_working_days(day, 1)
        climb(on=day)
        alert.refresh_from_db()
        told[alert.level] = {user.username for user in people_at([alert], day)[alert.pk]}
    assert told[Level.LIAISON] == {"liaison"} and told[Level.HEAD] == {"deputy"}
    assert not Alert.objects.visible_to(world.head.acting_as("unit_head")).filter(rule="evidence_gap").exists()
    assert Alert.objects.visible_to(world.deputy.acting_as("deputy")).exists()


def test_the_fraction_is_a_parameter_of_the_edition(world):
    nominate(world, 4)
    missed(world)
    ask(world)
    Edition.objects.filter(pk=world.edition.pk).update(rule=world.edition.rule | {"gap_fraction": 0.2})
    assert flagged(world) == {world.bureau}


def test_two_criteria_met_by_one_person_are_two_questions_and_one_person(world):
    missed(world)
    for number in ("1", "2"):
        add_evidence(by=world.clerk, cadre=world.cadre, kind="complaint", title="投诉", source="信访", fact="complaint", key=number,
                     happened_on=world.today - 40 * DAY)  # fmt: skip
    asked = ask(world)
    assert len(asked) == 2
    row = figures(world)
    assert (row.open, row.all) == (1, 1)
    move(explained(world, asked[0]), "accept", by=world.clerk)
    assert flagged(world) == {world.bureau}  # the other question is open still


@pytest.mark.parametrize(
    ("fields", "counts"),
    [({}, True), ({"state": "struck_out", "strike_reason": "token"}, False), ({"state": "struck_out", "strike_reason": "not_proved"}, False),
     ({"state": "struck_out", "strike_reason": "tolerated"}, True), ({"state": "withdrawn"}, False),
     ({"state": "withdrawn", "end_ground": "died"}, True), ({"state": "draft", "nominated_at": None, "nominated_by": None}, False)],
)  # fmt: skip
def test_which_names_count(world, fields, counts):
    nominate(world, 1, **fields)
    missed(world, world.person(world.bureau))
    ask(world)
    assert figures(world).nominated == int(counts)


@pytest.mark.parametrize(
    ("kinds", "counts"),
    [(("ballot", "talk"), False), (("ballot", "task"), True), (("task", "task"), False), (("task",), False)],
)
def test_names_that_pass_only_the_weaker_rule_of_2018_do_not_count(world, kinds, counts):
    weaker = Edition.objects.get(code="2018")
    world.campaign.edition = weaker
    world.campaign.save()
    cadre = world.person(world.bureau)
    case = world.draft(cadre, criteria=[weaker.criteria.get(code="B1")],
                       new_evidence=[{"kind": kind, "title": f"{n}", "happened_on": world.today, "source": "x"} for n, kind in enumerate(kinds)])  # fmt: skip
    Referral.objects.filter(pk=case.pk).update(state="nominated", nominated_at=timezone.now(), nominated_by=world.head)
    missed(world, world.person(world.bureau))
    ask(world)
    assert figures(world).nominated == int(counts)


def test_each_round_is_decided_by_itself_and_a_flag_expires_after_a_year(world):
    missed(world)
    (question,) = ask(world)
    second = open_round(by=world.admin, campaign=world.campaign, kind="supplementary", opens_on=world.today - DAY,
                        closes_on=world.today - DAY, units=[world.bureau])  # fmt: skip
    other = second.returns.get()
    nominate(world, 9, unit_return=other)
    assert flagged(world) == {world.bureau}  # nine names of another round do not outweigh it
    alert = Alert.objects.standing().get(rule="evidence_gap")
    assert alert.period == f"round:{world.round.pk}"
    assert flagged(world, on=question.due_on + dt.timedelta(days=364)) == {world.bureau}
    assert flagged(world, on=question.due_on + dt.timedelta(days=365)) == set()


def test_the_counts_of_a_round_are_one_statement(world):
    missed(world)
    ask(world)
    with CaptureQueriesContext(connection) as queries:
        standing_gaps(after(world))
    assert len([q for q in queries if "COUNT" in q["sql"]]) == 1
    assert len(queries) <= 4


def test_only_the_evidence_gap_flags_a_unit():
    from cohorts.alert.rules import RULES

    assert [rule.code for rule in RULES if rule.flags] == ["evidence_gap"]


def test_a_concluded_or_cancelled_round_asks_nothing(world):
    missed(world)
    for field in ("concluded_on", "cancelled_on"):
        Round.objects.filter(pk=world.round.pk).update(concluded_on=None, cancelled_on=None)
        Round.objects.filter(pk=world.round.pk).update(**{field: world.today})
        assert ask(world) == []


# ---------- signs beside it, which flag nobody ----------


def entries(world, unit, own=0, outside=0, back=30):
    cadre = world.person(unit)
    for n in range(own + outside):
        add_evidence(by=world.clerk, cadre=cadre, kind="doc", title="记录", source="x", outside=n >= own,
                     happened_on=world.today - back * DAY, at=timezone.now() - back * DAY)  # fmt: skip


def raised(world, rule, on=None):
    scan(on=on or world.today)
    return list(Alert.objects.standing().filter(rule=rule))


def test_a_record_with_few_entries_beside_those_from_outside_is_silent_and_names_nobody(world):
    entries(world, world.bureau, own=1, outside=5)
    entries(world, world.forestry, own=2, outside=5)
    (alert,) = raised(world, "silent_record")
    assert (alert.unit, alert.params["own"], alert.params["outside"], alert.cadre) == (world.bureau, 1, 5, None)


def test_no_entry_for_half_a_year_is_silence_only_where_most_units_write(world):
    assert raised(world, "silent_record") == []  # nobody writes yet
    for unit in (world.forestry, world.town, world.office, world.department):
        entries(world, unit, own=1)
    assert raised(world, "silent_record") == []  # the bureau never began a record: that is its own choice
    entries(world, world.bureau, own=1)
    Evidence.objects.filter(cadre__unit=world.bureau).update(recorded_at=timezone.now() - 400 * DAY)
    (alert,) = raised(world, "silent_record")
    assert alert.unit == world.bureau and "fact." not in alert.text


def test_many_names_beside_the_countys_share(world):
    Unit.objects.filter(pk__in=[world.town.pk, world.office.pk, world.department.pk]).update(staff_in_post=120)
    nominate(world, 4)
    assert raised(world, "improbably_many") == []
    nominate(world, 1)
    (alert,) = raised(world, "improbably_many")
    assert (alert.unit, alert.params["names"], alert.params["staff"]) == (world.bureau, 5, 56)
    nominate(world, 12, unit=world.forestry, unit_return=world.round.returns.get(unit=world.forestry))
    assert [a.unit for a in raised(world, "improbably_many")] == [world.forestry]


def test_a_return_that_was_not_as_asked_stays_noted_until_the_round_is_concluded(world):
    world.nominated()
    move(world.unit_return, "send_back", by=world.clerk, reason="缺会议记录")
    (alert,) = raised(world, "return_not_as_asked")
    assert alert.unit == world.bureau
    Round.objects.filter(pk=world.round.pk).update(concluded_on=world.today)
    assert raised(world, "return_not_as_asked") == []


@pytest.mark.parametrize("how", ["quarrel", "disputed", "overturned"])
def test_a_person_named_by_somebody_whom_he_contradicted(world, how):
    now = timezone.now()
    if how == "quarrel":
        Relation.objects.create(cadre=world.cadre, other=world.head.cadre, kind="dispute", declared_on=world.today - 90 * DAY,
                                ended_on=world.today - 30 * DAY, end_reason="调解")  # fmt: skip
    if how == "disputed":
        item = add_evidence(
            by=world.head, cadre=world.cadre, kind="task", title="逾期", source="x", happened_on=world.today
        )
        item.statements.create(text="不属实", disputes=True, made_by=world.trainee, made_at=now - 20 * DAY)
    if how == "overturned":
        Referral.objects.create(campaign=world.campaign, unit=world.bureau, cadre=world.cadre, state="overturned",
                                state_since=now - 100 * DAY, nominated_at=now - 200 * DAY, nominated_by=world.head)  # fmt: skip
    world.nominated()
    (alert,) = raised(world, "retaliation")
    assert alert.params["reasons"] == [f"@retaliation.{how}"] and alert.cadre == world.cadre


def test_a_case_without_an_earlier_quarrel_is_no_retaliation(world):
    Relation.objects.create(cadre=world.cadre, other=world.head.cadre, kind="dispute", declared_on=world.today - 900 * DAY,
                            ended_on=world.today - 400 * DAY, end_reason="调解")  # fmt: skip
    world.nominated()
    assert raised(world, "retaliation") == []


def appealed(world, *, entered_by, decided_by=None, ago=20):
    """An appeal of the cadre who is named, made so many days ago."""
    made_at = timezone.now() - ago * DAY
    month = world.today.replace(day=1)
    ledger = begin_ledger(by=world.head, unit=world.bureau, template="2018", starts_on=month, groups=("甲", "乙"))
    entry = PointEntry.objects.create(
        unit=world.bureau, cadre=world.cadre, month=month, kind="unfinished", points=-1, reason="逾期", day=world.today,
        rules=ledger.rules.get(), key="one", recorded_by=entered_by,
    )  # fmt: skip
    decision = {"state": "rejected", "reason": "有记录", "decided_by": decided_by, "decided_at": made_at + DAY}
    PointAppeal.objects.create(
        entry=entry, text="不属实", made_by=world.trainee, made_at=made_at, **decision if decided_by else {}
    )


@pytest.mark.parametrize("part", ["entered", "decided"])
def test_a_person_named_by_whoever_entered_or_decided_the_points_he_appealed_against(world, part):
    if part == "entered":
        appealed(world, entered_by=world.head)
    else:
        appealed(world, entered_by=world.liaison, decided_by=world.head)
    world.nominated()
    (alert,) = raised(world, "retaliation")
    assert alert.params["reasons"] == ["@retaliation.appealed"] and alert.cadre == world.cadre


@pytest.mark.parametrize("but", ["too old", "another nominator", "after the nomination", "decided after it"])
def test_an_appeal_is_no_sign_of_retaliation(world, but):
    if but == "too old":
        appealed(world, entered_by=world.head, ago=370)
    if but == "another nominator":
        appealed(world, entered_by=world.liaison, decided_by=world.deputy)
    world.nominated()
    if but == "after the nomination":
        appealed(world, entered_by=world.head, ago=-1)
    if but == "decided after it":
        appealed(world, entered_by=world.liaison, decided_by=world.head, ago=0.5)
    assert raised(world, "retaliation") == []


def test_the_organizers_own_answers_are_decided_by_an_inspector_and_nobody_else(world):
    own_head = world.user("own-head", world.department, Role.UNIT_HEAD)
    person, stranger = world.person(world.department), world.person(world.bureau)
    days = {
        "round": world.round,
        "criterion": world.edition.criteria.get(code="B2"),
        "asked_on": world.today,
        "due_on": after(world),
    }
    own = UnitQuestion.objects.create(unit=world.department, cadre=person, **days)
    other = UnitQuestion.objects.create(unit=world.bureau, cadre=stranger, **days)
    Notice.objects.all().delete()
    own = move(own, "explain", by=own_head, ground="talk", answer="已谈话")
    other = move(other, "explain", by=world.head, ground="talk", answer="已谈话")
    told = Notice.objects.filter(code="question_answered")
    assert {n.recipient for n in told if n.params["case"] == own.number} == {world.inspector}
    assert {n.recipient for n in told if n.params["case"] == other.number} == {world.clerk, world.chief}
    for user in (world.clerk, world.chief):
        with pytest.raises(Refused):
            move(own, "accept", by=user, reason="有记录")
    inspector = world.inspector.acting_as("inspector")
    assert list(UnitQuestion.objects.visible_to(inspector)) == [own]
    assert [task["count"] for task in tasks_of(inspector) if task["url"].startswith("/questions/")] == [1]
    with pytest.raises(NotVisible):
        move(other, "accept", by=inspector, reason="有记录")
    assert move(own, "accept", by=inspector, reason="有记录").decided_by == inspector
    Relation.objects.create(cadre=inspector.cadre, other=person, kind="kin")
    assert not UnitQuestion.objects.visible_to(inspector).exists()


def test_token_shares_are_context_of_one_return(world):
    from cohorts.question.context import token_shares

    soon = world.person(world.bureau, retires_on=world.today + 300 * DAY)
    fresh = world.person(world.bureau, joined_on=world.today - 60 * DAY)
    ill, lent, plain = (world.person(world.bureau) for _n in range(3))
    DutyPeriod.objects.create(cadre=ill, kind="medical", start=world.today - 200 * DAY)
    DutyPeriod.objects.create(cadre=lent, kind="seconded", start=world.today - 20 * DAY, host=world.office)
    add_evidence(by=world.clerk, cadre=plain, kind="task", title="x", source="x", happened_on=world.today - 90 * DAY,
                 at=timezone.now() - 90 * DAY)  # fmt: skip
    for cadre in (soon, fresh, ill, lent, plain):
        nominate(world, 1, cadre=cadre)
    shares = {share.code: (share.count, share.of) for share in token_shares(world.unit_return, world.today)}
    assert shares == {"token.retiring": (1, 5), "token.ill": (1, 5), "token.seconded": (1, 5), "token.new": (1, 5),
                      "token.unrecorded": (4, 5)}  # fmt: skip
    assert not Alert.objects.exists()


def test_reach_counts_what_was_on_record_before_the_round_opened(world):
    from cohorts.question.context import reach_by_kind

    known, typed_in = world.person(world.bureau), world.person(world.bureau)
    add_evidence(by=world.clerk, cadre=known, kind="task", title="x", source="x", happened_on=world.today - 90 * DAY, outside=True,
                 at=timezone.now() - 90 * DAY)  # fmt: skip
    add_evidence(by=world.clerk, cadre=typed_in, kind="task", title="x", source="x", happened_on=world.today - 90 * DAY)
    for cadre in (known, typed_in):
        nominate(world, 1, cadre=cadre)
    (reach,) = reach_by_kind(world.clerk)
    assert (reach.kind, reach.nominees, reach.recorded, reach.outside, reach.assured) == ("bureau", 2, 1, 1, False)
