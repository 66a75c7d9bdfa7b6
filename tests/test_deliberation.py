"""The deliberation panel: names from the record only, scores given alone, discussion where they lie apart, conclusion."""

from fractions import Fraction
from itertools import permutations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import DecisionEvent, Notice, Relation, User
from assessments.evidence.workflow import add_evidence, supersede
from assessments.panel.models import Panel, PanelCandidate, PanelScore
from assessments.panel.ranking import figures, places, ranking
from assessments.panel.todo import todo
from assessments.panel.workflow import cancel, conclude, disagree, discuss, excuse, rescore, score, set_up
from cohorts.site.views import SOURCES
from tests.test_pages import as_
from tests.world import DAY, World


def met(world, cadre, code="B2", items=3):
    """Put on record what meets the criterion: missed deadlines, and one item from outside."""
    for n in range(items):
        add_evidence(by=world.liaison, cadre=cadre, kind="task", fact="missed", title=f"第{n + 1}项未完成",
                     happened_on=world.today - (10 + n) * DAY, source="周工作清单")  # fmt: skip
    add_evidence(by=world.liaison, cadre=cadre, kind="inspection", criterion=code, title="督查通报",
                 happened_on=world.today - 5 * DAY, source="县委督查室", outside=True)  # fmt: skip


def recorded() -> World:
    """Two people of the bureau whose record meets B2, the second with one item more."""
    made = World()
    made.b2 = made.edition.criteria.get(code="B2")
    made.first, made.second = made.person(made.bureau), made.person(made.bureau)
    met(made, made.first)
    met(made, made.second, items=4)
    return made


@pytest.fixture
def world():
    with translation.override("en"):
        yield recorded()


def panel_of(world, *, members=None, names=None, **fields) -> Panel:
    content = {
        "unit": world.bureau, "edition": world.edition, "title": "研判", "held_on": world.today,
        "members": [u.cadre for u in members or (world.head, world.deputy, world.liaison)],
        "candidates": [(cadre, world.b2) for cadre in names or (world.first, world.second)],
    }  # fmt: skip
    return set_up(by=fields.pop("by", world.liaison), **(content | fields))


def of(panel, cadre) -> PanelCandidate:
    return panel.candidates.get(cadre=cadre)


def all_score(panel, table):
    """``table``: user -> score per cadre, None = abstains."""
    for user, row in table.items():
        score(panel, by=user, scores={of(panel, cadre).pk: value for cadre, value in row.items()})
    panel.refresh_from_db()


def scored(world, first=(3, 4, 4), second=(2, 2, 3)) -> Panel:
    panel = panel_of(world)
    users = (world.head, world.deputy, world.liaison)
    all_score(panel, {u: {world.first: a, world.second: b} for u, a, b in zip(users, first, second, strict=True)})
    return panel


def results(panel, outcome="nominate"):
    return {row.pk: (outcome, "三名成员一致") for row in panel.candidates.all()}


# ----- the figures -----

TABLE = [
    # scores, median, mean, spread
    ((3, 4, 4), Fraction(4), Fraction(11, 3), 1),
    ((1, 5, 2, 4), Fraction(3), Fraction(3), 4),
    ((2, 3, 2, 5), Fraction(5, 2), Fraction(3), 3),
    ((5, 5, 5), Fraction(5), Fraction(5), 0),
]


@pytest.mark.parametrize(("scores", "median", "mean", "spread"), TABLE)
def test_figures_by_hand(scores, median, mean, spread):
    sheet = figures(scores)
    assert (sheet.median, sheet.mean, sheet.spread, sheet.few) == (median, mean, spread, False)


def test_two_scores_are_too_few():
    assert figures([5, 5]).few and figures([]).few
    assert not figures([1, 1, 1]).few


@given(st.lists(st.integers(1, 5), min_size=1, max_size=9))
def test_the_median_halves_the_scores_and_the_order_of_scoring_means_nothing(scores):
    sheet = figures(scores)
    assert figures(reversed(scores)) == sheet
    assert sum(s <= sheet.median for s in scores) * 2 >= len(scores) <= sum(s >= sheet.median for s in scores) * 2
    assert min(scores) <= sheet.median <= max(scores) and min(scores) <= sheet.mean <= max(scores)
    assert 0 <= sheet.spread <= 4


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=6), st.randoms())
def test_places_do_not_depend_on_the_order_of_the_list(keys, random):
    found = dict(zip(keys, places(keys), strict=True))
    mixed = random.sample(keys, len(keys))
    assert dict(zip(mixed, places(mixed), strict=True)) == found
    assert all((found[a] < found[b]) == (a > b) for a, b in permutations(keys, 2))


# ----- setting up -----


@pytest.mark.django_db
class TestSettingUp:
    def test_only_names_from_the_record_get_on_the_list(self, world):
        for names in ([world.person(world.bureau)], []):
            with pytest.raises(ValidationError):
                panel_of(world, names=names) if names else panel_of(world, candidates=[])
        with pytest.raises(ValidationError):
            panel_of(world, candidates=[(world.first, world.edition.criteria.get(code="C1"))])
        assert not Panel.objects.exists()

    def test_the_items_on_the_table_stay_those_of_that_day(self, world):
        panel = panel_of(world)
        assert of(panel, world.first).items.count() == 4
        supersede(of(panel, world.first).items.first(), by=world.liaison, reason="理由已采信", fact="")
        met(world, world.first)
        assert of(panel, world.first).items.count() == 4

    def test_three_members_of_the_unit_or_a_neighbour_with_an_account(self, world):
        no_account = User.objects.filter(pk=world.deputy.pk)
        panel_of(world, members=(world.head, world.deputy, world.stranger), title="联合研判")
        for members in ((world.head, world.deputy), (world.head, world.head, world.deputy)):
            with pytest.raises(ValidationError, match="three members"):
                panel_of(world, members=members)
        no_account.update(is_active=False)
        with pytest.raises(ValidationError, match="Without an account"):
            panel_of(world)
        world.liaison.cadre.left_on = world.today
        with pytest.raises(ValidationError, match="not in service"):
            panel_of(world)

    def test_a_form_sent_twice_makes_one_panel(self, world):
        panel_of(world)
        with pytest.raises(ValidationError):
            panel_of(world)
        assert Panel.objects.count() == 1

    def test_whoever_is_barred_puts_nobody_of_his_kin_on_the_list(self, world):
        Relation.objects.create(cadre=world.liaison.cadre, other=world.first, kind="kin")
        with pytest.raises(ValidationError):
            panel_of(world)

    def test_members_are_told_without_a_name(self, world):
        panel_of(world)
        notice = Notice.objects.get(recipient=world.head, code="panel_to_score")
        assert world.first.name not in notice.text and "研判" in notice.text
        assert not Notice.objects.filter(recipient=world.liaison, code="panel_to_score").exists()
        assert DecisionEvent.objects.filter(action="panel.set_up").count() == 1


# ----- scoring -----


@pytest.mark.django_db
class TestScoring:
    def test_nothing_is_known_before_every_member_has_finished(self, world):
        panel = panel_of(world)
        for user in (world.head, world.deputy):
            score(panel, by=user, scores={row.pk: 4 for row in panel.candidates.all()})
            panel.refresh_from_db()
            assert panel.state == "scoring" and ranking(panel) == []
        score(panel, by=world.liaison, scores={row.pk: 4 for row in panel.candidates.all()})
        panel.refresh_from_db()
        assert panel.state == "discussing" and len(ranking(panel)) == 2

    def test_a_sheet_is_whole_and_given_once(self, world):
        panel = panel_of(world)
        first, second = of(panel, world.first).pk, of(panel, world.second).pk
        for sheet in (
            {"scores": {first: 3}}, {"scores": {first: 3, second: 6}}, {"scores": {first: 3, second: 0}},
            {"scores": {first: 3}, "recusals": {second: " "}}, {"scores": {first: 3, second: 3}, "recusals": {second: "同学"}},
            {"scores": {first: 3, second: 3, 0: 1}},
        ):  # fmt: skip
            with pytest.raises(ValidationError):
                score(panel, by=world.head, **sheet)
        assert not PanelScore.objects.exists()
        score(panel, by=world.head, scores={first: 3}, recusals={second: "曾是搭档"})
        with pytest.raises(ValidationError, match="already"):
            score(panel, by=world.head, scores={first: 4, second: 4})
        with pytest.raises(ValidationError, match="not a member"):
            score(panel, by=world.stranger, scores={first: 4, second: 4})

    def test_a_member_never_scores_himself_or_his_kin(self, world):
        member = world.user("member", world.bureau, None)
        met(world, member.cadre)
        Relation.objects.create(cadre=world.second, other=member.cadre, kind="dispute")
        panel = panel_of(
            world, members=(world.head, world.deputy, member), names=(world.first, world.second, member.cadre)
        )
        assert list(panel.candidates.known_to(member.acting_as("cadre"))) == [of(panel, world.first)]
        with pytest.raises(ValidationError):
            score(panel, by=member, scores={row.pk: 1 for row in panel.candidates.all()})
        score(panel, by=member, scores={of(panel, world.first).pk: 3})
        for user in (world.head, world.deputy):
            score(panel, by=user, scores={row.pk: 4 for row in panel.candidates.all()})
        panel.refresh_from_db()
        rows = {row.candidate.cadre: row for row in ranking(panel)}
        assert rows[world.first].place == 1 and rows[world.first].now.scores == (3, 4, 4)
        assert rows[member.cadre].now.few and rows[member.cadre].place is None
        assert rows[world.second].now.few

    def test_a_relation_declared_meanwhile_recuses_too(self, world):
        panel = panel_of(world)
        Relation.objects.create(cadre=world.head.cadre, other=world.first, kind="kin")
        score(panel, by=world.head, scores={of(panel, world.second).pk: 2})
        assert PanelScore.objects.get(candidate__cadre=world.first).stance == "barred"

    def test_a_panel_that_is_all_about_oneself_cannot_be_found(self, world):
        member = world.user("member", world.bureau, None)
        met(world, member.cadre)
        panel_of(world, names=(member.cadre,), members=(world.head, world.deputy, world.liaison, member))
        assert not Panel.objects.visible_to(member.acting_as("cadre")).exists()
        assert Panel.objects.visible_to(world.head).exists()
        assert not Panel.objects.visible_to(world.stranger).exists()
        assert not Panel.objects.visible_to(world.chief).exists()

    def test_nobody_waits_for_an_excused_member(self, world):
        panel = panel_of(world, members=(world.head, world.deputy, world.liaison, world.trainee))
        for user in (world.head, world.deputy, world.liaison):
            score(panel, by=user, scores={row.pk: 4 for row in panel.candidates.all()})
        seat = panel.members.get(cadre=world.trainee.cadre)
        with pytest.raises(ValidationError):
            excuse(panel, by=world.liaison, member=seat, reason=" ")
        with pytest.raises(ValidationError, match="finished"):
            excuse(panel, by=world.liaison, member=panel.members.get(cadre=world.head.cadre), reason="外出")
        excuse(panel, by=world.liaison, member=seat, reason="外出学习")
        panel.refresh_from_db()
        assert panel.state == "discussing"
        with pytest.raises(ValidationError):
            score(panel, by=world.trainee, scores={row.pk: 1 for row in panel.candidates.all()})


# ----- ranking -----


@pytest.mark.django_db
class TestRanking:
    def test_by_median_then_mean_then_items(self, world):
        third, fourth = world.person(world.bureau), world.person(world.bureau)
        met(world, third), met(world, fourth)
        panel = panel_of(world, names=(world.first, world.second, third, fourth))
        table = {world.first: (3, 3, 3), world.second: (3, 3, 3), third: (2, 3, 5), fourth: (4, 4, 4)}
        users = (world.head, world.deputy, world.liaison)
        all_score(panel, {u: {cadre: row[n] for cadre, row in table.items()} for n, u in enumerate(users)})
        rows = [(row.place, row.candidate.cadre) for row in ranking(panel)]
        # 4; then median 3 with the higher mean; then equal scores, the one with more items first.
        assert rows == [(1, fourth), (2, third), (3, world.second), (4, world.first)]

    def test_equal_ones_share_a_place(self, world):
        third = world.person(world.bureau)
        met(world, third)
        panel = panel_of(world, names=(world.first, third, world.second))
        for user in (world.head, world.deputy, world.liaison):
            score(panel, by=user, scores={row.pk: 2 for row in panel.candidates.all()})
        panel.refresh_from_db()
        assert [row.place for row in ranking(panel)] == [1, 2, 2]
        assert [row.place for row in ranking(panel, without=[world.second.pk])] == [1, 1]

    def test_an_abstention_is_no_score(self, world):
        panel = scored(world, first=(5, None, 5), second=(1, 2, 2))
        rows = {row.candidate.cadre: row for row in ranking(panel)}
        assert rows[world.first].now.few and rows[world.second].place == 1


# ----- discussion and conclusion -----


@pytest.mark.django_db
class TestConclusion:
    def test_a_wide_spread_forces_a_discussion(self, world):
        panel = scored(world, first=(1, 4, 4))
        with pytest.raises(ValidationError, match=world.first.name):
            conclude(panel, by=world.head, minutes="纪要", results=results(panel))
        with pytest.raises(ValidationError):
            discuss(panel, by=world.liaison, candidate=of(panel, world.first), text=" ")
        discuss(panel, by=world.liaison, candidate=of(panel, world.first), text="逐条核对了记录")
        panel = conclude(panel, by=world.head, minutes="纪要", results=results(panel))
        assert panel.state == "concluded"

    def test_a_recorded_disagreement_forces_a_discussion_of_its_own(self, world):
        panel, candidate = scored(world), None
        candidate = of(panel, world.second)
        discuss(panel, by=world.liaison, candidate=candidate, text="先谈过一次")
        disagree(panel, by=world.deputy, candidate=candidate, reason="两项是等待批复造成的")
        with pytest.raises(ValidationError, match=world.second.name):
            conclude(panel, by=world.head, minutes="纪要", results=results(panel))
        discuss(panel, by=world.liaison, candidate=candidate, text="扣除两项后仍达标")
        conclude(panel, by=world.head, minutes="纪要", results=results(panel, "remind"))
        assert ranking(panel)[1].disagreements[0].member.cadre == world.deputy.cadre

    def test_disagreement_is_a_members_and_has_a_reason(self, world):
        panel = scored(world)
        with pytest.raises(ValidationError):
            disagree(panel, by=world.head, candidate=of(panel, world.first), reason="")
        with pytest.raises(ValidationError, match="not a member"):
            disagree(panel, by=world.stranger, candidate=of(panel, world.first), reason="不同意")

    def test_who_recused_himself_disagrees_with_nothing(self, world):
        panel = panel_of(world)
        first, second = of(panel, world.first).pk, of(panel, world.second).pk
        score(panel, by=world.head, scores={second: 3}, recusals={first: "同学"})
        for user in (world.deputy, world.liaison):
            score(panel, by=user, scores={first: 3, second: 3})
        with pytest.raises(ValidationError, match="recused"):
            disagree(panel, by=world.head, candidate=of(panel, world.first), reason="不同意")

    def test_a_second_round_follows_a_discussion_and_the_first_one_stays(self, world):
        panel = scored(world, first=(1, 5, 4))
        candidate = of(panel, world.first)
        with pytest.raises(ValidationError):
            rescore(panel, by=world.liaison, candidates=[candidate])
        discuss(panel, by=world.liaison, candidate=candidate, text="补看了督查原件")
        rescore(panel, by=world.liaison, candidates=[candidate])
        panel.refresh_from_db()
        assert panel.state == "scoring" and ranking(panel) == []
        for user, value in ((world.head, 3), (world.deputy, 4), (world.liaison, 4)):
            score(panel, by=user, scores={candidate.pk: value})
        panel.refresh_from_db()
        row = next(row for row in ranking(panel) if row.candidate == candidate)
        assert row.now.scores == (3, 4, 4) and row.first.scores == (1, 4, 5)
        assert row.must_discuss and not row.undiscussed
        with pytest.raises(ValidationError):
            rescore(panel, by=world.liaison, candidates=[candidate])
        conclude(panel, by=world.head, minutes="纪要", results=results(panel))

    def test_every_name_gets_a_conclusion_with_its_reason(self, world):
        panel = scored(world)
        first = of(panel, world.first).pk
        for content in (
            {"minutes": " ", "results": results(panel)}, {"minutes": "纪要", "results": {first: ("nominate", "属实")}},
            {"minutes": "纪要", "results": results(panel) | {first: ("nominate", "")}},
            {"minutes": "纪要", "results": results(panel) | {first: ("dismiss", "属实")}},
        ):  # fmt: skip
            with pytest.raises(ValidationError):
                conclude(panel, by=world.head, **content)
        conclude(panel, by=world.head, minutes="纪要", results=results(panel))
        with pytest.raises(ValidationError, match="first"):
            conclude(panel, by=world.deputy, minutes="纪要", results=results(panel))
        with pytest.raises(ValidationError):
            disagree(panel, by=world.deputy, candidate=of(panel, world.first), reason="晚了")

    def test_too_few_scores_nominate_nobody(self, world):
        panel = scored(world, first=(5, None, 5))
        with pytest.raises(ValidationError, match="three scores"):
            conclude(panel, by=world.head, minutes="纪要", results=results(panel))
        conclude(panel, by=world.head, minutes="纪要", results=results(panel, "remind"))

    def test_a_head_on_the_list_does_not_conclude(self, world):
        met(world, world.head.cadre)
        panel = panel_of(
            world, names=(world.first, world.head.cadre), members=(world.deputy, world.liaison, world.trainee)
        )
        for user in (world.deputy, world.liaison, world.trainee):
            score(panel, by=user, scores={row.pk: 3 for row in panel.candidates.all()})
        with pytest.raises(ValidationError, match="Another leader"):
            conclude(panel, by=world.head, minutes="纪要", results=results(panel))
        with pytest.raises(ValidationError, match="Another leader"):
            discuss(panel, by=world.head, candidate=of(panel, world.head.cadre), text="没有问题")
        conclude(panel, by=world.deputy, minutes="纪要", results=results(panel))


@pytest.mark.django_db
def test_a_panel_set_up_by_mistake_is_cancelled_with_a_reason_and_can_be_set_up_anew(world):
    panel = panel_of(world)
    Notice.objects.all().delete()
    page = f"{panel.get_absolute_url()}cancel/"
    manager = as_(world.liaison)
    assert manager.post(page, {"reason": " "}).status_code == 422
    assert manager.post(page, {"reason": "日期录错"}).status_code == 302
    panel.refresh_from_db()
    assert (panel.state, panel.cancelled_because, panel.cancelled_on) == ("cancelled", "日期录错", world.today)
    assert set(Notice.objects.values_list("code", flat=True)) == {"panel_cancelled"}
    assert "日期录错" in manager.get(panel.get_absolute_url()).content.decode()
    assert manager.get(f"{panel.get_absolute_url()}sheet/").status_code == 404
    for user in (world.head, world.deputy):
        assert not [task for task in todo(user.acting_as(user.assignments.get().role), world.today) if panel.get_absolute_url() in task["url"]]  # fmt: skip
        with pytest.raises(ValidationError):
            score(panel, by=user, scores={})
    assert panel_of(world).state == "scoring"


@pytest.mark.django_db
def test_nobody_cancels_a_panel_because_of_what_it_said(world):
    with pytest.raises(ValidationError):
        cancel(scored(world), by=world.liaison, reason="结果不理想")


@pytest.mark.django_db
def test_what_waits_stands_on_the_home_page(world):
    assert todo in SOURCES
    panel = panel_of(world, members=(world.head, world.deputy, world.trainee))
    (entry,) = todo(world.trainee.acting_as("cadre"), world.today)
    assert entry["count"] == 2 and entry["url"] == panel.get_absolute_url() and entry["urgent"]
    assert todo(world.liaison, world.today) == []
    for user in (world.head, world.deputy, world.trainee):
        score(panel, by=user, scores={row.pk: 3 for row in panel.candidates.all()})
    assert todo(world.trainee, world.today) == []
    (entry,) = todo(world.head, world.today)
    assert entry["count"] == 1 and entry["url"] == panel.get_absolute_url()
