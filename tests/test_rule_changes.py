"""Rules change as drafts: with a day from which they hold, tried on a campaign that is over, approved by a second person."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import DecisionEvent, Notice, Relation
from accounts.permissions import Role
from accounts.user.models import RoleAssignment
from assessments.criteria.models import Edition
from assessments.criteria.workflow import (
    approve_edition,
    copy_edition,
    edit_criterion,
    edit_edition,
    hand_in,
    remove_criterion,
    send_back,
)
from assessments.evidence.meets import who_meets
from assessments.evidence.workflow import add_evidence
from cohorts.alert.models import Alert
from cohorts.alert.workflow import scan
from cohorts.campaign.models import Round
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.models import UnitQuestion
from cohorts.procedure.workflow import move
from cohorts.question.trial import try_out
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def draft(world):
    """The chief's copy of the edition in force, with 2 missed deadlines instead of 3."""
    draft = copy_edition(world.edition, by=world.chief, code="draft")
    stricter(draft, world.chief, 2)
    return draft


def stricter(draft, by, figure, **content):
    """B2 with so many missed deadlines."""
    row = draft.criteria.get(code="B2")
    texts = {
        "text_zh": row.text_zh.replace("3次", f"{figure}次"),
        "text_en": f"{figure} deadlines missed in 12 months.",
    }
    return edit_criterion(draft, by=by, criterion=row, code="B2", needs={}, threshold={"missed_deadlines": figure, "months": 12},
                          **(texts | content))  # fmt: skip


def missed(world, cadre, times):
    """So many missed deadlines, on record since before the round closed."""
    for n in range(times):
        add_evidence(by=world.clerk, cadre=cadre, kind="task", title=f"未按期完成{n}", source="台账", fact="missed", at=timezone.now() - 30 * DAY, happened_on=world.today - (40 + n) * DAY)  # fmt: skip


def form_of(draft, code, **changed):
    """What the page of a criterion would send unchanged."""
    row = draft.criteria.get(code=code)
    fields = ("code", "severity", "title_zh", "title_en", "text_zh", "text_en", "example_zh", "example_en", "source_zh", "source_en")  # fmt: skip
    data = {name: getattr(row, name) for name in fields} | {name: row.needs[name] for name in ("evidence", "needs_one_of", "min_items", "min_kinds")}  # fmt: skip
    figures = {f"figure_{name}": value for name, value in row.needs.get("threshold", {}).items()}
    return data | figures | ({"counted": "on"} if row.measurable else {}) | changed


# ---------- figures and tests ----------


def test_the_figure_of_a_measurable_criterion_is_changed_on_its_page(world, draft):
    chief, page = as_(world.chief), f"/criteria/{draft.public_id}/B2/edit/"
    assert 'name="figure_missed_deadlines" value="2"' in chief.get(page).content.decode().replace("  ", " ")
    text = draft.criteria.get(code="B2").text_zh
    assert "2次" in text
    silent = chief.post(page, form_of(draft, "B2", figure_missed_deadlines="4"))
    assert silent.status_code == 409
    assert set(silent.context["form"].errors) == {"text_zh", "text_en"}
    assert draft.criteria.get(code="B2").needs["threshold"]["missed_deadlines"] == 2
    said = form_of(draft, "B2", figure_missed_deadlines="4", text_zh=text.replace("2次", "4次"), text_en="4 deadlines missed in 12 months.")  # fmt: skip
    assert chief.post(page, said).status_code == 302
    assert draft.criteria.get(code="B2").needs["threshold"] == {"missed_deadlines": 4, "months": 12}


@pytest.mark.parametrize("figure", ["", "0", "100", "two"])
def test_a_figure_that_cannot_be_is_refused_and_nothing_is_lost(world, draft, figure):
    answer = as_(world.chief).post(f"/criteria/{draft.public_id}/B2/edit/", form_of(draft, "B2", figure_missed_deadlines=figure, title_zh="新标题"))  # fmt: skip
    assert answer.status_code == 422
    assert "新标题" in answer.content.decode()
    assert draft.criteria.get(code="B2").needs["threshold"]["missed_deadlines"] == 2


def test_a_criterion_may_be_taken_out_of_the_counting(world, draft):
    missed(world, world.cadre, 3)
    assert "B2" in {row.criterion.code for row in who_meets(world.county, draft, world.today)}
    data = form_of(draft, "B2")
    del data["counted"]
    assert as_(world.chief).post(f"/criteria/{draft.public_id}/B2/edit/", data).status_code == 302
    row = draft.criteria.get(code="B2")
    assert not row.measurable and "threshold" not in row.needs
    # Three items of one kind are not what the criterion declares: now it is not met.
    assert "B2" not in {row.criterion.code for row in who_meets(world.county, draft, world.today)}


def test_nothing_is_counted_for_a_code_without_a_test(world, draft):
    with pytest.raises(ValidationError):
        edit_criterion(draft, by=world.chief, code="E9", needs={}, threshold={"missed_deadlines": 2})


def test_old_cases_keep_the_old_figure(world, draft):
    missed(world, world.cadre, 2)
    assert [row.criterion.code for row in who_meets(world.county, draft, world.today)] == ["B2"]
    assert who_meets(world.county, world.edition, world.today) == []
    hand_in(draft, by=world.chief)
    approve_edition(draft, by=world.leader)
    # The campaign goes on by the edition that it was opened on, and so does every case of it.
    assert who_meets(world.county, world.campaign.edition, world.today) == []


def test_the_share_from_which_a_unit_is_flagged_and_the_months_are_set_on_the_page(world, draft):
    page = f"/criteria/{draft.public_id}/edit/"
    texts = {"title_zh": "新版", "title_en": "New", "min_items": "2", "min_kinds": "2", "needs_record": "on", "months": "6", "gap_percent": "40"}  # fmt: skip
    for wrong in ({"gap_percent": "0"}, {"gap_percent": "101"}, {"months": "0"}, {"holds_from": "gestern"}):
        assert as_(world.chief).post(page, texts | wrong).status_code == 422, wrong
    assert as_(world.chief).post(page, texts | {"holds_from": "2030-03-01"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.rule["gap_fraction"], draft.rule["months"], draft.holds_from) == (0.4, 6, dt.date(2030, 3, 1))
    assert draft.criteria.get(code="A1").window == 6
    shown = as_(world.chief).get("/criteria/?edition=draft", headers={"accept-language": "en"}).content.decode()
    assert "40" in shown


# ---------- the second person ----------


def test_a_draft_goes_from_one_person_to_another(world, draft):
    Notice.objects.all().delete()
    base = f"/criteria/{draft.public_id}/"
    assert as_(world.chief).post(f"{base}hand-in/").status_code == 302
    draft.refresh_from_db()
    assert draft.waits
    told = set(Notice.objects.filter(code="edition_handed_in").values_list("recipient__username", flat=True))
    assert told == {"leader", "admin"}
    assert f"{base}approve/" in [task["url"] for task in tasks_of(world.leader.acting_as("leader"))]
    leader = as_(world.leader)
    sentence = leader.get(f"{base}approve/").context["sentence"]
    read = leader.get(f"{base}approve/").context["hidden"][0]["value"]
    assert leader.post(f"{base}approve/", {"typed": sentence, "seen": read}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by, draft.holds_from) == ("approved", world.leader, timezone.localdate())
    assert Notice.objects.get(code="edition_approved").recipient == world.chief
    assert f"{base}approve/" not in [task["url"] for task in tasks_of(world.leader.acting_as("leader"))]


def test_whoever_had_a_hand_in_it_does_not_approve_it(world, draft):
    edit_edition(draft, by=world.admin, rule={}, title_zh="改")
    hand_in(draft, by=world.chief)
    for user in (world.admin, world.chief):
        with pytest.raises(ValidationError):
            approve_edition(draft, by=user)
    page = as_(world.admin).get(f"/criteria/{draft.public_id}/approve/")
    assert not page.context["may_decide"]
    sentence = page.context["sentence"]
    assert as_(world.admin).post(f"/criteria/{draft.public_id}/approve/", {"typed": sentence}).status_code == 409
    assert approve_edition(draft, by=world.leader)


def test_where_everybody_had_a_hand_in_it_the_draft_cannot_be_handed_in(world, draft):
    for user in (world.admin, world.leader):
        edit_edition(draft, by=user, rule={}, title_zh="改")
    with pytest.raises(ValidationError):
        hand_in(draft, by=world.chief)
    draft.refresh_from_db()
    assert not draft.waits


def test_a_draft_that_changes_after_it_was_read_is_not_approved(world, draft):
    with pytest.raises(ValidationError):
        approve_edition(draft, by=world.leader)  # not handed in
    read = hand_in(draft, by=world.chief).seen
    remove_criterion(draft.criteria.get(code="A1"), by=world.chief)
    with pytest.raises(ValidationError):
        approve_edition(draft, by=world.leader, seen=read)  # being changed
    hand_in(draft, by=world.chief, at=timezone.now() + dt.timedelta(minutes=1))
    page = f"/criteria/{draft.public_id}/approve/"
    sentence = as_(world.leader).get(page).context["sentence"]
    assert as_(world.leader).post(page, {"typed": sentence, "seen": read}).status_code == 409
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_draft_is_sent_back_with_a_reason(world, draft):
    hand_in(draft, by=world.chief)
    page = f"/criteria/{draft.public_id}/approve/"
    assert as_(world.leader).post(page, {"send_back": "1", "reason": ""}).status_code == 422
    assert as_(world.leader).post(page, {"send_back": "1", "reason": "两次太严"}).status_code == 302
    draft.refresh_from_db()
    assert not draft.waits
    told = Notice.objects.get(code="edition_sent_back")
    assert (told.recipient, told.params["reason"]) == (world.chief, "两次太严")
    with pytest.raises(ValidationError):
        send_back(draft, by=world.leader, reason="x")
    assert DecisionEvent.objects.filter(action="edition.send_back").count() == 1


def test_only_those_who_draft_may_hand_in(world, draft):
    page = f"/criteria/{draft.public_id}/hand-in/"
    for user in (world.leader, world.clerk, world.head):
        assert as_(user).post(page).status_code == 403
    assert as_(world.chief).get(page).status_code == 405


# ---------- the day from which it holds ----------


def test_no_rule_holds_from_a_day_that_is_over(world, draft):
    edit_edition(draft, by=world.chief, rule={}, holds_from=world.today - DAY)
    with pytest.raises(ValidationError):
        hand_in(draft, by=world.chief)
    edit_edition(draft, by=world.chief, rule={}, holds_from=world.today)
    hand_in(draft, by=world.chief)
    with pytest.raises(ValidationError):
        approve_edition(draft, by=world.leader, at=timezone.now() + 2 * DAY)


def test_until_its_day_the_former_edition_holds(world, draft):
    day = world.today + 30 * DAY
    edit_edition(draft, by=world.chief, rule={}, holds_from=day)
    hand_in(draft, by=world.chief)
    approve_edition(draft, by=world.leader)
    assert Edition.objects.in_use(world.bureau) == world.edition
    assert Edition.objects.in_use(world.bureau, on=day) == draft
    fields = {"by": world.admin, "year": day.year, "ordinal": 2, "organizer": world.department, "edition": draft, "notice_number": "2"}  # fmt: skip
    with pytest.raises(ValidationError):
        create_campaign(**fields, opened_on=day - DAY, class_ends_on=day + 90 * DAY)
    assert create_campaign(**fields, opened_on=day, class_ends_on=day + 90 * DAY).edition == draft
    assert as_(world.clerk).get("/criteria/").context["edition"].code == "2019"


# ---------- the trial on a campaign that is over ----------


@pytest.fixture
def over(world):
    """The first round closed a while ago: the bureau named one person and is asked about nobody."""
    world.draft(world.person(world.bureau))
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - 20 * DAY)
    world.round.refresh_from_db()
    return world


def trial(world, draft, user=None):
    return try_out(draft, world.campaign, user=user or world.chief, on=world.today)


def units(lines):
    return [line.unit for line in lines]


def test_a_stricter_figure_would_have_flagged_more_units(over, draft):
    world = over
    other = world.person(world.forestry)
    missed(world, world.cadre, 2)
    missed(world, other, 3)
    found = trial(world, draft)
    # Both rules ask about the forestry bureau's person, the stricter one also about the water bureau's.
    assert units(found.more) == [world.bureau]
    assert (found.fewer, found.flagged_before, found.asked_more, found.asked_fewer) == ([], 1, 1, 0)
    line = next(line for line in found.lines if line.unit == world.bureau)
    assert (line.nominated, line.before, line.after) == (1, set(), {world.cadre.pk})
    assert next((row.before, row.after) for row in found.criteria if row.code == "B2") == (1, 2)
    milder = copy_edition(world.edition, by=world.chief, code="milder")
    stricter(milder, world.chief, 4)
    found = trial(world, milder)
    assert (units(found.fewer), found.more, found.asked_fewer) == ([world.forestry], [], 1)


def test_a_person_in_two_rounds_is_one_person(over, draft):
    world = over
    missed(world, world.cadre, 2)
    open_round(by=world.admin, campaign=world.campaign, kind="supplementary", opens_on=world.today - 15 * DAY,
               closes_on=world.today - 14 * DAY, units=[world.bureau])  # fmt: skip
    found = trial(world, draft)
    assert [line.after for line in found.lines if line.unit == world.bureau] == [{world.cadre.pk}] * 2
    assert found.asked_more == 1


def test_another_share_of_open_questions(over, draft):
    world = over
    missed(world, world.cadre, 2)
    edit_edition(draft, by=world.chief, rule={"gap_fraction": 0.6})
    draft.refresh_from_db()
    found = trial(world, draft)
    # One of two is open: half, and less than the draft's share.
    assert found.more == []
    assert found.fractions == [(15, 1, False), (20, 1, False), (25, 1, False), (33, 1, False), (50, 1, False), (60, 0, True)]  # fmt: skip


def test_the_rule_of_that_time_finds_what_the_scan_found(over):
    world = over
    missed(world, world.cadre, 3)
    missed(world, world.person(world.forestry), 3)
    scan(on=world.today)
    due = add_working_days(world.today, 10) + DAY
    scan(on=due)
    flagged = set(Alert.objects.standing().filter(rule="evidence_gap").values_list("unit", flat=True))
    same = copy_edition(world.edition, by=world.chief, code="same")
    found = try_out(same, world.campaign, user=world.chief, on=due)
    assert (
        flagged == {line.unit.pk for line in found.lines if line.flagged_before} == {world.bureau.pk, world.forestry.pk}
    )
    assert (found.more, found.fewer, found.asked_more, found.asked_fewer) == ([], [], 0, 0)


def test_an_answer_that_was_accepted_counts_on_both_sides(over, draft):
    world = over
    missed(world, world.cadre, 3)
    scan(on=world.today)
    question = UnitQuestion.objects.get(cadre=world.cadre)
    assert trial(world, draft).flagged_before == 1
    move(question, "explain", by=world.head, ground="talk", answer="已谈话，已改正")
    found = trial(world, draft)
    assert (found.flagged_before, found.more) == (0, [])


def test_what_last_years_nominations_would_have_lacked(over, draft):
    world = over
    before = trial(world, draft)
    assert (before.nominations, before.lacking, before.without) == (1, 0, 0)
    edit_edition(draft, by=world.chief, rule={"min_items": 3})
    draft.refresh_from_db()
    assert trial(world, draft).lacking == 1
    remove_criterion(draft.criteria.get(code="B1"), by=world.chief)
    found = trial(world, draft)
    assert (found.lacking, found.without) == (0, 1)
    assert next((row.before, row.after) for row in found.criteria if row.code == "B1") == (0, None)


def test_nobody_from_whom_the_reader_is_barred_stands_in_the_figures(over, draft):
    world = over
    missed(world, world.cadre, 2)
    Relation.objects.create(cadre=world.chief.cadre, other=world.cadre, kind="kin")
    assert trial(world, draft).more == []
    assert units(trial(world, draft, world.admin).more) == [world.bureau]


def test_the_page_says_it_in_a_sentence_and_names_no_cadre(over, draft):
    world = over
    missed(world, world.cadre, 2)
    url = f"/criteria/{draft.public_id}/trial/"
    for user in (world.chief, world.admin, world.leader):
        page = as_(user).get(url)
        assert page.status_code == 200
        text = page.content.decode()
        assert world.bureau.name in text and world.cadre.name not in text
    for user in (world.clerk, world.head, world.inspector, world.trainee):
        assert as_(user).get(url).status_code == 403
    for key in ("x", world.round.public_id if hasattr(world.round, "public_id") else draft.public_id):
        assert as_(world.chief).get(f"{url}?campaign={key}").status_code == 404
    before = (Edition.objects.count(), UnitQuestion.objects.count(), DecisionEvent.objects.count())
    as_(world.chief).get(url)
    assert before == (Edition.objects.count(), UnitQuestion.objects.count(), DecisionEvent.objects.count())


def test_without_a_return_on_file_the_page_says_what_is_missing(world, draft):
    page = as_(world.chief).get(f"/criteria/{draft.public_id}/trial/")
    assert page.context["trial"] is None
    assert "empty" in page.content.decode()


def test_another_organizers_draft_is_not_found(world, draft):
    stranger = world.user("edu-chief", world.bureau, Role.CHIEF)
    assert as_(stranger).get(f"/criteria/{draft.public_id}/trial/").status_code == 404


def test_the_statements_of_a_trial_do_not_grow_with_the_county(over, draft):
    world = over

    def statements():
        with CaptureQueriesContext(connection) as caught:
            trial(world, draft)
        return len(caught)

    missed(world, world.cadre, 3)
    trial(world, draft)
    few = statements()
    for unit in (world.bureau, world.forestry, world.town):
        for _n in range(4):
            missed(world, world.person(unit), 3)
    assert statements() == few


def test_home_says_what_waits_in_another_role(world):
    """Whoever looks at one role's tasks learns that the other one's wait, and one click leads there."""
    RoleAssignment.objects.create(user=world.recorder, role=Role.LEADER, unit=world.department, start=world.today - DAY)
    draft = copy_edition(world.edition, by=world.chief, code="draft")
    hand_in(draft, by=world.chief)
    page = as_(world.recorder).get("/")
    ((held, count),) = page.context["elsewhere"]
    assert (held.role, count) == ("leader", 1)
    client = as_(world.recorder)
    client.post("/role/", {"role": f"leader:{world.department.pk}", "next": "/"})
    page = client.get("/")
    assert [task["url"] for task in page.context["tasks"]] == [f"/criteria/{draft.public_id}/approve/"]
    assert page.context["elsewhere"] == []
