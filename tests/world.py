"""A small county for tests: people are made through the workflow functions, cases walk the real steps."""

import datetime as dt
import io
from decimal import Decimal
from itertools import count

from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import Unit, User
from accounts.people.workflow import add_cadre, add_unit
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition, load_editions
from assessments.points.drafting import approve_rules, begin_ledger, draft_rules
from assessments.points.models import PointLedger, PointRules
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.practice.models import LedgerEntry
from cohorts.procedure.meetings import decide_meeting, prepare_meeting
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral
from cohorts.referral.workflow import answer_letter, begin_draft, form_team, send_letter
from cohorts.training.workflow import close_phase, open_cohort

POINT_GROUPS = ("政务组", "事务组")
PASSWORD = "county-test-password"
DAY = dt.timedelta(days=1)
_serial = count(1)


class World:
    """The organization department, two bureaus, a town with a village, and an open first round."""

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self.county = add_unit(code="county", name="石泉县", kind="county")
        self.department = add_unit(code="zzb", name="县委组织部", kind="office", parent=self.county, reports=True)
        self.office = add_unit(code="xwb", name="县委办公室", kind="office", parent=self.county, reports=True)
        self.bureau = add_unit(
            code="slj", name="县水利局", kind="bureau", parent=self.county, reports=True, staff_in_post=56
        )
        self.forestry = add_unit(
            code="lyj", name="县林业局", kind="bureau", parent=self.county, reports=True, staff_in_post=60
        )
        self.town = add_unit(code="town", name="城关镇", kind="town", parent=self.county, reports=True)
        self.village = add_unit(code="village", name="新桥村", kind="village", parent=self.town)
        self.clerk = self.user("clerk", self.department, Role.CLERK)
        self.chief = self.user("chief", self.department, Role.CHIEF)
        self.leader = self.user("leader", self.department, Role.LEADER)
        self.admin = self.user("admin", self.department, Role.DEPARTMENT_ADMIN)
        self.verifier = self.user("verifier", self.office, None)
        self.inspector = self.user("inspector", self.office, Role.INSPECTOR, over=self.county)
        self.teacher = self.user("teacher", self.department, Role.CLASS_TEACHER)
        self.supervisor = self.user("supervisor", self.town, Role.FIELD_SUPERVISOR, over=self.village)
        self.payroll = self.user("payroll", self.office, Role.PAYROLL, over=self.county)
        self.head = self.user("head", self.bureau, Role.UNIT_HEAD)
        self.deputy = self.user("deputy", self.bureau, Role.DEPUTY)
        self.liaison = self.user("liaison", self.bureau, Role.LIAISON)
        self.team_head = self.user("team-head", self.bureau, Role.TEAM_HEAD)
        self.recorder = self.user("recorder", self.office, Role.RECORDER, over=self.county)
        self.stranger = self.user("stranger", self.forestry, Role.LIAISON)
        self.trainee = self.user("trainee", self.bureau, None)
        self.cadre = self.trainee.cadre
        load_editions()
        for edition in Edition.objects.all():
            approve_edition(edition, by=self.admin, at=timezone.now() - 1000 * DAY)
        self.edition = Edition.objects.get(code="2019")
        self.campaign = create_campaign(
            by=self.admin, year=self.today.year, organizer=self.department, edition=self.edition, notice_number="1",
            opened_on=self.today - 20 * DAY, class_ends_on=self.today + 200 * DAY,
        )  # fmt: skip
        self.round = open_round(
            by=self.admin,
            campaign=self.campaign,
            kind="first",
            opens_on=self.today - 20 * DAY,
            closes_on=self.today + 5 * DAY,
        )
        self.unit_return = self.round.returns.get(unit=self.bureau)

    def user(self, username: str, unit: Unit, role: str | None, over: Unit | None = None) -> User:
        cadre = self.person(unit)
        user = User.objects.create_user(username, PASSWORD, cadre=cadre, title=username)
        if role:
            RoleAssignment.objects.create(user=user, role=role, unit=over or unit, start=self.today - 900 * DAY)
        return user

    def person(self, unit: Unit, **fields):
        n = next(_serial)
        name = "王李张刘陈"[n % 5] + "一二三四五六七八九"[n % 9] + "平安和顺康"[n // 9 % 5]
        fields = {
            "category": "civil_servant",
            "level": "150",
            "sex": "1",
            "born": dt.date(1980, 1, 1),
            "post": "科员",
        } | fields
        return add_cadre(name=name, unit=unit, **({"joined_on": dt.date(2005, 7, 1)} | fields))

    def draft(self, cadre=None, unit_return=None, by=None, **content) -> Referral:
        day = self.today - 60 * DAY
        fields = {
            "criteria": [self.edition.criteria.get(code="B1")],
            "new_evidence": [
                {"kind": "task", "title": "三项任务未完成", "happened_on": day, "source": "单位台账"},
                {"kind": "inspection", "title": "督查通报在岗不在状态", "happened_on": day, "source": "县委督查室", "outside": True},
            ],
            "facts": "多次未完成交办任务。", "how_raised": "panel", "talk_on": day, "talk_by": "局长", "talk_agreed": "一个月内改进",
        }  # fmt: skip
        return begin_draft(by=by or self.liaison, cadre=cadre or self.cadre, campaign=self.campaign,
                           unit_return=self.unit_return if unit_return is None else unit_return or None, **(fields | content))  # fmt: skip

    def prepared(self, unit_return=None, by=None, **content):
        fields = {
            "nil": False,
            "meeting_kind": "party_group",
            "meeting_on": self.today,
            "meeting_members": "五人",
        } | content
        return move(unit_return or self.unit_return, "prepare", by=by or self.liaison, **fields)

    def nominated(self, cadre=None, **content) -> Referral:
        case = self.draft(cadre, **content)
        self.prepared()
        move(self.unit_return, "sign", by=self.head, password_entered=True)
        case.refresh_from_db()
        return case

    def screened(self, case: Referral, answer: str = "no_effect", also: tuple[Referral, ...] = ()) -> Referral:
        """With a team (which also has the other cases given) and the discipline commission's answer."""
        form_team(
            by=self.chief,
            campaign=self.campaign,
            name="核查一组",
            members=[self.clerk, self.verifier],
            cases=[case, *also],
        )
        letter = send_letter(
            by=self.clerk,
            campaign=self.campaign,
            kind="discipline",
            number=f"函{case.pk}",
            sent_on=self.today,
            cases=[case, *also],
        )
        lines = {line.pk: answer for line in letter.answers.all()}
        answer_letter(letter, by=self.clerk, number=f"复{case.pk}", answered_on=self.today, answers=lines)
        case.refresh_from_db()
        return case

    def report(self) -> dict:
        """Three talks and the signed report of a verification."""
        return {
            "talks": [{"who": who, "on": self.today} for who in ("分管领导", "股室同事", "本人")],
            "report_number": "核查报告1号", "report_text": "经核查，情况属实。",
        }  # fmt: skip

    def verified(self, case: Referral | None = None, also: tuple[Referral, ...] = ()) -> Referral:
        case = self.screened(case or self.nominated(), also=also)
        findings = [
            {"code": code, "upheld": True, "reason": "台账与督查通报相符"}
            for code in case.criteria.values_list("code", flat=True)
        ]
        return move(
            case,
            "verify",
            by=self.clerk,
            findings=findings,
            tolerance=False,
            tolerance_reason="不属于探索失误",
            **self.report(),
        )

    def notified(self, case: Referral | None = None) -> Referral:
        return move(case or self.verified(), "notify", by=self.clerk, method="in_person", served_on=self.today)

    def confirmed(self, case: Referral | None = None) -> Referral:
        case = case or self.notified()
        move(case, "reply", by=self.trainee.acting_as("cadre"), none=True, points=[])
        meeting = prepare_meeting(
            by=self.clerk, campaign=self.campaign, kind="department", held_on=self.today, cases=[case]
        )
        self.decide(meeting)
        case.refresh_from_db()
        return case

    def decide(self, meeting, result="agreed", present=None, left=(), by=None):
        items = {item.pk: (result, "会议研究", left) for item in meeting.items.all()}
        return decide_meeting(meeting, by=by or self.leader, number="3", extract="同意。", results=items,
                              present=present or [(str(self.leader), self.leader.cadre)])  # fmt: skip

    def under_review(self, case: Referral | None = None) -> Referral:
        case = case or self.confirmed()
        cohort = self.open_class()
        move(case, "admit", by=self.chief, cohort=cohort, decided_on=self.today, number="石组决1号")
        self.close_phases(cohort)
        move(case, "start_practice", by=self.clerk, village=self.village, supervisor="村支书", starts_on=self.today)
        return move(case, "open_review", by=self.clerk)

    def sheet(self, score: int = 80, **changes) -> dict:
        """What a panel of three puts on the review sheet: the same score for each part."""
        panel = [self.person(self.office) for _ in range(3)]
        parts = dict.fromkeys(("theory", "discipline", "practice", "villagers", "defence"), Decimal(score))
        return {"panel": panel, "held_on": self.today, "defence": "答辩记录", "scores": parts} | changes

    def reviewed(self, case: Referral | None = None, score: int = 80) -> Referral:
        """Recorded, and the cadre has declared in writing that there will be no objection."""
        case = case or self.under_review()
        move(case, "qualify" if score >= 60 else "fail", by=self.chief, **self.sheet(score))
        return move(case, "object", by=self.clerk, none=True)

    def returned(self) -> Referral:
        case = self.reviewed()
        return move(case, "return_to_unit", by=self.leader, outcome="same_post", returned_on=self.today)

    def open_class(self, *, back: int = 50, programme: str = "2018", campaign=None, **fields):
        """A class that began ``back`` working days ago: theory is over, three months of practice nearly so.

        Each further class of the same day and programme begins a working day earlier.
        """
        campaign, day = campaign or self.campaign, add_working_days(self.today, -back)
        while campaign.cohorts.filter(programme=programme, starts_on=day).exists():
            day = add_working_days(day, -1)
        return open_cohort(by=self.chief, campaign=campaign, programme=programme, starts_on=day, **fields)

    def close_phases(self, cohort, *orders: int) -> None:
        """Close the named phases, or all; the last one ends early for a reason."""
        for phase in cohort.phases.filter(**({"order__in": orders} if orders else {})):
            close_phase(phase, by=self.chief, reason="提前结束")

    def practising(self, case: Referral | None = None, **placement) -> Referral:
        """A case in field practice; by default since today, in the village, under the supervisor who has an account."""
        case = case or self.confirmed()
        cohort = self.open_class(programme="2019", teacher=self.teacher)
        move(case, "admit", by=self.chief, cohort=cohort, decided_on=self.today, number="石组决1号")
        self.close_phases(cohort, 1)
        fields = {"village": self.village, "supervisor": str(self.supervisor), "supervisor_user": self.supervisor,
                  "starts_on": self.today}  # fmt: skip
        return move(case, "start_practice", by=self.clerk, **(fields | placement))

    def back_to_theory(self, case: Referral) -> Referral:
        """The first month of practice is over, and so is the theory block that followed it."""
        self.close_phases(case.cohort, 2)
        case = move(case, "start_theory", by=self.clerk)
        self.close_phases(case.cohort, 3)
        return case

    def ledger_entry(self, case: Referral, **fields) -> LedgerEntry:
        content = {"village": self.village, "matter": "problem", "category": "water", "title": "蓄水池漏水", "place": "二组",
                   "found": "visit", "plan": "请水利站勘查，修补池壁", "entered_by": self.trainee}  # fmt: skip
        return LedgerEntry.objects.create(referral=case, **(content | fields))

    @staticmethod
    def upload(name: str = "材料.txt", data: bytes = b"ok"):
        file = io.BytesIO(data)
        file.name, file.size = name, len(data)
        return file


def kept_points(*, by: User, approver: User, unit: Unit, template: str, starts_on: dt.date, **fields) -> PointLedger:
    """A points ledger whose first rules are drafted by one person and approved by another."""
    ledger = begin_ledger(
        by=by, unit=unit, template=template, starts_on=starts_on, **({"groups": POINT_GROUPS} | fields)
    )
    approve_draft(ledger, by=approver)
    return PointLedger.objects.select_related("unit").get(pk=ledger.pk)


def new_rules(*, by: User, approver: User, unit: Unit, **fields) -> PointRules:
    """New points rules, drafted by one person and approved by another."""
    draft_rules(by=by, unit=unit, seen="", **fields)
    return approve_draft(unit.point_ledger, by=approver)


def approve_draft(ledger: PointLedger, *, by: User) -> PointRules:
    """Approve the points rules that wait, as they stand."""
    return approve_rules(by=by, unit=ledger.unit, seen=ledger.rules.drafts().get().seen)
