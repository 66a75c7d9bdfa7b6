"""State x action x role, generated from the tables: what a table does not say cannot happen."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.permissions import ALL_GRANTS
from accounts.wording import known
from cohorts.alert.models import Alert
from cohorts.measure.models import UnitMeasure
from cohorts.measure.workflow import propose_measure
from cohorts.penalty.payroll import PayrollList
from cohorts.penalty.workflow import draw_list
from cohorts.practice.models import LedgerEntry
from cohorts.procedure.forms import FORMS
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import TABLES, move
from cohorts.question.models import UnitQuestion
from cohorts.referral.models import Answer, Referral
from cohorts.referral.second import SecondCheck
from tests.world import World

pytestmark = pytest.mark.django_db
STEPS = [(model, step) for model, table in TABLES.items() for step in table]
STATES = {model: model._meta.get_field("state").choices for model in TABLES}


def ids(pair):
    return f"{pair[0]._meta.model_name}.{pair[1].action}"


@pytest.fixture
def world():
    return World()


def alert_of(world):
    return Alert.objects.create(rule="return_due", subject_key=f"unitreturn:{world.unit_return.public_id}", period="round:1", unit=world.bureau,
                                organizer=world.department, owner=world.clerk, params={"unit": world.bureau.name, "due": str(world.today)})  # fmt: skip


def question_of(world, cadre=None, **fields):
    """A question about a person of the bureau, asked today."""
    return UnitQuestion.objects.create(
        round=world.round, unit=world.bureau, cadre=cadre or world.person(world.bureau), asked_on=world.today, due_on=world.today,
        criterion=world.edition.criteria.get(code="B2"), **fields,
    )  # fmt: skip


def second_of(world, case):
    """The case as if it had been drawn: somebody is named, the word is due today."""
    return SecondCheck.objects.create(referral=case, state="assigned", checker=world.verifier, assigned_on=world.today, due_on=world.today,
                                      drawn_at=timezone.now())  # fmt: skip


def rows_of(world):
    case = world.nominated()
    payroll = draw_list(by=world.clerk, organizer=world.department, channel="finance", month=world.today)
    measure = propose_measure(
        by=world.chief, kind="circular", campaign=world.campaign, unit=world.bureau, reason="逾期未报"
    )
    return {
        Referral: case, type(world.unit_return): world.unit_return, PayrollList: payroll, UnitMeasure: measure,
        LedgerEntry: world.ledger_entry(case), Alert: alert_of(world), UnitQuestion: question_of(world),
        SecondCheck: second_of(world, case),
    }  # fmt: skip


def put(row, state: str) -> None:
    """Set a state past ``move``: the only place of the suite that may."""
    fields = {"state": state}
    if isinstance(row, Referral):
        fields["deferred_from"] = "nominated" if state == "deferred" else ""
    type(row).objects.filter(pk=row.pk).update(**fields)


def bytes_of(row):
    return type(row).objects.filter(pk=row.pk).values().get()


def everybody():
    """An actor who sees every row and holds every grant, so that only the state can refuse."""
    return User.objects.system()


def test_an_action_from_a_state_that_is_not_its_source_is_refused_and_changes_nothing(world):
    rows, actor, cells = rows_of(world), everybody(), 0
    for model, step in STEPS:
        for state, _label in STATES[model]:
            if state in step.sources:
                continue
            put(rows[model], state)
            before = bytes_of(rows[model])
            with pytest.raises(Refused) as refused:
                move(rows[model], step.action, by=actor)
            assert refused.value.codes == {"stale"}, (step.action, state)
            assert bytes_of(rows[model]) == before, (step.action, state)
            cells += 1
    assert cells > 250


def test_a_stale_version_is_refused_for_every_action(world):
    rows, actor = rows_of(world), everybody()
    for model, step in STEPS:
        put(rows[model], step.sources[0])
        before = bytes_of(rows[model])
        with pytest.raises(Refused) as refused:
            move(rows[model], step.action, by=actor, version=before["version"] + 1)
        assert refused.value.codes == {"stale"}, step.action
        assert bytes_of(rows[model]) == before


def test_without_the_grant_nobody_acts_and_nothing_changes(world):
    rows = rows_of(world)
    users = [
        world.clerk,
        world.chief,
        world.leader,
        world.admin,
        world.head,
        world.deputy,
        world.liaison,
        world.inspector,
        world.stranger,
        world.trainee,
    ]
    refused = 0
    for model, step in STEPS:
        put(rows[model], step.sources[0])
        before = bytes_of(rows[model])
        for user in users:
            if any(user.may(grant) for grant in step.grants):
                continue
            visible = model.objects.visible_to(user).filter(pk=rows[model].pk).exists()
            with pytest.raises(NotGranted if visible else NotVisible):
                move(rows[model], step.action, by=user)
            refused += 1
            assert bytes_of(rows[model]) == before, (step.action, user.username)
    assert refused > 150


@pytest.mark.parametrize("pair", STEPS, ids=ids)
def test_every_step_is_whole(pair):
    model, step = pair
    states = {state for state, _label in STATES[model]}
    assert known(f"event.{model._meta.model_name}.{step.action}")
    assert step.form in FORMS
    assert set(step.sources) <= states
    assert set(step.targets) <= states
    assert step.grants
    assert set(step.grants) <= ALL_GRANTS
    for code, _recipients in step.notices:
        assert known(f"notice.{code}"), code


def test_an_action_is_one_line_and_a_state_has_at_most_one_main_action():
    for table in TABLES.values():
        actions = [step.action for step in table]
        assert len(actions) == len(set(actions))
        mains = [source for step in table if step.main for source in step.sources]
        assert len(mains) == len(set(mains))


def calls(name: str):
    """First arguments of all calls of a function in the three apps."""
    for app in ("accounts", "assessments", "cohorts"):
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                    yield path, node


def test_every_refusal_has_a_sentence():
    found = set()
    for path, node in calls("refuse"):
        argument = node.args[0]
        if isinstance(argument, ast.Constant):
            found.add(argument.value)
        elif isinstance(argument, ast.JoinedStr):
            prefix = argument.values[0].value
            assert prefix == "screening_", path
            found |= {f"{prefix}{answer}" for answer in Answer.values if answer != Answer.NO_EFFECT}
        else:
            pytest.fail(f"{path.name}:{node.lineno} refuses with a code that no test can read")
    assert len(found) > 40
    assert [code for code in sorted(found) if not known(f"guard.{code}")] == []


def test_every_notice_has_a_sentence():
    found = {
        node.args[1].value
        for _path, node in [*calls("notify"), *calls("drafted")]
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }
    assert {"round_open", "alerts_raised"} <= found
    assert [code for code in sorted(found) if not known(f"notice.{code}")] == []


def test_what_evidence_lacks_has_a_sentence():
    tree = ast.parse(Path(settings.BASE_DIR, "assessments/evidence/workflow.py").read_text(encoding="utf-8"))
    codes = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and str(node.value).startswith("missing.")
    }
    assert codes
    assert [code for code in sorted(codes) if not known(code)] == []
