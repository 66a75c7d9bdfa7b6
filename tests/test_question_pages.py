"""The pages of questions: one table for the unit, items beside the criterion, answers, decisions - in plain words."""

import re

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Relation, User
from assessments.evidence.workflow import add_evidence
from cohorts.alert.models import Alert
from cohorts.alert.workflow import scan
from cohorts.campaign.models import Round
from cohorts.models import Referral, UnitQuestion
from cohorts.procedure.workflow import move
from cohorts.question.workflow import ask_questions
from tests.test_question import after, explained, missed, nominate
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    world.round.refresh_from_db()
    return world


def as_(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


def text(client, url, status=200) -> str:
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


def asked(world, *people):
    for cadre in people or (world.cadre,):
        missed(world, cadre)
    found = ask_questions(world.round, by=User.objects.system(), on=world.today)
    return sorted(found, key=lambda question: question.pk)


def test_the_table_says_who_is_counted_who_is_explained_who_is_open_and_what_clears_it(world):
    people = [world.person(world.bureau, post=f"岗位{n}") for n in range(4)]
    questions = {q.cadre_id: q for q in asked(world, *people)}
    nominate(world, 2)
    move(explained(world, questions[people[0].pk]), "accept", by=world.clerk, reason="属实")
    explained(world, questions[people[1].pk])
    page = text(as_(world.head), "/questions/")
    numbers = [int(n) for n in re.findall(r'<td class="num text-end"[^>]*>(?:<b>)?(\d+)', page)]
    assert numbers == [6, 1, 1, 4, 2]  # everybody, minus explained, minus waiting, leaves, still open
    for cadre in people:
        assert cadre.name in page
    assert str(world.clerk) in page and "未按期完成" in page
    open_ = questions[people[2].pk]
    for action in ("do/explain/", "do/dispute/", "name/"):
        assert f"{open_.get_absolute_url()}{action}" in page
    # The organizer sees the same numbers, without the unit's buttons.
    other = text(as_(world.clerk), f"/questions/?return={world.unit_return.public_id}")
    assert f"{open_.get_absolute_url()}do/explain/" not in other and people[2].name in other


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_unit_reads_no_probability_no_formula_and_no_target(world, language):
    (question,) = asked(world)
    scan(on=after(world))
    client = as_(world.head)
    client.cookies["django_language"] = language
    User.objects.update(language=language)
    with translation.override(language):
        pages = [
            text(client, url)
            for url in ("/questions/", question.get_absolute_url(), f"{question.get_absolute_url()}do/explain/")
        ]
        pages.append(Alert.objects.get(rule="evidence_gap").text)
    for page in pages:
        body = (page.partition("<main")[2] or page).partition("<footer")[0].replace("#shield-check", "")
        for word in ("probabilit", "shield", "target", "quota", "包庇", "概率", "指标", "处罚", "处分"):
            assert word not in body.lower(), word


def test_explaining_in_the_browser_and_deciding_from_outside(world):
    (question,) = asked(world)
    base = question.get_absolute_url()
    head, clerk = as_(world.liaison), as_(world.clerk)
    assert "情形" in text(head, base) or "criterion" in text(head, base)
    data = {
        "version": question.version,
        "ground": "talk",
        "answer": "三月谈话后已改",
        "file": World.upload("谈话记录.txt"),
    }
    assert head.post(f"{base}do/explain/", {"version": question.version, "ground": "talk"}).status_code == 422
    assert head.post(f"{base}do/explain/", data).status_code == 302
    question.refresh_from_db()
    assert question.state == "explained" and question.file is not None
    assert "三月谈话后已改" in text(clerk, base)
    assert clerk.get(f"{base}file/").status_code == 200
    assert text(clerk, "/questions/?state=decide").count(world.cadre.name) == 1
    assert "/questions/?state=decide" in text(clerk, "/")
    assert clerk.post(f"{base}do/refuse/", {"version": question.version, "reason": "没有记录"}).status_code == 302
    assert "没有记录" in text(head, "/questions/")
    assert "/questions/" in text(head, "/")
    stale = clerk.post(f"{base}do/accept/", {"version": question.version, "reason": ""})
    assert stale.status_code == 409


def test_a_clerk_of_the_own_unit_is_told_that_somebody_outside_decides(world):
    (question,) = asked(world)
    explained(world, question)
    inside = world.user("inside", world.bureau, "clerk", over=world.department)
    question.refresh_from_db()
    answer = as_(inside).post(f"{question.get_absolute_url()}do/accept/", {"version": question.version, "reason": ""})
    assert answer.status_code == 409
    question.refresh_from_db()
    assert question.state == "explained"


def test_naming_the_person_begins_the_draft_once_with_everything_known(world):
    (question,) = asked(world)
    client = as_(world.liaison)
    answer = client.post(f"{question.get_absolute_url()}name/")
    case = Referral.objects.get(cadre=world.cadre)
    assert answer.status_code == 302 and answer["Location"] == f"{case.get_absolute_url()}edit/"
    assert case.follow_until == question.due_on and case.evidence_links.count() == 3
    client.post(f"{question.get_absolute_url()}name/")
    assert Referral.objects.count() == 1
    explained(world, question)
    assert client.post(f"{question.get_absolute_url()}name/").status_code == 409
    assert as_(world.clerk).post(f"{question.get_absolute_url()}name/").status_code == 403


def test_the_head_asked_about_finds_neither_the_name_nor_the_number(world):
    asked(world, world.head.cadre)
    page = text(as_(world.head), f"/questions/?return={world.unit_return.public_id}")
    assert "未按期完成" not in page and "do/explain/" not in page
    assert "do/explain/" in text(as_(world.deputy), "/questions/")


def test_kin_of_a_nominee_do_not_find_the_nominee_in_the_table(world):
    asked(world)
    nominee = world.person(world.bureau, post="某岗位")
    nominate(world, 1, cadre=nominee)
    Relation.objects.create(cadre=world.head.cadre, other=nominee, kind="kin")
    assert nominee.get_absolute_url() not in text(as_(world.head), "/questions/")
    case = Referral.objects.get(cadre=nominee)
    assert case.get_absolute_url() not in text(as_(world.head), "/questions/")
    assert case.get_absolute_url() in text(as_(world.deputy), "/questions/")


def test_the_alert_leads_to_the_table_and_the_scan_page_says_how_far_the_record_reaches(world):
    asked(world)
    nominate(world, 2)
    scan(on=after(world))
    alert = Alert.objects.get(rule="evidence_gap")
    client = as_(world.clerk)
    assert f"/questions/?return={world.unit_return.public_id}" in text(client, alert.get_absolute_url())
    page = text(client, "/alerts/")
    assert "70" in page and "0 %" in page


def test_the_cadres_own_word_stands_beside_the_item(world):
    (question,) = asked(world)
    item = question.items.first()
    item.statements.create(text="系统故障所致", disputes=True, made_by=world.trainee)
    assert "系统故障所致" in text(as_(world.liaison), question.get_absolute_url())
    assert "系统故障所致" in text(as_(world.clerk), question.get_absolute_url())


@pytest.mark.parametrize(
    "url", ["/questions/?return=nonsense", "/questions/?return=00000000-0000-4000-8000-000000000000"]
)
def test_a_return_that_is_none_is_not_found(world, url):
    assert as_(world.head).get(url).status_code == 404


def test_a_unit_that_was_asked_nothing_reads_a_sentence(world):
    add_evidence(by=world.clerk, cadre=world.cadre, kind="task", title="x", source="x", happened_on=world.today)
    scan()
    assert not UnitQuestion.objects.exists()
    assert text(as_(world.head), "/questions/")
