"""Field practice: placements, the log, sign-off, rating, the village ledger - in the users' words."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import DecisionEvent, Notice, Relation
from accounts.people.workflow import add_unit
from accounts.trail.workflow import log_access
from cohorts.practice.models import LedgerEntry, LogEntry, Placement, Rating, SignOff, monday
from cohorts.practice.progress import is_over, progress_of, weeks
from cohorts.practice.rating import COMPONENTS, needs_reason, practice_summaries, practice_summary, weighted
from cohorts.practice.villages import Villages
from cohorts.practice.workflow import open_matter, rate, revise_placement, sign_week, write_log
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
SCORES = {"diligence": 80, "results": 90, "discipline": 70, "villagers": 85}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def placement(world):
    """Four weeks of practice that began 20 days ago and end in a week."""
    case = world.practising(starts_on=world.today - 20 * DAY, ends_on=world.today + 7 * DAY)
    world.trainee.acting_as("cadre")
    return case.placements.get()


def log(world, placement, **fields):
    content = {"by": world.trainee, "day": world.today, "place": "二组", "done": "走访农户", "key": uuid.uuid4()}
    return write_log(placement, **(content | fields))


def ledger(world, placement, **fields):
    content = {"matter": "problem", "category": "water", "title": "水塔渗漏", "place": "二组", "found": "visit", "plan": "修补",
               "opened_on": world.today - DAY, "by": world.trainee}  # fmt: skip
    return open_matter(placement, **(content | fields))


# ----- pure rules -----

days = st.dates(dt.date(2018, 1, 1), dt.date(2030, 12, 31))


@given(start=days, length=st.none() | st.integers(0, 120), since=st.integers(0, 200))
def test_every_day_of_a_placement_lies_in_exactly_one_of_its_weeks(start, length, since):
    end, today = None if length is None else start + length * DAY, start + since * DAY
    found = weeks(start, end, today)
    last = min(end or today, today)
    assert all(week.weekday() == 0 for week in found)
    assert found == sorted(set(found))
    assert {monday(start + n * DAY) for n in range((last - start).days + 1)} == set(found)


@given(week=days.map(monday), rest=st.integers(0, 6), since=st.integers(-10, 30))
def test_a_week_is_expected_only_when_its_last_day_has_passed(week, rest, since):
    end, today = week + rest * DAY, week + since * DAY
    assert is_over(week, end, today) == (today > end)
    assert is_over(week, None, today) == (today > week + 6 * DAY)


def test_before_the_first_day_there_is_no_week():
    assert weeks(dt.date(2026, 11, 30), None, dt.date(2026, 11, 20)) == []


points = st.fixed_dictionaries({c.code: st.integers(0, 100) for c in COMPONENTS})


@given(points)
def test_the_rating_lies_between_the_lowest_and_the_highest_component(scores):
    assert min(scores.values()) <= weighted(scores) <= max(scores.values())
    assert needs_reason(scores) == (min(scores.values()) < 60 or max(scores.values()) > 95)


def test_the_weights_add_up_to_a_hundred():
    assert sum(component.weight for component in COMPONENTS) == 100


# ----- placements -----


def refused(world, case, **fields) -> set[str]:
    content = {"village": world.village, "supervisor": "村支书", "starts_on": world.today}
    with pytest.raises(Refused) as stop:
        move(case, "start_practice", by=world.clerk, **(content | fields))
    assert case.placements.filter(starts_on__gte=world.today).count() == 0
    return stop.value.codes


@pytest.fixture
def in_theory(world):
    """Back from a first placement that ended today."""
    case = world.practising(starts_on=world.today - 10 * DAY)
    return world.back_to_theory(case)


def test_a_placement_needs_a_village_a_supervisor_and_days_in_order(world, in_theory):
    assert refused(world, in_theory, village=world.town) == {"not_a_village"}
    assert refused(world, in_theory, supervisor=" ") == {"no_supervisor"}
    assert refused(world, in_theory, ends_on=world.today - DAY) == {"placement_days"}


def test_whoever_goes_back_to_theory_leaves_the_village_and_placements_never_overlap(world, in_theory):
    first = in_theory.placements.get()
    assert first.ends_on == world.today
    assert refused(world, in_theory, starts_on=world.today - DAY) == {"placement_overlaps"}
    move(in_theory, "start_practice", by=world.clerk, village=world.village, supervisor="村支书", starts_on=world.today)
    assert in_theory.placements.count() == 2


def test_the_own_town_only_with_a_reason(world):
    world.cadre = world.person(world.town)
    world.unit_return = world.round.returns.get(unit=world.town)
    liaison, head = world.user("l2", world.town, "liaison"), world.user("h2", world.town, "unit_head")
    case = world.draft(by=liaison)
    world.prepared(by=liaison)
    move(world.unit_return, "sign", by=head, password_entered=True)
    case.refresh_from_db()
    world.trainee.cadre = world.cadre  # answers for the person of the town
    case = world.notified(world.verified(case))
    move(case, "reply", by=world.clerk, none=True, points=[])
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    world.decide(meeting)
    case.refresh_from_db()
    with pytest.raises(Refused) as stop:
        world.practising(case)
    assert stop.value.codes == {"own_town"}
    case.refresh_from_db()
    fields = {"village": world.village, "supervisor": "村支书", "starts_on": world.today}
    move(case, "start_practice", by=world.clerk, own_town_reason="照料病重父亲，经研究同意", **fields)
    assert case.placements.get().own_town_reason


def test_the_supervisors_account_reaches_the_village_and_is_no_kin(world, in_theory):
    elsewhere = add_unit(
        code="v2",
        name="远村",
        kind="village",
        parent=add_unit(code="t2", name="远镇", kind="town", parent=world.county),
    )
    fields = {"supervisor": str(world.supervisor), "supervisor_user": world.supervisor}
    assert refused(world, in_theory, village=elsewhere, **fields) == {"supervisor_role"}
    Relation.objects.create(cadre=world.supervisor.cadre, other=world.cadre, kind="kin")
    assert refused(world, in_theory, **fields) == {"supervisor_barred"}


def test_trainee_and_supervisor_receive_their_notice(world, placement):
    assert set(Notice.objects.filter(code__in=["placed", "trainee_placed"]).values_list("recipient__username", "code")) == {
        ("trainee", "placed"), ("supervisor", "trainee_placed")}  # fmt: skip
    assert Notice.objects.get(code="trainee_placed").path == placement.get_absolute_url()


def test_a_placement_is_ended_with_a_reason_and_not_into_the_next_one(world, placement):
    data = {"by": world.clerk, "supervisor": "新支书", "supervisor_user": None, "goals": ""}
    for day, reason in ((world.today, " "), (placement.starts_on - DAY, "换村")):
        with pytest.raises(ValidationError):
            revise_placement(placement, ends_on=day, reason=reason, **data)
    revised = revise_placement(placement, ends_on=world.today, reason="换村", **data)
    assert (revised.ends_on, revised.supervisor, revised.supervisor_user) == (world.today, "新支书", None)
    world.back_to_theory(placement.referral)
    move(
        placement.referral,
        "start_practice",
        by=world.clerk,
        village=world.village,
        supervisor="村支书",
        starts_on=world.today,
    )
    with pytest.raises(ValidationError, match="next placement"):
        revise_placement(placement, ends_on=world.today + DAY, reason="延长", **data)
    assert DecisionEvent.objects.filter(action="practice.revise").count() == 1


def test_a_village_is_found_by_code_name_pinyin_or_initials(world):
    other = add_unit(code="v9", name="新坪村", kind="village", parent=world.town)
    villages = Villages()
    for words in ("新桥村", "village", "新桥村 (城关镇)", "xinqiao", "xqc"):
        assert villages.find(words) == [world.village], words
    assert villages.find("xin") == [other, world.village] or set(villages.find("xin")) == {other, world.village}
    assert villages.find("nowhere") == villages.find("") == []


# ----- the log -----


def test_the_same_form_sent_twice_stores_one_entry(world, placement):
    key = uuid.uuid4()
    assert log(world, placement, key=key) == log(world, placement, key=key, done="另一句")
    assert LogEntry.objects.count() == 1
    assert DecisionEvent.objects.filter(action="practice.log").count() == 1


def test_an_entry_lies_within_the_placement_and_not_in_the_future(world, placement):
    for day in (world.today + DAY, placement.starts_on - DAY):
        with pytest.raises(ValidationError):
            log(world, placement, day=day)
    assert LogEntry.objects.count() == 0


def test_a_correction_is_a_new_entry_with_a_reason(world, placement):
    first = log(world, placement)
    with pytest.raises(ValidationError):
        log(world, placement, supersedes=first, reason=" ")
    second = log(world, placement, supersedes=first, reason="地点写错", place="三组")
    assert list(LogEntry.objects.current()) == [second]
    assert LogEntry.objects.get(pk=first.pk).place == "二组"
    with pytest.raises(ValidationError, match="corrected already"):
        log(world, placement, supersedes=first, reason="再改")
    with pytest.raises(IntegrityError), transaction.atomic():
        LogEntry.objects.create(
            placement=placement, day=world.today, place="x", done="y", entered_by=world.trainee, reason="z"
        )


def test_paper_is_entered_with_the_number_of_that_very_sheet(world, placement):
    teacher = world.teacher
    for number in ("", "A", placement.sheet_number(world.today - 7 * DAY)):
        with pytest.raises(ValidationError, match="number"):
            log(world, placement, by=teacher, sheet_number=number)
    entry = log(
        world, placement, by=teacher, sheet_number=placement.sheet_number(world.today).lower(), signed_on_sheet=True
    )
    assert (entry.entered_by, entry.sheet_number) == (teacher, placement.sheet_number(world.today))
    assert SignOff.objects.get().sheet_number == entry.sheet_number
    assert progress_of([placement], world.today)[placement.pk].this_week.state == "signed"


def test_nothing_is_written_when_practice_is_closed(world, placement):
    type(placement.referral).objects.filter(pk=placement.referral_id).update(state="returned")
    with pytest.raises(ValidationError, match="closed"):
        log(world, placement)


# ----- sign-off -----


def test_a_week_waits_is_signed_asked_about_and_waits_again(world, placement):
    def state():
        return progress_of([placement], world.today)[placement.pk].this_week.state

    week, by = monday(world.today), world.supervisor
    assert state() == "open"
    with pytest.raises(ValidationError):
        sign_week(placement, by=by, week=week, agreed=True)
    log(world, placement)
    assert state() == "waiting"
    with pytest.raises(ValidationError):
        sign_week(placement, by=by, week=week, agreed=False, remark=" ")
    sign_week(placement, by=by, week=week, agreed=False, remark="去了几户？")
    assert state() == "question"
    assert Notice.objects.filter(code="week_question", recipient=world.trainee).count() == 1
    log(world, placement, done="走访二组九户")
    assert state() == "waiting"
    first = sign_week(placement, by=by, week=week, agreed=True)
    assert sign_week(placement, by=by, week=week, agreed=True) == first
    assert (state(), SignOff.objects.count()) == ("signed", 2)


# ----- rating -----


def test_a_rating_is_given_at_the_end_with_reasons_at_the_edges(world, placement):
    with pytest.raises(ValidationError, match="last day"):
        rate(placement, by=world.supervisor, scores=SCORES)
    Placement.objects.update(ends_on=world.today)
    for scores, reason in (
        (SCORES | {"results": 101}, "x"),
        (SCORES | {"results": 59}, ""),
        (SCORES | {"results": 96}, " "),
    ):
        with pytest.raises(ValidationError):
            rate(placement, by=world.supervisor, scores=scores, reason=reason)
    assert Rating.objects.count() == 0
    assert rate(placement, by=world.supervisor, scores=SCORES) == rate(placement, by=world.supervisor, scores=SCORES)
    with pytest.raises(ValidationError, match="reason"):
        rate(placement, by=world.supervisor, scores=SCORES | {"results": 91})
    rate(placement, by=world.supervisor, scores=SCORES | {"results": 91}, reason="漏记一项")
    assert Rating.objects.count() == 2
    with pytest.raises(ValidationError, match="sheet"):
        rate(placement, by=world.clerk, scores=SCORES, reason="纸质评分")


def test_the_summary_is_what_the_review_needs(world, placement):
    log(world, placement, day=world.today - 14 * DAY)
    log(world, placement)
    LedgerEntry.objects.all().delete()
    ledger(world, placement)
    summary = practice_summary(placement.referral)
    assert (summary.rating, summary.entries, summary.weeks_covered, summary.ledger, summary.confirmed) == (
        None,
        2,
        1,
        1,
        0,
    )
    assert summary.weeks_expected == len(
        [w for w in weeks(placement.starts_on, None, world.today) if w + 6 * DAY < world.today]
    )
    Placement.objects.update(ends_on=world.today)
    rate(placement, by=world.supervisor, scores=SCORES)
    assert practice_summary(placement.referral).rating == weighted(SCORES) == 83.5


def test_a_class_costs_the_same_number_of_statements_as_one_case(world, placement):
    def costs(cases):
        with CaptureQueriesContext(connection) as queries:
            practice_summaries(cases)
        return len(queries)

    one = costs([placement.referral])
    others = [world.draft(world.person(world.bureau), unit_return=None) for _ in range(3)]
    for case in others:
        Placement.objects.create(
            referral=case, village=world.village, supervisor="村支书", starts_on=world.today - 10 * DAY
        )
    assert costs([placement.referral, *others]) == one <= 6


# ----- the village ledger -----


def result(world, entry):
    entry = move(entry, "act", by=world.trainee, day=world.today, what="请水利站勘查")
    return move(entry, "state_result", by=world.trainee, result="修好了", result_on=world.today, cost=None)


CONFIRMATION = {"confirmer": "committee", "confirmer_name": "村委会", "paper_number": "证1号"}


def test_an_entry_counts_only_when_it_is_confirmed_on_paper(world, placement):
    entry = result(world, ledger(world, placement))
    data = CONFIRMATION | {"confirmed_on": world.today}
    for change, code in (({"confirmer_name": " "}, "no_confirmer"), ({"paper_number": ""}, "no_signed_paper"),
                         ({"confirmed_on": world.today + DAY}, "future_day"), ({"confirmed_on": world.today - DAY}, "before_the_matter")):  # fmt: skip
        with pytest.raises(Refused) as stop:
            move(entry, "confirm", by=world.supervisor, **(data | change))
        assert stop.value.codes == {code}
    assert practice_summary(placement.referral).confirmed == 0
    with pytest.raises(NotGranted):
        move(entry, "confirm", by=world.trainee, **data)
    entry = move(entry, "confirm", by=world.supervisor, **data)
    assert practice_summary(placement.referral).confirmed == 1
    with pytest.raises(Refused) as stop:
        move(entry, "reopen", by=world.supervisor, reason=" ")
    assert stop.value.codes == {"no_reason"}
    entry = move(entry, "reopen", by=world.supervisor, reason="又渗漏")
    assert (entry.state, entry.confirmed_on) == ("open", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.filter(pk=entry.pk).update(confirmed_on=world.today)


def test_an_action_lies_between_the_finding_and_today(world, placement):
    entry = ledger(world, placement)
    for day, code in ((world.today + DAY, "future_day"), (world.today - 2 * DAY, "before_the_matter")):
        with pytest.raises(Refused) as stop:
            move(entry, "act", by=world.trainee, day=day, what="x")
        assert stop.value.codes == {code}


def test_the_ledger_stays_open_for_those_who_stay_and_closes_for_those_who_return(world, placement):
    case, entry = placement.referral, ledger(world, placement)
    for state in ("stayed", "returned"):
        type(case).objects.filter(pk=case.pk).update(state=state)
        if state == "stayed":
            assert ledger(world, placement, title="修路").referral == case
            move(entry, "act", by=world.trainee, day=world.today, what="继续办")
            continue
        with pytest.raises(ValidationError, match="closed"):
            ledger(world, placement, title="再修")
        with pytest.raises(Refused) as stop:
            move(entry, "act", by=world.trainee, day=world.today, what="x")
        assert stop.value.codes == {"ledger_closed"}


def test_an_entry_from_paper_names_it_and_a_form_sent_twice_is_one(world, placement):
    with pytest.raises(ValidationError, match="paper"):
        ledger(world, placement, by=world.teacher)
    key = uuid.uuid4()
    fields = {"by": world.teacher, "sheet_number": "纸7", "key": key}
    assert ledger(world, placement, **fields) == ledger(world, placement, **fields)
    with pytest.raises(ValidationError):
        ledger(world, placement, opened_on=placement.starts_on - DAY)


# ----- who sees what -----


def test_a_supervisor_sees_his_own_trainees_only_and_never_the_case(world, placement):
    other = world.user("other", world.town, "field_supervisor", over=world.village)
    entry = ledger(world, placement)
    assert Placement.objects.visible_to(world.supervisor).get() == placement
    assert LedgerEntry.objects.visible_to(world.supervisor).get() == entry
    assert not Placement.objects.visible_to(other).exists()
    assert not LedgerEntry.objects.visible_to(other).exists()
    assert not world.supervisor.may("referral.read")
    with pytest.raises(NotVisible):
        move(entry, "confirm", by=other, **CONFIRMATION, confirmed_on=world.today)


def test_kin_see_nothing(world, placement):
    Relation.objects.create(cadre=world.clerk.cadre, other=world.cadre, kind="kin")
    assert not Placement.objects.visible_to(world.clerk).exists()


def test_an_inspector_sees_a_practice_after_stating_a_purpose(world, placement):
    assert not Placement.objects.visible_to(world.inspector).exists()
    log_access(placement.referral, by=world.inspector, purpose="核查线索")
    assert Placement.objects.visible_to(world.inspector).get() == placement
