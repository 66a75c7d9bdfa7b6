"""The arithmetic of points against hand-computed tables, and what must hold for any figures."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.points import rules as r
from assessments.points.share import Claim, NothingToShare, by_points, shares
from assessments.points.versions import VERSIONS

D = Decimal
POSTS, HOURS = VERSIONS["2018"].rules, VERSIONS["2019"].rules
MONTH = dt.date(2019, 3, 1)


@pytest.mark.parametrize(("name", "figures", "wrong"), [
    ("cap", 0, "cap"), ("cap", "4", "cap"), ("share", 101, "share"), ("project", "x", "project"), ("project", "-1", "project"), ("mistake", "NaN", "mistake"),
    ("base", ["60", "50", "80", "90"], "base"), ("base", ["60", "70"], "base"), ("window", 5, "window"), ("hours", [], "hours"),
    ("hours", [{"start": "2025-01-01", "hours": "1"}, {"start": "2020-01-01", "hours": "1"}], "hours"),
])  # fmt: skip
def test_a_figure_that_cannot_be_is_named(name, figures, wrong):
    with pytest.raises(r.RuleError) as error:
        r.Rules.read("posts", POSTS.params() | {name: figures})
    assert error.value.args[0] == wrong


def test_a_missing_and_an_unknown_figure_are_named():
    params = POSTS.params()
    with pytest.raises(r.RuleError, match="extra"):
        r.Rules.read("posts", params | {"extra": 1})
    del params["cap"]
    with pytest.raises(r.RuleError, match="cap"):
        r.Rules.read("posts", params)
    with pytest.raises(r.RuleError, match="mode"):
        r.Rules.read("days", POSTS.params())


def test_the_rules_survive_being_stored():
    for version in VERSIONS.values():
        assert r.Rules.read(version.mode, version.rules.params()) == version.rules


# Further duties of 26.6 hours a week are just under two thirds of 40, 26.7 just over.
@pytest.mark.parametrize(("base", "duties", "grade"), [
    (1, [], 1), (1, [D("26.6")], 1), (1, [D("26.7")], 2), (1, [27, 30], 3), (1, [27, 20, 30, 40], 4), (3, [27, 27], 4), (4, [40], 4), (2, [26, 26], 2),
])  # fmt: skip
def test_each_further_duty_of_two_thirds_of_the_week_lifts_the_grade(base, duties, grade):
    assert r.grade_of(base, duties) == grade


# By grade (60, 70, 80, 90), 21 working days: 60; 60*10/21 = 28.571; 60*10/21 + 70*11/21 = 28.571 + 36.667.
@pytest.mark.parametrize(("present", "points"), [
    ({1: 21}, "60.00"), ({4: 21}, "90.00"), ({1: 10}, "28.57"), ({1: 10, 2: 11}, "65.24"), ({}, "0.00"), ({3: 1}, "3.81"),
])  # fmt: skip
def test_the_base_by_grade_follows_the_days_present(present, points):
    assert r.monthly_base(POSTS, MONTH, 21, present) == D(points)


# 166.64 * 0.5 = 83.32; from 2025 on 165.33 * 0.5 = 82.665, a half goes up; 15 of 22 days: 83.32*15/22 = 56.809, 82.665*15/22 = 56.3625.
@pytest.mark.parametrize(("month", "days", "points"), [
    (dt.date(2019, 12, 1), 22, "83.32"), (dt.date(2024, 12, 1), 22, "83.32"), (dt.date(2025, 1, 1), 22, "82.67"), (dt.date(2026, 5, 1), 22, "82.67"),
    (dt.date(2019, 12, 1), 15, "56.81"), (dt.date(2025, 1, 1), 15, "56.36"), (dt.date(2025, 1, 1), 0, "0.00"),
])  # fmt: skip
def test_the_base_by_hours_is_half_of_the_average_of_its_date(month, days, points):
    for grade in r.GRADES:
        assert r.monthly_base(HOURS, month, 22, {grade: days}) == D(points)


def test_a_month_without_working_days_has_no_base():
    assert r.monthly_base(HOURS, MONTH, 0, {}) == 0


@pytest.mark.parametrize(("kind", "hours", "points"), [
    ("project", 0, "10"), ("routine", 0, "10"), ("unfinished", 0, "-5"), ("mistake", 0, "-5"), ("hours", "7.5", "3.75"), ("hours", "0.1", "0.05"),
])  # fmt: skip
def test_what_an_entry_is_worth(kind, hours, points):
    assert HOURS.worth(kind, D(hours)) == D(points)


def mistakes(*days, rules=POSTS):
    return [r.Occurrence(key, dt.date.fromisoformat(day), rules) for key, day in enumerate(days)]


# Mistake base 5, at most 4 times: 5, 10, 20, 20, 20; a new calendar year begins anew.
def test_the_same_mistake_again_doubles_up_to_the_cap():
    rows = mistakes("2019-01-05", "2019-02-05", "2019-02-05", "2019-07-01", "2019-12-31", "2020-01-01")
    assert r.mistake_points(rows) == {0: D(-5), 1: D(-10), 2: D(-20), 3: D(-20), 4: D(-20), 5: D(-5)}
    assert r.times(rows) == {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 1}


def test_an_earlier_time_that_comes_late_costs_what_its_day_says():
    rows = mistakes("2019-03-01", "2019-05-01", "2019-04-01")
    assert r.mistake_points(rows) == {0: D(-5), 2: D(-10), 1: D(-20)}
    assert r.differences(r.mistake_points(rows), {0: D(-5), 1: D(-10), 2: D(-10)}) == {1: D(-10)}


def test_a_shorter_window_begins_anew_more_often():
    quarter = r.Rules.read("posts", POSTS.params() | {"window": 3})
    rows = mistakes("2019-03-31", "2019-04-01", "2019-06-30", rules=quarter)
    assert list(r.mistake_points(rows).values()) == [-5, -5, -10]


days_of_a_year = st.dates(dt.date(2019, 1, 1), dt.date(2020, 12, 31))
versions = st.builds(
    lambda cap, window, mistake: r.Rules.read("posts", POSTS.params() | {"cap": cap, "window": window, "mistake": str(mistake)}),
    st.integers(1, 8), st.sampled_from([1, 3, 6, 12]), st.integers(0, 20),
)  # fmt: skip


@given(st.lists(days_of_a_year, max_size=12), versions, st.randoms())
def test_the_order_of_writing_down_is_of_no_account(days, version, random):
    """Each written-down order, corrected by the differences alone, ends with the same points on each day."""

    def written(order):
        standing: dict[int, D] = {}
        for key in order:
            rows = [r.Occurrence(k, days[k], version) for k in [*standing, key]]
            due = r.mistake_points(rows)
            standing[key] = due[key]
            for changed, difference in r.differences(due, standing).items():
                standing[changed] += difference
            assert r.differences(due, standing) == {}, "a second look changes nothing"
        return sorted((days[key], points) for key, points in standing.items())

    order = list(range(len(days)))
    shuffled = order[:]
    random.shuffle(shuffled)
    assert written(order) == written(shuffled)


@given(st.lists(days_of_a_year, max_size=12), versions)
def test_a_time_never_costs_less_than_the_one_before_nor_more_than_the_cap(days, version):
    points = r.mistake_points(r.Occurrence(k, day, version) for k, day in enumerate(days))
    assert len(points) == len(days)
    assert all(-version.mistake * version.cap <= value <= -version.mistake * 1 for value in points.values())


def line(cadre, total, group=1, days=20, **fields):
    return r.Line(cadre=cadre, group=group, grade=1, working_days=20, present_days=days, base=D(total), **fields)


# Per day: 5.0, 4.5, 4.5, 4.0, 4.5 (45 in 10 days), and one away all month.
def test_the_ranking_has_ties_and_leaves_the_absent_out():
    lines = [line(1, 100), line(2, 90), line(3, 90), line(4, 80), line(5, 45, days=10), line(6, 0, days=0)]
    placed = {row.cadre: row.unit_place for row in r.settle(lines)}
    assert placed == {1: 1, 2: 2, 3: 2, 5: 2, 4: 5, 6: None}
    assert r.settle(lines)[5].score is None


def test_a_group_of_fewer_than_five_has_points_and_no_places():
    lines = [line(n, 100 - n, group=1 if n < 5 else 2) for n in range(9)]
    settled = r.settle(lines)
    assert [row.unit_place for row in settled] == list(range(1, 10))
    assert [row.group_place for row in settled] == [1, 2, 3, 4, 5, None, None, None, None]


points = st.decimals(-200, 200, places=2)
lines = st.lists(st.tuples(points, st.integers(0, 22), st.sampled_from([1, 2])), max_size=20).map(
    lambda rows: [r.Line(n, group, 1, 22, days, base=total) for n, (total, days, group) in enumerate(rows)]
)  # fmt: skip


@given(lines)
def test_settling_what_is_settled_changes_nothing(rows):
    once = r.settle(rows)
    twice = r.settle(once)
    assert [(x.unit_place, x.group_place) for x in once] == [(x.unit_place, x.group_place) for x in twice]


@given(lines)
def test_more_per_day_is_never_placed_lower_and_equals_share_a_place(rows):
    ranked = sorted((row for row in r.settle(rows) if row.unit_place), key=lambda row: row.unit_place)
    for one, other in pairwise(ranked):
        assert one.score >= other.score
        assert (one.score == other.score) == (one.unit_place == other.unit_place)


@given(lines, st.data())
def test_an_entry_that_falls_and_comes_back_leaves_all_as_it_was(rows, data):
    if rows:
        cadre, value = data.draw(st.sampled_from(rows)).cadre, data.draw(points)
        back = r.changed(r.changed(r.settle(rows), cadre, "plus", value), cadre, "plus", -value)
        assert [(x, x.unit_place, x.group_place) for x in back] == [
            (x, x.unit_place, x.group_place) for x in r.settle(rows)
        ]


def claims(*rows):
    return [Claim(n, D(value), (name, n)) for n, (value, name) in enumerate(rows)]


# 10,000.00 yuan, 40 %: 400,000 fen by 250.5 + 249.5 + 100 (- 20 counts as 0) = 600:
# 167000 exactly; 166333.33 ; 66666.67 -> one fen is left, for the largest remainder (the third).
def test_an_award_by_hand():
    assert by_points(1_000_000, 40) == 400_000
    parts = shares(400_000, claims(("250.5", "a"), ("249.5", "b"), ("100", "c"), ("-20", "d")))
    assert [(p.key, p.place, p.whole, p.fen) for p in parts] == [
        (0, 1, 167_000, 167_000), (1, 2, 166_333, 166_333), (2, 3, 66_666, 66_667), (3, 4, 0, 0),
    ]  # fmt: skip
    assert parts[1].remainder == Fraction(1, 3)


def test_equals_share_a_place_and_the_left_fen_goes_by_pinyin():
    parts = shares(100, claims((10, "wang"), (10, "chen"), (10, "li")))
    assert [(p.key, p.place, p.fen) for p in parts] == [(1, 1, 34), (2, 1, 33), (0, 1, 33)]


def test_a_fraction_of_a_fen_stays_with_the_rest():
    assert by_points(101, 40) == 40


@pytest.mark.parametrize("rows", [[], [(0, "a"), (-5, "b")]])
def test_nothing_is_shared_when_nobody_has_a_point(rows):
    with pytest.raises(NothingToShare):
        shares(100, claims(*rows))


people = st.lists(st.tuples(st.decimals(-500, 5000, places=2), st.text("abc", max_size=3)), min_size=1, max_size=45)


@given(st.integers(0, 10**9), people, st.randoms())
def test_the_shares_add_up_are_fair_and_do_not_hang_on_the_order(fen, rows, random):
    given_claims = claims(*rows)
    if not any(claim.points > 0 for claim in given_claims):
        return
    parts = shares(fen, given_claims)
    assert sum(p.fen for p in parts) == fen
    assert all(0 <= p.fen - p.whole <= 1 and abs(p.fen - p.exact) < 1 for p in parts)
    assert all(one.fen >= other.fen for one, other in pairwise(parts)), "more points never give less"
    assert all(p.fen == 0 for p in parts if p.points <= 0)
    shuffled = given_claims[:]
    random.shuffle(shuffled)
    assert shares(fen, shuffled) == parts


@given(st.integers(0, 10**9), st.integers(0, 100))
def test_both_parts_of_the_pot_are_the_pot(pot, per_cent):
    shared = by_points(pot, per_cent)
    assert 0 <= shared <= pot
    assert Fraction(pot * per_cent, 100) - shared < 1
