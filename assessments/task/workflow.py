"""Planning tasks, saying what became of them, settling a week, and what a miss becomes in the record."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Cadre, Unit
from accounts.people.models import barred_cadres
from accounts.trail.workflow import record
from assessments.criteria.kinds import Kind
from assessments.evidence.models import Fact
from assessments.evidence.workflow import add_evidence, supersede
from assessments.task.models import Area, SettledWeek, Task, TaskState, monday

_UNKEPT = (TaskState.LATE, TaskState.MISSED)


def _day(at: dt.datetime | None) -> dt.date:
    return timezone.localdate(at) if at else timezone.localdate()


def _lock(unit: Unit) -> None:
    """Whoever adds to a unit's list or settles it waits for the other."""
    Unit.objects.select_for_update().get(pk=unit.pk)


def _is_settled(unit_id: int, week: dt.date) -> bool:
    return SettledWeek.objects.filter(unit=unit_id, week=week).exists()


def _settled_sentence(week: dt.date) -> str:
    return _("The week of %(day)s is settled; its list stands still.") % {"day": date_format(week)}


@transaction.atomic
def plan_tasks(
    *, by: Any, unit: Unit, rows: list[dict[str, Any]], at: dt.datetime | None = None, carried_from: Task | None = None
) -> list[Task]:
    """Put a list of tasks on a unit's weekly lists: content, cadre, due_on are required, area and key optional.

    Few statements however long the list. Raises ValidationError, and nothing is saved, when a row cannot stand.
    """
    _lock(unit)
    first = monday(_day(at))
    tasks = [
        Task(unit=unit, week=monday(row["due_on"]), content=row["content"].strip(), cadre=row["cadre"], due_on=row["due_on"],
             area=row.get("area"), key=bool(row.get("key")), planned_by=by, planned_at=at or timezone.now(), carried_from=carried_from)
        for row in rows
    ]  # fmt: skip
    _check_plan(unit, tasks, first)
    made = Task.objects.bulk_create(tasks, batch_size=500)
    weeks = sorted({task.week.isoformat() for task in made})
    record("task.plan", unit, by=by, at=at, tasks=len(made), weeks=weeks)
    return made


def _check_plan(unit: Unit, tasks: list[Task], first: dt.date) -> None:
    if not tasks:
        raise ValidationError(_("There is no task on this list."), code="empty")
    last_days = {
        pk: min((day for day in days if day), default=None)
        for pk, *days in Cadre.objects.filter(
            pk__in={task.cadre_id for task in tasks}, unit__path__startswith=unit.path
        ).values_list("pk", "left_on", "retires_on")
    }
    settled = set(
        SettledWeek.objects.filter(unit=unit, week__in={task.week for task in tasks}).values_list("week", flat=True)
    )
    days = [task.due_on for task in tasks]
    same = Task.objects.filter(unit=unit, due_on__range=(min(days), max(days)))
    known = set(same.values_list("cadre", "due_on", "content"))
    for task in tasks:
        if reason := _why_not(task, unit, last_days, settled, first):
            raise ValidationError(f"{task.content}: {reason}", code="row")
        key = (task.cadre_id, task.due_on, task.content)
        if key in known:
            words = {"content": task.content, "name": task.cadre}
            raise ValidationError(_("%(content)s: stands on the list of %(name)s already.") % words, code="twice")
        known.add(key)


def _why_not(
    task: Task, unit: Unit, last_days: dict[int, dt.date | None], settled: set[dt.date], first: dt.date
) -> str:
    """Why a task cannot be planned; "" = it can."""
    if not task.content:
        return _("A task says what is to be done.")
    if task.cadre_id not in last_days:
        return _("%(name)s does not belong to the unit.") % {"name": task.cadre}
    last = last_days[task.cadre_id]
    if last and last <= task.due_on:
        return _("%(name)s is no longer in service on that day.") % {"name": task.cadre}
    if task.week in settled:
        return _settled_sentence(task.week)
    if task.due_on < first:
        return _("The due day lies before this week.")
    if task.area and task.area.unit_id != unit.pk:
        return _("The area belongs to another unit.")
    return ""


def verdict(
    task: Task, *, state: str, reason: str, done_on: dt.date | None, today: dt.date
) -> tuple[str, str, dt.date | None]:
    """State, reason and day of doing as they may be written; raises ValidationError beside the field otherwise."""
    if state not in TaskState.values:
        raise ValidationError({"state": _("Choose what became of the task.")})
    if done_on and done_on > today:
        raise ValidationError({"done_on": _("This day is still to come.")})
    if state == TaskState.DONE and done_on and done_on > task.due_on:
        state = TaskState.LATE
    if state == TaskState.LATE:
        if done_on is None or done_on <= task.due_on:
            raise ValidationError({"done_on": _("Done late: state the day, after the due day.")})
    elif state != TaskState.DONE:
        done_on = None
    if state == TaskState.MISSED and today <= task.due_on:
        raise ValidationError({"state": _("The due day is not over yet; it ends at 24:00.")})
    if state == TaskState.EXCUSED and not reason:
        raise ValidationError({"reason": _("An excuse needs its reason.")})
    return state, reason if state in (TaskState.EXCUSED, *_UNKEPT) else "", done_on


def _locked(task: Task) -> Task:
    """The task as it is now, under lock, of a week that still moves."""
    row = Task.objects.select_for_update(of=("self",)).select_related("cadre", "unit").get(pk=task.pk)
    if _is_settled(row.unit_id, row.week):
        raise ValidationError(_settled_sentence(row.week), code="settled")
    return row


def _may_excuse(task: Task, by: Any) -> None:
    """Nobody excuses himself, nor whom he is related to."""
    if task.cadre_id in barred_cadres(by.cadre_id):
        raise ValidationError(
            _("Somebody else excuses this task: nobody excuses himself or a relative."), code="recused"
        )


def _write(task: Task, *, by: Any, state: str, reason: str = "", done_on: dt.date | None = None) -> None:
    task.state, task.reason, task.done_on = state, reason, done_on
    task.said_by = None if state == TaskState.OPEN else by
    task.save(update_fields=["state", "reason", "done_on", "said_by"])


@transaction.atomic
def report_done(task: Task, *, by: Any, done_on: dt.date | None = None, at: dt.datetime | None = None) -> Task:
    """The person responsible says that it is done; after the due day it is done late. The unit confirms the week."""
    if by.cadre_id is None or by.cadre_id != task.cadre_id:
        raise PermissionDenied
    row = _locked(task)
    if row.state != TaskState.OPEN and row.said_by_id != by.pk:
        raise ValidationError(_("The unit has stated what became of this task."), code="stale")
    state, reason, day = verdict(row, state=TaskState.DONE, reason="", done_on=done_on or _day(at), today=_day(at))
    _write(row, by=by, state=state, reason=reason, done_on=day)
    record("task.report", row, by=by, at=at, done_on=day)
    return row


@transaction.atomic
def mark(
    task: Task, *, by: Any, state: str, reason: str = "", done_on: dt.date | None = None, at: dt.datetime | None = None
) -> Task:
    """The unit says what became of a task, until the week is settled; ``open`` takes an earlier word back."""
    row = _locked(task)
    state, reason, day = verdict(row, state=state, reason=reason.strip(), done_on=done_on, today=_day(at))
    if state == TaskState.EXCUSED:
        _may_excuse(row, by)
    _write(row, by=by, state=state, reason=reason, done_on=day)
    record("task.mark", row, by=by, at=at, state=f"@task.{state}", reason=reason, done_on=day)
    return row


@transaction.atomic
def mark_rest_done(unit: Unit, week: dt.date, *, by: Any, at: dt.datetime | None = None) -> int:
    """Somebody says that everything still open on a week's list is done in time; returns how many were."""
    if week > _day(at):
        raise ValidationError(_("This week is still to come."), code="early")
    _lock(unit)
    if _is_settled(unit.pk, week):
        raise ValidationError(_settled_sentence(week), code="settled")
    count = Task.objects.filter(unit=unit).in_week(week).open().update(state=TaskState.DONE, said_by=by)
    if count:
        record("task.mark_rest", unit, by=by, at=at, week=week, tasks=count)
    return count


@transaction.atomic
def carry_over(task: Task, *, by: Any, due_on: dt.date, at: dt.datetime | None = None) -> Task:
    """A task that was not kept goes on with a new due day, as a new row; what became of the old one stays recorded."""
    row = Task.objects.select_for_update(of=("self",)).select_related("cadre", "unit", "area").get(pk=task.pk)
    if Task.objects.filter(carried_from=row).exists():
        raise ValidationError(_("This task was carried over already."), code="twice")
    if row.state == TaskState.OPEN:
        row = mark(row, by=by, state=TaskState.MISSED, at=at)
    if row.state not in (TaskState.MISSED, TaskState.EXCUSED):
        raise ValidationError(_("Only what was not done is carried over."), code="done")
    if due_on <= row.due_on:
        raise ValidationError({"due_on": _("The new due day lies after the old one.")})
    area = row.area if row.area and row.area.ended_on is None else None
    plan = {"content": row.content, "cadre": row.cadre, "due_on": due_on, "area": area, "key": row.key}
    new = plan_tasks(by=by, unit=row.unit, rows=[plan], at=at, carried_from=row)[0]
    record("task.carry", row, by=by, at=at, due_on=due_on)
    return new


@transaction.atomic
def review_week(
    unit: Unit, week: dt.date, *, by: Any, marks: Iterable[dict[str, Any]], rest: bool = False, settle: bool = False,
    at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """What the settle page sends, all or nothing: exceptions, then "all the rest is done", then the settlement.

    Each mark: task, state, reason, done_on, carry_to (a new due day, or None).
    """
    for line in marks:
        task: Task = line["task"]
        try:
            if line["state"]:
                mark(task, by=by, state=line["state"], reason=line["reason"], done_on=line["done_on"], at=at)
            if line["carry_to"]:
                carry_over(task, by=by, due_on=line["carry_to"], at=at)
        except ValidationError as error:
            raise ValidationError([f"{task.content}: {words}" for words in error.messages], code="row") from error
    if rest:
        mark_rest_done(unit, week, by=by, at=at)
    if settle:
        settle_week(unit, week, by=by, at=at)


@transaction.atomic
def settle_week(unit: Unit, week: dt.date, *, by: Any, at: dt.datetime | None = None) -> SettledWeek:
    """The head or deputy confirms a week, once: the list stands still, and what was not kept without an accepted reason
    becomes evidence. A week settled already is returned as it is.

    Raises ValidationError while a task is open: silence is neither done nor not done.
    """
    _lock(unit)
    if settled := SettledWeek.objects.filter(unit=unit, week=week).first():
        return settled
    tasks = list(
        Task.objects.filter(unit=unit).in_week(week).select_for_update(of=("self",)).select_related("cadre", "carried_from__evidence")
    )  # fmt: skip
    _excuse_leave(unit, week, tasks, by)
    _check_settlement(unit, week, tasks, _day(at))
    settled = SettledWeek.objects.create(unit=unit, week=week, settled_by=by, settled_at=at or timezone.now())
    kept = [task for task in tasks if task.state in (TaskState.DONE, TaskState.LATE)]
    missed = [task for task in tasks if task.state in _UNKEPT and task.planned_in_time]
    for task in missed:
        task.evidence = _evidence(task, by=by, at=at)
    Task.objects.bulk_update(missed, ["evidence"], batch_size=500)
    for task in kept:
        if task.key and task.carried_from:
            _fulfil(task, by=by, at=at)
    record("task.settle", unit, by=by, at=at, week=week, tasks=len(tasks), missed=len(missed))
    return settled


def _excuse_leave(unit: Unit, week: dt.date, tasks: list[Task], by: Any) -> None:
    """A due day on leave or in protected status excuses by itself whatever was not done by then."""
    away = set(Task.objects.filter(unit=unit).in_week(week).on_leave().values_list("pk", flat=True))
    states = (TaskState.OPEN, *_UNKEPT)
    excused = [task for task in tasks if task.pk in away and task.state in states]
    for task in excused:
        task.state, task.on_leave, task.said_by = TaskState.EXCUSED, True, by
    Task.objects.bulk_update(excused, ["state", "on_leave", "said_by"], batch_size=500)


def _check_settlement(unit: Unit, week: dt.date, tasks: list[Task], today: dt.date) -> None:
    if not tasks:
        raise ValidationError(_("There is no task in this week."), code="empty")
    if week > today:
        raise ValidationError(_("This week is still to come."), code="early")
    # In order of time, so that what was carried over finds in the record what it was carried from.
    if earlier := Task.objects.filter(unit=unit, week__lt=week).unsettled().order_by("week").first():
        raise ValidationError(_("Settle the week of %(day)s first.") % {"day": date_format(earlier.week)}, code="order")
    if left := sum(task.state == TaskState.OPEN for task in tasks):
        words = ngettext(
            "%(n)s task is still open: say what became of it, or mark the rest as done.",
            "%(n)s tasks are still open: say what became of them, or mark the rest as done.",
            left,
        )
        raise ValidationError(words % {"n": left}, code="open")


def _evidence(task: Task, *, by: Any, at: dt.datetime | None) -> Any:
    """One event, one item: a key target that is not done speaks to C2, every other miss to B2.

    A key target that was carried over and stands in the record as unmet is not recorded as unmet a second time.
    """
    unmet = task.key and task.state == TaskState.MISSED and _standing_target(task) is None
    return add_evidence(
        by=by, cadre=task.cadre, kind=Kind.TASK, title=task.content, happened_on=task.due_on, at=at,
        source=_("Weekly list, week of %(day)s") % {"day": date_format(task.week)},
        fact=Fact.TARGET if unmet else Fact.MISSED, criterion="C2" if unmet else "B2",
    )  # fmt: skip


def _standing_target(task: Task) -> Task | None:
    """The earlier task of the chain that stands in the record as an unmet key target."""
    while task.carried_from:
        task = task.carried_from
        if task.evidence and task.evidence.fact == Fact.TARGET:
            return task
    return None


def _fulfil(task: Task, *, by: Any, at: dt.datetime | None) -> None:
    """A key target was met after all: its item no longer says "unmet", only that the deadline was missed."""
    origin = _standing_target(task)
    if origin and origin.evidence:
        reason = _("The target was met on %(day)s.") % {"day": date_format(task.done_on or task.due_on)}
        origin.evidence = supersede(origin.evidence, by=by, reason=reason, at=at, fact=Fact.MISSED, criterion="B2")
        origin.save(update_fields=["evidence"])


@transaction.atomic
def accept_excuse(task: Task, *, by: Any, reason: str, at: dt.datetime | None = None) -> Task:
    """After the settlement the head or deputy accepts a reason: the task counts as excused, and its evidence is
    superseded by an item that establishes nothing. Raises ValidationError for oneself and for relatives.
    """
    row = Task.objects.select_for_update(of=("self",)).select_related("evidence", "cadre").get(pk=task.pk)
    _may_excuse(row, by)
    if not _is_settled(row.unit_id, row.week):
        raise ValidationError(_("The week is not settled yet: mark the task as excused on its page."), code="early")
    if row.state not in _UNKEPT:
        raise ValidationError(_("There is nothing to excuse."), code="stale")
    if not reason.strip():
        raise ValidationError({"reason": _("An excuse needs its reason.")})
    row.state, row.reason, row.said_by = TaskState.EXCUSED, reason.strip(), by
    if row.evidence:
        row.evidence = supersede(row.evidence, by=by, reason=row.reason, at=at, fact="", criterion="")
    row.save(update_fields=["state", "reason", "said_by", "evidence"])
    record("task.excuse", row, by=by, at=at, reason=row.reason)
    return row


@transaction.atomic
def keep_area(
    *, by: Any, unit: Unit, name: str, leader: Cadre, villages: Iterable[Unit], area: Area | None = None,
    at: dt.datetime | None = None,
) -> Area:  # fmt: skip
    """Make an area, or change one: its name, its leader, its villages. A village lies in one area at a time."""
    _lock(unit)
    villages = list(villages)
    others = Area.objects.standing().filter(unit=unit)
    others = others.exclude(pk=area.pk) if area else others
    if others.filter(name=name).exists():
        raise ValidationError({"name": _("There is an area of this name already.")})
    if taken := others.filter(villages__in=villages).values_list("villages__name", "name").first():
        words = {"village": taken[0], "area": taken[1]}
        raise ValidationError({"villages": _("%(village)s belongs to %(area)s.") % words})
    if area is None:
        area = Area.objects.create(unit=unit, name=name, leader=leader)
    else:
        area.name, area.leader = name, leader
        area.save(update_fields=["name", "leader"])
    area.villages.set(villages)
    record("area.keep", area, by=by, at=at, name=name, leader=leader.name, villages=[v.name for v in villages])
    return area


@transaction.atomic
def end_area(area: Area, *, by: Any, at: dt.datetime | None = None) -> None:
    """The area is offered no more; tasks of the past keep it."""
    if Area.objects.standing().filter(pk=area.pk).update(ended_on=_day(at)):
        record("area.end", area, by=by, at=at)
