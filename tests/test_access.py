"""URL x method x role: what the server answers against the reviewed file ``access_expected.csv``.

Columns: url_name (a step's page as ``url/action``), method, role, relation (own, stranger = another unit's liaison,
recused = kin of the cadre, other_organizer = a clerk of the education bureau), expected (ok, redirect, sign_in, or the status). URLs and methods come from the resolver:
one without its rows fails, so that nobody adds a page without saying who may open it.
"""

import csv
import datetime as dt
import zlib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.file.workflow import store
from accounts.kit.filters import keep
from accounts.models import Job, Relation, User
from accounts.people.workflow import add_unit
from accounts.permissions import Role
from assessments.ballot.models import Ballot, BallotCandidate
from assessments.ballot.workflow import open_ballot
from assessments.criteria.models import Edition
from assessments.criteria.workflow import copy_edition
from assessments.evidence.workflow import add_evidence
from assessments.models import AwardShare
from assessments.panel.workflow import set_up
from assessments.points.drafting import draft_rules
from assessments.points.entering import enter
from assessments.points.rules import next_month
from assessments.points.workflow import place
from assessments.supervision.workflow import record_finding
from assessments.task.models import monday
from assessments.task.workflow import keep_area, plan_tasks
from cohorts.alert.changes import keep_changes
from cohorts.alert.ladder_workflow import take_measure
from cohorts.alert.models import Alert
from cohorts.campaign.models import UnitReturn
from cohorts.campaign.workflow import open_round
from cohorts.measure.workflow import record_interview
from cohorts.penalty.workflow import draw_list
from cohorts.practice.models import LogEntry, Placement
from cohorts.procedure.meetings import prepare_meeting
from cohorts.procedure.workflow import TABLES, move
from cohorts.referral.models import Referral, Service
from cohorts.referral.second import SecondCheck
from cohorts.training.quiz import write_quiz
from cohorts.training.workflow import open_cohort, plan_session
from tests.test_matrix import question_of
from tests.world import DAY, World, kept_points

pytestmark = pytest.mark.django_db
FILE = Path(__file__).with_name("access_expected.csv")
# Pages without sign-in, each with its reason.
ANONYMOUS = {
    "accounts:sign_in": "one signs in here",
    "accounts:demo_sign_in": "one click of the demonstration; does not exist outside it",
    "set_language": "the switch stands on the sign-in page",
    "site:healthz": "asked by the machine that watches the service",
}
# Written by reading, on purpose: the session's stamp and the log of who looked at what.
WRITTEN_BY_READING = {"Session", "AccessLog"}
ACTORS = [(role.value, "own") for role in Role if role != Role.SYSTEM] + [
    ("liaison", "stranger"),
    ("clerk", "recused"),
    ("clerk", "other_organizer"),
    ("anonymous", "none"),
]


def name_of(pattern: URLPattern, namespace: str) -> str:
    return f"{namespace}:{pattern.name}" if namespace else str(pattern.name)


def patterns(resolver=None, namespace=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield name_of(entry, namespace), entry.callback
        else:
            yield from patterns(entry, entry.namespace or namespace)


def methods_of(callback) -> list[str]:
    view = getattr(callback, "view_class", None)
    if view is None:
        return ["GET", "POST"]
    return [method.upper() for method in ("get", "post", "put", "patch", "delete") if hasattr(view, method)]


def targets() -> list[tuple[str, str]]:
    """Every (url_name, method); the page of a step once per action."""
    actions = {model._meta.model_name: [s.action for s in table if not s.inner] for model, table in TABLES.items()}
    kinds = {"cohorts:case_step": actions["referral"], "cohorts:return_step": actions["unitreturn"]}
    kinds |= {"cohorts:payroll_step": actions["payrolllist"], "cohorts:measure_step": actions["unitmeasure"]}
    kinds |= {"cohorts:ledger_step": actions["ledgerentry"]}
    kinds |= {"cohorts:alert_step": actions["alert"], "cohorts:question_step": actions["unitquestion"]}
    kinds |= {"cohorts:second_step": actions["secondcheck"]}
    found = []
    for name, callback in patterns():
        names = [f"{name}/{action}" for action in kinds[name]] if name in kinds else [name]
        found += [(full, method) for full in names for method in methods_of(callback)]
    return found


def expected() -> dict[tuple[str, str, str, str], str]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = {(r["url_name"], r["method"], r["role"], r["relation"]): r["expected"] for r in rows}
    assert len(table) == len(rows), "a row stands twice"
    return table


def test_every_url_and_method_has_a_row_for_every_role_and_no_row_is_left_over():
    wanted = {(url, method, role, relation) for url, method in targets() for role, relation in ACTORS}
    rows = set(expected())
    assert sorted(wanted - rows) == []
    assert sorted(rows - wanted) == []


def practice_keys(world: World, cadre, file) -> dict:
    """An earlier case of the same cadre, who stayed in the village: placement, a log entry with a photo, a ledger entry."""
    cohort = world.open_class(teacher=world.teacher)
    case = Referral.objects.create(campaign=world.campaign, unit=world.bureau, cadre=cadre, state="stayed", cohort=cohort,
                                   nominated_at=timezone.now(), nominated_by=world.head)  # fmt: skip
    Service.objects.create(referral=case, method="in_person", served_on=world.today, served_by=world.clerk)
    placement = Placement.objects.create(referral=case, village=world.village, supervisor="村支书", supervisor_user=world.supervisor,
                                         starts_on=world.today, ends_on=world.today)  # fmt: skip
    LogEntry.objects.create(
        placement=placement, day=world.today, place="二组", done="走访", photo=file, entered_by=world.trainee
    )
    entry = world.ledger_entry(case)
    names = (
        "placement",
        "placement_log",
        "placement_rate",
        "placement_change",
        "placement_sheet",
        "log_sheet",
        "matter_new",
    )
    keys = dict.fromkeys(names, placement) | {
        "class_placements": cohort,
        "ledger_entry": entry,
        "ledger_step": entry,
        "practice_file": file,
    }
    return {name: {"public_id": row.public_id} for name, row in keys.items()}


def task_keys(world: World, cadre) -> dict:
    """A task of the cadre on this week's list, and an area of the bureau."""
    row = {"content": "走访", "cadre": cadre, "due_on": world.today}
    task = plan_tasks(by=world.liaison, unit=world.bureau, rows=[row])[0]
    area = keep_area(by=world.head, unit=world.bureau, name="东片", leader=world.head.cadre, villages=[])
    names = ("task", "task_done", "task_mark", "task_carry", "task_excuse")
    week = {"day": monday(world.today).isoformat()}
    return {name: {"public_id": task.public_id} for name in names} | {
        "area": {"public_id": area.public_id}, "task_week_print": week, "task_settle": week,
    }  # fmt: skip


def panel_keys(world: World, candidate) -> dict:
    """A panel of the bureau's head, deputy and trainee on a name from the record."""
    for n in range(1, 4):
        add_evidence(by=world.liaison, cadre=candidate, kind="task", fact="missed", title="逾期未完成", happened_on=world.today - n * DAY,
                     source="周工作清单")  # fmt: skip
    add_evidence(by=world.liaison, cadre=candidate, kind="inspection", criterion="B2", title="通报", happened_on=world.today - DAY,
                 source="督查室", outside=True)  # fmt: skip
    edition = world.campaign.edition
    panel = set_up(by=world.liaison, unit=world.bureau, edition=edition, title="研判", held_on=world.today,
                   members=[user.cadre for user in (world.head, world.deputy, world.trainee)],
                   candidates=[(candidate, edition.criteria.get(code="B2"))])  # fmt: skip
    names = ("", "_score", "_excuse", "_cancel", "_disagree", "_discuss", "_rescore", "_conclude", "_sheet")
    return {f"panel{name}": {"public_id": panel.public_id} for name in names}


def points_keys(world: World) -> dict:
    """The bureau's points ledger of this month: an entry of the trainee, a shared award, the liaison's draft of new rules."""
    month = world.today.replace(day=1)
    ledger = kept_points(by=world.liaison, approver=world.head, unit=world.bureau, template="2018", starts_on=month)
    draft_rules(by=world.liaison, unit=world.bureau, seen="", template="2019", starts_on=next_month(month))
    place(by=world.liaison, unit=world.bureau, cadre=world.cadre, group=1, grade=1, start=month)
    entry = enter(by=world.liaison, cadre=world.cadre, kind="unfinished", day=world.today, reason="未完成", key="scene")
    AwardShare.objects.create(
        ledger=ledger, year=month.year, pot_fen=100, per_cent=40, shared_fen=40, shared_by=world.head
    )
    keys = {name: {"public_id": entry.public_id} for name in ("point_entry", "point_appeal", "point_answer")}
    keys |= {name: {"year": month.year} for name in ("points_share", "points_share_file")}
    return keys | {"points_sheet": {"month": f"{month:%Y-%m}"}}


class Scene:
    """A served case of the bureau, a draft of a second round, a letter, a meeting - and everybody."""

    def __init__(self) -> None:
        world = self.world = World()
        file = store(SimpleUploadedFile("通报.txt", "督查通报".encode()), by=world.liaison)
        items = [
            {"kind": "task", "title": "三项任务未完成", "happened_on": world.today - DAY, "source": "台账", "file": file},
            {"kind": "inspection", "title": "通报", "happened_on": world.today - DAY, "source": "督查室", "outside": True},
        ]  # fmt: skip
        waiting = world.draft(world.person(world.bureau))
        case = world.nominated(new_evidence=items)
        waiting.refresh_from_db()
        # The team keeps a case to verify: otherwise it would have ended, and its members with it.
        case = world.notified(world.verified(case, also=(waiting,)))
        second = open_round(
            by=world.admin,
            campaign=world.campaign,
            kind="supplementary",
            opens_on=world.today,
            closes_on=world.today + DAY,
            units=[world.bureau],
        )
        open_return = second.returns.get()
        other = world.person(world.bureau)
        draft = world.draft(world.person(world.bureau), unit_return=open_return)
        meeting = prepare_meeting(
            by=world.clerk, campaign=world.campaign, kind="department", held_on=world.today, cases=[case]
        )
        education = add_unit(code="jtj", name="县教育体育局", kind="bureau", parent=world.county, reports=True)
        other_clerk = world.user("other-clerk", education, Role.CLERK)
        recused = world.user("recused", world.department, Role.CLERK)
        kin = Relation.objects.create(cadre=recused.cadre, other=case.cadre, kind="kin")
        administrators = {
            role: world.user(role, world.office, role, over=world.county)
            for role in ("system_admin", "security_admin", "audit_admin")
        }
        self.users = {
            ("clerk", "own"): world.clerk, ("chief", "own"): world.chief, ("leader", "own"): world.leader,
            ("department_admin", "own"): world.admin, ("verifier", "own"): world.verifier, ("unit_head", "own"): world.head,
            ("team_head", "own"): world.team_head, ("recorder", "own"): world.recorder, ("deputy", "own"): world.deputy, ("liaison", "own"): world.liaison, ("cadre", "own"): world.trainee,
            ("inspector", "own"): world.inspector, ("class_teacher", "own"): world.teacher, ("field_supervisor", "own"): world.supervisor,
            ("payroll", "own"): world.payroll, ("liaison", "stranger"): world.stranger, ("clerk", "recused"): recused,
            ("clerk", "other_organizer"): other_clerk,
        } | {(role, "own"): user for role, user in administrators.items()}  # fmt: skip
        edition = Edition.objects.first()
        follow_up = case.follow_ups.create(months=3, due_on=world.today)
        alert = Alert.objects.create(rule="reply_over", subject_key=f"referral:{case.public_id}", period="year:1", unit=world.bureau, cadre=case.cadre,
                                     organizer=world.department, params={"unit": "x", "case": case.number, "due": str(world.today)})  # fmt: skip
        job = Job.objects.create(kind="cohort_report", period="x", state="done", started_by=world.admin, file_name="x.csv",
                                 file=ContentFile(b"x", name="x"), expires_at=timezone.now() + DAY)  # fmt: skip
        key = {
            "case": case.public_id, "case_file": case.public_id, "case_step": case.public_id, "return": world.unit_return.public_id,
            "return_sheet": world.unit_return.public_id, "return_signed": world.unit_return.public_id, "return_step": world.unit_return.public_id, "campaign": world.campaign.public_id,
            "meeting": meeting.public_id, "meeting_sheet": meeting.public_id, "draft_edit": draft.public_id, "draft_discard": draft.public_id,
            "letter": case.screenings.get().letter.public_id, "approve": edition.public_id,
            "campaign_days": world.campaign.public_id, "campaign_conclude": world.campaign.public_id, "team": case.team.public_id,
            "follow": draft.public_id, "deputy_sheet": draft.public_id, "round": second.public_id,
            "alert": alert.public_id, "alert_step": alert.public_id, "call": open_return.public_id, "job": job.public_id, "job_file": job.public_id,
        }  # fmt: skip
        cohort = open_cohort(
            by=world.chief, campaign=world.campaign, programme="2018", starts_on=add_working_days(world.today, -3), teacher=world.teacher
        )  # fmt: skip
        session = plan_session(
            by=world.chief, phase=cohort.phases.first(), kind="theory", title="课", place="教室", day=cohort.starts_on,
            begins_at=dt.time(9), ends_at=dt.time(12), hours=4,
        )  # fmt: skip
        write_quiz(cohort, by=world.chief, text="几个镇？\n*A. 11\nB. 12", pass_mark=1)
        of_class = (
            "cohort",
            "cohort_people",
            "phase_close",
            "timetable",
            "session_new",
            "quiz",
            "quiz_write",
            "quiz_marks",
            "admit",
            "forward",
        )
        key |= dict.fromkeys(of_class, cohort.public_id) | dict.fromkeys(
            ("roll", "roll_sheet", "session_cancel"), session.public_id
        )
        payroll = draw_list(by=world.clerk, organizer=world.department, channel="finance", month=world.today)
        move(payroll, "hand_over", by=world.clerk)
        measure = record_interview(
            by=world.clerk, campaign=world.campaign, unit=world.bureau, person=world.head.cadre, held_on=world.today, held_by="副部长",
            agreed="补报", reason="逾期未报", file=store(SimpleUploadedFile("记录.txt", "约谈".encode()), by=world.clerk),
        )  # fmt: skip
        key |= dict.fromkeys(("payroll_list", "payroll_file", "payroll_step"), payroll.public_id)
        key |= dict.fromkeys(("measure", "measure_sheet", "measure_file", "measure_step"), measure.public_id)
        key["measure_record"] = world.bureau.public_id
        UnitReturn.objects.filter(pk=world.unit_return.pk).update(signed_sheet=file)
        key |= {"review_sheet": case.public_id, "follow_up": follow_up.public_id}
        person = (
            "person",
            "person_duty",
            "person_duty_end",
            "person_post",
            "person_correct",
            "person_retirement",
            "person_leave",
        )
        unit = ("unit", "unit_found", "unit_rename", "unit_correct", "unit_move", "unit_dissolve")
        key |= dict.fromkeys(person, case.cadre.public_id) | dict.fromkeys(unit, world.bureau.public_id)
        key |= {"relation_end": kin.public_id, "case_relation": case.public_id}
        question = question_of(
            world,
            case.cadre,
            ground="talk",
            answer="已谈话",
            file=file,
            answered_by=world.head,
            answered_on=world.today,
        )
        key |= dict.fromkeys(("question", "question_name", "question_file", "question_step"), question.public_id)
        named = {
            "state": "assigned",
            "checker": world.verifier,
            "assigned_on": world.today,
            "due_on": world.today,
            "drawn_at": timezone.now(),
        }
        second, _new = SecondCheck.objects.update_or_create(referral=case, defaults=named)
        key |= dict.fromkeys(("second_check", "second_file", "second_step"), second.public_id)
        self.keys = {name: {"public_id": value} for name, value in key.items()}
        self.keys["differences"] = {"edition": world.edition.code, "criterion": "B1"}
        self.keys["second_file"]["file_id"] = file.public_id
        self.keys["phase_close"]["order"] = 1
        # An alert about the bureau that has climbed to the section, and the circular that was proposed because of it.
        risen = Alert.objects.create(
            rule="return_missing", subject_key=f"unitreturn:{open_return.public_id}", period=f"round:{second.pk}", unit=world.bureau, level=3,
            organizer=world.department, params={"unit": world.bureau.name, "due": str(world.today)},
        )  # fmt: skip
        for level in (1, 2, 3):
            keep_changes([risen], "climb", by=User.objects.system(), at=timezone.now(), day=world.today, level=level)
        circular = take_measure(risen, by=world.chief, kind="circular", reason="逾期未报")
        self.keys["alert_call"] = {"public_id": risen.public_id}
        self.keys["alert_measure"] = {"public_id": risen.public_id, "kind": "interview"}
        self.keys["measure_circular"] = {"public_id": circular.public_id}
        self.keys["indicator_unit"] = {"public_id": world.bureau.public_id}
        self.keys |= practice_keys(world, case.cadre, file)
        self.keys |= points_keys(world)
        self.keys["case_file"]["file_id"] = file.public_id
        finding = record_finding(by=world.team_head, unit=world.bureau, cadre=case.cadre, seen_at=timezone.now() - DAY, place="大厅",
                                 what="不在岗", severity=2, photo=file)  # fmt: skip
        self.keys |= {
            name: {"public_id": finding.public_id} for name in ("finding", "finding_correct", "finding_photo")
        }
        self.keys["round"]["action"] = "conclude"
        raters = [world.person(world.bureau) for _ in range(8)]
        ballot = open_ballot(by=world.head, unit=world.bureau, title="测评", closes_on=world.today,
                             voters=[*raters, world.cadre], candidates=raters)  # fmt: skip
        closed = Ballot.objects.create(unit=world.bureau, title="上年测评", state="closed", opened_on=world.today, closes_on=world.today,
                                       closed_on=world.today, invited=9, came=9, valid=9, poor_percent=33)  # fmt: skip
        BallotCandidate.objects.create(ballot=closed, cadre=raters[0], poor=9)
        self.keys |= {name: {"public_id": ballot.public_id} for name in ("ballot", "ballot_vote", "ballot_close")}
        self.keys["ballot_sheet"] = {"public_id": closed.public_id}
        self.keys["ballot_record"] = {"public_id": closed.public_id, "cadre_id": raters[0].public_id}
        account = {"public_id": world.liaison.public_id}
        kept = keep(by=world.clerk, page="/cases/", name="filter", query="state=all", default=False)
        held = world.liaison.assignments.get()
        draft_edition = copy_edition(edition, by=world.admin, code="draft")
        self.keys |= dict.fromkeys(("account", "account_switch", "account_reset", "role_grant"), account)
        self.keys |= {
            name: {"public_id": draft_edition.public_id}
            for name in ("edition_copy", "edition_edit", "edition_hand_in", "edition_trial", "criterion_add", "approve")
        }
        self.keys |= {
            "role_end": account | {"pk": held.pk}, "setting": {"key": "reply_days"}, "setting_decide": {"key": "review_pass_points"}, "help": {"name": "home"},
            "filter_change": {"public_id": kept.public_id},
            "criterion_edit": {"public_id": draft_edition.public_id, "code": "A1"},
            "criterion_remove": {"public_id": draft_edition.public_id, "code": "A1"},
        }  # fmt: skip
        self.keys |= {
            name: {"public_id": case.evidence_links.filter(evidence__file=file).get().evidence.public_id}
            for name in ("item", "item_correct", "item_file")
        }
        self.keys |= task_keys(world, case.cadre)
        self.keys |= panel_keys(world, other)
        self.keys["draft_new"] = {"return_id": open_return.public_id}
        self.keys["draft_county"] = {"campaign_id": world.campaign.public_id}
        self.queries = {"draft_new": f"?cadre={other.public_id}", "draft_county": f"?cadre={other.public_id}"}
        self.queries |= dict.fromkeys(("relation_new", "case_relation"), f"?cadre={other.public_id}")

    def url(self, target: str) -> str:
        name, _slash, action = target.partition("/")
        short = name.rpartition(":")[2]
        kwargs = self.keys.get(short, {}) | ({"action": action} if action else {})
        return reverse(name, kwargs=kwargs) + self.queries.get(short, "")

    def client(self, role: str, relation: str, **options) -> Client:
        client = Client(raise_request_exception=False, **options)
        if role != "anonymous":
            client.force_login(self.users[role, relation], backend="accounts.user.backend.RoleBackend")
            if role == "verifier":
                session = client.session
                held = self.users[role, relation].acting_as("verifier").role
                session["role"] = f"verifier:{held.unit_id}"
                session.save()
        return client


def word_for(response) -> str:
    if response.status_code in (301, 302, 303):
        return "sign_in" if response["Location"].startswith(reverse("accounts:sign_in") + "?") else "redirect"
    return "ok" if response.status_code == 200 else str(response.status_code)


@pytest.fixture
def scene():
    return Scene()


def left_to_postgres(*cell: str) -> bool:
    """The embedded pass asks a fixed tenth of the cells, the other pass all of them."""
    return connection.vendor == "sqlite" and bool(zlib.crc32("|".join(cell).encode()) % 10)


def test_the_server_answers_as_the_reviewed_file_says(scene):
    """Every cell on PostgreSQL, a fixed tenth of them on the embedded database; one savepoint per cell."""
    rows, wrong = expected(), []
    for role, relation in ACTORS:
        client = scene.client(role, relation)
        for target, method in targets():
            cell = (target, method, role, relation)
            if left_to_postgres(*cell):
                continue
            with transaction.atomic():
                # A sign-out empties the session: only here, the next cell has it back.
                found = word_for(client.generic(method, scene.url(target)))
                transaction.set_rollback(True)
            if target == "accounts:sign_out":
                client = scene.client(role, relation)
            if found != rows[cell]:
                wrong.append((*cell, rows[cell], found))
    assert not wrong, "\n".join(map(str, wrong))


def test_no_two_pages_bear_one_name():
    names = [name for name, _callback in patterns()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_without_sign_in_only_the_listed_pages_answer(scene):
    for target, method in targets():
        client = scene.client("anonymous", "none")
        with transaction.atomic():
            response = client.generic(method, scene.url(target))
            transaction.set_rollback(True)
        assert (word_for(response) == "sign_in") == (target not in ANONYMOUS), (target, method, response.status_code)


def test_nothing_is_written_without_the_token(scene):
    client = scene.client("clerk", "own", enforce_csrf_checks=True)
    stranger = scene.client("anonymous", "none", enforce_csrf_checks=True)
    for target, method in targets():
        if method == "GET":
            continue
        for someone in (client, stranger):
            response = someone.generic(method, scene.url(target))
            assert response.status_code == 403, (target, method)
            assert "403_csrf.html" in [template.name for template in response.templates], (target, method)


def state_of_the_database() -> dict:
    """Every table's rows, whole: what was not written must read the same."""
    return {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model.__name__ not in WRITTEN_BY_READING
    }


def test_what_is_refused_writes_nothing(scene):
    """Every POST that the reviewed file answers with a refusal leaves every row of every table as it was."""
    rows = expected()
    for role, relation in ACTORS:
        client = scene.client(role, relation)
        before = state_of_the_database()
        for target, method in targets():
            if target == "accounts:sign_in":  # counts the failed attempt, as it must
                continue
            if method != "GET" and rows[target, method, role, relation] in ("401", "403", "404", "409", "422"):
                client.generic(method, scene.url(target))
        assert state_of_the_database() == before, (role, relation)


def test_reading_writes_nothing(scene):
    for role, relation in ACTORS:
        client = scene.client(role, relation)
        before = state_of_the_database()
        for target, method in targets():
            if method == "GET" and target != "set_language" and not left_to_postgres(target, role, relation):
                client.get(scene.url(target))
        assert state_of_the_database() == before, (role, relation)
    assert Referral.objects.count() == 4
