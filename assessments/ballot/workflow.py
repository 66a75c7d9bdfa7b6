"""Opening a ballot, voting, closing it, and putting a result on record. What keeps the vote secret: see ``models``."""

import datetime as dt
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BooleanField, Case, Exists, F, PositiveSmallIntegerField, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.job import Job, Produced
from accounts.models import Cadre, Unit, User
from accounts.notice.workflow import notify
from accounts.people.models import SMALL_STAFF, barred_cadres
from accounts.setting.models import setting
from accounts.trail.workflow import record
from assessments.ballot.models import (
    COUNTED,
    MIN_VALID,
    REGISTER_KEPT,
    Ballot,
    BallotCandidate,
    BallotState,
    BallotVoter,
    Mark,
    staff_of,
)
from assessments.evidence.models import Evidence, Kind
from assessments.evidence.workflow import add_evidence

_COUNT = PositiveSmallIntegerField()
# The kind of job that deletes them, and its entry of the schedule.
REGISTERS = "ballot_registers"


def _day(at: dt.datetime | None) -> dt.date:
    return timezone.localdate(at)


def why_no_ballot(unit: Unit, on: dt.date) -> str:
    """Why a unit holds no ballot, and what it does instead (PRACTICE 22); "" = it may hold one."""
    if staff_of(unit, on) >= SMALL_STAFF:
        return ""
    return _(
        "%(unit)s has fewer than %(n)s staff: no ballot is held, because everybody would know who marked what. Use facts on record, the branch meeting and the superior's opinion."
    ) % {"unit": unit.name, "n": SMALL_STAFF}


def _check_people(unit: Unit, voters: set[int], candidates: set[int], on: dt.date) -> None:
    """Own people in service, and for each candidate enough others who rate."""
    if not candidates:
        raise ValidationError({"candidates": _("Name at least one person who is rated.")})
    ours = set(Cadre.objects.filter(unit=unit).in_service(on).values_list("pk", flat=True))
    if not voters | candidates <= ours:
        raise ValidationError(_("Voters and those rated are people of the unit who are in service."))
    # Whoever is rated and votes himself rates one fewer.
    raters = len(voters) - bool(voters & candidates)
    if raters < MIN_VALID:
        raise ValidationError(
            {"voters": _("Each person must be rated by at least %(n)s others; otherwise there is no result.") % {"n": MIN_VALID}}
        )  # fmt: skip


@transaction.atomic
def open_ballot(
    *, by: Any, unit: Unit, title: str, closes_on: dt.date, voters: Iterable[Cadre], candidates: Iterable[Cadre],
    at: dt.datetime | None = None,
) -> Ballot:  # fmt: skip
    """Open a ballot on this day; votes are taken until the end of ``closes_on``. Raises ValidationError, by field."""
    day = _day(at)
    if reason := why_no_ballot(unit, day):
        raise ValidationError(reason, code="small")
    if closes_on < day:
        raise ValidationError({"closes_on": _("The last day lies in the past.")})
    asked, rated = {cadre.pk for cadre in voters}, {cadre.pk for cadre in candidates}
    _check_people(unit, asked, rated, day)
    try:
        with transaction.atomic():
            ballot = Ballot.objects.create(unit=unit, title=title, opened_on=day, closes_on=closes_on, invited=len(asked),
                                           poor_percent=setting("ballot_poor_percent", day))  # fmt: skip
    except IntegrityError as error:
        raise ValidationError(_("A ballot of this unit is open already; close it first.")) from error
    BallotVoter.objects.bulk_create([BallotVoter(ballot=ballot, cadre_id=key) for key in sorted(asked)])
    BallotCandidate.objects.bulk_create([BallotCandidate(ballot=ballot, cadre_id=key) for key in sorted(rated)])
    record("ballot.open", ballot, by=by, at=at, title=title, closes_on=closes_on, voters=len(asked), rated=len(rated))
    users = User.objects.filter(cadre__in=asked, is_active=True)
    notify(users, "ballot_open", path=ballot.get_absolute_url(), at=at, title=title, unit=unit.name, day=str(closes_on))
    return ballot


def _checked_answers(ballot: Ballot, answers: Mapping[int, str], own: int | None) -> dict[str, list[int]]:
    """Candidates by the mark that they are given; whom the voter leaves out he cannot judge."""
    if own in answers:
        raise ValidationError(_("Nobody rates himself."), code="own")
    rated = set(ballot.candidates.values_list("cadre", flat=True))
    if not set(answers) <= rated or not set(answers.values()) <= set(Mark.values):
        raise ValidationError(_("The form does not fit this ballot; load the page again."), code="unfit")
    return {mark: [key for key, given in answers.items() if given == mark] for mark in COUNTED}


@transaction.atomic
def vote(ballot: Ballot, *, by: Any, answers: Mapping[int, str], at: dt.datetime | None = None) -> None:
    """Count one person's marks ({cadre: mark}). Leaves no event, no time and no row of the vote, only the voter's flag.

    Raises PermissionDenied for whoever is not asked; ValidationError when the ballot takes no votes, when this person
    has voted, and when a mark does not fit.
    """
    ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
    voters = BallotVoter.objects.filter(ballot=ballot)
    if not voters.filter(cadre=by.cadre_id).exists():
        raise PermissionDenied
    if not ballot.takes_votes(_day(at)):
        raise ValidationError(_("The ballot takes no more votes."), code="closed")
    marks = _checked_answers(ballot, answers, by.cadre_id)
    # Every row of both tables anew, in one statement each: no hidden column and no place in the file tells who voted
    # last, or on whom. No row = the flag stands already.
    not_yet = voters.filter(cadre=by.cadre_id, voted=False)
    flag = Case(When(cadre=by.cadre_id, then=True), default=F("voted"), output_field=BooleanField())
    if not voters.filter(Exists(not_yet)).update(voted=flag):
        raise ValidationError(_("You have voted already; each person votes once."), code="twice")
    BallotCandidate.objects.filter(ballot=ballot).update(
        **{
            mark: Case(When(cadre__in=keys, then=F(mark) + 1), default=F(mark), output_field=_COUNT)
            for mark, keys in marks.items()
        }
    )
    Ballot.objects.filter(pk=ballot.pk).update(valid=F("valid") + int(any(marks.values())))


@transaction.atomic
def close_ballot(ballot: Ballot, *, by: Any, at: dt.datetime | None = None) -> Ballot:
    """Close it and keep the counts; those of fewer than ``MIN_VALID`` valid answers are destroyed.

    Raises ValidationError before the last day (unless everybody has voted) and for a closed ballot.
    """
    day = _day(at)
    ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if not ballot.is_open:
        raise ValidationError(_("Somebody was first: the ballot is closed."), code="stale")
    came = BallotVoter.objects.filter(ballot=ballot, voted=True).count()
    if not ballot.may_close(day, came):
        raise ValidationError(_("It may be closed from its last day on, or when everybody has voted."), code="early")
    ballot.state, ballot.closed_on, ballot.came = BallotState.CLOSED, day, came
    ballot.save(update_fields=["state", "closed_on", "came"])
    rows = _written_anew(ballot)
    result = {str(row.cadre.public_id): [row.good, row.fair, row.poor] for row in rows if row.has_result}
    record("ballot.close", ballot, by=by, at=at, asked=ballot.invited, came=came, valid=ballot.valid, result=result)
    return ballot


def _written_anew(ballot: Ballot) -> list[BallotCandidate]:
    """The counts once more, under new random keys and in random order; too few answers become none."""
    old = BallotCandidate.objects.filter(ballot=ballot).select_related("cadre")
    rows = [BallotCandidate(ballot=ballot, cadre=row.cadre, good=row.good, fair=row.fair, poor=row.poor) for row in old]
    for row in rows:
        if not row.has_result:
            row.good = row.fair = row.poor = 0
    random.SystemRandom().shuffle(rows)
    old.delete()
    return BallotCandidate.objects.bulk_create(rows)


@transaction.atomic
def put_on_record(
    row: BallotCandidate, *, by: Any, criterion: str = "", at: dt.datetime | None = None
) -> Evidence:  # fmt: skip
    """Record a result as evidence of the kind "ballot": it supports a nomination, it never suffices for one.

    Raises PermissionDenied about oneself or whom one is recused from; ValidationError below the share of "poor" that
    the ballot asks for, and when it is on record already.
    """
    if row.cadre_id in barred_cadres(by.cadre_id):
        raise PermissionDenied
    row = BallotCandidate.objects.select_for_update().select_related("ballot__unit", "cadre").get(pk=row.pk)
    ballot = row.ballot
    if ballot.is_open or not row.supports:
        raise ValidationError(
            _("Only a result with at least %(percent)s %% “poor” is put on record.") % {"percent": ballot.poor_percent}
        )
    if row.evidence_id:
        raise ValidationError(_("This result is on record already."), code="stale")
    title = _("%(title)s: %(poor)s of %(answers)s valid answers “poor”") % {
        "title": ballot.title, "poor": row.poor, "answers": row.answers,
    }  # fmt: skip
    row.evidence = add_evidence(by=by, cadre=row.cadre, kind=Kind.BALLOT, title=title, happened_on=ballot.closed_on or _day(at),
                                source=ballot.unit.name, criterion=criterion, at=at)  # fmt: skip
    row.save(update_fields=["evidence"])
    return row.evidence


def result(ballot: Ballot) -> list[BallotCandidate]:
    """The counts of a closed ballot by name, nothing of an open one; a row without result has no counts."""
    if ballot.is_open:
        return []
    return list(ballot.candidates.select_related("cadre", "ballot", "evidence").order_by("cadre__pinyin", "cadre"))


def destroy_old_registers(today: dt.date) -> int:
    """Delete who was asked and who voted in ballots closed long enough ago; numbers and results stay."""
    last = today - dt.timedelta(days=REGISTER_KEPT)
    return BallotVoter.objects.filter(ballot__closed_on__lt=last).delete()[0]


def registers_job(job: Job) -> Callable[[], Produced]:
    """The day's deletion of registers."""
    return lambda: Produced({"deleted": destroy_old_registers(timezone.localdate())})
