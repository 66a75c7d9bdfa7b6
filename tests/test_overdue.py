"""The course of cases and classes: what was due and did not happen raises an alert, and clears it when it has happened."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.calendar import add_working_days
from accounts.models import CountySetting
from assessments.evidence.workflow import supersede
from cohorts.alert import overdue_rules
from cohorts.alert.models import Alert
from cohorts.alert.workflow import scan
from cohorts.campaign.models import Campaign
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.models import FollowUp, Penalty, Referral
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.step import Refused
from cohorts.procedure.workflow import move
from cohorts.referral.meeting import Meeting
from cohorts.review.models import Objection, ReturnReview
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.test_review import again
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def standing(rule: str):
    return Alert.objects.standing().filter(rule=rule)


def overdue(day, days: int):
    """The first day on which something that was due on ``day`` is overdue."""
    on = day + DAY
    while add_working_days(on, -days) <= day:
        on += DAY
    return on


def reads(client, alert) -> str:
    """The alert's page says the sentence, leads to the row behind it, and has words for everything in either language."""
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert "%(" not in alert.text and "@" not in alert.text
    page = client.get(alert.get_absolute_url())
    assert page.status_code == 200
    assert page.context["behind"], "the row behind it is linked"
    labels = [str(label) for label, _value in page.context["facts"]]
    assert not [label for label in labels if label.startswith("fact.")]
    return page.content.decode()


def test_a_meeting_that_is_over_without_a_record_and_its_cases_on_no_later_list(world):
    case = world.notified()
    held = case.reply_due + DAY
    meeting = prepare_meeting(by=world.clerk, campaign=world.campaign, kind="department", held_on=held, cases=[case])
    on = overdue(held, 3)
    scan(on=on - DAY)
    assert not standing("decision_overdue").exists()
    scan(on=on)
    alert = standing("decision_overdue").get()
    assert (alert.params["held"], alert.params["cases"], alert.unit) == (held.isoformat(), 1, world.department)
    assert not standing("reply_over").exists(), "the list is what the case waits for"
    assert f"/meetings/{meeting.public_id}/" in reads(as_(world.clerk), alert)
    prepare_meeting(by=world.clerk, campaign=world.campaign, kind="department", held_on=on, cases=[case])
    scan(on=on)
    assert not standing("decision_overdue").exists(), "the case waits for the later meeting"
    scan(on=overdue(on, 3))
    assert standing("decision_overdue").get().params["held"] == on.isoformat()
    Referral.objects.filter(pk=case.pk).update(state="confirmed")
    scan(on=overdue(on, 3))
    assert not standing("decision_overdue").exists()


def test_a_block_that_is_over_and_not_closed_only_the_first_of_a_class_with_trainees(world):
    empty = world.open_class(programme="2019", back=400)
    case = world.practising()
    second, third = case.cohort.phases.filter(order__in=(2, 3))
    on = overdue(second.ends_on, 3)
    scan(on=on - DAY)
    assert not standing("phase_not_closed").exists()
    scan(on=max(on, third.ends_on + 30 * DAY))
    alert = standing("phase_not_closed").get()
    assert (alert.params["block"], alert.params["phase"]) == (2, "@phase.practice")
    assert alert.period == f"cohort:{case.cohort_id}" != f"cohort:{empty.pk}"
    assert case.cohort.get_absolute_url() in reads(as_(world.chief), alert)
    world.close_phases(case.cohort, 2)
    scan(on=on)
    assert not standing("phase_not_closed").exists()


def test_the_class_is_over_and_the_suspension_runs_on(world):
    case = world.under_review()
    on = overdue(case.cohort.ends_on, 15)
    scan(on=on - DAY)
    assert not standing("return_overdue").exists()
    scan(on=on)
    alert = standing("return_overdue").get()
    assert alert.cadre == case.cadre and alert.params["over"] == case.cohort.ends_on.isoformat()
    assert case.get_absolute_url() in reads(as_(world.clerk), alert)
    suspension = Penalty.objects.get(referral=case, kind="suspension")
    assert alert.params["start"] == suspension.start.isoformat()
    move(world.reviewed(case), "return_to_unit", by=world.leader, outcome="same_post", returned_on=world.today)
    scan(on=on)
    assert not standing("return_overdue").exists()


def test_an_objection_that_nobody_answers_and_a_result_that_nobody_acts_upon(world):
    case = move(world.under_review(), "qualify", by=world.chief, **world.sheet(80))
    due = case.reviews.get().objection_due
    move(case, "object", by=world.trainee.acting_as("cadre"), text="讲评分项有误")
    on = overdue(world.today, 5)
    scan(on=on - DAY)
    assert not standing("objection_unanswered").exists()
    scan(on=on)
    alert = standing("objection_unanswered").get()
    assert alert.params["raised"] == world.today.isoformat()
    reads(as_(world.chief), alert)
    late = overdue(due, 5)
    scan(on=late)
    assert not standing("result_undecided").exists(), "the objection comes first"
    case.refresh_from_db()
    move(case, "answer_objection", by=world.chief, reason="评分依据充分")
    scan(on=late - DAY)
    assert not standing("objection_unanswered").exists() and not standing("result_undecided").exists()
    scan(on=late)
    alert = standing("result_undecided").get()
    assert alert.params["due"] == due.isoformat()
    reads(as_(world.clerk), alert)
    case.refresh_from_db()
    move(case, "return_to_unit", by=world.leader, outcome="same_post", returned_on=world.today)
    scan(on=late)
    assert not standing("result_undecided").exists()


def test_follow_ups_that_nobody_entered_are_one_alert_for_a_case(world):
    case = world.returned()
    first, second, _third = case.follow_ups.order_by("due_on")
    scan(on=overdue(first.due_on, 10) - DAY)
    assert not standing("follow_up_overdue").exists()
    scan(on=overdue(second.due_on, 10))
    alert = standing("follow_up_overdue").get()
    assert (alert.params["due"], alert.params["late"]) == (first.due_on.isoformat(), 2)
    reads(as_(world.clerk), alert)
    FollowUp.objects.filter(due_on__lte=second.due_on).update(noted_on=world.today, became="same")
    scan(on=overdue(second.due_on, 10))
    assert not standing("follow_up_overdue").exists()


def test_how_late_is_overdue_is_a_setting_of_the_county(world):
    case = world.returned()
    due = case.follow_ups.order_by("due_on")[0].due_on
    CountySetting.objects.create(
        key="overdue_days", start=world.today, value={"meeting": 3, "phase": 3, "return": 15, "follow_up": 0}
    )
    assert not list(overdue_rules.follow_up_overdue(due))
    assert len(list(overdue_rules.follow_up_overdue(due + DAY))) == 1


# ---------- the same facts ----------


def next_campaign(world):
    Campaign.objects.filter(pk=world.campaign.pk).update(concluded_on=world.today)
    world.campaign = create_campaign(
        by=world.admin, year=world.today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=world.today, class_ends_on=world.today + 300 * DAY,
    )  # fmt: skip
    world.round = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=world.today, closes_on=world.today + DAY
    )
    world.unit_return = world.round.returns.get(unit=world.bureau)


def named_again(world, items):
    return world.draft(new_evidence=[], evidence=items)


def refused(world) -> set[str]:
    with pytest.raises(Refused) as caught:
        move(world.unit_return, "sign", by=world.head, password_entered=True)
    return {refusal.code for refusal in caught.value.refusals}


@pytest.mark.parametrize("corrected", [False, True])
def test_the_same_facts_are_refused_and_the_attempt_raises_an_alert(world, corrected):
    first = world.returned()
    items = [link.evidence for link in first.evidence_links.select_related("evidence")]
    next_campaign(world)
    if corrected:
        items = [supersede(item, by=world.liaison, reason="日期写错", title="更正") for item in items]
        items = [supersede(item, by=world.liaison, reason="再改", title="再更正") for item in items]
    case = named_again(world, items)
    scan()
    assert not standing("same_facts_attempted").exists(), "what the unit still writes is nobody's business"
    world.prepared()
    scan()
    alert = standing("same_facts_attempted").get()
    assert (alert.params["first"], alert.params["second"], alert.params["again"]) == (first.number, case.number, 2)
    assert alert.unit == world.bureau and alert.cadre == world.cadre
    assert first.get_absolute_url() in reads(as_(world.clerk), alert)
    assert "guard.same_facts" in refused(world)
    case.refresh_from_db()
    assert case.state == "draft"


def test_new_facts_beside_an_earlier_case_are_no_attempt(world):
    world.returned()
    next_campaign(world)
    case = world.draft()
    world.prepared()
    scan()
    assert not standing("same_facts_attempted").exists()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    case.refresh_from_db()
    assert case.state == "nominated"


# ---------- in succession and unqualified ----------


def exits(user) -> list[str]:
    return [entry["url"] for entry in tasks_of(user) if entry["url"].endswith("/propose_exit/")]


def test_in_succession_and_unqualified_opens_a_task_of_the_chief_with_the_two_rows(world):
    case = again(world)
    assert exits(world.chief) == []
    case = world.reviewed(case, 50)
    (url,) = exits(world.chief)
    assert url == f"{case.get_absolute_url()}do/propose_exit/"
    assert exits(world.clerk) == exits(world.leader) == []
    page = as_(world.chief).get(url)
    basis = page.context["form"].basis()
    assert page.status_code == 200 and basis["plain"] and not basis["mild"]
    assert basis["earlier"].number in page.content.decode() and case.number in page.content.decode()


def test_the_milder_reading_holds_for_the_task_and_the_alert_too(world):
    case = again(world)
    CountySetting.objects.create(key="exit_needs_two_failures", start=world.today, value=True)
    case = world.reviewed(case, 50)
    scan()
    assert exits(world.chief) == [] and not standing("succession_unqualified").exists()
    assert standing("repeat_referral").exists()
    earlier = Referral.objects.filter(cadre=case.cadre).exclude(pk=case.pk).get()
    earlier.reviews.update(qualified=False, fail_ground="points")
    scan()
    assert len(exits(world.chief)) == 1 and standing("succession_unqualified").exists()


def test_once_an_exit_is_proposed_no_alert_suggests_it(world):
    case = world.reviewed(again(world), 50)
    scan()
    assert standing("succession_unqualified").exists()
    Referral.objects.filter(pk=case.pk).update(state="exit_proposed")
    scan()
    assert not standing("succession_unqualified").exists()


# ---------- cost ----------


def test_each_rule_costs_the_same_for_one_cause_and_for_four(world):
    """All causes at once; the three further ones are rows of other cadres."""
    on = world.today + 900 * DAY
    case = world.under_review()
    rules = [
        getattr(overdue_rules, name)
        for name in (
            "decision_overdue",
            "phase_not_closed",
            "return_overdue",
            "objection_unanswered",
            "result_undecided",
            "follow_up_overdue",
            "same_facts_attempted",
        )
    ]

    def add() -> None:
        cadre, fields = world.person(world.bureau), {"campaign": world.campaign, "unit": world.bureau, "unit_name": "x"}
        other = Meeting.objects.create(campaign=world.campaign, kind="department", held_on=world.today)
        served = Referral.objects.create(cadre=cadre, state="notified", **fields)
        other.items.create(referral=served, order=1)
        cohort = world.open_class()
        trainee = Referral.objects.create(cadre=world.person(world.bureau), state="in_theory", cohort=cohort, **fields)
        Penalty.objects.create(referral=trainee, kind="suspension", item="working_allowance", decision_number="1", decided_on=world.today,
                               basis="x", start=world.today)  # fmt: skip
        back = Referral.objects.create(
            cadre=cadre, state="returned", nominated_at=timezone.now(), nominated_by=world.head, **fields
        )
        for objects in (True, False):
            reviewed = Referral.objects.create(cadre=world.person(world.bureau), state="qualified", **fields)
            review = ReturnReview.objects.create(referral=reviewed, held_on=world.today, score=80, qualified=True, recorded_on=world.today,
                                                 objection_due=world.today)  # fmt: skip
            if objects:
                Objection.objects.create(review=review, text="x", raised_on=world.today)
        FollowUp.objects.create(referral=back, months=3, due_on=world.today)
        items = case.evidence_links.values_list("evidence", flat=True)
        back.evidence_links.create(evidence_id=items[0])
        draft = Referral.objects.create(cadre=cadre, state="draft", **fields)
        draft.evidence_links.create(evidence_id=items[0])

    def cost() -> tuple[list[int], list[int]]:
        statements, found = [], []
        for rule in rules:
            with CaptureQueriesContext(connection) as queries:
                found.append(len(list(rule(on))))
            statements.append(len(queries))
        return statements, found

    add()
    one, causes = cost()
    assert min(causes) >= 1
    for _ in range(3):
        add()
    four, more = cost()
    assert four == one and all(b >= a + 3 for a, b in zip(causes, more, strict=True))
