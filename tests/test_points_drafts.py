"""Rules of a points ledger as drafts: drafted by one person, tried on the settled months, approved by another."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.formats import date_format
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Notice, User
from accounts.people.workflow import add_unit, begin_duty
from accounts.trail.models import DecisionEvent
from accounts.user.models import RoleAssignment
from assessments.models import PointEntry, PointLedger, PointPlace, PointRules
from assessments.points.appeal import answer_appeal, make_appeal
from assessments.points.award import share_award
from assessments.points.drafting import approve_rules, approvers, begin_ledger, draft_rules, drop_draft
from assessments.points.entering import enter
from assessments.points.rules import Rules, next_month
from assessments.points.settlement import settle_month
from assessments.points.statements import AwardLine
from assessments.points.todo import todo
from assessments.points.trial import Trial
from assessments.points.versions import VERSIONS
from assessments.points.workflow import begin_further_duty, list_routine, place
from tests.test_points import Ledger, _settle_rest
from tests.test_points_pages import sign_in, text
from tests.world import DAY, approve_draft

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ledger():
    return Ledger()


def draft(ledger, by=None, month=None, seen=None, template="2018", **figures) -> PointRules:
    """New rules, by default from next month on, drafted or changed by the liaison."""
    waiting = ledger.row.rules.drafts().first()
    return draft_rules(
        by=by or ledger.liaison, unit=ledger.unit, seen=(waiting.seen if waiting else "") if seen is None else seen,
        template=template, starts_on=month or next_month(ledger.third), figures=figures,
    )  # fmt: skip


def approve(ledger, by=None):
    return approve_draft(ledger.row, by=by or ledger.head)


# Drafting and approving


def test_a_draft_counts_nowhere_until_a_second_person_approves_it(ledger):
    draft(ledger, month=ledger.third, project="15")
    assert ledger.enter(day=ledger.second).points == 10
    assert ledger.fresh().rules_in(ledger.third).figures.project == 10
    row = approve(ledger)
    assert (row.set_by, row.approved_by, row.state) == (ledger.liaison, ledger.head, "approved")
    assert ledger.enter(day=ledger.third).points == 15
    assert ledger.enter(day=ledger.second).points == 10, "old months keep the old version"


@pytest.mark.parametrize("who", ["head", "deputy"])
def test_a_leader_who_drafted_does_not_approve_it_and_the_other_one_does(ledger, who):
    drafter = getattr(ledger, who)
    draft(ledger, by=drafter)
    with pytest.raises(ValidationError):
        approve(ledger, by=drafter)
    approve(ledger, by=ledger.deputy if who == "head" else ledger.head)


def test_the_liaison_drafts_and_never_approves(ledger):
    draft(ledger, by=ledger.head)
    with pytest.raises(PermissionDenied):
        approve(ledger, by=ledger.liaison)
    for by in (ledger.world.stranger, ledger.world.clerk, ledger.world.trainee):
        with pytest.raises(PermissionDenied):
            draft(ledger, by=by)


def test_nobody_approves_the_own_draft_in_another_role(ledger):
    RoleAssignment.objects.create(user=ledger.liaison, role="deputy", unit=ledger.unit, start=ledger.first)
    draft(ledger, by=User.objects.get(pk=ledger.liaison.pk).acting_as("liaison"))
    deputy = User.objects.get(pk=ledger.liaison.pk).acting_as("deputy")
    with pytest.raises(ValidationError):
        approve(ledger, by=deputy)
    assert todo(deputy, ledger.first) == []


def test_everybody_who_had_a_hand_in_the_draft_is_barred_from_approving_it(ledger):
    draft(ledger, by=ledger.head)
    changed = draft(ledger, by=ledger.liaison, project="12")
    assert changed.set_by == ledger.liaison
    with pytest.raises(ValidationError):
        approve(ledger, by=ledger.head)
    assert approvers(changed) == [ledger.deputy]
    draft(ledger, by=ledger.deputy, project="13")
    assert approvers(ledger.row.rules.drafts().get()) == []
    assert "let the liaison draft it anew" in text(sign_in(ledger.head).get("/points/draft/"))


def test_where_a_unit_has_no_second_leader_those_above_it_approve(ledger):
    below = add_unit(code="station", name="水利站", kind="institution", parent=ledger.unit)
    chief = ledger.world.user("chief-of-station", below, "unit_head")
    begin_ledger(by=chief, unit=below, template="2019", starts_on=ledger.second, groups=("甲", "乙"))
    row = below.point_ledger.rules.get()
    assert approvers(row) == [ledger.deputy]
    assert "points_rules_drafted" in Notice.objects.filter(recipient=ledger.deputy).values_list("code", flat=True)
    approve_draft(below.point_ledger, by=ledger.head)


def test_the_database_refuses_an_approval_by_the_drafter_a_second_draft_and_half_an_approval(ledger):
    row = draft(ledger)
    now = row.set_at
    for wrong in (
        {"state": "approved", "approved_by": row.set_by, "approved_at": now},
        {"state": "approved"},
        {"approved_by": ledger.head},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PointRules.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        PointRules.objects.create(
            ledger=ledger.row,
            template="2018",
            mode="posts",
            starts_on=ledger.third,
            params={},
            set_by=ledger.head,
            set_at=now,
        )


def test_an_approved_version_is_never_changed_or_dropped(ledger):
    draft(ledger, project="15")
    row = approve(ledger)
    for act in (drop_draft, approve_rules):
        with pytest.raises(ValidationError):
            act(by=ledger.deputy, unit=ledger.unit, seen=row.seen)
    with pytest.raises(ValidationError):
        draft(ledger, seen=row.seen, project="16")
    draft(ledger, month=next_month(row.starts_on), project="16")
    row.refresh_from_db()
    assert row.params["project"] == "15"
    assert ledger.row.rules.count() == 3


def test_what_changed_meanwhile_is_not_approved_unseen(ledger):
    seen = draft(ledger).seen
    draft(ledger, by=ledger.deputy, project="90")
    for act in (approve_rules, drop_draft):
        with pytest.raises(ValidationError):
            act(by=ledger.head, unit=ledger.unit, seen=seen)
    for old in (seen, ""):
        with pytest.raises(ValidationError):
            draft(ledger, seen=old, project="11")
    assert ledger.row.rules.drafts().get().params["project"] == "90"


def test_a_month_that_was_written_in_or_settled_meanwhile_gets_no_new_rules(ledger):
    draft(ledger, month=ledger.third)
    ledger.enter(day=ledger.third)
    with pytest.raises(ValidationError):
        approve(ledger)
    page = sign_in(ledger.head).get("/points/draft/")
    assert page.context["problem"] and not page.context["may_approve"]
    draft(ledger, month=next_month(ledger.third))
    approve(ledger)


def test_a_month_that_was_settled_meanwhile_gets_no_new_rules(ledger):
    draft(ledger, month=ledger.second)
    ledger.settle()
    ledger.settle(ledger.second)
    with pytest.raises(ValidationError):
        approve(ledger)


def test_a_figure_that_cannot_be_is_refused_when_it_is_drafted(ledger):
    for wrong in ({"base": ["9", "1", "1", "1"]}, {"cap": 0}, {"project": "x"}):
        with pytest.raises(ValidationError):
            draft(ledger, **wrong)
    assert not ledger.row.rules.drafts().exists()


def test_a_draft_that_is_dropped_leaves_nothing_but_its_trail(ledger):
    row = draft(ledger)
    drop_draft(by=ledger.head, unit=ledger.unit, seen=row.seen)
    assert not ledger.row.rules.drafts().exists()
    assert Notice.objects.filter(recipient=ledger.liaison, code="points_rules_dropped").count() == 1
    draft(ledger)
    approve(ledger)
    actions = list(
        DecisionEvent.objects.filter(action__startswith="points.").order_by("seq").values_list("action", flat=True)
    )
    assert [a for a in actions if "draft" in a or "rules" in a][2:] == [
        "points.draft",
        "points.draft_drop",
        "points.draft",
        "points.rules",
    ]


def test_who_may_approve_is_told_and_has_it_to_do_and_the_drafter_hears_of_the_approval(ledger):
    Notice.objects.all().delete()
    draft(ledger, by=ledger.deputy)
    told = Notice.objects.filter(code="points_rules_drafted")
    assert [row.recipient for row in told] == [ledger.head]
    day = ledger.first
    assert todo(ledger.deputy, day) == []
    assert todo(ledger.liaison, day) == []
    [waiting] = todo(ledger.head, day)
    assert waiting["count"] == 1
    assert sign_in(ledger.head).get(waiting["url"]).context["may_approve"]
    assert sign_in(ledger.head).get(told.get().path).status_code == 200
    approve(ledger)
    assert [row.recipient for row in Notice.objects.filter(code="points_rules_approved")] == [ledger.deputy]
    assert todo(ledger.head, day) == []


# A ledger whose first rules wait


@pytest.fixture
def waiting():
    """The forestry bureau's ledger, just begun by its liaison."""
    world = Ledger().world
    head = world.user("head-lyj", world.forestry, "unit_head")
    first = world.today.replace(day=1)
    row = begin_ledger(by=world.stranger, unit=world.forestry, template="2018", starts_on=first, groups=("甲", "乙"))
    return world, head, row


def test_until_its_first_rules_are_approved_every_page_of_a_ledger_says_what_is_missing_and_who_does_it(waiting):
    world, head, row = waiting
    year, month = row.starts_on.year, f"{row.starts_on:%Y-%m}"
    for user in (head, world.stranger):
        client = sign_in(user)
        page = text(client.get("/points/"))
        assert "The rules wait for approval" in page and str(head) in page and "/points/draft/" in page
        for url in (
            "/points/enter/",
            "/points/sheet/",
            f"/points/share/{year}/",
            f"/points/share/{year}/file/",
            f"/points/{month}/print/",
        ):
            assert "The rules wait for approval" in text(client.get(url, follow=True)), url
        for url in ("/points/enter/", "/points/carry/"):
            refused = client.post(url, {"month": month})
            assert refused.status_code == 409 and "The rules wait for approval" in text(refused)
        assert client.get("/points/entries/").status_code == 200
    assert "The rules wait for approval" in text(sign_in(head).get("/points/settle/", follow=True))
    assert "nothing to try it on" in text(sign_in(head).get("/points/draft/"))


def test_nothing_is_entered_or_settled_before_the_first_rules_are_approved_and_the_ledger_can_be_set_up(waiting):
    world, head, row = waiting
    cadre = world.person(world.forestry)
    place(by=world.stranger, unit=world.forestry, cadre=cadre, group=1, grade=1, start=row.starts_on)
    fields = {"by": world.stranger, "cadre": cadre, "kind": "project", "day": world.today, "reason": "事由"}
    with pytest.raises(ValidationError):
        enter(key="a", **fields)
    at = dt.datetime.combine(next_month(row.starts_on) + DAY, dt.time(9), tzinfo=dt.UTC)
    with pytest.raises(ValidationError):
        settle_month(world.forestry, row.starts_on, by=head, at=at)
    assert todo(head, next_month(row.starts_on) + 6 * DAY)[0]["url"].startswith("/points/draft/")
    assert sign_in(world.stranger).get("/points/setup/").status_code == 200
    approve_draft(row, by=head)
    assert enter(key="a", **fields).points == 10
    assert sign_in(world.stranger).get("/points/").context["board"].rows


def test_the_ledger_begins_with_its_first_rules_even_when_their_month_is_changed(waiting):
    world, head, row = waiting
    later = next_month(row.starts_on)
    draft_rules(by=world.stranger, unit=world.forestry, seen=row.rules.get().seen, template="2019", starts_on=later)
    approve_draft(row, by=head)
    assert PointLedger.objects.get(pk=row.pk).starts_on == later
    assert sign_in(head).get("/points/").status_code == 200


def test_a_ledger_whose_first_draft_was_dropped_asks_for_rules_again(waiting):
    world, head, row = waiting
    drop_draft(by=head, unit=world.forestry, seen=row.rules.get().seen)
    client = sign_in(world.stranger)
    assert "/points/draft/edit/" in text(client.get("/points/"))
    assert client.get("/points/enter/").status_code == 302
    assert client.get("/points/draft/edit/").status_code == 200
    assert client.get("/points/setup/").status_code == 200


# The trial


def settled(ledger, *, hours: bool = False):
    """Two settled months with every kind of entry, a leave, a further duty, the same mistake again, and an upheld appeal."""
    task = list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    begin_duty(
        ledger.people[4], by=ledger.head, kind="leave", start=ledger.first + 3 * DAY, end=ledger.first + 12 * DAY
    )
    begin_further_duty(by=ledger.liaison, unit=ledger.unit, cadre=ledger.people[5], name="驻村", hours=D(30), start=ledger.first + 9 * DAY)  # fmt: skip
    for n, cadre in enumerate(ledger.people[1:4]):
        ledger.enter(cadre=cadre, day=ledger.first + n * DAY)
    ledger.enter("routine", cadre=ledger.other, routine=task)
    ledger.enter("unfinished", cadre=ledger.people[7], day=ledger.second)
    if hours:
        ledger.enter("hours", cadre=ledger.people[8], hours=D("7.5"))
    for day in (ledger.first + DAY, ledger.first + 20 * DAY, ledger.second + 2 * DAY):
        ledger.mistake(day)
    fallen = ledger.mistake(ledger.first + 2 * DAY)
    wrong = ledger.enter("unfinished")
    ledger.settle()
    for entry in (fallen, wrong):
        appeal = make_appeal(entry, by=ledger.world.trainee, text="有误")
        answer_appeal(appeal, by=ledger.head, uphold=True, reason="属实")
    ledger.mistake(ledger.first + 5 * DAY)  # entered late: it counts in the second month
    ledger.settle(ledger.second)
    return ledger


def whole(lines) -> list[tuple]:
    """All that a line says, places too."""
    return sorted((line.cadre, line, line.unit_place, line.group_place) for line in lines.values())


def sides(lines) -> dict:
    return {key: (line.base, line.plus, line.minus) for key, line in lines.items()}


def test_under_the_very_rules_in_force_nothing_is_different(ledger):
    settled(ledger)
    trial = Trial(ledger.fresh(), ledger.fresh().versions[0].figures)
    assert trial.months == [ledger.first, ledger.second]
    for month in (None, *trial.months):
        before, after = trial.lines(trial.settled, month), trial.lines(trial.drafted, month)
        assert before and whole(before) == whole(after)
    assert "nothing would have been different" in text(_page(ledger, ledger.deputy, project="10"))


def _page(ledger, user, query="", **figures):
    draft(ledger, **figures)
    return sign_in(user).get(f"/points/draft/{query}")


versions = st.tuples(st.sampled_from(["2018", "2019"]), st.fixed_dictionaries({
    "base": st.lists(st.integers(0, 200), min_size=4, max_size=4).map(lambda row: [str(n) for n in sorted(row)]),
    "project": st.integers(0, 50).map(str), "routine": st.integers(0, 50).map(str), "unfinished": st.integers(0, 50).map(str),
    "mistake": st.integers(0, 20).map(str), "cap": st.integers(1, 8), "window": st.sampled_from([1, 3, 6, 12]),
    "factor": st.decimals(0, 2, places=2).map(str),
}))  # fmt: skip


@settings(max_examples=6)
@given(kept=versions, drafted=versions)
def test_a_trial_foretells_what_the_same_record_settled_by_the_draft_would_have_given(ledger, kept, drafted):
    """For any two rules. Those in force change nothing; the others give the sums that settling by them gives."""

    def played(version, hours):
        template, own = version
        params = Rules.read(VERSIONS[template].mode, VERSIONS[template].params | own).params()
        ledger.row.rules.update(template=template, mode=VERSIONS[template].mode, params=params)
        return settled(ledger, hours=hours).fresh()

    def figures(version):
        return Rules.read(VERSIONS[version[0]].mode, VERSIONS[version[0]].params | version[1])

    by_hours = kept[0] == "2019"
    with transaction.atomic():
        row = played(kept, by_hours)
        trial, other = Trial(row, figures(kept)), Trial(row, figures(drafted))
        before, after = trial.lines(trial.settled, None), trial.lines(trial.drafted, None)
        foretold = sides(other.lines(other.drafted, None))
        transaction.set_rollback(True)
    assert whole(before) == whole(after)
    with transaction.atomic():
        trial = Trial(played(drafted, by_hours and drafted[0] == "2019"), figures(drafted))
        assert sides(trial.lines(trial.settled, None)) == foretold
        transaction.set_rollback(True)


# Two months at 60; a project is worth 15 instead of 10, unfinished work 8 instead of 5.
def test_points_and_places_by_hand(ledger):
    ledger.enter()
    ledger.enter(day=ledger.second)
    ledger.enter("unfinished", cadre=ledger.other)
    ledger.enter(cadre=ledger.people[2])
    ledger.enter(
        "routine", cadre=ledger.people[3], routine=list_routine(by=ledger.liaison, unit=ledger.unit, name="值班")
    )
    ledger.settle()
    ledger.settle(ledger.second)
    draft(ledger, project="15", unfinished="8")
    page = sign_in(ledger.head).get("/points/draft/")
    rows = {row.cadre: row for row in page.context["rows"]}
    assert len(rows) == 11
    mine = rows[ledger.me]
    assert (mine.before.total, mine.after.total, mine.difference, mine.other_place) == (D(140), D(150), D(10), False)
    assert rows[ledger.other].difference == D(-3)
    routine = rows[ledger.people[3]]
    assert (routine.before.unit_place, routine.after.unit_place, routine.moved) == (2, 3, 1)
    words = text(page)
    assert "Under these rules 1 of 11 people would have another place;" in words
    assert f"most +10.00 ({ledger.me}), least −3.00 ({ledger.other})" in words
    one = sign_in(ledger.head).get(f"/points/draft/?month={ledger.second:%Y-%m}").context
    assert {row.cadre: row.difference for row in one["rows"] if row.difference} == {ledger.me: D(5)}
    for wrong in (f"{ledger.third:%Y-%m}", "2001-01", "x"):
        assert sign_in(ledger.head).get(f"/points/draft/?month={wrong}").status_code == 404


def test_a_shorter_window_makes_the_same_mistake_cheaper(ledger):
    for n in range(3):
        ledger.mistake(ledger.first + n * DAY)
    ledger.settle()
    trial = Trial(ledger.fresh(), Rules.read("posts", VERSIONS["2018"].params | {"cap": 1}))
    before, after = trial.lines(trial.present, None), trial.lines(trial.drafted, None)
    assert (before[ledger.me.pk].minus, after[ledger.me.pk].minus) == (D(-35), D(-15))


def test_only_the_last_twelve_settled_months_are_tried(ledger, monkeypatch):
    monkeypatch.setattr("assessments.points.trial.MONTHS", 1)
    ledger.settle()
    ledger.settle(ledger.second)
    assert Trial(ledger.fresh(), ledger.fresh().versions[0].figures).months == [ledger.second]


def test_what_a_decision_on_appeal_left_counts_in_the_same_part(ledger):
    ledger.settle()
    base = PointEntry.objects.get(cadre=ledger.me, kind="base")
    appeal = make_appeal(base, by=ledger.world.trainee, text="请假天数有误")
    answer_appeal(appeal, by=ledger.deputy, uphold=True, reason="属实", instead=D(30))
    trial = Trial(ledger.fresh(), Rules.read("posts", VERSIONS["2018"].params | {"base": ["80", "80", "80", "90"]}))
    before, after = trial.lines(trial.present, None), trial.lines(trial.drafted, None)
    assert (before[ledger.me.pk].base, after[ledger.me.pk].base) == (D(30), D(40))


def test_a_leave_that_was_recorded_after_the_settlement_leaves_the_days_as_settled(ledger):
    ledger.settle()
    begin_duty(ledger.me, by=ledger.head, kind="leave", start=ledger.first, end=ledger.second)
    trial = Trial(ledger.fresh(), Rules.read("posts", VERSIONS["2018"].params | {"base": ["80", "80", "80", "90"]}))
    before, after = trial.lines(trial.present, None), trial.lines(trial.drafted, None)
    assert (before[ledger.me.pk].base, after[ledger.me.pk].base) == (D(60), D(80))


def test_months_settled_by_an_earlier_version_are_reckoned_by_the_rules_in_force_on_both_sides(ledger):
    """Otherwise the draft would be blamed for the change before it."""
    ledger.enter()
    ledger.settle()
    ledger.rule("2018", ledger.third, figures={"project": "20"})
    page = _page(ledger, ledger.head, project="23")
    mine = next(row for row in page.context["rows"] if row.cadre == ledger.me)
    assert [line.total for line in (mine.settled, mine.before, mine.after)] == [D(70), D(80), D(83)]
    assert "Points as settled" in text(page)


def test_what_cannot_be_known_is_said_plainly(ledger):
    ledger.settle()
    assert "hours worked beyond the average were not written down" in text(_page(ledger, ledger.head, template="2019"))
    PointRules.objects.filter(ledger=ledger.row, state="approved").update(template="2019", mode="hours")
    ledger.enter("hours", day=ledger.second, hours=D(4))
    ledger.settle(ledger.second)
    words = text(_page(ledger, ledger.head, template="2018"))
    assert "1 entry of hours worked counts nothing under this draft" in words
    assert "What people would have done differently" in words
    approve(ledger)
    assert "settled by an earlier version" in text(
        _page(ledger, ledger.head, month=next_month(next_month(ledger.third)), project="9")
    )


def test_a_settled_month_in_which_nobody_had_a_place_is_tried_too(ledger):
    PointPlace.objects.all().delete()
    ledger.settle()
    page = _page(ledger, ledger.head, query=f"?month={ledger.first:%Y-%m}", project="15")
    assert (page.status_code, page.context["rows"], page.context["summary"]) == (200, [], None)


def test_below_five_people_points_are_shown_and_no_places(ledger):
    PointPlace.objects.filter(cadre__in=ledger.people[4:]).delete()
    ledger.enter()
    ledger.settle()
    page = _page(ledger, ledger.head, project="15")
    assert "Under these rules 1 of 4 people would have other points;" in text(page)
    assert {row.after.unit_place for row in page.context["rows"]} == {None}


def test_nobody_sees_the_own_line_or_that_of_kin_and_they_count_in_the_places(ledger):
    place(by=ledger.deputy, unit=ledger.unit, cadre=ledger.head.cadre, group=1, grade=4, start=ledger.first)
    ledger.head.cadre.relations.create(other=ledger.other, kind="kin")
    ledger.settle()
    seen = _page(ledger, ledger.head).context
    assert (len(seen["rows"]), seen["hidden"]) == (10, 2)
    assert min(row.before.unit_place for row in seen["rows"]) == 2
    assert sign_in(ledger.deputy).get("/points/draft/").context["hidden"] == 0


def test_a_strangers_draft_is_not_there_and_a_cadre_reads_none(ledger):
    draft(ledger)
    assert sign_in(ledger.world.stranger).get(f"/points/draft/?unit={ledger.unit.public_id}").status_code == 404
    assert sign_in(ledger.world.trainee).get("/points/draft/").status_code == 403


def test_the_award_that_was_shared_is_shared_once_more_by_the_draft_to_the_fen(ledger):
    for n, cadre in enumerate(ledger.people):
        for k in range(n % 3):
            ledger.enter(cadre=cadre, day=ledger.first + k * DAY)
    ledger.settle()
    year = _settle_rest(ledger)
    share_award(ledger.unit, year, 1_000_001, by=ledger.head)
    same = Trial(ledger.fresh(), ledger.fresh().versions[0].figures).award
    assert [(row.before, row.after) for row in same.rows] == [(row.before, row.before) for row in same.rows]
    other = Rules.read("posts", VERSIONS["2018"].params | {"project": "33", "share": 37})
    trial = Trial(ledger.fresh(), other).award
    assert (trial.share.year, trial.shared_after) == (year, 370_000)
    assert sum(row.after for row in trial.rows) == 370_000
    assert {row.cadre.pk: row.before for row in trial.rows} == dict(AwardLine.objects.values_list("cadre", "fen"))
    month = next_month(ledger.fresh().open_month)
    page = text(_page(ledger, ledger.head, month=month, project="33", share=37))
    assert "3700.00" in page and "10000.01" in page
    nothing = Rules.read("posts", VERSIONS["2018"].params | {"project": "0", "base": ["0"] * 4})
    assert {row.after for row in Trial(ledger.fresh(), nothing).award.rows} == {None}


# Pages


def form_data(page, **fields) -> dict:
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields} | {"seen": page.context["seen"]} | fields


def test_a_draft_is_written_changed_and_approved_on_its_pages(ledger):
    liaison, head = sign_in(ledger.liaison), sign_in(ledger.head)
    assert "/points/draft/edit/" in text(liaison.get("/points/setup/"))
    page = liaison.get("/points/draft/edit/")
    assert page.context["form"]["template"].value() == "2018"
    month = next_month(ledger.third)
    data = form_data(page, starts_on=f"{month:%Y-%m}", project="15")
    assert liaison.post("/points/draft/edit/", data | {"cap": "0"}).status_code == 422
    assert liaison.post("/points/draft/edit/", data | {"base_2": "1"}).status_code == 409
    assert liaison.post("/points/draft/edit/", data | {"starts_on": f"{ledger.first:%Y-%m}"}).status_code == 409
    assert liaison.post("/points/draft/edit/", data).url == "/points/draft/"
    assert liaison.post("/points/draft/edit/", data).status_code == 409, "somebody drafted meanwhile"
    again = liaison.get("/points/draft/edit/")
    assert again.context["form"]["project"].value() == "15"
    shown = head.get("/points/draft/")
    assert [(str(f.label), f.before, f.after) for f in shown.context["figures"] if f.changed] == [
        ("Per project", "10", "15")
    ]
    assert "/points/draft/" in text(head.get("/points/")) and "/points/draft/" in text(head.get("/points/setup/"))
    assert liaison.get("/points/draft/").context["may_approve"] is False
    answer = {"seen": shown.context["draft"].seen, "typed": shown.context["sentence"]}
    assert liaison.post("/points/draft/approve/", answer).status_code == 403
    assert head.post("/points/draft/approve/", answer | {"typed": "yes"}).status_code == 422
    assert (
        liaison.post("/points/draft/edit/", form_data(again, starts_on=f"{month:%Y-%m}", project="16")).status_code
        == 302
    )
    assert head.post("/points/draft/approve/", answer).status_code == 409, "he has not seen this"
    answer["seen"] = head.get("/points/draft/").context["draft"].seen
    assert head.post("/points/draft/approve/", answer).url == "/points/setup/#rules"
    assert f"Drafted by {ledger.liaison}, approved by {ledger.head}" in text(head.get("/points/setup/"))
    assert head.post("/points/draft/approve/", answer).status_code == 302, "there is none any more"
    assert head.get("/points/draft/").url == "/points/setup/#rules"
    assert head.get("/points/draft/approve/").status_code == 302


def test_a_draft_is_dropped_after_a_question(ledger):
    client = sign_in(ledger.head)
    seen = draft(ledger).seen
    assert "Whoever had a hand in it is told" in text(client.get("/points/draft/drop/"))
    assert client.post("/points/draft/drop/", {"seen": "x"}).status_code == 409
    for _n in range(2):
        assert client.post("/points/draft/drop/", {"seen": seen}).status_code == 302
    assert client.get("/points/draft/drop/").status_code == 302
    assert not ledger.row.rules.drafts().exists()


def test_an_entry_and_a_statement_name_the_version_by_which_they_were_counted(ledger):
    entry = ledger.enter()
    ledger.settle()
    draft(ledger, month=ledger.third, project="15")
    approve(ledger)
    with translation.override("en"):
        since = date_format(ledger.first, "YEAR_MONTH_FORMAT")
    for url in (entry.get_absolute_url(), "/points/mine/"):
        assert f"from {since} on" in text(sign_in(ledger.world.trainee).get(url))


def test_the_page_of_a_draft_costs_the_same_however_much_was_settled(ledger):
    def cost(user) -> int:
        client = sign_in(user)
        client.get("/points/draft/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/points/draft/").status_code == 200
        return len(queries)

    ledger.enter()
    ledger.mistake(ledger.first)
    ledger.settle()
    draft(ledger, project="15")
    one = cost(ledger.head)
    for n in range(3):
        cadre = ledger.world.person(ledger.unit)
        place(by=ledger.liaison, unit=ledger.unit, cadre=cadre, group=2, grade=2, start=ledger.second)
        ledger.enter(cadre=cadre, day=ledger.second)
        ledger.enter("unfinished", cadre=cadre, day=ledger.second + n * DAY)
        ledger.mistake(ledger.second + n * DAY, cadre=cadre)
        ledger.mistake(ledger.second + n * DAY)
    ledger.settle(ledger.second)
    assert cost(ledger.head) == one
