"""The life of an edition in the browser: copy, edit, compare, approve - and then nothing changes any more."""

import pytest
from django.core.exceptions import ValidationError

from assessments.criteria.difference import compare
from assessments.criteria.models import Criterion, Edition
from assessments.criteria.usage import use_of
from assessments.criteria.workflow import (
    approve_edition,
    copy_edition,
    edit_criterion,
    edit_edition,
    hand_in,
    remove_criterion,
)
from tests.test_pages import as_
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def draft(world):
    return copy_edition(world.edition, by=world.admin, code="2030")


CONTENT = {
    "severity": "2", "title_zh": "新情形", "title_en": "New", "text_zh": "正文", "text_en": "Text", "evidence": ["task", "doc"],
    "needs_one_of": ["task"], "min_items": "2", "min_kinds": "2",
}  # fmt: skip


def test_an_edition_is_copied_edited_compared_and_approved(world):
    admin = as_(world.admin)
    begun = admin.post(f"/criteria/{world.edition.public_id}/copy/", {"code": "2030", "holds_from": "2030-01-01"})
    draft = Edition.objects.get(code="2030")
    base = f"/criteria/{draft.public_id}/"
    assert begun.url == f"{base}edit/"
    texts = {"title_zh": "2030年版", "title_en": "Of 2030", "min_items": "3", "min_kinds": "2", "needs_record": "on",
             "months": "12", "gap_percent": "25", "holds_from": "2030-01-01"}  # fmt: skip
    assert admin.post(f"{base}edit/", texts).status_code == 302
    assert admin.post(f"{base}add/", CONTENT | {"code": "E9"}).status_code == 302
    assert admin.post(f"{base}B1/edit/", CONTENT | {"code": "B1"}).status_code == 302
    assert admin.post(f"{base}A1/remove/").status_code == 302
    draft.refresh_from_db()
    assert (draft.title_zh, draft.rule["min_items"]) == ("2030年版", 3)
    rows, dropped = compare(draft)
    assert [row.code for row in rows if row.added] == ["E9"]
    assert [row.code for row in rows if row.reworded] == ["B1"]
    assert [row.code for row in dropped] == ["A1"]
    assert admin.post(f"{base}hand-in/").status_code == 302
    leader = as_(world.leader)
    assert "新情形" in leader.get(f"{base}approve/").content.decode()
    wrong = leader.post(f"{base}approve/", {"typed": "yes"})
    assert wrong.status_code == 422
    sentence, (seen,) = wrong.context["sentence"], wrong.context["hidden"]
    assert leader.post(f"{base}approve/", {"typed": sentence}).status_code == 409, (
        "nobody approves what he has not read"
    )
    assert leader.post(f"{base}approve/", {"typed": sentence, "seen": seen["value"]}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by, str(draft.holds_from)) == ("approved", world.leader, "2030-01-01")
    assert world.edition.criteria.get(code="B1").title_zh != "新情形"


def test_nothing_of_an_approved_edition_changes(world, draft):
    hand_in(draft, by=world.admin.acting_as("department_admin"))
    approve_edition(draft, by=world.leader)
    before = list(Criterion.objects.filter(edition=draft).values())
    criterion = draft.criteria.first()
    content = {"code": criterion.code, "needs": {}, "title_zh": "改", "severity": 1}
    for act in (
        lambda: edit_edition(draft, by=world.admin, rule={"min_items": 1}, title_zh="改"),
        lambda: edit_criterion(draft, by=world.admin, criterion=criterion, **content),
        lambda: edit_criterion(draft, by=world.admin, **content | {"code": "E9"}),
        lambda: remove_criterion(criterion, by=world.admin),
    ):
        with pytest.raises(ValidationError):
            act()
    admin, base = as_(world.admin), f"/criteria/{draft.public_id}/"
    assert admin.post(f"{base}add/", CONTENT | {"code": "E9"}).status_code == 409
    assert admin.post(f"{base}B1/edit/", CONTENT | {"code": "B1"}).status_code == 409
    admin.post(f"{base}B1/remove/")
    assert list(Criterion.objects.filter(edition=draft).values()) == before
    assert Edition.objects.get(pk=draft.pk).title_zh == draft.title_zh
    assert not approve_edition(draft, by=world.chief)


def test_bad_input_keeps_what_was_typed_and_saves_nothing(world, draft):
    admin, base = as_(world.admin), f"/criteria/{draft.public_id}/"
    for wrong in ({"code": "Z1"}, {"code": "E9", "evidence": ["doc"]}, {"code": "E9", "title_en": ""}):
        answer = admin.post(f"{base}add/", CONTENT | wrong)
        assert answer.status_code == 422, wrong
        assert "新情形" in answer.content.decode()
    assert admin.post(f"{base}add/", CONTENT | {"code": "B1"}).status_code == 409
    assert (
        admin.post(
            f"/criteria/{world.edition.public_id}/copy/", {"code": "2030", "holds_from": "2030-01-01"}
        ).status_code
        == 409
    )
    assert draft.criteria.count() == world.edition.criteria.count()
    draft.criteria.all().delete()
    with pytest.raises(ValidationError):
        approve_edition(draft, by=world.admin)


def test_who_may_draft_and_who_may_approve(world, draft):
    base = f"/criteria/{draft.public_id}/"
    assert as_(world.chief).get(f"{base}edit/").status_code == 200
    assert as_(world.chief).get(f"{base}approve/").status_code == 403
    for user in (world.clerk, world.head, world.leader):
        assert as_(user).get(f"{base}edit/").status_code == 403
        assert as_(user).post(f"{base}B1/remove/").status_code == 403


def test_the_page_says_how_often_a_criterion_is_used_this_year(world):
    key = world.edition.criteria.get(code="B1").pk
    world.draft(world.person(world.bureau))
    assert use_of(world.edition) == {}
    world.prepared()
    from cohorts.procedure.workflow import move

    move(world.unit_return, "sign", by=world.head, password_entered=True)
    assert use_of(world.edition) == {key: 1}

    def shown(user):
        page = as_(user).get("/criteria/?edition=2019")
        return {row.code: row.used for _label, rows in page.context["groups"] for row in rows}

    assert shown(world.clerk)["B1"] == 1
    assert shown(world.liaison)["B1"] == "1–4"
    assert shown(world.clerk)["A1"] == 0
