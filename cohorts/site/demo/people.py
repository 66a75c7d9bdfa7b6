"""The demonstration's people and units: sub-units that report through another, and what happened to some people."""

from typing import Any

from accounts.people.models import LeadingLevel
from accounts.people.unit_workflow import found_unit
from accounts.people.workflow import begin_duty, give_post, record_departure
from accounts.permissions import Role
from cohorts.referral.models import Referral
from cohorts.referral.relations import declare_relation
from cohorts.site.demo.county import REFORM, County, people_script


def build_sub_units(county: County, users: dict[str, Any]) -> None:
    """Schools, hospitals, enforcement teams, service centres and the archives, each below its reporting unit."""
    admin = users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
    for n, row in enumerate(people_script()["sub_unit"], 100):
        unit = found_unit(county.units[row["parent"]], by=admin, name=row["name"], kind=row["kind"], since=REFORM,
                          staff_in_post=row["staff"], phone=f"0915-000-0{n}")  # fmt: skip
        for _one in range(row["people"]):
            county.person(unit, row["post"], level=LeadingLevel.NONE, ages=(25, 55), category=row["category"])
    users["chief"].acting_as(Role.CHIEF)


def build_story(county: County, users: dict[str, Any], cases: dict[str, list[Referral]]) -> None:
    """One seconded, one on maternity leave, one transferred and one gone during an open case, one acquaintance."""
    story, clerk = people_script()["story"], users["clerk"]
    start = county.today.replace(day=1, month=1)

    def free(unit: str, **fits: str) -> Any:
        rows = county.units[unit].cadres.filter(level="150", user__isnull=True, referrals__isnull=True, **fits)
        return rows.order_by("-pk")[0]

    begin_duty(
        free(story["seconded"]["unit"]),
        by=clerk,
        kind="seconded",
        start=start,
        host=county.units[story["seconded"]["host"]],
    )
    begin_duty(free(story["maternity"], sex="2"), by=clerk, kind="maternity", start=start)
    moved = story["transferred"]
    give_post(cases[moved["until"]][0].cadre, by=clerk, unit=county.units[moved["to"]], title=moved["title"], level="150", rank="R11",
              start=county.today)  # fmt: skip
    left = story["left"]
    record_departure(cases[left["until"]][left["number"]].cadre, by=clerk, on=county.today, how="left")
    head = users["head-slj"].acting_as(Role.UNIT_HEAD)
    declare_relation(
        by=head, cadre=head.cadre, other=cases["nominated"][0].cadre, kind="acquaintance", note=story["acquaintance"]
    )
