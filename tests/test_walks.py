"""Random walks over the tables by random roles: whatever they do, the house stands."""

import datetime as dt
import json
from decimal import Decimal
from itertools import count

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.file.workflow import store
from accounts.models import DecisionEvent, User
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from cohorts.campaign.models import Campaign, UnitReturn
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.models import Penalty
from cohorts.procedure.meetings import decide_meeting, prepare_meeting
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import TABLES, available, move
from cohorts.referral.meeting import Result, next_meeting
from cohorts.referral.models import FINISHED, OPEN, Answer, Referral, State
from cohorts.referral.workflow import answer_letter, form_team, send_letter
from cohorts.review.models import Bar
from cohorts.review.points import PARTS
from cohorts.training.workflow import close_phase
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
ANSWERS = (Refused, NotGranted, NotVisible, ValidationError)
DECISIONS = (
    "referral.agree",
    "referral.confirm",
    "referral.release",
    "referral.strike_out",
    "referral.refuse_strike_out",
)
number = st.integers(0, 10_000)
# Several steps by one rule: a walk of single steps seldom comes far.
numbers = st.lists(number, min_size=4, max_size=8)
# How many scripted steps lead into a walk, and the points of its review: every office is a start.
STARTS = ((0, 80), (2, 80), (4, 80), (6, 80), (6, 50), (7, 50))
# Where a run must have been, so that walks which stay in the first offices fail.
REACHED = (
    {State.IN_THEORY}, {State.IN_PRACTICE}, {State.UNDER_REVIEW}, {State.QUALIFIED, State.UNQUALIFIED},
    {State.EXIT_PROPOSED}, {State.RETURNED, State.STAYED, State.REASSIGNED, State.EXITED},
)  # fmt: skip


class Walk(RuleBasedStateMachine):
    """Two cadres, two returns of their unit, everybody who has a step; one transaction per walk."""

    world: World
    cohort = later = proof = None
    first = 0
    start = STARTS[0]
    panel: list = []
    cadres: list = []
    returns: list = []
    reached: set = set()
    actors: list = []

    def __init__(self) -> None:
        super().__init__()
        self.serial = count(1)
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def start_somewhere(self) -> None:
        """The first case has been served; some walks begin further on, up to a settled review and an exit proposal."""
        steps, score = self.start
        case, world = Referral.objects.get(state=State.NOTIFIED), self.world
        if steps:
            world.confirmed(case)
        path = [("admit", world.chief), ("start_practice", world.clerk), ("open_review", world.clerk),
                ("qualify" if score >= 60 else "fail", world.chief), ("object", world.clerk), ("propose_exit", world.chief)]  # fmt: skip
        for action, user in path[: steps - 1 if steps else 0]:
            if action == "propose_exit" and score >= 60:
                break
            move(case, action, by=user, **self.data(case, action, 49 if score < 60 else 51))
            case.refresh_from_db()
            if action in ("admit", "start_practice"):
                self.close_phase()

    @rule()
    def close_phase(self) -> None:
        """The next open phase of the class is closed; the class then takes nobody any more."""
        phase = self.cohort.phases.filter(closed_on__isnull=True).first()
        if phase:
            close_phase(phase, by=self.world.chief, reason="提前结束")

    def actor(self, n: int) -> User:
        user, role = self.actors[n % len(self.actors)]
        return User.objects.get(pk=user).acting_as(role)

    @rule(n=number)
    def name_somebody(self, n: int) -> None:
        try:
            with transaction.atomic():
                self.world.draft(self.cadres[n % 2], unit_return=UnitReturn.objects.get(pk=self.returns[n // 2 % 2]))
        except ANSWERS:
            pass

    @rule(n=number, answer=st.sampled_from([Answer.NO_EFFECT, Answer.NO_EFFECT, Answer.WAIT, Answer.TRANSFER]))
    def screen(self, n: int, answer: str) -> None:
        case = self.some(Referral.objects.filter(state=State.NOMINATED), n)
        if case is None:
            return
        world, key = self.world, next(self.serial)
        try:
            with transaction.atomic():
                form_team(
                    by=world.chief,
                    campaign=world.campaign,
                    name=f"组{key}",
                    members=[world.clerk, world.verifier],
                    cases=[case],
                )
                letter = send_letter(
                    by=world.clerk,
                    campaign=world.campaign,
                    kind="discipline",
                    number=f"函{key}",
                    sent_on=world.today,
                    cases=[case],
                )
                answers = {line.pk: answer for line in letter.answers.all()}
                answer_letter(letter, by=world.clerk, number=f"复{key}", answered_on=world.today, answers=answers)
        except ANSWERS:
            pass

    @rule(n=number, who=number, result=st.sampled_from(Result.values))
    def meet(self, n: int, who: int, result: str) -> None:
        case = self.some(Referral.objects.filter(state=State.NOTIFIED), n)
        kind = next_meeting(case) if case else ""
        if not kind:
            return
        world = self.world
        present = [(str(user), user.cadre) for user in (world.leader, world.clerk, world.head)[: 1 + who % 3]]
        try:
            with transaction.atomic():
                meeting = prepare_meeting(
                    by=world.clerk, campaign=world.campaign, kind=kind, held_on=world.today, cases=[case]
                )
                results = {item.pk: (result, "会议研究", ()) for item in meeting.items.all()}
                decide_meeting(
                    meeting,
                    by=self.actor(who),
                    number=str(next(self.serial)),
                    extract="同意。",
                    present=present,
                    results=results,
                )
        except ANSWERS:
            pass

    @rule(n=number)
    def anybody_tries_anything(self, n: int) -> None:
        """A step of the table, possible or not."""
        row = self.some_row(n)
        table = TABLES[type(row)]
        self.take(row, table[n // 7 % len(table)].action, self.actor(n // 3), n)

    @rule(ns=numbers)
    def somebody_goes_on(self, ns: list[int]) -> None:
        """One of the steps that are offered to somebody."""
        for n in ns:
            self.go_on(n)

    @rule(ns=numbers)
    def main_step(self, ns: list[int]) -> None:
        """The main step of a state, so that walks come far."""
        for n in ns:
            self.go_on(n, main=True)

    def go_on(self, n: int, *, main: bool = False) -> None:
        row = self.some_row(n)
        users = [self.actor(k) for k in range(len(self.actors))]
        offers = [
            (user, step.action)
            for user in users
            for step in available(row, user)
            if step.main or step.action == "sign" or not main
        ]
        if offers:
            user, action = offers[n // 3 % len(offers)]
            self.take(row, action, user, n)

    def take(self, row, action: str, user: User, n: int) -> None:
        try:
            with transaction.atomic():
                move(row, action, by=user, **self.data(row, action, n))
        except ANSWERS:
            pass
        except KeyError:
            # A step that lives inside a meeting's decision, without its meeting.
            assert action in ("agree", "confirm", "release")

    def some(self, rows, n: int):
        found = list(rows.order_by("pk"))
        return found[n % len(found)] if found else None

    def some_row(self, n: int):
        rows = [*Referral.objects.order_by("pk"), *UnitReturn.objects.filter(pk__in=self.returns).order_by("pk")]
        return rows[n % len(rows)]

    def data(self, row, action: str, n: int) -> dict:
        today = self.world.today
        if isinstance(row, UnitReturn):
            return {
                "prepare": {"nil": False, "meeting_kind": "party_group", "meeting_on": today, "meeting_members": "五人"},
                "sign": {"password_entered": True}, "sign_supplement": {"password_entered": True, "names": list(row.referrals.all())}, "send_back": {"reason": "补正"},
            }.get(action, {})  # fmt: skip
        findings = [{"code": c.code, "upheld": n % 5 > 0, "reason": "台账"} for c in row.criteria.all()]
        panel = self.panel if n % 4 else self.panel[:2]
        scores = dict.fromkeys(PARTS, Decimal(30 + n % 70) if n % 49 else Decimal(50))
        return {
            "verify": {"findings": findings, "tolerance": n % 6 == 0, "tolerance_reason": "不属于探索失误",
                       **self.world.report()},
            "sign_for_head": {"password_entered": True},
            "propose_strike_out": {"ground": "not_proved", "reason": "不足"},
            "notify": {"method": "in_person", "served_on": today},
            "reply": [{"none": True, "points": []}, {"points": ["住院"], "final": True}, {"points": []}][n % 3],
            "answer_reply": {"answers": {str(p.public_id): "核对属实" for p in row.reply_points.all()}},
            "admit": {"cohort": self.cohort, "decided_on": today, "number": f"决{n}"},
            "start_practice": {"village": self.world.village, "supervisor": "村支书", "starts_on": today},
            **{key: {"panel": panel, "scores": scores, "held_on": today} for key in ("qualify", "fail")},
            "object": [{"none": True}, {"text": "只走访了三户"}, {"text": ""}][0 if n == 49 else n % 3],
            "return_to_unit": {"outcome": "same_post", "returned_on": today},
            "stay_at_grassroots": {"village": self.world.village, "choice_on": today, "number": "申请1", "returned_on": today},
            "extend": {"cohort": self.later if n % 3 else self.cohort, "reason": "补训"},
            "reassign": {"place": "综合股", "number": "任1", "returned_on": today, "reason": "不适应"},
            "propose_exit": {"ground": "cs88_1", "reason": "连续两年不称职", "proof": self.proof, "cleared": Bar.values if n % 5 else [],
                             "discipline_number": "纪函1", "discipline_on": today},
            "decide_exit": {"examination": "审1", "approved_by": "committee", "approval_number": "批1", "approved_on": today, "effective_on": today},
            "keep_on": {"outcome": "same_post", "returned_on": today, "reason": "改进明显"},
            "overturn": {"number": "撤1", "decided_on": today, "reason": "事实不清"},
            "transfer": {"reason": "移送", "number": "函"},
        }.get(action, {"reason": "说明"})  # fmt: skip

    @invariant()
    def every_state_was_reached_by_a_line_of_a_table(self) -> None:
        tables = {f"{model._meta.model_name}.{step.action}": step for model, table in TABLES.items() for step in table}
        last: dict = {}
        # The case of the earlier class was led to its end before the walks.
        first = Referral.objects.values_list("public_id", flat=True).get(pk=self.first)
        for event in DecisionEvent.objects.filter(action__in=tables).order_by("seq"):
            step, told = tables[event.action], json.loads(event.payload)
            assert told["from"] in step.sources
            assert told["to"] in step.targets
            assert last.get(event.subject_id, told["from"]) == told["from"]
            last[event.subject_id] = told["to"]
            if event.subject_id != first:
                self.reached.add(told["to"])
        for row in [*Referral.objects.all(), *UnitReturn.objects.filter(pk__in=self.returns)]:
            assert row.state == last.get(row.public_id, "draft" if isinstance(row, Referral) else "expected")

    @invariant()
    def a_cadre_has_one_open_case(self) -> None:
        for cadre in self.cadres:
            assert Referral.objects.filter(cadre=cadre, state__in=OPEN).count() <= 1

    @invariant()
    def the_chain_holds(self) -> None:
        assert first_break() is None

    @invariant()
    def the_three_hands_are_three_people(self) -> None:
        for case in Referral.objects.exclude(nominated_by=None).select_related("nominated_by"):
            verifiers = set(case.verified_by.values_list("pk", flat=True))
            decisions = DecisionEvent.objects.filter(subject_id=case.public_id, action__in=DECISIONS)
            deciders = set(decisions.values_list("actor__cadre", flat=True))
            assert case.nominated_by.cadre_id not in verifiers | deciders
            assert not verifiers & deciders

    @invariant()
    def no_phase_is_skipped(self) -> None:
        """Who practises has left a closed theory block, who is reviewed the whole programme."""
        for case in Referral.objects.filter(state__in=(State.IN_PRACTICE, State.UNDER_REVIEW)).select_related("phase"):
            before = case.cohort.phases.filter(order__lt=case.phase.order)
            assert not before.filter(closed_on__isnull=True).exists()
            assert case.state != State.UNDER_REVIEW or case.phase.order == 2

    @invariant()
    def no_result_without_a_whole_review(self) -> None:
        """Every finished case has a standing review with an odd panel of three or more, its parts, and a settled objection."""
        for case in Referral.objects.filter(state__in=FINISHED):
            if case.pk == self.first:
                continue
            review = case.reviews.standing().first()
            assert review is not None
            assert review.seats.count() in (3, 5)
            assert review.parts.count() == len(PARTS)
            assert review.qualified == (review.score >= 60)
            assert review.objection.settled
            assert case.state != State.EXITED or case.exit.approval_number

    @invariant()
    def no_penalty_outlives_its_case(self) -> None:
        assert not Penalty.objects.without_end_on_closed_cases().exists()
        assert not Penalty.objects.beyond_rule(Walk.world.today + 62 * DAY).exists()

    @invariant()
    def merit_loss_and_bar_outlive_the_return(self) -> None:
        rows = Penalty.objects.filter(referral__state__in=FINISHED).exclude(kind="suspension")
        assert not rows.filter(end__lte=F("referral__closed_on")).exists()


def test_random_walks_never_break_the_house():
    world = Walk.world = World()
    # An earlier class: the case of this year stands in succession to it, so that walks reach the exit too.
    Walk.first = world.returned().pk
    Campaign.objects.update(concluded_on=world.today)
    Referral.objects.update(nominated_at=timezone.now() - dt.timedelta(days=200))
    world.campaign = create_campaign(
        by=world.admin, year=world.today.year + 1, organizer=world.department, edition=world.edition, notice_number="2",
        opened_on=world.today, class_ends_on=world.today + 300 * DAY,
    )  # fmt: skip
    world.round = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=world.today, closes_on=world.today + DAY
    )
    world.unit_return = world.round.returns.get(unit=world.bureau)
    # The first cadre's case is under way already, so that walks reach the class and the review too.
    world.notified()
    Walk.cohort = world.open_class()
    Walk.later = world.open_class(back=-90)
    Walk.proof = store(world.upload(), by=world.chief)
    Walk.panel = [world.person(world.office) for _ in range(3)]
    Walk.cadres = [world.cadre, world.person(world.bureau)]
    second = open_round(
        by=world.admin,
        campaign=world.campaign,
        kind="supplementary",
        opens_on=world.today,
        closes_on=world.today + DAY,
        units=[world.bureau],
    )
    Walk.returns = [world.unit_return.pk, second.returns.get().pk]
    fresh = world.user("fresh", world.department, Role.LEADER)
    held = (world.clerk, world.chief, world.leader, fresh, world.head, world.deputy, world.liaison)
    Walk.actors = [(user.pk, user.role.role) for user in held] + [(world.trainee.pk, "cadre")]
    Walk.reached = set()
    for Walk.start in STARTS:
        run_state_machine_as_test(Walk, settings=settings(max_examples=4, stateful_step_count=40, deadline=None))
    assert [states for states in REACHED if not states & Walk.reached] == []


def test_a_case_that_ends_early_ends_its_suspension():
    world = World()
    for action in ("discontinue", "transfer"):
        case = Referral.objects.filter(state=State.CONFIRMED).first() or world.confirmed()
        cohort = world.open_class()
        with transaction.atomic():
            move(case, "admit", by=world.chief, cohort=cohort, decided_on=world.today, number="决1")
            move(case, action, by=world.leader, reason="因故终止", number="函1")
            assert Penalty.objects.get(referral=case, kind="suspension").end is not None
            transaction.set_rollback(True)
