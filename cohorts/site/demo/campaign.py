"""The running campaign's supplementary round, and the education bureau's own campaign where the county has its schools."""

import datetime as dt
import tomllib
from typing import Any

from accounts.calendar import add_working_days
from accounts.models import Relation, Unit
from accounts.permissions import Role
from assessments.criteria.workflow import approve_edition, create_edition, hand_in
from cohorts.campaign.workflow import create_campaign, extend_round, open_round
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral
from cohorts.referral.workflow import announce_follow, begin_draft
from cohorts.site.demo.county import DATA


def show_campaigns(running: Any) -> None:
    """``running`` is the walk of the running campaign: county, users, days, campaign."""
    text = tomllib.loads((DATA / "demo_campaign.toml").read_text(encoding="utf-8"))
    _supplementary_round(running, text)
    _education(running, text["education"])


def _supplementary_round(running: Any, text: dict[str, Any]) -> None:
    """An extended round of two units: one has signed a ready name, announced another, and a third waits for the deputy."""
    code, units, today = text["unit"], running.county.units, running.today
    row = open_round(by=running.chief, at=running.at(8), campaign=running.campaign, kind="supplementary", opens_on=running.day(8),
                     closes_on=add_working_days(today, 2), units=[units[code], units[text["also"][0]]])  # fmt: skip
    extend_round(row, by=running.chief, closes_on=add_working_days(today, 7), at=running.at(2))
    unit_return, liaison = row.returns.get(unit=units[code]), running.users[f"liaison-{code}"]
    head = running.users[f"head-{code}"]
    for name in text["name"]:
        case = _draft(running, name, text, unit_return, liaison)
        if name["how"] == "follow":
            announce_follow(
                case, by=liaison, until=today + dt.timedelta(days=12), reason=text["follow_reason"], at=running.at(6)
            )
        elif name["how"] == "deputy":
            Relation.objects.create(cadre=head.cadre, other=case.cadre, kind="kin")
    move(unit_return, "prepare", by=liaison, at=running.at(5), nil=False, meeting_kind="party_committee", meeting_on=running.day(5),
         meeting_members=text["members"], meeting_extract=text["extract"], staff_asked=3, staff_borrowed=5)  # fmt: skip
    move(unit_return, "sign", by=head, at=running.at(4), password_entered=True)


def _draft(running: Any, name: dict[str, Any], text: dict[str, Any], unit_return: Any, liaison: Any) -> Referral:
    cadres = unit_return.unit.cadres.filter(level="150", user__isnull=True, referrals__isnull=True)
    items = [{"kind": kind, "title": title, "happened_on": running.day(40 - n), "source": source, "outside": kind in ("inspection", "complaint")}
             for n, (kind, title, source) in enumerate(name["evidence"])]  # fmt: skip
    return begin_draft(
        by=liaison, at=running.at(7), cadre=cadres.order_by("pk")[0], campaign=running.campaign, unit_return=unit_return,
        criteria=list(running.campaign.edition.criteria.filter(code="B1")), new_evidence=items, facts=name["facts"],
        how_raised="panel", talk_on=running.day(30), talk_by=text["talk_by"], talk_agreed=text["talk_agreed"],
    )  # fmt: skip


def _education(running: Any, text: dict[str, Any]) -> None:
    """A campaign of the bureau that asks its schools; nothing where no institution lies below the bureau."""
    county, today = running.county, running.today
    bureau = county.units[text["bureau"]]
    if not Unit.objects.asked_by(bureau).exists():
        return
    users = running.users
    chief = users["edu-chief"].acting_as(Role.DEPARTMENT_ADMIN)
    edition = create_edition(by=chief, at=running.at(12), organizer=bureau, code=f"edu-{today.year}",
                             title=text["edition"], note=text["note"], texts=[tuple(pair) for pair in text["texts"]])  # fmt: skip
    hand_in(edition, by=chief, at=running.at(12))
    approve_edition(edition, by=users["edu-leader"].acting_as(Role.LEADER), at=running.at(12))
    campaign = create_campaign(
        by=chief, at=running.at(11), year=today.year, organizer=bureau, edition=edition, notice_number=text["notice"] % today.year,
        opened_on=running.day(11), class_ends_on=today + dt.timedelta(days=120),
    )  # fmt: skip
    open_round(by=chief, at=running.at(11), campaign=campaign, kind="first", opens_on=running.day(11),
               closes_on=add_working_days(today, 5))  # fmt: skip
