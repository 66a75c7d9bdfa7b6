"""Asking units about the people whom their record would name, and keeping the questions true to what happened since."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendar import add_working_days
from accounts.models import DutyPeriod, Notice, Unit, User
from accounts.notice.workflow import drafted
from accounts.people.models import PATH_STEP, barred_by
from accounts.permissions import UNIT_ROLES
from accounts.setting.models import setting
from accounts.trail.workflow import Entry, append
from accounts.user.models import RoleAssignment
from assessments.evidence.meets import Standing, who_meets
from assessments.evidence.models import Evidence
from cohorts.campaign.models import Round, UnitReturn
from cohorts.procedure.step import NotGranted, NotVisible
from cohorts.procedure.workflow import move_many
from cohorts.question.counts import answering, named
from cohorts.question.models import UNANSWERED, Moot, QuestionState, UnitQuestion
from cohorts.referral.models import Referral, State
from cohorts.referral.workflow import OPEN_RETURN, begin_draft


def reach_of(round_: Round) -> Unit:
    """The unit over everybody for whom the round's organizer acts."""
    return Unit.objects.get(path=round_.campaign.organizer.reach)


def asked_units(round_: Round, on: dt.date) -> dict[str, Any]:
    """Units that may be asked on a day, by path: all once the closing day is over, before it those with a return on file."""
    rows = round_.returns.all() if on > round_.closes_on else round_.returns.on_file()
    return {row.unit.path: row.unit for row in rows.select_related("unit")}


def asked_unit(cadre: Any, units: dict[str, Any]) -> Any:
    """The nearest unit over the cadre that the round asks, or None."""
    path = cadre.unit.path
    return next((units[path[:n]] for n in range(len(path), 0, -PATH_STEP) if path[:n] in units), None)


def _named(round_: Round, on: dt.date) -> set[int]:
    """Cadres who need no question: named in the campaign, announced as material to follow, or in an open case elsewhere."""
    cases = Referral.objects.filter(campaign=round_.campaign)
    follows = Q(state=State.DRAFT, follow_until__gte=on) & ~Q(follow_reason="")
    rows = named(cases) | cases.filter(follows) | Referral.objects.open()
    return set(rows.order_by().values_list("cadre", flat=True))


def _asked_before(round_: Round) -> dict[tuple[int, str], set[int]]:
    """(cadre, code) -> the items about which this campaign asked already; the same facts are asked about once."""
    through = UnitQuestion.items.through.objects.filter(unitquestion__round__campaign=round_.campaign)
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for cadre, code, item in through.values_list(
        "unitquestion__cadre", "unitquestion__criterion__code", "evidence"
    ).order_by():
        found[cadre, code].add(item)
    return found


def protected(cadres: Iterable[int], day: dt.date) -> set[int]:
    """Of these cadres those whom illness, leave or another status protects on the day."""
    rows = DutyPeriod.objects.protecting(day).filter(cadre__in=set(cadres))
    return set(rows.values_list("cadre", flat=True))


def _new_questions(round_: Round, on: dt.date) -> list[tuple[UnitQuestion, Standing]]:
    units = asked_units(round_, on)
    if not units:
        return []
    standings = who_meets(reach_of(round_), round_.campaign.edition, on)
    spared, before = _named(round_, on), _asked_before(round_)
    once = set(round_.questions.values_list("cadre", "criterion"))
    due_on = add_working_days(on, setting("question_days", on))
    fresh = []
    for row in standings:
        unit = asked_unit(row.cadre, units)
        known = before.get((row.cadre.pk, row.criterion.code), set())
        old = {item.pk for item in row.items} <= known or (row.cadre.pk, row.criterion.pk) in once
        if unit is not None and row.cadre.pk not in spared and not old:
            question = UnitQuestion(
                round=round_, unit=unit, cadre=row.cadre, criterion=row.criterion, asked_on=on, due_on=due_on
            )
            fresh.append((question, row))
    away = protected((question.cadre_id for question, _row in fresh), due_on)
    for question, _row in fresh:
        if question.cadre_id in away:
            question.state, question.moot = QuestionState.MOOT, Moot.PROTECTED
    return fresh


@transaction.atomic
def ask_questions(round_: Round, *, by: Any, on: dt.date, at: dt.datetime | None = None) -> list[UnitQuestion]:
    """Ask each unit about everybody whose record meets a criterion and whom it did not name; returns the new questions.

    Twice asks nothing new. Before the closing day only units whose return is on file are asked. The number of statements
    does not grow with the county.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("campaign__organizer", "campaign__edition").get(
        pk=round_.pk
    )  # fmt: skip
    if not round_.is_open(on):
        return []
    fresh = _new_questions(round_, on)
    if not fresh:
        return []
    rows = UnitQuestion.objects.bulk_create([question for question, _row in fresh])
    through = UnitQuestion.items.through
    through.objects.bulk_create(
        through(unitquestion_id=question.pk, evidence_id=item.pk) for question, row in fresh for item in row.items
    )
    _tell([row for row in rows if row.state == QuestionState.OPEN], on, at)
    news = [Entry("question.ask", q, {"criterion": q.criterion.code, "due": q.due_on, "moot": q.moot}) for q in rows]
    append(news, by=by, at=at)
    return rows


def _tell(questions: list[UnitQuestion], on: dt.date, at: dt.datetime | None) -> None:
    """One notice per person of a unit, with the number of questions that he may know of and no name."""
    by_unit: dict[Any, list[UnitQuestion]] = defaultdict(list)
    for question in questions:
        by_unit[question.unit].append(question)
    held = RoleAssignment.objects.in_force(on).filter(role__in=UNIT_ROLES, user__is_active=True)
    people = [(row.user, row.unit.path) for row in held.select_related("user", "unit").order_by("pk") if row.unit]
    barred = barred_by({user.cadre_id for user, _path in people if user.cadre_id})
    notices: list[Notice] = []
    for unit, asked in by_unit.items():
        over = [(user, len(path)) for user, path in people if unit.path.startswith(path)]
        nearest = max((depth for _user, depth in over), default=0)
        for user in dict.fromkeys(user for user, depth in over if depth == nearest):
            kept = barred.get(user.cadre_id or 0, set())
            count = sum(question.cadre_id not in kept for question in asked)
            if count:
                due = min(question.due_on for question in asked).isoformat()
                notices += drafted(
                    [user], "questions_asked", path="/questions/", at=at, unit=unit.name, count=count, due=due
                )
    Notice.objects.bulk_create(notices)


@transaction.atomic
def settle_questions(round_: Round, *, by: Any, on: dt.date, at: dt.datetime | None = None) -> int:
    """Follow what happened since the question: the nomination, its withdrawal, a corrected record, a person who left,
    protected status on the day of the answer. Returns how many questions moved; only changes are written.
    """
    cases = answering(Referral.objects.filter(campaign=round_.campaign_id, cadre=OuterRef("cadre")))
    gone = Q(cadre__left_on__lte=on) | Q(cadre__retires_on__lte=on)
    corrected = Evidence.objects.filter(questions=OuterRef("pk"), superseded_by__isnull=False)
    rows: Any = round_.questions.annotate(
        is_named=Exists(cases), is_corrected=Exists(corrected),
        is_gone=Exists(UnitQuestion.objects.filter(gone, pk=OuterRef("pk"))),
    )  # fmt: skip
    live = list(rows.live().order_by("pk"))
    ahead = [row for row in live if row.due_on >= on]
    away = {day: protected((row.cadre_id for row in ahead), day) for day in {row.due_on for row in ahead}}
    meets: set[tuple[int, int]] = set()
    if any(row.is_corrected for row in live):
        standings = who_meets(reach_of(round_), round_.campaign.edition, on)
        meets = {(row.cadre.pk, row.criterion.pk) for row in standings}
    moves: list[tuple[Any, str, dict[str, Any]]] = []
    for row in live:
        if row.is_named:
            moves.append((row, "nominate", {}))
        elif row.is_gone:
            moves.append((row, "lapse", {"moot": Moot.GONE}))
        elif row.is_corrected and (row.cadre_id, row.criterion_id) not in meets:
            moves.append((row, "lapse", {"moot": Moot.RECORD}))
        elif row.cadre_id in away.get(row.due_on, ()):
            moves.append((row, "lapse", {"moot": Moot.PROTECTED}))
    taken_back = rows.filter(state=QuestionState.NOMINATED, is_named=False)
    moves += [(row, "reopen", {}) for row in taken_back]
    if moves:
        move_many(moves, by=by, at=at)
    return len(moves)


def keep_questions(*, on: dt.date, at: dt.datetime | None = None) -> int:
    """What every scan does first: follow the questions of each round that runs, and ask what is new."""
    system = User.objects.system()
    running = Q(concluded_on__isnull=True, cancelled_on__isnull=True, opens_on__lte=on)
    answered_later = Exists(UnitQuestion.objects.live().filter(round=OuterRef("pk")))
    rounds = Round.objects.filter(running | Q(answered_later), campaign__concluded_on__isnull=True)
    asked = 0
    for round_ in rounds.select_related("campaign__organizer", "campaign__edition").order_by("pk"):
        settle_questions(round_, by=system, on=on, at=at)
        asked += len(ask_questions(round_, by=system, on=on, at=at))
    return asked


@transaction.atomic
def answer_by_naming(question: UnitQuestion, *, by: Any, at: dt.datetime | None = None) -> Referral:
    """Begin the nomination that answers a question, with its criterion and items; nothing is typed twice.

    Until the question's day the name is not late. Raises NotGranted, NotVisible, and ValidationError when the question
    is answered already or the round takes no more names.
    """
    if not by.may("referral.draft"):
        raise NotGranted("nominate")
    row = UnitQuestion.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=question.pk).first()
    if row is None:
        raise NotVisible(question)
    if row.state not in UNANSWERED:
        raise ValidationError(_("The question is answered already."))
    if named(Referral.objects.filter(campaign=row.round.campaign_id, cadre=row.cadre)).exists():
        raise ValidationError(_("The person was named already; the next scan closes the question."))
    unit_return = UnitReturn.objects.select_related("round__campaign", "unit").get(round=row.round, unit=row.unit)
    today = timezone.localtime(at).date() if at else timezone.localdate()
    late = unit_return.state not in OPEN_RETURN or today > unit_return.round.closes_on
    follow = (row.due_on, _("answers question %(number)s") % {"number": row.number}) if late else (None, "")
    begun = Referral.objects.filter(unit_return=unit_return, cadre=row.cadre, state=State.DRAFT).first()
    if begun is not None:
        if late and not begun.follow_reason:
            begun.follow_until, begun.follow_reason = follow
            begun.save(update_fields=["follow_until", "follow_reason"])
            append([Entry("draft.follow", begun, {"until": follow[0], "reason": follow[1]})], by=by, at=at)
        return begun
    return begin_draft(by=by, cadre=row.cadre, campaign=unit_return.round.campaign, unit_return=unit_return, follow_until=follow[0],
                       follow_reason=follow[1], criteria=[row.criterion], evidence=row.items.all(), at=at)  # fmt: skip
