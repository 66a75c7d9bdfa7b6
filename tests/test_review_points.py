"""The arithmetic of the review, and succession: pure rules as properties and tables."""

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import CountySetting
from cohorts.campaign.models import Campaign
from cohorts.models import Referral, ReturnReview
from cohorts.procedure.step import Act
from cohorts.review.guards import twice_in_succession
from cohorts.review.models import months_later, plain
from cohorts.review.points import PARTS, missing, sound, total
from tests.world import World

points = st.decimals(0, 100, places=2)
sheets = st.fixed_dictionaries(dict.fromkeys(PARTS, points))
# Four cuts of 0..100 give five weights that sum to 100.
weights = st.lists(st.integers(0, 100), min_size=4, max_size=4).map(
    lambda cuts: dict(
        zip(PARTS, [b - a for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 100], strict=True)], strict=True)
    )
)


@given(sheets, weights)
def test_the_total_lies_within_the_range_of_the_parts_and_is_exact(scores, weight):
    assert sound(weight)
    found = total(scores, weight)
    assert min(scores.values()) <= found <= max(scores.values())
    assert found * 100 == sum(scores[part] * weight[part] for part in PARTS)
    assert Decimal(plain(found)) == found


@given(sheets, weights, st.sampled_from(PARTS), points)
def test_a_better_part_never_lowers_the_total(scores, weight, part, better):
    raised = scores | {part: max(scores[part], better)}
    assert total(raised, weight) >= total(scores, weight)


@given(sheets, st.sampled_from(PARTS))
def test_a_missing_part_blocks_and_is_no_zero(scores, part):
    short = scores | {part: None}
    assert missing(short) == [part]
    assert missing(scores | {part: Decimal(0)}) == []
    with pytest.raises(TypeError):
        total(short, dict.fromkeys(PARTS, 20))


@pytest.mark.parametrize(
    "weight", [{}, dict.fromkeys(PARTS, 19), {"theory": 100}, dict(zip(PARTS, (120, -20, 0, 0, 0), strict=True))]
)
def test_weights_that_do_not_make_100_are_unsound(weight):
    assert not sound(weight)


@pytest.mark.parametrize(("day", "months", "later"), [
    (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)), (dt.date(2023, 11, 30), 3, dt.date(2024, 2, 29)),
    (dt.date(2026, 1, 15), 12, dt.date(2027, 1, 15)), (dt.date(2026, 8, 31), 6, dt.date(2027, 2, 28)),
])  # fmt: skip
def test_a_follow_up_falls_on_the_same_day_or_the_month_s_last(day, months, later):
    assert months_later(day, months) == later


# What an earlier case may have come to: its state, and the results of its reviews in order ("-" = set aside).
ENDS = {
    "qualified": ("returned", "q"), "reassigned": ("reassigned", "u"), "withdrawn": ("withdrawn", ""), "withdrawn_after": ("withdrawn", "u"),
    "struck_out": ("struck_out", ""), "overturned": ("overturned", "u"), "extended_passed": ("returned", "uq"),
    "extended_failed": ("reassigned", "uu"), "set_aside": ("returned", "-q"),
}  # fmt: skip
SEQUENCES = [seq for length in range(3) for seq in product(ENDS, repeat=length)]


def last_result(end: str) -> str:
    """ "q", "u", or "" when the case does not count."""
    state, results = ENDS[end]
    return "" if state == "overturned" else results.replace("-", "")[-1:]


@pytest.mark.django_db
def test_exit_depends_on_the_previous_case_the_result_and_the_setting():
    """Every sequence of up to two earlier cases x own result x either reading, against a rule written down independently."""
    world, wrong = World(), []
    today = world.today
    years = [Campaign.objects.create(year=2000 + n, organizer=world.department, edition=world.edition, notice_number=str(n),
                                     opened_on=today - dt.timedelta(days=250 * (2 - n) + 100), class_ends_on=today,
                                     concluded_on=None if n == 2 else today - dt.timedelta(days=250 * (2 - n) - 100)) for n in range(3)]  # fmt: skip

    def case_in(n: int, state: str, results: str) -> Referral:
        opened = timezone.make_aware(dt.datetime.combine(years[n].opened_on, dt.time(9)))
        row = Referral.objects.create(campaign=years[n], unit=world.bureau, cadre=world.cadre, state=state, nominated_at=opened,
                                      nominated_by=world.head, category="civil_servant")  # fmt: skip
        for k, result in enumerate(results):
            day = years[n].opened_on + dt.timedelta(days=60 + k)
            ReturnReview.objects.create(referral=row, held_on=day, qualified=result == "q", score=50, fail_ground="" if result == "q" else "points",
                                        recorded_on=day, objection_due=day, set_aside_on=day if result == "-" else None)  # fmt: skip
        return row

    for seq in SEQUENCES:
        with transaction.atomic():
            for n, end in enumerate(seq, 2 - len(seq)):
                case_in(n, *ENDS[end])
            own = case_in(2, "unqualified", "u")
            previous = last_result(seq[-1]) if seq else ""
            for mild in (False, True):
                CountySetting.objects.update_or_create(
                    key="exit_needs_two_failures", start=today, defaults={"value": mild}
                )
                refusal = twice_in_succession(Act(own, "propose_exit", world.chief, timezone.now()))
                code = refusal.code.removeprefix("guard.") if refusal else ""
                wanted = "not_in_succession" if not previous else "passed_before" if mild and previous == "q" else ""
                if code != wanted:
                    wrong.append((seq, mild, wanted, code))
            transaction.set_rollback(True)
    assert wrong == []
    assert len(SEQUENCES) == 1 + 9 + 81
