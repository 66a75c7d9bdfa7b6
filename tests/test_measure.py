"""Unit measures: proposed, decided by a second person, revoked with a reason; interviews; the unit's own view."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import DecisionEvent, Notice, Relation
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from cohorts.measure.models import UnitMeasure
from cohorts.measure.workflow import propose_measure, record_interview
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.site.views import tasks_of
from tests.test_penalty import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def circular(world, by=None, **fields):
    data = {"kind": "circular", "campaign": world.campaign, "unit": world.bureau, "reason": "逾期未报"} | fields
    return propose_measure(by=by or world.chief, **data)


def interview(world, **fields):
    data = {"campaign": world.campaign, "unit": world.bureau, "person": world.head.cadre, "held_on": world.today, "held_by": "副部长",
            "agreed": "一周内补报", "reason": "未按要求上报"} | fields  # fmt: skip
    return record_interview(by=world.clerk, **data)


def decide(world, row, **fields):
    return move(
        row, "decide", by=world.leader, **({"number": "石组通〔2026〕1号", "document_on": world.today} | fields)
    )


def test_a_circular_takes_effect_when_a_second_person_decides_it(world):
    row = circular(world)
    assert Notice.objects.filter(recipient=world.leader, code="measure_proposed").count() == 1
    assert not UnitMeasure.objects.of("circular", world.campaign).exists()
    decide(world, row)
    assert UnitMeasure.objects.of("circular", world.campaign).count() == 1
    assert Notice.objects.filter(recipient=world.head, code="measure_decided").count() == 1
    actions = DecisionEvent.objects.filter(subject_id=row.public_id).values_list("action", flat=True)
    assert list(actions) == ["measure.propose", "unitmeasure.decide"]


def test_whoever_proposed_does_not_decide(world):
    RoleAssignment.objects.create(user=world.leader, role=Role.CHIEF, unit=world.department, start=world.today - DAY)
    row = circular(world, by=world.leader.acting_as("chief"))
    world.leader.acting_as("leader")
    for action, data in (("decide", {"number": "1", "document_on": world.today}), ("refuse", {"reason": "x"})):
        with pytest.raises(Refused) as refused:
            move(row, action, by=world.leader, **data)
        assert refused.value.codes == {"measure_same_hand"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"number": " "}, "measure_document"),
        ({"document_on": None}, "measure_document"),
        ({"document_on": "tomorrow"}, "future_day"),
    ],
)
def test_a_decision_needs_its_document(world, data, code):
    if data.get("document_on") == "tomorrow":
        data = {"document_on": world.today + DAY}
    with pytest.raises(Refused) as refused:
        decide(world, circular(world), **data)
    assert refused.value.codes == {code}


def test_who_may_propose_decide_and_revoke(world):
    row = circular(world)
    with pytest.raises(NotGranted):
        move(row, "decide", by=world.chief, number="1", document_on=world.today)
    with pytest.raises(NotVisible):
        move(row, "decide", by=world.head, number="1", document_on=world.today)
    decide(world, row)
    with pytest.raises(NotGranted):
        move(row, "revoke", by=world.head, reason="x")
    with pytest.raises(Refused):
        move(row, "revoke", by=world.leader, reason=" ")
    move(row, "revoke", by=world.leader, reason="材料补齐，撤销通报")
    assert not UnitMeasure.objects.of("circular", world.campaign).exists()
    assert UnitMeasure.objects.on_record().count() == 1
    assert "材料补齐" in as_(world.head).get(row.get_absolute_url()).content.decode()


def test_a_refused_proposal_never_reaches_the_unit(world):
    row = circular(world)
    move(row, "refuse", by=world.leader, reason="情节轻微")
    assert as_(world.head).get(row.get_absolute_url()).status_code == 404


def test_a_leader_does_not_find_what_concerns_his_kin(world):
    Relation.objects.create(cadre=world.leader.cadre, other=world.head.cadre, kind="kin")
    row = propose_measure(by=world.chief, kind="accountability", campaign=world.campaign, unit=world.bureau, person=world.head.cadre,
                          handed_to="县纪委监委", reason="应退未退（待核）")  # fmt: skip
    with pytest.raises(NotVisible):
        move(row, "decide", by=world.leader, number="1", document_on=world.today)


def test_an_interview_is_on_record_as_soon_as_it_was_held(world):
    row = interview(world)
    assert row.state == "in_effect"
    assert UnitMeasure.objects.of("interview", world.campaign).count() == 1
    sheet = as_(world.clerk).get(f"{row.get_absolute_url()}sheet/").content.decode()
    assert "一周内补报" in sheet
    assert "诫勉" not in sheet


@pytest.mark.parametrize(
    "fields", [{"agreed": ""}, {"held_by": ""}, {"held_on": "tomorrow"}, {"person": "ordinary"}, {"person": "stranger"}]
)
def test_an_interview_that_is_not_whole_is_refused(world, fields):
    values = {
        "tomorrow": world.today + DAY,
        "ordinary": world.person(world.bureau),
        "stranger": world.person(world.forestry, level="141"),
    }
    with pytest.raises(ValidationError):
        interview(world, **{key: values.get(value, value) for key, value in fields.items()})
    assert not UnitMeasure.objects.exists()


def test_a_lost_commendation_names_which_and_of_which_year(world):
    with pytest.raises(ValidationError):
        circular(world, kind="commendation", commendation="先进单位")
    circular(world, kind="commendation", commendation="先进单位", commendation_year=2026)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitMeasure.objects.create(
            kind="commendation", campaign=world.campaign, unit=world.bureau, reason="x", proposed_by=world.chief
        )
    with pytest.raises(ValidationError):
        circular(world, kind="interview")


def test_tasks_name_what_waits_for_the_leader_and_what_stands_against_the_unit(world):
    def urls(user):
        return [entry["url"] for entry in tasks_of(user)]

    row = circular(world)
    assert "/measures/?state=proposed" in urls(world.leader)
    assert "/measures/" not in urls(world.head)
    decide(world, row)
    assert "/measures/?state=proposed" not in urls(world.leader)
    assert "/measures/" in urls(world.head)


def test_the_chief_proposes_and_the_clerk_records_in_the_browser(world):
    chief, clerk = as_(world.chief), as_(world.clerk)
    assert chief.get("/measures/new/").content.decode().count("?kind=") == 4
    assert clerk.get("/measures/new/").content.decode().count("?kind=") == 1
    assert clerk.get("/measures/new/?kind=circular").status_code == 403
    assert clerk.get("/measures/new/?kind=nothing").status_code == 404
    data = {"campaign": world.campaign.pk, "unit": world.bureau.name, "reason": "首批逾期未报"}
    saved = chief.post("/measures/new/?kind=circular", data)
    assert saved.status_code == 302
    wrong = chief.post("/measures/new/?kind=circular", data | {"unit": "没有这个单位"})
    assert wrong.status_code == 422
    assert "没有这个单位" in wrong.content.decode()
    talk = data | {"person": world.head.cadre.name, "held_on": str(world.today), "held_by": "副部长", "agreed": "补报"}
    assert clerk.post("/measures/new/?kind=interview", talk | {"person": "某某"}).status_code == 422
    assert clerk.post("/measures/new/?kind=interview", talk | {"held_on": str(world.today + DAY)}).status_code == 409
    assert clerk.post("/measures/new/?kind=interview", talk | {"file": world.upload()}).status_code == 302
    assert clerk.post("/measures/new/?kind=interview", talk).status_code == 409
    assert chief.post("/measures/new/?kind=circular", data).status_code == 409
    row = UnitMeasure.objects.get(kind="interview")
    assert clerk.get(f"{row.get_absolute_url()}file/").status_code == 200
    assert UnitMeasure.objects.count() == 2


def test_list_and_record_show_the_own_scope(world):
    decide(world, circular(world))
    interview(world)
    for url in (
        "/measures/",
        "/measures/?kind=circular",
        "/measures/?state=x&year=x",
        f"/measures/units/{world.bureau.public_id}/",
    ):
        assert as_(world.clerk).get(url).status_code == 200, url
        assert as_(world.head).get(url).status_code == 200, url
    stranger = world.user("h2", world.forestry, Role.UNIT_HEAD)
    assert as_(stranger).get(f"/measures/units/{world.bureau.public_id}/").status_code == 404
    assert world.bureau.name not in as_(stranger).get("/measures/").content.decode()
    for user in (world.liaison, world.payroll, world.inspector, world.admin):
        assert as_(user).get("/measures/").status_code == 403
