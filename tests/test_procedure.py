"""The procedure in the users' words: from the nomination to the return, and what it refuses."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from accounts.models import DecisionEvent, Relation
from accounts.trail.workflow import first_break
from cohorts.models import Penalty, Referral
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.site.views import tasks_of
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_a_case_goes_from_the_nomination_to_the_return_and_its_suspension_starts_and_ends(world):
    case = world.returned()
    assert case.state == "returned"
    assert case.closed_on == world.today
    suspension = Penalty.objects.get(referral=case, kind="suspension")
    assert suspension.start.day == 1
    assert suspension.end == suspension.start
    assert not Penalty.objects.suspensions().in_force(suspension.start).exists()
    assert first_break() is None
    actions = DecisionEvent.objects.filter(subject_id=case.public_id).values_list("action", flat=True)
    assert list(actions) == [
        "draft.create", "draft.revise", "referral.nominate", "referral.verify", "referral.notify", "referral.reply",
        "referral.confirm", "referral.admit", "referral.start_practice", "referral.open_review", "referral.qualify",
        "referral.object", "referral.return_to_unit",
    ]  # fmt: skip


def test_signing_a_return_nominates_its_names_and_freezes_who_they_were(world):
    case = world.nominated()
    assert (case.state, case.person_name, case.unit_name, case.post) == (
        "nominated",
        world.cadre.name,
        "县水利局",
        "科员",
    )
    assert case.nominated_by == world.head


def test_a_nomination_short_of_evidence_is_saved_but_not_submitted(world):
    case = world.draft(new_evidence=[{"kind": "ballot", "title": "测评", "happened_on": world.today, "source": "单位"}])
    world.prepared()
    with pytest.raises(Refused) as refused:
        move(world.unit_return, "sign", by=world.head, password_entered=True)
    assert refused.value.refusals[0].code == "missing.items"
    case.refresh_from_db()
    assert case.state == "draft"


def test_a_nil_return_cannot_hold_names_and_a_return_must_say_something(world):
    world.prepared()
    with pytest.raises(Refused) as refused:
        move(world.unit_return, "sign", by=world.head, password_entered=True)
    assert refused.value.codes == {"no_names"}
    world.draft()
    world.prepared(nil=True, nil_reason="none_found")
    with pytest.raises(Refused) as refused:
        move(world.unit_return, "sign", by=world.head, password_entered=True)
    assert refused.value.codes == {"nil_with_names"}


def test_a_paper_return_needs_the_number_of_the_present_sheet(world):
    world.draft()
    world.prepared()
    with pytest.raises(Refused) as refused:
        move(world.unit_return, "sign", by=world.head, sheet=object(), sheet_number="0000-1")
    assert refused.value.codes == {"sheet_number"}


def test_only_the_head_signs_and_a_stranger_does_not_know_that_the_return_exists(world):
    world.draft()
    world.prepared()
    with pytest.raises(NotGranted):
        move(world.unit_return, "sign", by=world.liaison, password_entered=True)
    with pytest.raises(NotVisible):
        move(world.unit_return, "prepare", by=world.stranger)


def test_a_head_whose_relative_is_named_signs_for_the_others_and_the_deputy_signs_that_name(world):
    Relation.objects.create(cadre=world.head.cadre, other=world.cadre, kind="kin")
    other = world.draft(world.person(world.bureau))
    case = world.draft()
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.state, other.state) == ("draft", "nominated")
    with pytest.raises(NotVisible):
        move(case, "sign_for_head", by=world.head, password_entered=True)
    move(case, "sign_for_head", by=world.deputy, password_entered=True)
    case.refresh_from_db()
    assert case.nominated_by == world.deputy


def test_acquaintance_is_no_bar(world):
    Relation.objects.create(cadre=world.head.cadre, other=world.cadre, kind="acquaintance")
    assert world.nominated().state == "nominated"


def test_verification_waits_for_the_discipline_commission(world):
    case = world.screened(world.nominated(), answer="wait")
    with pytest.raises(Refused) as refused:
        move(case, "verify", by=world.clerk, findings=[], tolerance=False, tolerance_reason="无", **world.report())
    assert "screening_wait" in refused.value.codes


def test_a_strike_out_is_proposed_by_the_team_and_decided_by_a_leader(world):
    case = world.screened(world.nominated())
    move(case, "propose_strike_out", by=world.clerk, ground="not_proved", reason="材料不足以证明")
    with pytest.raises(NotGranted):
        move(case, "strike_out", by=world.clerk, reason="同意")
    case = move(case, "strike_out", by=world.leader, reason="同意")
    assert (case.state, case.strike_reason) == ("struck_out", "not_proved")


def test_nothing_is_decided_before_the_reply_clock_is_over(world):
    case = world.notified()
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    with pytest.raises(Refused) as refused:
        world.decide(meeting)
    assert refused.value.codes == {"clock_running"}


def test_every_point_of_a_reply_is_answered_before_the_decision(world):
    case = world.notified()
    move(case, "reply", by=world.trainee.acting_as("cadre"), points=["当时在住院"], final=True)
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    with pytest.raises(Refused) as refused:
        world.decide(meeting)
    assert refused.value.codes == {"points_open"}
    point = case.reply_points.get()
    move(case, "answer_reply", by=world.clerk, answers={str(point.public_id): "病历核对属实，该次不计"})
    world.decide(meeting, result="released")
    case.refresh_from_db()
    assert case.state == "released"


def test_what_waits_leads_to_the_very_thing(world, client):
    """The cadre to the own notice, as long as something can still be said; the clerk to the replies without an answer."""
    case = world.notified()
    cadre = world.trainee.acting_as("cadre")
    own = {task["url"]: task["label"] for task in tasks_of(cadre)}
    assert own[case.get_absolute_url()] == f"告知书已送达：可在{date_format(case.reply_due)}前陈述申辩"
    move(case, "reply", by=cadre, points=["当时在住院"], final=True)
    assert case.get_absolute_url() not in {task["url"] for task in tasks_of(cadre)}
    replies = "/cases/?state=reply"
    client.force_login(world.clerk, backend="accounts.user.backend.RoleBackend")
    assert replies in {task["url"] for task in tasks_of(world.clerk)}
    assert case.number in client.get(replies).content.decode()
    point = case.reply_points.get()
    move(case, "answer_reply", by=world.clerk, answers={str(point.public_id): "病历核对属实"})
    assert case.number not in client.get(replies).content.decode()


def test_who_nominated_or_verified_must_leave_the_room(world):
    case = world.notified()
    move(case, "reply", by=world.trainee.acting_as("cadre"), none=True, points=[])
    meeting = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    present = [(str(world.leader), world.leader.cadre), (str(world.clerk), world.clerk.cadre)]
    with pytest.raises(Refused) as refused:
        world.decide(meeting, present=present)
    assert refused.value.codes == {"in_the_room"}
    world.decide(meeting, present=present, left=[str(world.clerk)])
    case.refresh_from_db()
    assert case.state == "confirmed"


def test_a_section_level_case_passes_two_meetings(world):
    boss = world.person(world.forestry, level="142", post="副局长")
    world.cadre.level = "142"
    world.cadre.save()
    assert boss.is_section_level
    case = world.notified()
    move(case, "reply", by=world.trainee.acting_as("cadre"), none=True, points=[])
    first = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
    )
    world.decide(first)
    case.refresh_from_db()
    assert case.state == "notified"
    with pytest.raises(ValidationError, match=case.number):
        prepare_meeting(by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case])
    again = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today - DAY, cases=[case]
    )
    with pytest.raises(Refused) as refused:
        world.decide(again)
    assert refused.value.codes == {"other_meeting"}
    last = prepare_meeting(
        by=world.clerk, campaign=world.campaign, kind="standing_committee", held_on=world.today, cases=[case]
    )
    world.decide(last)
    case.refresh_from_db()
    assert case.state == "confirmed"


def test_a_protected_person_is_nominated_and_deferred_in_one_transaction(world):
    world.cadre.duty_periods.create(kind="maternity", start=world.today - DAY)
    case = world.nominated()
    assert (case.state, case.deferred_from) == ("deferred", "nominated")
    with pytest.raises(Refused) as refused:
        move(case, "resume", by=world.clerk, reason="期满")
    assert refused.value.codes == {"still_protected"}
    world.cadre.duty_periods.update(end=world.today)
    assert move(case, "resume", by=world.clerk, reason="期满").state == "nominated"


def test_a_stale_form_is_refused(world):
    case = world.nominated()
    with pytest.raises(Refused) as refused:
        move(case, "send_back", by=world.clerk, version=case.version - 1, reason="补材料")
    assert refused.value.codes == {"stale"}


def test_the_cadre_finds_the_case_only_after_the_notice_was_served(world):
    case = world.verified()
    me = world.trainee.acting_as("cadre")
    assert not Referral.objects.visible_to(me).exists()
    world.notified(case)
    assert Referral.objects.visible_to(me).get() == case


def test_a_case_sent_back_reopens_its_return_and_is_signed_again(world):
    case = move(world.nominated(), "send_back", by=world.clerk, reason="补充材料")
    world.unit_return.refresh_from_db()
    assert (case.state, world.unit_return.state) == ("draft", "sent_back")
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    case.refresh_from_db()
    assert case.state == "nominated"
