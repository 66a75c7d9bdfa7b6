"""Field practice of the demonstration: logs of several weeks, one from paper, a village ledger, a rating that is due."""

import datetime as dt
import tomllib
from functools import lru_cache
from typing import Any

from accounts.calendar import working_days_between
from accounts.permissions import Role
from cohorts.practice.models import LedgerEntry, Placement, monday
from cohorts.practice.workflow import open_matter, rate, revise_placement, sign_week, write_log
from cohorts.procedure.workflow import move
from cohorts.referral.models import State
from cohorts.site.demo.county import DATA

_LIFE = ("open", "acted", "result_stated", "confirmed")


@lru_cache
def texts() -> dict[str, Any]:
    """The texts of field practice."""
    return tomllib.loads((DATA / "demo_practice.toml").read_text(encoding="utf-8"))


def practise(running: Any) -> None:
    """Give the placements of the running campaign a supervisor with an account, and let everybody write."""
    rows = (
        Placement.objects.filter(referral__campaign=running.campaign)
        .select_related("referral__cadre", "village")
        .order_by("pk")
    )
    present = list(rows.filter(referral__state=State.IN_PRACTICE))
    village = present[0].village
    past = list(rows.filter(referral__state__in=[State.UNDER_REVIEW, State.QUALIFIED], village=village))
    secretary = running.county.person(village, texts()["supervisor_post"], ages=(40, 55), category="worker")
    title = f"{village.name} {texts()['supervisor_post']}"
    supervisor = running.county.account("demo-supervisor", secretary, title, Role.FIELD_SUPERVISOR, village)
    first = present[0].referral
    trainee = running.county.account("demo-practice", first.cadre, f"{first.unit_name} {first.post}", None)
    trainee.acting_as(Role.CADRE)
    for placement in [*present, *past]:
        last = placement.ends_on or running.today + dt.timedelta(days=12)
        revise_placement(placement, by=running.clerk, at=running.at(20, 11), ends_on=last, supervisor=str(supervisor),
                         supervisor_user=supervisor, goals=texts()["goals"], reason=texts()["change"])  # fmt: skip
    for placement in [*present, *past]:
        placement.refresh_from_db()
    _logs(running, [*present, *past], trainee)
    _sign_offs(running, present[0], supervisor)
    _ledger(running, present[0], trainee, supervisor)
    for placement in past[1:]:
        rate(placement, by=supervisor, at=running.at(2), scores=texts()["rating"]["scores"])


def _logs(running: Any, placements: list[Placement], trainee: Any) -> None:
    for row in texts()["log"]:
        if row["trainee"] > len(placements):
            continue
        placement, day = placements[row["trainee"] - 1], running.day(row["back"])
        own = placement is placements[0]
        write_log(
            placement, by=trainee if own else running.clerk, at=running.at(row["back"], 20 if own else 17), day=day, place=row["place"],
            done=row["done"], people=row["people"], hours=row.get("hours"), signed_on_sheet=row.get("paper", False),
            sheet_number="" if own else placement.sheet_number(day),
        )  # fmt: skip


def _sign_offs(running: Any, placement: Placement, supervisor: Any) -> None:
    """All weeks before this one and the last are signed, one was asked back about; the latest waits."""
    days = sorted({monday(e.day) for e in placement.entries.all()})
    for n, week in enumerate(days[:-1]):
        back = max(working_days_between(week + dt.timedelta(days=6), running.today), 1)
        question = n == len(days) - 2
        remark = texts()["question"] if question else texts()["remark"] if n == 0 else ""
        sign_week(
            placement, by=supervisor, week=week, agreed=not question, remark=remark, at=running.at(back - 1 or 1, 21)
        )


def _ledger(running: Any, placement: Placement, trainee: Any, supervisor: Any) -> None:
    for n, row in enumerate(texts()["ledger"], 1):
        content = {name: row[name] for name in ("matter", "category", "title", "place", "found", "plan")}
        entry: LedgerEntry = open_matter(
            placement, by=trainee, at=running.at(18, 20), opened_on=running.day(18), **content
        )
        reached = _LIFE.index(row["until"])
        for back, what in row["actions"]:
            entry = move(entry, "act", by=trainee, at=running.at(back, 20), day=running.day(back), what=what)
        if reached >= 2:
            back = row["actions"][-1][0] - 1
            entry = move(entry, "state_result", by=trainee, at=running.at(back, 20), result=row["result"], result_on=running.day(back),
                         cost=row.get("cost"))  # fmt: skip
        if reached == 3:
            move(entry, "confirm", by=supervisor, at=running.at(1, 9 + n), confirmer=row["confirmer"], confirmer_name=row["confirmer_name"],
                 confirmed_on=running.day(1), paper_number=texts()["paper_number"] % n)  # fmt: skip
