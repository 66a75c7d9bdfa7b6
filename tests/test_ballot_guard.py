"""The vote-bias guard: who offends by working, and who offends nobody because he does nothing."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from assessments.ballot.guard import HARD_WORKER, NO_WORK, Facts, medians, warnings

shares = st.fractions(min_value=0, max_value=1, max_denominator=40)
figures = st.none() | st.integers(min_value=0, max_value=60)
points = st.none() | st.decimals(min_value=0, max_value=500, places=2)


@st.composite
def units(draw, least=8):
    n = draw(st.integers(min_value=least, max_value=20))
    return [Facts(key, draw(shares), draw(figures), draw(points), draw(figures)) for key in range(n)]


def people(*rows):
    """Eight ordinary people and those named by (poor of 20, tasks, points)."""
    usual = [Facts(f"usual{n}", Fraction(3, 20), 10, Decimal(100), 2) for n in range(8)]
    return usual + [
        Facts(name, Fraction(poor, 20), tasks, None if of is None else Decimal(of), 2) for name, poor, tasks, of in rows
    ]


def codes(rows):
    return {warned.facts.cadre: warned.code for warned in warnings(rows)}


def test_a_hard_worker_with_many_poor_votes_is_warned_of_with_both_figures():
    rows = people(("busy", 11, 25, 180))
    assert codes(rows) == {"busy": HARD_WORKER}
    (warned,) = warnings(rows)
    assert (warned.facts.poor_share, warned.facts.tasks_carried) == (Fraction(11, 20), 25)
    assert (warned.medians.poor_share, warned.medians.tasks_carried, warned.medians.points) == (
        Fraction(3, 20),
        10,
        100,
    )


def test_tasks_or_points_alone_make_a_hard_worker():
    assert codes(people(("busy", 11, 25, 90))) == codes(people(("busy", 11, 9, 180))) == {"busy": HARD_WORKER}
    assert codes(people(("busy", 3, 25, 180))) == {}
    assert codes(people(("hated", 11, 10, 100))) == {}


def test_a_task_more_or_a_vote_more_than_the_others_is_no_reason_to_warn():
    # One vote more than the middle of the unit is not many.
    assert codes(people(("busy", 4, 25, 180))) == {}
    assert codes(people(("busy", 5, 25, 180))) == {"busy": HARD_WORKER}
    # Three of eleven who share the first place are no top quarter.
    assert codes(people(*[(name, 11, 11, 100) for name in "abc"])) == {}


def test_no_work_and_no_poor_vote_is_warned_of():
    assert codes(people(("idle", 0, 2, 30))) == {"idle": NO_WORK}
    assert codes(people(("idle", 1, 2, 30))) == {}
    # Half the median is not below it; and whoever has little of the one but not of the other works.
    assert codes(people(("slow", 0, 5, 50))) == {}
    assert codes(people(("other", 0, 2, 90))) == {}


def test_what_a_unit_does_not_keep_is_not_missed():
    rows = [replace(row, points=None) for row in people(("idle", 0, 2, 0), ("busy", 11, 25, 0))]
    assert codes(rows) == {"idle": NO_WORK, "busy": HARD_WORKER}
    nothing = [replace(row, tasks_carried=None) for row in rows]
    assert codes(nothing) == {}
    assert medians(nothing).tasks_carried is None


@given(units(least=1))
def test_fewer_than_eight_people_are_never_warned_of(rows):
    assert warnings(rows[:7]) == []


@given(units(), st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows, chance: random.Random):
    other = rows[:]
    chance.shuffle(other)
    assert codes(other) == codes(rows)


@given(st.integers(min_value=8, max_value=20), shares, figures, points)
def test_where_all_are_equal_nobody_is_warned_of(n, share, tasks, of):
    assert warnings([Facts(key, share, tasks, of, 1) for key in range(n)]) == []


@given(units(), shares, st.integers(min_value=0, max_value=100))
def test_more_work_and_more_poor_votes_never_end_the_warning_of_a_hard_worker(rows, more_poor, more_work):
    for warned in warnings(rows):
        row = warned.facts
        if warned.code == HARD_WORKER:
            worse = replace(
                row, poor_share=min(Fraction(1), row.poor_share + more_poor),
                tasks_carried=None if row.tasks_carried is None else row.tasks_carried + more_work,
                points=None if row.points is None else row.points + more_work,
            )  # fmt: skip
            assert codes([worse if r is row else r for r in rows])[row.cadre] == HARD_WORKER


@given(units(), st.integers(min_value=0, max_value=100))
def test_less_work_never_ends_the_warning_of_no_work(rows, less):
    for warned in warnings(rows):
        row = warned.facts
        if warned.code == NO_WORK:
            lazier = replace(
                row, tasks_carried=None if row.tasks_carried is None else max(0, row.tasks_carried - less),
                points=None if row.points is None else max(Decimal(0), row.points - less),
            )  # fmt: skip
            assert codes([lazier if r is row else r for r in rows])[row.cadre] == NO_WORK


@given(units())
def test_at_most_a_quarter_and_those_level_with_them_are_hard_workers(rows):
    """Nobody who has no more than the middle of the unit in both figures is called a hard worker."""
    middle = medians(rows)
    for warned in warnings(rows):
        row = warned.facts
        if warned.code == HARD_WORKER:
            assert row.poor_share > middle.poor_share
            more = [
                v > m
                for v, m in ((row.tasks_carried, middle.tasks_carried), (row.points, middle.points))
                if v is not None
            ]
            assert any(more)
        else:
            assert row.poor_share == 0
