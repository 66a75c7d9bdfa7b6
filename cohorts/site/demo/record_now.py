"""The record of today's county: the last three months of a town and an office, points, a ballot, deliberation panels."""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import Notice
from accounts.notice.workflow import mark_read
from accounts.permissions import Role
from assessments.ballot.models import Mark
from assessments.ballot.workflow import close_ballot, open_ballot, vote
from assessments.criteria.models import Edition
from assessments.evidence.meets import who_meets
from assessments.panel.models import Outcome
from assessments.panel.ranking import ranking
from assessments.panel.workflow import conclude, discuss, score, set_up
from assessments.points.drafting import approve_rules, begin_ledger, draft_rules
from assessments.points.entering import Row, enter_many
from assessments.points.entries import EntryKind
from assessments.points.rules import next_month
from assessments.points.settlement import settle_month
from assessments.points.workflow import Placing, begin_further_duty, list_routine, place_many
from assessments.task.models import monday
from cohorts.site.demo.county import County
from cohorts.site.demo.record import WEEKS, Record, kept_units, script

DAY = dt.timedelta(days=1)
# Whoever is flagged in the demonstration is a department, never a real town.
SOUND = ("cg",)


def keep_record(county: County, users: dict[str, Any]) -> None:
    """Both units up to last week, with this week's list planned; then what only the office or the town has."""
    first = monday(county.today) - dt.timedelta(weeks=WEEKS)
    records = {}
    for n, code in enumerate(kept_units()):
        record = records[code] = Record(county, users, code, first, 2026 + n, sound=code in SOUND)
        record.run()
        record.plan(WEEKS)
    office = records["xwb"]
    keep_points(office)
    hold_ballot(office)
    deliberate(office, concluded=True)
    deliberate(office, concluded=False)


def _at(day: dt.date, hour: int = 10) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def keep_points(office: Record) -> None:
    """Three months on the version by grade of post, the two earlier ones settled; from this month on by hours worked.

    The liaison drafts and the head approves; other figures from the next month on wait for the head or the deputy.
    """
    words, unit, today = script()["points"], office.unit, office.county.today
    this = today.replace(day=1)
    months = [this]
    while len(months) < 4:
        months.insert(0, (months[0] - DAY).replace(day=1))
    start = _at(months[0], 9)
    begin_ledger(by=office.liaison, unit=unit, template="2018", starts_on=months[0], groups=words["groups"], at=start)
    _approve(office, start)
    places = [Placing(cadre, 1 + n % 2, 1 + n % 3) for n, cadre in enumerate(office.people)]
    place_many(by=office.liaison, unit=unit, rows=places, start=months[0], at=start)
    for n, name in enumerate(words["duties"]):
        begin_further_duty(
            by=office.liaison,
            unit=unit,
            cadre=office.kept.steady[n],
            name=name,
            hours=28 - 4 * n,
            start=months[0],
            at=start,
        )
    routines = [list_routine(by=office.liaison, unit=unit, name=name, at=start) for name in words["routines"]]
    for number, month in enumerate(months[:3]):
        enter_many(
            by=office.liaison,
            unit=unit,
            rows=_entries(office, month, routines, words),
            at=_at(next_month(month) - DAY, 16),
        )
        if number < 2:
            settle_month(unit, month, by=office.head, at=_at(next_month(month) + 2 * DAY, 9))
    _draft(office, this, _at(this, 8))
    _approve(office, _at(this, 9))
    mark_read(Notice.objects.filter(code="points_rules_drafted"))
    _draft(office, next_month(this), timezone.now(), words["figures"])


def _draft(office: Record, month: dt.date, at: dt.datetime, figures: dict[str, Any] | None = None) -> None:
    draft_rules(by=office.liaison, unit=office.unit, seen="", template="2019", starts_on=month, figures=figures, at=at)


def _approve(office: Record, at: dt.datetime) -> None:
    approve_rules(by=office.head, unit=office.unit, seen=office.unit.point_ledger.rules.drafts().get().seen, at=at)


def _entries(office: Record, month: dt.date, routines: list[Any], words: dict[str, Any]) -> list[Row]:
    day, rows = month + 14 * DAY, []
    for n, cadre in enumerate(office.people):
        if cadre == office.kept.steady[-1]:
            continue
        if cadre in office.kept.slow:
            rows.append(Row(cadre, EntryKind.UNFINISHED, day, f"demo-{month}-{n}", reason=words["unfinished"]))
            continue
        if n % 3 == month.month % 3:
            rows.append(
                Row(
                    cadre,
                    EntryKind.PROJECT,
                    day,
                    f"demo-{month}-{n}",
                    reason=words["projects"][n % len(words["projects"])],
                )
            )
        if n % 2:
            rows.append(Row(cadre, EntryKind.ROUTINE, day, routine=routines[n % 4 // 2]))
    for cadre in office.kept.careless:
        rows.append(Row(cadre, EntryKind.MISTAKE, day + DAY, f"demo-{month}-again", name=office.data["mistake"]))
    return rows


def hold_ballot(office: Record) -> None:
    """Who carried most got many poor votes, who carried least got none: the guard sets the votes beside the facts."""
    unit, opened = office.unit, office.county.today - 30 * DAY
    idle, hard = office.kept.steady[-1], office.kept.steady[0]
    voters = [hard, idle, *[cadre for cadre in office.people if cadre not in (hard, idle)][:12]]
    users = [
        office.county.account(f"xwb-{n}", cadre, f"{unit.name} {cadre.post}", None) for n, cadre in enumerate(voters)
    ]
    ballot = open_ballot(by=office.liaison, unit=unit, title=script()["ballot"]["title"], closes_on=opened + 7 * DAY, voters=voters,
                         candidates=voters, at=_at(opened))  # fmt: skip
    for n, user in enumerate(users):
        marks = {}
        for m, key in enumerate(cadre.pk for cadre in voters):
            if key != user.cadre_id:
                poor = (key == hard.pk and n % 2) or (key not in (hard.pk, idle.pk) and (n + m) % 9 == 0)
                marks[key] = Mark.POOR if poor else Mark.FAIR if (n + m) % 4 == 0 else Mark.GOOD
        vote(ballot, by=user.acting_as(Role.CADRE), answers=marks, at=_at(opened + n % 5 * DAY))
    close_ballot(ballot, by=office.liaison, at=_at(opened + 7 * DAY, 17))


def deliberate(record: Record, *, concluded: bool) -> None:
    """Head, deputy and liaison weigh the names that the record gives."""
    words, unit, today = script()["panel"], record.unit, record.county.today
    held = today - (5 * DAY if concluded else DAY)
    edition = Edition.objects.in_use(unit)
    names = [(row.cadre, row.criterion) for row in who_meets(unit, edition, held)]
    people = [record.head, record.deputy, record.liaison]
    panel = set_up(by=record.liaison, unit=unit, edition=edition, title=words["title" if concluded else "second"], held_on=held, members=[user.cadre for user in people],
                   candidates=names, at=_at(held, 9))  # fmt: skip
    rows = list(panel.candidates.order_by("pk"))
    for n, user in enumerate(people if concluded else people[1:]):
        score(
            panel,
            by=user,
            scores={row.pk: min(5, 5 - m + (n if m else 0)) for m, row in enumerate(rows)},
            at=_at(held, 10 + n),
        )
    if not concluded:
        return
    panel.refresh_from_db()
    for row in ranking(panel):
        if row.undiscussed:
            discuss(panel, by=record.deputy, candidate=row.candidate, text=words["discussion"], at=_at(held, 15))
    best = ranking(panel)[0].candidate.pk
    results = {
        row.pk: (Outcome.NOMINATE, words["nominate"]) if row.pk == best else (Outcome.REMIND, words["remind"])
        for row in rows
    }
    conclude(panel, by=record.head, minutes=words["minutes"], results=results, at=_at(held, 16))
