"""From the return review to the end of a case, in the users' words: each way, and each refusal."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import override

from accounts.calendar import add_working_days
from accounts.file.workflow import store
from accounts.models import CountySetting, DecisionEvent, Relation
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from cohorts.campaign.models import Campaign
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.models import FollowUp, Penalty, Referral
from cohorts.procedure.case_views import lifeline, waiting_for
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.step import NotGranted, Refused
from cohorts.procedure.workflow import move
from cohorts.review import facts
from cohorts.review.guards import latest
from cohorts.review.models import Bar
from cohorts.review.workflow import record_follow_up
from cohorts.site.views import tasks_of
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def refused(case, action, *, by, **data) -> set[str]:
    """The reasons; the case must be as it was."""
    before = Referral.objects.filter(pk=case.pk).values().get()
    with pytest.raises(Refused) as why:
        move(case, action, by=by, **data)
    assert Referral.objects.filter(pk=case.pk).values().get() == before
    return why.value.codes


def moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(10)))


def told(world, score=80) -> Referral:
    """Reviewed just now; the cadre may still object."""
    case = world.under_review()
    return move(case, "qualify" if score >= 60 else "fail", by=world.chief, **world.sheet(score))


def again(world) -> Referral:
    """Returned from one campaign, named in the next, and under review there: in succession."""
    first = world.returned()
    Campaign.objects.filter(pk=world.campaign.pk).update(concluded_on=world.today)
    Referral.objects.filter(pk=first.pk).update(nominated_at=timezone.now() - dt.timedelta(days=200))
    world.campaign = create_campaign(
        by=world.admin, year=world.today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=world.today, class_ends_on=world.today + dt.timedelta(days=300),
    )  # fmt: skip
    world.round = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=world.today, closes_on=world.today + DAY
    )
    world.unit_return = world.round.returns.get(unit=world.bureau)
    return world.under_review()


def exit_data(world, **changes):
    file = changes.pop("proof", None) or stored(world)
    return {"ground": "cs88_1", "reason": "连续两年不称职", "proof": file, "cleared": Bar.values, "discipline_number": "纪函1",
            "discipline_on": world.today} | changes  # fmt: skip


def stored(world):
    return store(world.upload(), by=world.chief)


def approval(world, **changes):
    day = world.today
    return {
        "examination": "审1",
        "approved_by": "committee",
        "approval_number": "批1",
        "approved_on": day,
        "effective_on": day,
    } | changes


def exit_proposed(world) -> Referral:
    case = world.reviewed(again(world), 50)
    return move(case, "propose_exit", by=world.chief, **exit_data(world))


# The sheet and the panel


def test_the_weights_of_the_day_of_the_review_stay_with_it(world):
    case = told(world)
    review = latest(case)
    assert (review.qualified, review.score, review.points) == (True, Decimal(80), "80")
    assert [p.weight for p in review.parts.all()] == [20, 15, 35, 20, 10]
    CountySetting.objects.create(key="review_weights", start=world.today, value=dict.fromkeys(("theory", "discipline", "practice", "villagers", "defence"), 20))  # fmt: skip
    assert [p.weight for p in latest(case).parts.all()] == [20, 15, 35, 20, 10]


def test_a_missing_part_blocks_either_result_and_is_named(world):
    case = world.under_review()
    sheet = world.sheet()
    sheet["scores"]["villagers"] = None
    for action in ("qualify", "fail"):
        assert "parts_missing" in refused(case, action, by=world.chief, **sheet)
    with pytest.raises(Refused) as why:
        move(case, "qualify", by=world.chief, **sheet)
    assert "20" not in str(why.value.refusals[0])
    assert why.value.refusals[0].params["parts"] == ["@part.villagers"]


def test_the_result_follows_from_the_points(world):
    case = world.under_review()
    assert refused(case, "qualify", by=world.chief, **world.sheet(59)) == {"too_few_points"}
    assert refused(case, "fail", by=world.chief, **world.sheet(60)) == {"enough_points"}
    case = move(case, "fail", by=world.chief, **world.sheet(59))
    assert (case.state, latest(case).fail_ground) == ("unqualified", "points")


def test_above_a_seventh_of_absence_the_panel_can_only_fail(world, monkeypatch):
    monkeypatch.setattr(facts, "over_attendance_limit", lambda case: True)
    case = world.under_review()
    assert refused(case, "qualify", by=world.chief, **world.sheet(95)) == {"absent_too_much"}
    sheet = world.sheet(95)
    sheet["scores"]["theory"] = None
    case = move(case, "fail", by=world.chief, **sheet)
    review = latest(case)
    assert (case.state, review.fail_ground, review.score) == ("unqualified", "attendance", None)
    assert review.parts.count() == 4


def test_points_outside_the_scale_a_day_to_come_and_unsound_weights_are_refused(world):
    case = world.under_review()
    sheet = world.sheet()
    sheet["scores"]["theory"] = Decimal(101)
    assert refused(case, "qualify", by=world.chief, **sheet) == {"part_range"}
    assert "future_day" in refused(case, "qualify", by=world.chief, **world.sheet(held_on=world.today + DAY))
    CountySetting.objects.create(key="review_weights", start=world.today, value={"theory": 100})
    assert "weights_unsound" in refused(case, "fail", by=world.chief, **world.sheet(40))


def test_the_panel_is_odd_three_or_more_and_names_whoever_cannot_sit_on_it(world):
    case = world.under_review()
    fine = [world.person(world.office) for _ in range(4)]
    kin = world.person(world.office)
    Relation.objects.create(cadre=kin, other=world.cadre, kind="kin")
    wrong = {
        world.head.cadre: "panel_hand", world.clerk.cadre: "panel_hand", world.verifier.cadre: "panel_hand", world.leader.cadre: "panel_hand",
        kin: "panel_related", world.person(world.bureau): "panel_unit",
    }  # fmt: skip
    for member, code in wrong.items():
        sheet = world.sheet(panel=[*fine[:2], member])
        with pytest.raises(Refused) as why:
            move(case, "qualify", by=world.chief, **sheet)
        assert why.value.codes == {code}
        assert member.name in str(why.value.refusals[0])
    for panel in (fine[:2], fine, [fine[0], fine[0], fine[1]]):
        assert refused(case, "qualify", by=world.chief, **world.sheet(panel=panel)) == {"panel_size"}


def test_votes_are_kept_and_the_majority_carries_the_result(world):
    case = world.under_review()
    panel = [world.person(world.office) for _ in range(3)]
    outsider = world.person(world.office)
    assert refused(case, "qualify", by=world.chief, **world.sheet(panel=panel, dissent=[outsider])) == {
        "dissent_outside"
    }
    assert refused(case, "qualify", by=world.chief, **world.sheet(panel=panel, dissent=panel[:2])) == {"panel_against"}
    case = move(case, "qualify", by=world.chief, **world.sheet(panel=panel, dissent=panel[:1]))
    assert [(s.cadre, s.agrees) for s in latest(case).seats.all()] == list(zip(panel, (False, True, True), strict=True))


# The objection


def test_nothing_is_decided_while_the_cadre_may_object(world):
    case = told(world)
    data = {"outcome": "same_post", "returned_on": world.today}
    assert refused(case, "return_to_unit", by=world.leader, **data) == {"objection_runs"}
    review = latest(case)
    assert review.objection_due == add_working_days(world.today, 5)
    over = moment(review.objection_due + DAY)
    assert move(case, "return_to_unit", by=world.leader, at=over, **data).state == "returned"


def test_an_objection_is_raised_once_in_time_and_answered_before_the_decision(world):
    case, me = told(world, 50), world.trainee.acting_as("cadre")
    assert refused(case, "object", by=me, text=" ") == {"objection_empty"}
    assert refused(case, "object", by=me, text="只走访了三户", none=True) == {"points_and_none"}
    late = moment(latest(case).objection_due + DAY)
    with pytest.raises(Refused) as why:
        move(case, "object", by=me, at=late, text="只走访了三户")
    assert why.value.codes == {"objection_late"}
    assert refused(case, "answer_objection", by=world.chief, reason="维持") == {"no_objection"}
    move(case, "object", by=me, text="只走访了三户")
    assert refused(case, "object", by=world.clerk, none=True) == {"objection_on_file"}
    data = {"place": "综合股", "number": "任1", "returned_on": world.today, "reason": "不适应"}
    assert refused(case, "reassign", by=world.leader, **data) == {"objection_unanswered"}
    assert refused(case, "answer_objection", by=world.chief, reason="") == {"no_reason"}
    move(case, "answer_objection", by=world.chief, reason="已补充走访，结果不变")
    assert refused(case, "review_anew", by=world.chief, reason="重来") == {"no_objection"}
    assert move(case, "reassign", by=world.leader, **data).state == "reassigned"


def test_an_upheld_objection_leads_to_another_review_and_the_first_counts_no_more(world):
    case = told(world, 50)
    move(case, "object", by=world.trainee.acting_as("cadre"), text="只走访了三户")
    case = move(case, "review_anew", by=world.chief, reason="走访不足，重新考核")
    assert (case.state, latest(case)) == ("under_review", None)
    case = world.reviewed(case, 70)
    assert (case.state, latest(case).qualified, case.reviews.count()) == ("qualified", True, 2)


# After a qualified review


def test_a_return_ends_the_suspension_and_plans_three_follow_ups(world):
    case = world.reviewed()
    assert refused(case, "return_to_unit", by=world.leader, outcome="same_post", returned_on=world.today + DAY) == {
        "future_day"
    }
    assert refused(case, "return_to_unit", by=world.leader, outcome="same_post", returned_on=world.today - DAY) == {
        "before_review"
    }
    case = move(case, "return_to_unit", by=world.leader, outcome="exchange", place="县林业局", returned_on=world.today)
    review = latest(case)
    assert (review.outcome, review.place, review.returned_on) == ("exchange", "县林业局", world.today)
    assert Penalty.objects.get(referral=case, kind="suspension").end is not None
    assert list(case.follow_ups.values_list("months", flat=True)) == [3, 6, 12]
    assert {stage["status"] for stage in lifeline(case)} == {"done"}


def test_nobody_stays_in_the_village_without_a_written_choice(world):
    case = world.reviewed()
    data = {"village": world.village, "choice_on": world.today, "returned_on": world.today}
    assert refused(case, "stay_at_grassroots", by=world.leader, **data) == {"no_choice"}
    assert refused(case, "stay_at_grassroots", by=world.leader, **data | {"choice_on": None, "number": "1"}) == {
        "no_choice"
    }
    assert refused(
        case, "stay_at_grassroots", by=world.leader, **data | {"choice_on": world.today + DAY, "number": "1"}
    ) == {"future_day"}
    case = move(case, "stay_at_grassroots", by=world.leader, number="申请1号", **data)
    review = latest(case)
    assert (case.state, review.outcome, review.village, review.document) == (
        "stayed",
        "stays",
        world.village,
        "申请1号",
    )
    assert Penalty.objects.get(referral=case, kind="suspension").end is not None


# After an unqualified review


def test_an_extension_leads_into_a_later_class_and_the_suspension_goes_on(world):
    case = world.reviewed(score=50)
    assert refused(case, "extend", by=world.leader, cohort=case.cohort, reason="补训") == {
        "not_next_class",
        "class_under_way",
    }
    next_class = world.open_class(back=20)
    later = create_campaign(
        by=world.admin, year=world.today.year + 2, organizer=world.department, edition=world.edition, notice_number="3",
        opened_on=world.today + DAY, class_ends_on=world.today + 300 * DAY,
    )  # fmt: skip
    last = create_campaign(
        by=world.admin, year=world.today.year + 3, organizer=world.department, edition=world.edition, notice_number="4",
        opened_on=world.today + 2 * DAY, class_ends_on=world.today + 300 * DAY,
    )  # fmt: skip
    too_far = world.open_class(back=-30, campaign=last)
    assert refused(case, "extend", by=world.leader, cohort=too_far, reason="补训") == {"not_next_class"}
    following = world.open_class(back=-30, campaign=later)
    assert refused(case, "extend", by=world.leader, cohort=following, reason="") == {"no_reason"}
    case = move(case, "extend", by=world.leader, cohort=next_class, reason="补训一期")
    assert (case.state, case.cohort, latest(case).outcome) == ("in_theory", next_class, "extended")
    assert Penalty.objects.get(referral=case, kind="suspension").end is None
    world.close_phases(next_class)
    move(case, "start_practice", by=world.clerk, village=world.village, supervisor="村支书", starts_on=world.today)
    case = world.reviewed(move(case, "open_review", by=world.clerk))
    assert (case.reviews.count(), latest(case).qualified) == (2, True)


def test_another_post_needs_post_document_and_reason(world):
    case = world.reviewed(score=50)
    data = {"place": "综合股", "number": "任1", "returned_on": world.today, "reason": "不适应原岗位"}
    assert refused(case, "reassign", by=world.leader, **data | {"place": ""}) == {"no_post"}
    assert refused(case, "reassign", by=world.leader, **data | {"number": " "}) == {"no_post"}
    assert refused(case, "reassign", by=world.leader, **data | {"reason": ""}) == {"no_reason"}
    assert move(case, "reassign", by=world.leader, **data).state == "reassigned"
    assert Penalty.objects.get(referral=case, kind="suspension").end is not None


# The exit


def test_an_exit_cannot_be_proposed_without_an_earlier_case(world):
    case = world.reviewed(score=50)
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world)) == {"not_in_succession"}


def test_the_milder_reading_also_asks_for_the_previous_result(world):
    case = world.reviewed(again(world), 50)
    CountySetting.objects.create(key="exit_needs_two_failures", value=True, start=world.today)
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world)) == {"passed_before"}


def test_an_exit_proposal_rests_on_ground_proof_bar_list_and_discipline(world):
    case = world.reviewed(again(world), 50)
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world, ground="pi16_2")) == {"other_ground"}
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world) | {"proof": None}) == {"no_proof"}
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world, reason="")) == {"no_reason"}
    for left_out in Bar.values:
        cleared = [item for item in Bar.values if item != left_out]
        assert refused(case, "propose_exit", by=world.chief, **exit_data(world, cleared=cleared)) == {"bar_list_open"}
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world, discipline_number="")) == {
        "no_discipline_opinion"
    }
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world, discipline_on=world.today + DAY)) == {
        "future_day"
    }
    world.cadre.duty_periods.create(kind="medical", start=world.today - DAY)
    assert refused(case, "propose_exit", by=world.chief, **exit_data(world)) == {"protected_on_record"}
    world.cadre.duty_periods.all().delete()
    case = move(case, "propose_exit", by=world.chief, **exit_data(world))
    assert (case.state, case.exit.ground, case.exit.proposed_by) == ("exit_proposed", "cs88_1", world.chief)


def test_a_civil_servant_s_exit_needs_examination_and_approval_by_committee_or_government(world):
    case = exit_proposed(world)
    assert refused(case, "decide_exit", by=world.leader, **approval(world, approved_by="supervisor")) == {
        "other_approval"
    }
    assert refused(case, "decide_exit", by=world.leader, **approval(world, approval_number="")) == {"no_approval"}
    assert refused(case, "decide_exit", by=world.leader, **approval(world, examination="")) == {"no_examination"}
    assert refused(case, "decide_exit", by=world.leader, **approval(world, approved_on=world.today + DAY)) == {
        "future_day"
    }
    assert refused(case, "decide_exit", by=world.leader, **approval(world, effective_on=world.today - DAY)) == {
        "exit_days"
    }
    case = move(case, "decide_exit", by=world.leader, **approval(world))
    assert (case.state, case.exit.approval_number, case.exit.decided_by) == ("exited", "批1", world.leader)
    assert Penalty.objects.get(referral=case, kind="suspension").end is not None
    assert not FollowUp.objects.filter(referral=case).exists()


def test_an_institution_s_exit_is_decided_by_its_supervising_body_and_filed(world):
    case = exit_proposed(world)
    Referral.objects.filter(pk=case.pk).update(category="institution_technical")
    data = approval(world, approved_by="supervisor", examination="")
    assert refused(case, "decide_exit", by=world.leader, **approval(world)) == {"other_approval"}
    assert refused(case, "decide_exit", by=world.leader, **data) == {"not_filed"}
    assert move(case, "decide_exit", by=world.leader, **data | {"filed_on": world.today}).state == "exited"


def test_who_proposed_an_exit_does_not_decide_it_and_a_leader_may_keep_the_person_on(world):
    case = exit_proposed(world)
    second = world.user("second", world.department, Role.LEADER)
    case.exit.proposed_by = second
    case.exit.save()
    assert refused(case, "decide_exit", by=second, **approval(world)) == {"not_third"}
    keep = {"reason": "改进明显", "outcome": "other_post", "returned_on": world.today}
    assert refused(case, "keep_on", by=second, **keep) == {"not_third"}
    assert refused(case, "keep_on", by=world.leader, **keep | {"reason": ""}) == {"no_reason"}
    case = move(case, "keep_on", by=world.leader, **keep)
    assert (case.state, case.exit.kept_reason, latest(case).outcome) == ("returned", "改进明显", "other_post")
    assert Penalty.objects.get(referral=case, kind="suspension").end is not None


# Overturning


def test_a_case_is_overturned_by_a_leader_who_took_no_part(world):
    case = world.returned()
    data = {"number": "撤1", "decided_on": world.today, "reason": "事实不清"}
    assert refused(case, "overturn", by=world.leader, **data) == {"took_part"}
    fresh = world.user("fresh", world.department, Role.LEADER)
    assert refused(case, "overturn", by=fresh, **data | {"number": ""}) == {"no_decision"}
    assert refused(case, "overturn", by=fresh, **data | {"decided_on": world.today + DAY}) == {"future_day"}
    assert refused(case, "overturn", by=fresh, **data | {"reason": ""}) == {"no_reason"}
    case = move(case, "overturn", by=fresh, **data)
    assert (case.state, case.overturning.number) == ("overturned", "撤1")
    assert not Penalty.objects.filter(referral=case, end__isnull=True).exists()
    assert not FollowUp.objects.due(world.today + 400 * DAY).exists()
    assert first_break() is None


def test_someone_who_sat_in_the_meeting_took_part_even_without_recording_it(world):
    fresh = world.user("fresh", world.department, Role.LEADER)
    case = world.notified()
    move(case, "reply", by=world.trainee.acting_as("cadre"), none=True, points=[])
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    world.decide(meeting, present=[(str(world.leader), world.leader.cadre), (str(fresh), fresh.cadre)])
    case.refresh_from_db()
    data = {"number": "撤1", "decided_on": world.today, "reason": "事实不清"}
    assert refused(case, "overturn", by=fresh, **data) == {"took_part"}


# Follow-up, tasks, grants


def test_a_follow_up_is_entered_once_and_not_before_its_day(world):
    case = world.returned()
    row = case.follow_ups.get(months=3)
    with pytest.raises(ValidationError):
        record_follow_up(row, by=world.clerk, became="same")
    record_follow_up(row, by=world.clerk, became="down", note="调整岗位", on=row.due_on)
    with pytest.raises(ValidationError):
        record_follow_up(row, by=world.clerk, became="up", on=row.due_on)
    row.refresh_from_db()
    assert (row.became, row.noted_by) == ("down", world.clerk)
    assert DecisionEvent.objects.filter(subject_id=case.public_id, action="followup.enter").count() == 1


def labels(user) -> str:
    with override("en"):
        return " ".join(str(entry["label"]) for entry in tasks_of(user))


def test_each_role_finds_its_part_among_my_tasks(world):
    case = world.under_review()
    assert "return reviews to record" in labels(world.chief)
    move(case, "qualify", by=world.chief, **world.sheet())
    assert "you may object until" in labels(world.trainee.acting_as("cadre"))
    assert "qualified: decide" not in labels(world.leader)
    assert [w["role"] for w in waiting_for(Referral.objects.get(pk=case.pk))] == ["cadre"]
    move(case, "object", by=world.trainee.acting_as("cadre"), text="分数有误")
    assert "objections to a review" in labels(world.chief)
    assert [w["role"] for w in waiting_for(Referral.objects.get(pk=case.pk))] == ["chief"]
    assert "you may object" not in labels(world.trainee.acting_as("cadre"))
    move(case, "answer_objection", by=world.chief, reason="核对无误")
    assert "qualified: decide on the return" in labels(world.leader)
    assert [w["role"] for w in waiting_for(Referral.objects.get(pk=case.pk))] == ["leader"]
    move(case, "return_to_unit", by=world.leader, outcome="same_post", returned_on=world.today)
    FollowUp.objects.filter(months=3).update(due_on=world.today)
    assert "follow-ups after the return" in labels(world.clerk)


def test_an_exit_proposal_waits_among_the_leader_s_tasks(world):
    exit_proposed(world)
    assert "exit proposals to decide" in labels(world.leader)


def test_the_clerk_records_no_review_and_the_chief_decides_no_return(world):
    case = world.under_review()
    with pytest.raises(NotGranted):
        move(case, "qualify", by=world.clerk, **world.sheet())
    case = world.reviewed(case)
    with pytest.raises(NotGranted):
        move(case, "return_to_unit", by=world.chief, outcome="same_post", returned_on=world.today)
