"""Alerts: what raises one, what closes it, who may do what about it; a scan run twice changes nothing."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.job import Job
from accounts.models import DecisionEvent, Notice, Relation, User
from accounts.notice.delivery import deliver
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from accounts.user.models import RoleAssignment
from assessments.evidence.workflow import add_evidence
from cohorts.alert import case_rules
from cohorts.alert.models import Alert, AlertState
from cohorts.alert.rules import RULES
from cohorts.alert.workflow import SCAN, beat_is_silent, scan, send_digests
from cohorts.campaign.models import Round, UnitReturn
from cohorts.models import Penalty, Referral
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.step import NotVisible, Refused
from cohorts.procedure.workflow import move
from tests.test_matrix import bytes_of
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def alerts(rule: str):
    return Alert.objects.filter(rule=rule)


def closing(world, day: dt.date) -> None:
    Round.objects.filter(pk=world.round.pk).update(closes_on=day)


# ---------- what raises and what closes an alert ----------


def test_a_return_is_due_three_working_days_before_the_closing_day_then_missing(world):
    closing(world, add_working_days(world.today, 4))
    scan()
    assert not alerts("return_due").exists()
    closing(world, add_working_days(world.today, 3))
    scan()
    assert alerts("return_due").filter(state="open").count() == 5
    scan(on=add_working_days(world.today, 4))
    assert alerts("return_due").filter(state="cleared").count() == 5
    assert alerts("return_missing").filter(state="open").count() == 5
    assert {a.period for a in alerts("return_missing")} == {f"round:{world.round.pk}"}
    assert "shield" not in str(alerts("return_missing")[0].text).lower()


def test_filing_closes_the_alert_and_says_so(world):
    closing(world, world.today - DAY)
    scan()
    mine = alerts("return_missing").get(unit=world.bureau)
    world.nominated()
    scan()
    mine.refresh_from_db()
    assert mine.state == "cleared"
    event = DecisionEvent.objects.get(action="alert.clear", subject_id=mine.public_id)
    assert (event.actor.username, event.actor_role) == ("system", Role.SYSTEM)
    late = alerts("return_late").get()
    assert (late.unit, late.state) == (world.bureau, "open")
    assert first_break() is None


def nil(world):
    other = world.round.returns.get(unit=world.forestry)
    forester = world.user("forester", world.forestry, Role.UNIT_HEAD)
    world.prepared(other, world.stranger, nil=True, nil_reason="none_found")
    move(other, "sign", by=forester, password_entered=True)
    return other


@pytest.mark.parametrize(("days", "stands"), [(-364, True), (-366, False), (300, True), (366, False)])
def test_a_nil_return_is_contradicted_by_records_of_the_year_before_and_after_it(world, days, stands):
    row, subject = nil(world), world.person(world.forestry)
    filed = timezone.now() - dt.timedelta(days=400)
    UnitReturn.objects.filter(pk=row.pk).update(filed_at=filed, first_filed_at=filed)
    day = timezone.localtime(filed).date() + dt.timedelta(days=days)
    add_evidence(by=world.clerk, cadre=subject, kind="inspection", title="x", happened_on=day, source="y", outside=True)
    scan()
    assert alerts("nil_return_contradicted").exists() is stands


def in_succession(world, qualified=True):
    """The cadre came back from this campaign and is named again in the next."""
    first = world.returned()
    world.campaign.concluded_on = None
    from cohorts.campaign.workflow import create_campaign, open_round

    world.campaign = create_campaign(
        by=world.admin, year=world.today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=world.today, class_ends_on=world.today + 300 * DAY,
    )  # fmt: skip
    again = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=world.today, closes_on=world.today + 30 * DAY
    )
    world.unit_return = again.returns.get(unit=world.bureau)
    return first, world.nominated()


def test_a_second_referral_in_succession_and_an_unqualified_one(world):
    first, second = in_succession(world)
    scan()
    alert = alerts("repeat_referral").get()
    assert (alert.params["first"], alert.params["second"]) == (first.number, second.number)
    assert alert.period == f"year:{second.campaign.year}"
    assert not alerts("succession_unqualified").exists()
    world.reviewed(world.under_review(world.confirmed(world.notified(world.verified(second)))), score=50)
    scan()
    assert alerts("succession_unqualified").get().cadre == second.cadre


def test_a_closed_case_whose_suspension_has_no_end_or_runs_too_long(world):
    case = world.returned()
    scan()
    assert not alerts("suspension_without_end").exists() and not alerts("suspension_overrun").exists()
    suspension = Penalty.objects.filter(referral=case, kind="suspension")
    suspension.update(end=None)
    scan()
    alert = alerts("suspension_without_end").get()
    assert (alert.period, alert.subject_key.partition(":")[0]) == (f"cohort:{case.cohort_id}", "penalty")
    right = Penalty(start=world.today).start
    suspension.update(start=right - 100 * DAY, end=right + 200 * DAY)
    scan()
    assert alerts("suspension_without_end").get().state == "cleared"
    assert not alerts("suspension_overrun").exists(), "the month of the return is not over"
    scan(on=right + 40 * DAY)
    assert alerts("suspension_overrun").get().state == "open"


def test_a_case_for_which_nobody_can_act(world, monkeypatch):
    case = world.notified()
    Referral.objects.filter(pk=case.pk).update(state="qualified")
    scan()
    assert not alerts("case_without_step").exists()
    RoleAssignment.objects.filter(role=Role.LEADER).update(end=world.today)
    scan()
    assert alerts("case_without_step").get().params["state"] == "@case_state.qualified"
    RoleAssignment.objects.filter(role=Role.LEADER).update(end=None)
    scan()
    assert alerts("case_without_step").get().state == "cleared"
    monkeypatch.setattr(case_rules, "REFERRAL_STEPS", ())
    scan()
    alert = alerts("case_without_step").get()
    assert alert.state == "open", "a cause that comes back reopens the alert that was cleared"


def test_a_case_that_stays_too_long_is_stuck(world):
    case = world.nominated()
    scan(on=world.today + 30 * DAY)
    assert not alerts("case_stuck").exists()
    scan(on=world.today + 31 * DAY)
    alert = alerts("case_stuck").get()
    assert alert.params["days"] == 30 and alert.params["case"] == case.number


def test_a_reply_clock_that_is_over_until_a_meeting_lists_the_case(world):
    case = world.notified()
    over = case.reply_due + DAY
    scan(on=case.reply_due)
    assert not alerts("reply_over").exists()
    scan(on=over)
    assert alerts("reply_over").get().state == "open"
    prepare_meeting(by=world.clerk, campaign=world.campaign, kind="department", held_on=over, cases=[case])
    scan(on=over)
    assert alerts("reply_over").get().state == "cleared"


# ---------- the scan ----------


def test_a_scan_run_twice_changes_nothing(world):
    closing(world, world.today - DAY)
    world.notified()
    scan(on=world.today + 60 * DAY)
    rows, events, notices = (
        list(Alert.objects.order_by("pk").values()),
        DecisionEvent.objects.count(),
        Notice.objects.count(),
    )
    assert rows
    outcome = scan(on=world.today + 60 * DAY)
    assert {key: outcome[key] for key in ("raised", "reopened", "renewed", "cleared")} == dict.fromkeys(
        ("raised", "reopened", "renewed", "cleared"), 0
    )
    assert (list(Alert.objects.order_by("pk").values()), DecisionEvent.objects.count(), Notice.objects.count()) == (
        rows, events, notices
    )  # fmt: skip


def test_a_scan_costs_the_same_with_more_causes(world):
    closing(world, world.today - DAY)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            for rule in RULES:
                list(rule.find(world.today + 60 * DAY))
        return len(queries)

    world.notified()
    one = cost()
    for _ in range(3):
        cadre = world.person(world.bureau)
        Referral.objects.create(
            campaign=world.campaign,
            unit=world.bureau,
            cadre=cadre,
            state="notified",
            reply_due=world.today,
            unit_name="x",
        )
    assert len(list(case_rules.reply_over(world.today + 60 * DAY))) == 4
    assert cost() == one


def resolved(world):
    closing(world, world.today - DAY)
    scan()
    alert = alerts("return_missing").get(unit=world.bureau)
    move(alert, "acknowledge", by=world.clerk)
    return move(alert, "resolve", by=world.clerk, note="已电话催办")


def test_a_resolved_alert_stays_resolved_until_its_facts_change(world):
    alert = resolved(world)
    scan()
    alert.refresh_from_db()
    assert alert.state == "resolved"
    closing(world, world.today - 2 * DAY)
    scan()
    alert.refresh_from_db()
    assert (alert.state, alert.owner, alert.note) == ("open", None, "")
    assert alert.params["due"] == str(world.today - 2 * DAY)


def test_facts_that_change_while_an_alert_stands_are_renewed(world):
    closing(world, world.today - DAY)
    scan()
    alert = alerts("return_missing").get(unit=world.bureau)
    move(alert, "acknowledge", by=world.clerk)
    closing(world, world.today - 2 * DAY)
    assert scan()["renewed"] == 5
    alert.refresh_from_db()
    assert (alert.state, alert.owner) == ("acknowledged", world.clerk)
    with pytest.raises(Refused):
        move(alert, "resolve", by=world.clerk, version=alert.version - 1, note="x")


# ---------- steps ----------


def test_who_acknowledges_owns_and_only_the_owner_resolves_with_a_note(world):
    closing(world, world.today - DAY)
    scan()
    alert = alerts("return_missing").get(unit=world.bureau)
    alert = move(alert, "acknowledge", by=world.clerk)
    assert (alert.state, alert.owner) == ("acknowledged", world.clerk)
    for by, note, code in ((world.chief, "x", "alert_not_owner"), (world.clerk, "  ", "alert_no_note")):
        before = bytes_of(alert)
        with pytest.raises(Refused) as refused:
            move(alert, "resolve", by=by, note=note)
        assert refused.value.codes == {code}
        assert bytes_of(alert) == before
    alert = move(alert, "assign", by=world.chief, owner=world.chief)
    assert not Notice.objects.filter(recipient=world.chief, code="alert_assigned").exists(), (
        "nobody is told what he did"
    )
    alert = move(alert, "assign", by=world.chief, owner=world.clerk)
    assert Notice.objects.get(code="alert_assigned").recipient == world.clerk
    assert move(alert, "resolve", by=world.clerk, note="已补报").note == "已补报"


def test_an_owner_handles_alerts_here_and_is_not_barred(world):
    case = world.notified()
    scan(on=case.reply_due + DAY)
    alert = alerts("reply_over").get()
    kin = world.user("kin", world.department, Role.CLERK)
    Relation.objects.create(cadre=kin.cadre, other=case.cadre, kind="kin")
    for owner in (kin, world.leader, world.head, None):
        with pytest.raises(Refused) as refused:
            move(alert, "assign", by=world.chief, owner=owner)
        assert refused.value.codes == {"alert_owner"}
    with pytest.raises(NotVisible):
        move(alert, "acknowledge", by=kin)
    with pytest.raises(PermissionDenied):
        move(alert, "acknowledge", by=world.leader)
    move(alert, "assign", by=world.chief, owner=world.clerk)
    with pytest.raises(Refused) as refused:
        move(alert, "assign", by=world.chief, owner=world.clerk)
    assert refused.value.codes == {"alert_same_owner"}


def test_only_the_system_clears_and_reopens(world):
    closing(world, world.today - DAY)
    scan()
    alert = alerts("return_missing").first()
    for user in (world.clerk, world.chief):
        with pytest.raises(PermissionDenied):
            move(alert, "clear", by=user)
    assert move(alert, "clear", by=User.objects.system()).state == AlertState.CLEARED


# ---------- notices ----------


def test_the_unit_and_the_handlers_are_told_in_the_app_once(world):
    closing(world, world.today)
    scan()
    told = set(Notice.objects.filter(code="return_due").values_list("recipient__username", flat=True))
    assert told == {"head", "liaison", "stranger"}
    for_handlers = Notice.objects.filter(code="alerts_raised")
    assert set(for_handlers.values_list("recipient__username", flat=True)) == {"clerk", "chief"}
    assert all(notice.why and notice.mail == "none" for notice in for_handlers)
    scan()
    assert for_handlers.count() == 2


def test_the_digest_is_mailed_once_a_day_without_a_name_or_a_case(world, settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk__in=[world.clerk.pk]).update(email="clerk@example.org", language="en")
    closing(world, world.today - DAY)
    case = world.notified()
    scan(on=case.reply_due + DAY)
    Notice.objects.exclude(code="alerts_raised").delete()
    assert send_digests() == {"told": 2}
    deliver()
    assert len(mailoutbox) == 1
    body = mailoutbox[0].body
    assert body.index("Reply clock over") < body.index("Return missing")
    assert "You receive this once a day" in body
    assert case.number not in body and case.person_name not in body
    deliver()
    assert len(mailoutbox) == 1


def test_beat_is_silent_after_half_an_hour(world):
    assert beat_is_silent()
    Job.objects.create(kind=SCAN, period="a", state="done")
    assert not beat_is_silent()
    assert beat_is_silent(timezone.now() + dt.timedelta(minutes=31))
    Job.objects.create(
        kind=SCAN, period="b", started_by=world.chief, created_at=timezone.now() + dt.timedelta(minutes=30)
    )
    assert beat_is_silent(timezone.now() + dt.timedelta(minutes=31)), "a scan by hand does not show that beat lives"


def test_the_history_of_an_alert_is_its_trail(world):
    alert = resolved(world)
    events = DecisionEvent.objects.filter(subject_type="alert", subject_id=alert.public_id)
    assert [e.action for e in events] == ["alert.raise", "alert.acknowledge", "alert.resolve"]
    assert json.loads(events[2].payload)["note"] == "已电话催办"
