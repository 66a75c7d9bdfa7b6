"""The reported figures, and what queries yield for the replayed campaigns. Only the check compares them; no page reads either."""

from typing import Any

from accounts.models import Unit
from cohorts.campaign.models import Campaign
from cohorts.measure.models import UnitMeasure
from cohorts.referral.models import Origin, Referral, State
from cohorts.site.demo.county import County
from cohorts.site.demo.replay.education import ReplayEducation
from cohorts.site.demo.replay.y2018 import Replay2018
from cohorts.site.demo.replay.y2019 import Replay2019
from cohorts.training.models import Cohort, Phase, PhaseKind

# Magazine report of 2019. Of the interviews it says "over 40 person-times".
REPORTED: dict[str, dict[str, int | range]] = {
    "2018": {"criteria": 13, "units": 34, "round1": 25, "leading_offices": 6, "referred": 50, "struck_out": 7, "trained": 43, "county_side": 3,
             "circulars": 2, "interviews": range(41, 1000), "commendations_lost": 3},
    "2019": {"criteria": 22, "trained": 26, "cycles": 3, "months": 4},
    "education": {"units": 30, "trained": 31},
}  # fmt: skip
# In the order of time.
CAMPAIGNS = (Replay2018, ReplayEducation, Replay2019)
DAYS_OF_A_MONTH = 30.44


def replay_all(county: County, users: dict[str, Any]) -> None:
    """Every reported campaign, on a county that has its units and people."""
    for campaign in CAMPAIGNS:
        campaign(county, users).run()


def figures() -> dict[str, dict[str, int]]:
    """What queries yield; 0 where a campaign is not there."""
    return {
        "2018": _2018(_campaign(2018, "zzb")),
        "2019": _2019(_campaign(2019, "zzb")),
        "education": _education(_campaign(2019, "jtj")),
    }


def differences(found: dict[str, dict[str, int]]) -> list[str]:
    """In words, where the queries yield something else than the report says."""
    return [
        f"{year}.{key}: reported {wanted}, found {found[year][key]}"
        for year, keys in REPORTED.items()
        for key, wanted in keys.items()
        if not (found[year][key] in wanted if isinstance(wanted, range) else found[year][key] == wanted)
    ]


def _campaign(year: int, organizer: str) -> Campaign | None:
    return Campaign.objects.filter(year=year, organizer__code=organizer).order_by("ordinal").first()


def _counted(campaign: Campaign | None) -> Any:
    return Referral.objects.counted().filter(campaign=campaign)


def _trained(campaign: Campaign | None) -> Any:
    return _counted(campaign).filter(cohort__isnull=False)


def _units_that_filed(campaign: Campaign | None) -> int:
    filed = Unit.objects.filter(
        returns__round__campaign=campaign, returns__round__number=1, returns__first_filed_at__isnull=False
    )
    return filed.distinct().count()


def _2018(campaign: Campaign | None) -> dict[str, int]:
    counted, measures = _counted(campaign), UnitMeasure.objects
    return {
        "criteria": campaign.edition.criteria.count() if campaign else 0,
        "units": _units_that_filed(campaign),
        "round1": counted.filter(unit_return__round__number=1).count(),
        "leading_offices": counted.filter(unit__leading_office=True).count(),
        "referred": counted.count(),
        "struck_out": counted.filter(state=State.STRUCK_OUT).count(),
        "trained": _trained(campaign).count(),
        "county_side": _trained(campaign).exclude(origin=Origin.UNIT).count(),
        "circulars": measures.of("circular", campaign).count(),
        "interviews": measures.of("interview", campaign).count(),
        "commendations_lost": measures.of("commendation", campaign).count(),
    }


def _2019(campaign: Campaign | None) -> dict[str, int]:
    cohort = Cohort.objects.filter(campaign=campaign).order_by("number").first() if campaign else None
    return {
        "criteria": campaign.edition.criteria.count() if campaign else 0,
        "trained": _trained(campaign).count(),
        "cycles": Phase.objects.filter(cohort=cohort, kind=PhaseKind.THEORY).count(),
        "months": round((cohort.ends_on - cohort.starts_on).days / DAYS_OF_A_MONTH) if cohort else 0,
    }


def _education(campaign: Campaign | None) -> dict[str, int]:
    return {"units": _units_that_filed(campaign), "trained": _trained(campaign).count()}
