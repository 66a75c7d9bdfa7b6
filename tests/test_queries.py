"""A list costs the same number of queries with one row and with five."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.kit.filters import keep
from accounts.models import CalendarDay, CountySetting, DutyPeriod, Relation, User
from accounts.notice.workflow import notify
from accounts.people.workflow import add_unit
from accounts.trail.workflow import record
from assessments.evidence.workflow import add_evidence
from cohorts.alert.models import Alert, ReminderCall
from cohorts.campaign.models import Round, UnitReturn
from cohorts.campaign.workflow import create_campaign
from cohorts.models import PayrollList, Penalty, UnitMeasure, UnitQuestion
from cohorts.practice.models import LogEntry, Placement, Rating, SignOff, monday
from cohorts.practice.rating import COMPONENTS
from cohorts.referral.meeting import Meeting, MeetingItem
from cohorts.referral.models import Finding, Referral, ScreeningAnswer, ScreeningLetter, Service, VerificationTeam
from cohorts.referral.second import SecondCheck
from cohorts.report.models import ReportExport
from cohorts.review.models import Objection, ReturnReview
from cohorts.training.models import Cohort, Session
from cohorts.training.quiz import enter_marks, write_quiz
from cohorts.training.workflow import plan_session, record_roll
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


class Lists:
    """One more row for each list; each brings people and units of its own."""

    def __init__(self) -> None:
        self.world, self.n = World(), 0
        self.world.user("auditor", self.world.office, "audit_admin")
        self.world.user("guard", self.world.office, "security_admin")
        self.world.user("keeper", self.world.office, "system_admin")
        self.own = Referral.objects.create(campaign=self.world.campaign, unit=self.world.bureau, cadre=self.world.cadre, state="in_practice",
                                           nominated_at=timezone.now(), nominated_by=self.world.head)  # fmt: skip
        Service.objects.create(
            referral=self.own, method="in_person", served_on=self.world.today, served_by=self.world.clerk
        )
        self.more()

    def more(self) -> None:
        world, self.n = self.world, self.n + 1
        unit = add_unit(code=f"u{self.n}", name=f"单位{self.n}", kind="bureau", parent=world.bureau, reports=True)
        cadre = world.person(unit)
        row = UnitReturn.objects.create(round=world.round, unit=unit)
        head = world.user(f"head{self.n}", unit, "unit_head")
        team = VerificationTeam.objects.create(campaign=world.campaign, name=f"组{self.n}")
        cases = []
        for state in ("nominated", "notified", "confirmed", "under_review", "qualified", "returned"):
            case = Referral.objects.create(campaign=world.campaign, unit_return=row, unit=unit, cadre=cadre if state == "nominated" else world.person(unit),
                                           state=state, nominated_at=timezone.now(), nominated_by=head, team=team, reply_due=world.today)  # fmt: skip
            case.criteria.set(world.edition.criteria.all()[:2])
            cases.append(case)
        cohort = world.open_class()
        for case in cases[3:]:
            case.cohort = cohort
            case.save(update_fields=["cohort"])
            Placement.objects.create(referral=case, village=world.village, supervisor="村支书", starts_on=world.today)
        for case in cases[4:]:
            review = ReturnReview.objects.create(referral=case, held_on=world.today, score=80, qualified=True, recorded_on=world.today,
                                                 objection_due=world.today)  # fmt: skip
            Objection.objects.create(review=review, text="异议", raised_on=world.today)
        cases[5].follow_ups.create(months=3, due_on=world.today)
        letter = ScreeningLetter.objects.create(campaign=world.campaign, number=f"函{self.n}", sent_on=world.today)
        ScreeningAnswer.objects.create(letter=letter, referral=cases[0])
        self.practise(unit)
        self.ask(unit)
        meeting = Meeting.objects.create(campaign=world.campaign, kind="department", held_on=world.today)
        MeetingItem.objects.create(meeting=meeting, referral=cases[1], order=1)
        start = {"decision_number": "1", "decided_on": world.today, "start": world.today - DAY}
        Penalty.objects.create(referral=cases[2], kind="suspension", item="working_allowance", **start)
        Penalty.objects.create(referral=cases[2], kind="promotion_bar", end=world.today + DAY, **start)
        month = (world.today.replace(day=1) - 32 * self.n * DAY).replace(day=1)
        PayrollList.objects.create(
            organizer=world.department, channel="finance", month=month, drawn_by=world.clerk, state="handed_over"
        )
        UnitMeasure.objects.create(
            kind="circular", campaign=world.campaign, unit=unit, reason="x", state="in_effect", proposed_by=world.chief
        )
        everybody = [world.clerk, world.chief, world.leader, world.admin, world.head]
        notify(everybody, "nominated", path=cases[0].get_absolute_url(), case=cases[0].number, unit=unit.name)
        Alert.objects.create(
            rule="return_missing",
            subject_key=f"unitreturn:{row.public_id}",
            period=str(self.n),
            params={"unit": unit.name, "due": str(world.today)},
            digest=str(self.n),
            unit=unit,
            organizer=world.department,
            owner=world.clerk,
        )
        child = add_unit(code=f"c{self.n}", name=f"站{self.n}", kind="institution", parent=world.bureau)
        for kind, host in (("seconded", world.town), ("leave", None)):
            DutyPeriod.objects.create(cadre=world.person(child), kind=kind, host=host, start=world.today)
        Relation.objects.create(cadre=world.clerk.cadre, other=cadre, kind="acquaintance")
        world.cadre.posts.filter(end__isnull=True).update(end=world.today - (100 - self.n) * DAY)
        world.cadre.posts.create(unit=child, title="科员", level="150", start=world.today - (100 - self.n) * DAY)
        Relation.objects.create(cadre=world.cadre, other=cadre, kind="acquaintance")
        Round.objects.filter(pk=world.round.pk).update(closes_on=world.today)
        ReminderCall.objects.create(unit_return=row, number=1, called_by=world.clerk, reached="x", answer="x")
        ReportExport.objects.create(campaign=world.campaign, exported_by=world.admin, format="csv", section="units")
        record("referral.correct", cases[0], by=head, reason="x")
        self.more_class(cases)
        CountySetting.objects.create(key="reply_days", value=self.n, start=world.today + self.n * DAY)
        CalendarDay.objects.create(day=world.today + self.n * DAY, working=False)
        keep(by=world.clerk, page="/cases/", name=str(self.n), query="state=all", default=False)
        world.person(unit, joined_on=world.today)
        create_campaign(by=world.admin, year=2030 + self.n, organizer=world.department, edition=world.edition, notice_number=str(self.n),
                        opened_on=world.today - 900 * DAY, class_ends_on=world.today + DAY)  # fmt: skip
        for n, fields in enumerate(
            ({}, {"state": "done", "checker": head, "assigned_on": world.today, "done_on": world.today})
        ):
            check = SecondCheck.objects.create(referral=cases[n], drawn_at=timezone.now(), due_on=world.today, **fields)
            if fields:
                check.findings.create(criterion=cases[n].criteria.first(), upheld=True, reason="x")
                Finding.objects.create(referral=cases[n], criterion=cases[n].criteria.first(), upheld=False, reason="x")
        team.members.set([world.clerk, head])
        Referral.objects.create(campaign=world.campaign, unit_return=row, unit=unit, cadre=world.person(unit), follow_until=world.today,
                                follow_reason="待通报")  # fmt: skip

    def more_class(self, cases: list) -> None:
        """One more class; and in the first of them one more trainee, session and answered quiz."""
        world, day = self.world, add_working_days(self.world.today, -3)
        world.open_class(back=3, programme="2019", teacher=world.teacher)
        first = Cohort.objects.filter(programme="2019").earliest("pk")
        phase = first.phases.first()
        if self.n == 1:
            write_quiz(first, by=world.chief, text="几个镇？\n*A. 11\nB. 12", pass_mark=1)
            Referral.objects.filter(pk=self.own.pk).update(cohort=first, phase=first.phases.last())
        Referral.objects.filter(pk=cases[2].pk).update(cohort=first, phase=phase, state="in_theory")
        session = plan_session(by=world.chief, phase=phase, kind="theory", title=f"课{self.n}", place="教室", day=day,
                               begins_at=dt.time(9), ends_at=dt.time(12), hours=4)  # fmt: skip
        record_roll(session, by=world.teacher, marks={case.pk: ("present", "") for case in session.roll()})
        plan_session(by=world.chief, phase=phase, kind="talk", title=f"谈{self.n}", place="教室", day=day,
                     begins_at=dt.time(14), ends_at=dt.time(15), hours=1)  # fmt: skip
        enter_marks(first.quiz, by=world.teacher, marks={cases[2].pk: 1})

    def practise(self, unit) -> None:
        """One more placement with a log, a sign-off, a rating and a ledger entry; one more who waits for a placement."""
        world, old = self.world, self.world.today - 30 * DAY
        cohort = world.open_class(back=28, teacher=world.teacher)
        states = {
            "campaign": world.campaign,
            "unit": unit,
            "cohort": cohort,
            "nominated_at": timezone.now(),
            "nominated_by": world.head,
        }
        Referral.objects.create(cadre=world.person(unit), state="in_theory", phase=cohort.phases.first(), **states)
        case = Referral.objects.create(
            cadre=world.person(unit), state="in_practice", phase=cohort.phases.last(), **states
        )
        for one in (case, self.own):
            for start, end in ((old, world.today - 10 * DAY), (world.today - 9 * DAY, world.today + 9 * DAY)):
                placement = Placement.objects.create(referral=one, village=world.village, supervisor="村支书", supervisor_user=world.supervisor,
                                                     starts_on=start, ends_on=end)  # fmt: skip
                LogEntry.objects.create(
                    placement=placement, day=start, place="二组", done="走访", entered_by=world.trainee
                )
                SignOff.objects.create(
                    placement=placement, monday=monday(start), agreed=True, signed_by=world.supervisor
                )
            Rating.objects.create(
                placement=placement, scores={c.code: 80 for c in COMPONENTS}, rated_by=world.supervisor
            )
            world.ledger_entry(one, state="result_stated", result="修好", result_on=world.today)

    def ask(self, unit) -> None:
        """Two questions about a person of the own bureau with an item each, and one about another unit's."""
        world = self.world
        for where in (world.bureau, unit):
            cadre = world.person(where)
            for code in ("B2", "D4"):
                question = UnitQuestion.objects.create(
                    round=world.round, unit=where, cadre=cadre, criterion=world.edition.criteria.get(code=code), asked_on=world.today,
                    due_on=world.today, state="refused", ground="talk", answer="谈过", answered_by=world.head, answered_on=world.today,
                    decided_by=world.clerk, decided_on=world.today,
                )  # fmt: skip
                question.items.add(
                    add_evidence(
                        by=world.clerk, cadre=cadre, kind="task", title="x", happened_on=world.today, source="x"
                    )
                )


PAGES = (
    ("clerk", "/"), ("chief", "/"), ("leader", "/"), ("head", "/"),
    ("clerk", "/cases/"), ("clerk", "/cases/?queue=1"), ("leader", "/cases/"), ("head", "/cases/"),
    ("clerk", "/returns/"), ("head", "/returns/"), ("clerk", "/letters/"), ("leader", "/meetings/"), ("clerk", "/notices/"),
    ("auditor", "/trail/"), ("guard", "/accounts/"), ("keeper", "/accounts/"), ("clerk", "/alerts/"), ("admin", "/campaigns/"),
    ("clerk", "/questions/"), ("head", "/questions/"), ("clerk", "/questions/?state=answer&q=单位"),
    ("chief", "/teams/"), ("leader", "/teams/?ended=1"), ("deputy", "/"), ("clerk", "/returns/?state=follow"),
    ("admin", "/reports/cohort/"), ("clerk", "/criteria/"), ("clerk", "/criteria/consistency/"), ("leader", "/criteria/consistency/2019/A1/"),
    ("chief", "/second-checks/?state=all"), ("clerk", "/cohorts/"), ("teacher", "/cohorts/"), ("clerk", "class"), ("teacher", "class"), ("clerk", "class:admit/"),
    ("teacher", "class:quiz/"), ("teacher", "class:quiz/marks/"), ("teacher", "class:timetable/"), ("teacher", "roll"),
    ("trainee", "/class/"),
    ("clerk", "/penalties/"), ("head", "/penalties/"), ("clerk", "/payroll/"), ("payroll", "/payroll/"), ("payroll", "/"),
    ("clerk", "/measures/"), ("head", "/measures/"),
    ("supervisor", "/"), ("supervisor", "/practice/"), ("supervisor", "/ledger/"), ("teacher", "/"), ("teacher", "/practice/?show=all"),
    ("clerk", "/practice/?show=all"), ("clerk", "/ledger/"), ("leader", "/ledger/"), ("trainee", "/practice/"), ("trainee", "/ledger/"),
    ("chief", "/reviews/?state=all"), ("leader", "/reviews/?state=objection"), ("clerk", "/follow-ups/"),
    ("clerk", "/people/"), ("head", "/people/?today=leave"), ("clerk", "/people/?sort=unit"), ("admin", "/units/"), ("clerk", "/relations/"),
    ("clerk", "/alerts/calls/"), ("clerk", "/alerts/calls/sheet/"), ("leader", "/alerts/"), ("leader", "/reports/cohort/"), ("admin", "/reports/exports/"),
    ("leader", "/cases/?figure=nominated"), ("admin", "/returns/?figure=asked"),
    ("admin", "/reports/cohort/"), ("clerk", "/criteria/"), ("guard", "/"), ("keeper", "/"), ("auditor", "/"),
    ("guard", "/accounts/?q=head"), ("keeper", "/accounts/new/"), ("clerk", "/me/"), ("admin", "/settings/"),
    ("admin", "/settings/calendar/"), ("admin", "/settings/reply_days/"), ("clerk", "/search/?q=单位"), ("head", "/search/?q=单位"),
    ("auditor", "/trail/?about=accounts"),
)  # fmt: skip


def test_a_list_costs_the_same_with_one_row_and_with_five(monkeypatch):
    # The last use of a session is noted once a minute: three statements that a slow machine would count for some page.
    monkeypatch.setattr("accounts.user.middleware.STAMP", 3600)
    lists, clients = Lists(), {}
    for username in {name for name, _url in PAGES}:
        clients[username] = Client()
        clients[username].force_login(User.objects.get(username=username), backend="accounts.user.backend.RoleBackend")

    def costs() -> dict:
        found = {}
        cohort = Cohort.objects.filter(programme="2019").earliest("pk")
        roll = f"{Session.objects.earliest('pk').get_absolute_url()}roll/"
        for username, page in PAGES:
            url = page.replace("class:", cohort.get_absolute_url()) if page[0] != "/" else page
            url = {"class": cohort.get_absolute_url(), "roll": roll}.get(page, url)
            assert clients[username].get(url).status_code == 200, (username, url)
            with CaptureQueriesContext(connection) as queries:
                clients[username].get(url)
            found[username, page] = len(queries)
        return found

    one = costs()
    for _ in range(4):
        lists.more()
    five = costs()
    assert {key: (one[key], five[key]) for key in PAGES if one[key] != five[key]} == {}


def test_a_person_file_and_a_unit_page_cost_the_same_however_much_they_hold():
    lists = Lists()
    client = Client()
    client.force_login(lists.world.clerk, backend="accounts.user.backend.RoleBackend")
    urls = (lists.world.cadre.get_absolute_url(), lists.world.bureau.get_absolute_url())

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    cost(urls[0])
    one = [cost(url) for url in urls]
    lists.more()
    lists.more()
    assert [cost(url) for url in urls] == one
