"""Succession: every sequence of outcomes, the database's answer against the table of docs/succession.md."""

import datetime as dt
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Cadre, CountySetting
from cohorts.campaign.models import Campaign
from cohorts.models import Referral, ReturnReview
from cohorts.referral.models import CLOSED, State
from cohorts.review.models import ripe_for_exit
from tests.world import World

pytestmark = pytest.mark.django_db


class Kind(NamedTuple):
    """A line of the table: what an earlier case came to, and what it is to a later one."""

    name: str
    state: str
    reviews: str
    counts: bool
    result: str


def table() -> dict[str, Kind]:
    text = (Path(settings.BASE_DIR) / "docs/succession.md").read_text(encoding="utf-8")
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    assert lines[0] == ["kind", "state", "reviews", "counts", "result", "why"]
    rows = [
        Kind(name, state, reviews, counts == "yes", result) for name, state, reviews, counts, result, _why in lines[2:]
    ]
    return {row.name: row for row in rows}


TABLE = table()
# Not named in that year's campaign.
NONE = Kind("none", "", "", False, "")
# One for each way in which lines of the table differ for the derivation: used where sequences of all lines would be too many.
DISTINCT = [
    "returned", "extended, then qualified", "extended, then unqualified", "set aside, then qualified", "struck out", "overturned",
]  # fmt: skip
# A campaign opens on 1 March, names on 15 March, reviews on 1 December; the last year's is the one of the case in question.
YEARS = (2011, 2012, 2013, 2014, 2015)


def sequences() -> list[tuple[Kind, ...]]:
    """Every sequence of earlier outcomes up to length 3 over the whole table, and of length 4 over its distinct lines."""
    every = [NONE, *TABLE.values()]
    return [
        *(seq for length in range(4) for seq in product(every, repeat=length)),
        *product([NONE, *(TABLE[name] for name in DISTINCT)], repeat=4),
    ]


def expected(seq: tuple[Kind, ...], concluded: dict[int, bool]) -> int | None:
    """The year of the previous counted referral in succession, by the words of the document alone."""
    years = YEARS[len(YEARS) - 1 - len(seq) : -1]
    counted = [(year, kind) for year, kind in zip(years, seq, strict=True) if kind.counts]
    if not counted:
        return None
    year, kind = counted[-1]
    adjacent = not any(concluded[between] for between in range(year + 1, YEARS[-1]))
    last = result_day(year, len(kind.reviews) - 1)
    # 24 months before 15 March of the last year.
    return year if adjacent and last >= dt.date(YEARS[-1] - 2, 3, 15) else None


def result_day(year: int, n: int) -> dt.date:
    return dt.date(year, 12, 1) + dt.timedelta(days=n)


def moment(year: int, month: int, day: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(dt.date(year, month, day), dt.time(9)))


class Past:
    """Campaigns of five years; one cadre for each sequence, who is under consideration in the last year."""

    def __init__(self, concluded: dict[int, bool]) -> None:
        self.world = world = World()
        self.campaigns = {
            year: Campaign.objects.create(
                year=year, organizer=world.department, edition=world.edition, notice_number=str(year), opened_on=dt.date(year, 3, 1),
                class_ends_on=dt.date(year, 12, 31), concluded_on=dt.date(year, 12, 31) if concluded[year] else None,
            )
            for year in YEARS
        }  # fmt: skip

    def case(self, cadre: Cadre, year: int, state: str) -> Referral:
        return Referral(campaign=self.campaigns[year], unit=self.world.bureau, cadre=cadre, state=state, nominated_at=moment(year, 3, 15),
                        nominated_by=self.world.head)  # fmt: skip

    def fill(self, seqs: list[tuple[Kind, ...]]) -> list[Referral]:
        """The last cases, one for each sequence, each unqualified."""
        fields = {"unit": self.world.bureau, "category": "civil_servant", "level": "150", "sex": "1", "post": "x"}
        cadres = Cadre.objects.bulk_create(
            [
                Cadre(name=f"c{n}", born=dt.date(1980, 1, 1), joined_on=dt.date(2005, 1, 1), **fields)
                for n in range(len(seqs))
            ]
        )
        earlier, last = [], []
        for cadre, seq in zip(cadres, seqs, strict=True):
            for year, kind in zip(YEARS[len(YEARS) - 1 - len(seq) : -1], seq, strict=True):
                if kind is not NONE:
                    earlier.append((self.case(cadre, year, kind.state), kind.reviews))
            last.append((self.case(cadre, YEARS[-1], State.UNQUALIFIED), "u"))
        Referral.objects.bulk_create([case for case, _reviews in [*earlier, *last]])
        ReturnReview.objects.bulk_create(
            self.review(case, n, letter) for case, letters in [*earlier, *last] for n, letter in enumerate(letters)
        )
        return [case for case, _reviews in last]

    @staticmethod
    def review(case: Referral, n: int, letter: str) -> ReturnReview:
        day = result_day(case.campaign.year, n)
        return ReturnReview(referral=case, held_on=day, recorded_on=day, objection_due=day, score=50, qualified=letter == "q",
                            fail_ground="" if letter == "q" else "points", set_aside_on=day if letter == "-" else None)  # fmt: skip


def test_the_table_knows_every_state_in_which_a_case_ends():
    assert {kind.state for kind in TABLE.values()} == set(CLOSED)
    assert all(bool(kind.result) == kind.counts for kind in TABLE.values())
    assert set(DISTINCT) < set(TABLE)


@pytest.mark.parametrize("open_years", [(), (2014,), (2013, 2014)], ids=["all concluded", "one open", "two open"])
def test_every_sequence_of_outcomes_is_derived_as_the_table_says(open_years):
    concluded = {year: year not in open_years for year in YEARS}
    seqs = sequences()
    if open_years:
        # Conclusion of a campaign does not depend on the line: short sequences of all lines, long ones of the distinct.
        seqs = [seq for seq in seqs if len(seq) != 3]
    past = Past(concluded)
    last = past.fill(seqs)
    year_of = dict(Referral.objects.values_list("pk", "campaign__year"))
    rows = Referral.objects.filter(campaign=past.campaigns[YEARS[-1]]).with_predecessor()
    found = {key: year_of.get(earlier) for key, earlier in rows.values_list("pk", "predecessor_id")}
    wrong = [
        ([kind.name for kind in seq], wanted, found[case.pk])
        for case, seq in zip(last, seqs, strict=True)
        if found[case.pk] != (wanted := expected(seq, concluded))
    ]
    assert wrong == []
    assert len(last) >= 1 + 17 + 17**2 + 7**4
    plain = set(ripe_for_exit(Referral.objects.open(), past.world.today).values_list("pk", flat=True))
    assert plain == {key for key, year in found.items() if year}
    CountySetting.objects.create(key="exit_needs_two_failures", start=past.world.today, value=True)
    mild = set(ripe_for_exit(Referral.objects.open(), past.world.today).values_list("pk", flat=True))
    assert mild == {
        case.pk
        for case, seq in zip(last, seqs, strict=True)
        if (year := found[case.pk]) and seq[len(seq) - (YEARS[-1] - year)].result == "u"
    }


@pytest.mark.parametrize(
    ("result", "in_succession"),
    [(dt.date(2013, 3, 15), True), (dt.date(2013, 3, 14), False), (dt.date(2015, 3, 14), True)],
)
def test_24_months_lie_at_most_between_the_result_and_the_nomination(result, in_succession):
    past = Past(dict.fromkeys(YEARS, False))
    (last,) = past.fill([(TABLE["returned"], NONE, NONE)])
    ReturnReview.objects.filter(referral__state="returned").update(held_on=result)
    assert Referral.objects.filter(pk=last.pk).in_succession().exists() is in_succession


def test_a_campaign_of_another_organizer_neither_counts_nor_breaks():
    past = Past(dict.fromkeys(YEARS, True))
    (last,) = past.fill([(TABLE["returned"],)])
    Campaign.objects.filter(year=2014).update(organizer=past.world.forestry)
    assert not Referral.objects.filter(pk=last.pk).in_succession().exists()
    Campaign.objects.filter(year=2014).update(organizer=past.world.department)
    Campaign.objects.create(
        year=2014, organizer=past.world.forestry, edition=past.world.edition, notice_number="x", opened_on=dt.date(2014, 6, 1),
        class_ends_on=dt.date(2014, 12, 31), concluded_on=dt.date(2014, 12, 31),
    )  # fmt: skip
    assert Referral.objects.filter(pk=last.pk).in_succession().exists()


def test_two_cases_of_the_same_campaign_are_passed_over_or_counted_like_any_other():
    past = Past(dict.fromkeys(YEARS, True))
    (last,) = past.fill([(TABLE["returned"],)])
    struck = past.case(last.cadre, YEARS[-1], State.STRUCK_OUT)
    struck.nominated_at = moment(YEARS[-1], 3, 2)
    struck.save()
    earlier = Referral.objects.get(cadre=last.cadre, state="returned")
    assert Referral.objects.with_predecessor().get(pk=last.pk).predecessor_id == earlier.pk
