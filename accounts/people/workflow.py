"""Writing units and cadres.

``add_unit`` and ``add_cadre`` only make rows (loaders and tests use them); what a person does on a page is a verb with
``by``, which locks the row within the actor's scope, checks the days and appends to the trail.
"""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin, load_phrases_dict

from accounts import crypto
from accounts.people import codes
from accounts.people.identity import born_of, id_problem, sex_of
from accounts.people.models import (
    RANKED,
    RANKS_SINCE,
    Cadre,
    DutyKind,
    DutyPeriod,
    Post,
    Sex,
    Unit,
    UnitName,
    barred_cadres,
)
from accounts.people.periods import Period, overlap
from accounts.trail.workflow import record

_READINGS = tomllib.loads((Path(__file__).parent.parent / "data" / "readings.toml").read_text(encoding="utf-8"))
load_phrases_dict({name: [[s] for s in syllables] for name, syllables in _READINGS["places"].items()})
_SURNAMES: dict[str, str] = _READINGS["surnames"]


def romanise(name: str) -> tuple[str, str]:
    """Pinyin without spaces, and initials, of a person's name."""
    syllables = lazy_pinyin(name, style=Style.NORMAL)
    if name and name[0] in _SURNAMES and syllables:
        syllables[0] = _SURNAMES[name[0]]
    return "".join(syllables).lower(), "".join(s[0] for s in syllables if s).lower()


@transaction.atomic
def add_unit(
    *, code: str, name: str, kind: str, parent: Unit | None = None, since: dt.date | None = None, **fields: Any
) -> Unit:
    """Add a node to the tree; ``since`` is the first day of its name."""
    unit = Unit(code=code, name=name, kind=kind, parent=parent, **fields)
    unit.path = "pending"
    unit.save()
    unit.path = f"{parent.path if parent else ''}{unit.pk:06d}."
    unit.save(update_fields=["path"])
    UnitName.objects.create(unit=unit, name=name, start=since or dt.date(2000, 1, 1))
    return unit


@transaction.atomic
def rename_unit(unit: Unit, *, name: str, on: dt.date) -> None:
    """Give a unit a new name from a day on; older cases keep the name of their day."""
    unit.names.filter(end__isnull=True).update(end=on)
    UnitName.objects.create(unit=unit, name=name, start=on)
    Unit.objects.filter(pk=unit.pk).update(name=name)
    unit.name = name


@transaction.atomic
def add_cadre(
    *, name: str, unit: Unit, post: str, level: str, joined_on: dt.date, id_number: str = "", **fields: Any
) -> Cadre:
    """Record a person and the post held since ``joined_on``. Raises ValueError on an impossible identity number."""
    if id_number and (problem := id_problem(id_number)):
        raise ValueError(f"identity number: {problem}")
    pinyin, initials = romanise(name)
    cadre = Cadre(name=name, pinyin=pinyin, initials=initials, unit=unit, post=post, level=level, joined_on=joined_on,
                  id_number=id_number, id_index=crypto.index(id_number) if id_number else None, **fields)  # fmt: skip
    cadre.save()
    Post.objects.create(cadre=cadre, unit=unit, title=post, level=level, start=joined_on)
    return cadre


def _today(at: dt.datetime | None) -> dt.date:
    return timezone.localtime(at).date() if at else timezone.localdate()


def no_later_than(day: dt.date | None, today: dt.date, field: str) -> None:
    """Raises ValidationError for a day to come: a change is recorded on its first day or later."""
    if day and day > today:
        raise ValidationError({field: _("The day lies in the future; record it on that day or later.")})


def _locked(cadre: Cadre, by: Any) -> Cadre:
    """The row under lock; raises Cadre.DoesNotExist out of scope, ValidationError for the own record or a recused one."""
    row = Cadre.objects.visible_to(by).select_for_update(of=("self",)).get(pk=cadre.pk)
    if row.pk in barred_cadres(by.cadre_id):
        raise ValidationError(_("Nobody changes the own record, or that of somebody to whom a declared relation bars."))
    return row


def _in_service(row: Cadre) -> None:
    if row.left_on:
        raise ValidationError(_("This person left on %(day)s.") % {"day": date_format(row.left_on)})


def _check_identity(number: str, born: dt.date, sex: str, known_as: int | None = None) -> None:
    """Raises ValidationError when a number cannot be right, contradicts birth or sex, or belongs to somebody else."""
    if not number:
        return
    problem = id_problem(number)
    words = {
        "form": _("An identity number has 18 characters: 17 digits and a digit or X."),
        "date": _("The date of birth in this number does not exist."),
        "check": _("The last character does not fit the others: a digit is mistyped."),
    }
    if problem:
        raise ValidationError({"id_number": words[problem]})
    if born_of(number) != born:
        raise ValidationError({"id_number": _("The number tells another date of birth.")})
    if sex_of(number) != sex:
        raise ValidationError({"id_number": _("The number tells the other sex.")})
    if Cadre.objects.filter(id_index=crypto.index(number)).exclude(pk=known_as or 0).exists():
        raise ValidationError({"id_number": _("Somebody with this number is on record already.")})


def _check_rank(rank: str, category: str, start: dt.date) -> None:
    """Ranks belong to civil servants and exist since 1 June 2019; institutions have grades of posts."""
    if not rank:
        return
    if rank.startswith("R") != (category in RANKED):
        raise ValidationError({"rank": _("This rank or grade does not belong to the personnel category.")})
    if rank.startswith("R") and start < RANKS_SINCE:
        raise ValidationError({"rank": _("Ranks exist from 1 June 2019 on; leave it empty for an earlier post.")})
    if not codes.known("rank" if rank.startswith("R") else "grade", rank):
        raise ValidationError({"rank": _("Unknown code.")})


def _check_life(born: dt.date, joined_on: dt.date) -> None:
    if joined_on < born.replace(year=born.year + 16, day=min(born.day, 28)):
        raise ValidationError({"joined_on": _("Nobody joins before the age of 16; look at both dates.")})


@transaction.atomic
def enter_person(
    *, by: Any, unit: Unit, name: str, post: str, level: str, joined_on: dt.date, born: dt.date, sex: str, category: str,
    id_number: str = "", rank: str = "", at: dt.datetime | None = None, **fields: Any,
) -> Cadre:  # fmt: skip
    """Put a person on record. Raises ValidationError for impossible dates, an impossible or known identity number."""
    no_later_than(joined_on, _today(at), "joined_on")
    _check_life(born, joined_on)
    _check_identity(id_number.upper(), born, sex)
    _check_rank(rank, category, joined_on)
    if unit.dissolved_on:
        raise ValidationError({"unit": _("This unit is dissolved.")})
    if Cadre.objects.filter(name=name, born=born, unit=unit).exists():
        raise ValidationError({"name": _("Somebody of this name and day of birth is on record in this unit.")})
    cadre = add_cadre(name=name, unit=unit, post=post, level=level, joined_on=joined_on, id_number=id_number.upper(), born=born,
                      sex=sex, category=category, rank=rank, **fields)  # fmt: skip
    cadre.posts.update(rank=rank)
    record("person.enter", cadre, by=by, at=at, unit=str(unit.public_id), post=post)
    return cadre


CORRECTABLE = (
    "name", "sex", "born", "id_number", "category", "political_status", "nationality", "education", "degree", "joined_on",
)  # fmt: skip


@transaction.atomic
def correct_person(cadre: Cadre, *, by: Any, reason: str, at: dt.datetime | None = None, **changes: Any) -> Cadre:
    """Correct what was recorded wrongly. The trail keeps before and after; of the identity number only that it changed."""
    row = _locked(cadre, by)
    before = {name: getattr(row, name) for name in CORRECTABLE if name in changes}
    changed = {name: changes[name] for name in before if changes[name] != before[name]}
    if not changed:
        raise ValidationError(_("Nothing was changed."))
    for name, value in changed.items():
        setattr(row, name, value)
    row.id_number = row.id_number.upper()
    _check_identity(row.id_number, row.born, row.sex, row.pk)
    _check_life(row.born, row.joined_on)
    _check_rank(row.rank, row.category, timezone.localdate())
    row.pinyin, row.initials = romanise(row.name)
    row.id_index = crypto.index(row.id_number) if row.id_number else None
    row.save(update_fields=[*changed, "pinyin", "initials", "id_index"])
    told = {name: [str(before[name]), str(value)] for name, value in changed.items() if name != "id_number"}
    record("person.correct", row, by=by, at=at, reason=reason, changed=told, identity="id_number" in changed)
    return row


@transaction.atomic
def give_post(
    cadre: Cadre, *, by: Any, unit: Unit, title: str, level: str, start: dt.date, rank: str = "", removed: bool = False,
    at: dt.datetime | None = None,
) -> Post:  # fmt: skip
    """A new post from a day on, in the same unit or another; the earlier one ends that day.

    ``removed``: the earlier post ends by removal under the three mechanisms. Raises ValidationError when the day does not
    follow the beginning of the present post, lies ahead, or the unit is dissolved.
    """
    row = _locked(cadre, by)
    _in_service(row)
    no_later_than(start, _today(at), "start")
    _check_rank(rank, row.category, start)
    if unit.dissolved_on and unit.dissolved_on <= start:
        raise ValidationError({"unit": _("This unit is dissolved.")})
    last = row.posts.order_by("-start").first()
    if last and not Period(last.start, start).possible():
        raise ValidationError(
            {
                "start": _("The present post began on %(day)s; the new one begins later.")
                % {"day": date_format(last.start)}
            }
        )
    if last and last.end and last.end > start:
        raise ValidationError({"start": _("The earlier post ends on %(day)s only.") % {"day": date_format(last.end)}})
    row.posts.filter(end__isnull=True).update(end=start, removed=removed)
    post = Post.objects.create(cadre=row, unit=unit, title=title, level=level, rank=rank, start=start)
    earlier = row.unit
    row.unit, row.post, row.level, row.rank = unit, title, level, rank
    row.save(update_fields=["unit", "post", "level", "rank"])
    record("person.post", row, by=by, at=at, before=str(earlier.public_id), after=str(unit.public_id), post=title, start=start,
           removed=removed)  # fmt: skip
    return post


@transaction.atomic
def begin_duty(
    cadre: Cadre, *, by: Any, kind: str, start: dt.date, end: dt.date | None = None, host: Unit | None = None,
    at: dt.datetime | None = None,
) -> DutyPeriod:  # fmt: skip
    """Record leave, a protected period or a secondment. Raises ValidationError on an overlap with one of the same kind."""
    row = _locked(cadre, by)
    _in_service(row)
    if (kind == DutyKind.SECONDED) != (host is not None):
        raise ValidationError({"host": _("A secondment names its host unit; nothing else does.")})
    if host and host.pk == row.unit_id:
        raise ValidationError({"host": _("The host is another unit than the own one.")})
    if kind == DutyKind.MATERNITY and row.sex != Sex.FEMALE:
        raise ValidationError({"kind": _("Pregnancy, maternity and nursing are recorded for women.")})
    period = Period(start, end)
    if not period.possible():
        raise ValidationError({"end": _("The end lies before the beginning.")})
    if start < row.joined_on:
        raise ValidationError({"start": _("The day lies before the person joined.")})
    for other in row.duty_periods.filter(kind=kind):
        if overlap(period, Period(other.start, other.end)):
            raise ValidationError(
                {"start": _("There is a period of this kind from %(day)s already.") % {"day": date_format(other.start)}}
            )
    duty = DutyPeriod.objects.create(cadre=row, kind=kind, start=start, end=end, host=host)
    record(
        "person.duty_begin",
        row,
        by=by,
        at=at,
        kind=kind,
        start=start,
        end=end,
        host=str(host.public_id) if host else "",
    )
    return duty


@transaction.atomic
def end_duty(duty: DutyPeriod, *, by: Any, end: dt.date, at: dt.datetime | None = None) -> None:
    """The first day on which the period is no longer in force. Raises ValidationError before its beginning."""
    row = _locked(duty.cadre, by)
    if duty.end == end:
        raise ValidationError(_("Nothing was changed."))
    duty = row.duty_periods.get(pk=duty.pk)
    if not Period(duty.start, end).possible():
        raise ValidationError({"end": _("The end lies before the beginning.")})
    for other in row.duty_periods.filter(kind=duty.kind).exclude(pk=duty.pk):
        if overlap(Period(duty.start, end), Period(other.start, other.end)):
            raise ValidationError(
                {"end": _("There is a period of this kind from %(day)s already.") % {"day": date_format(other.start)}}
            )
    duty.end = end
    duty.save(update_fields=["end"])
    record("person.duty_end", row, by=by, at=at, kind=duty.kind, end=end)


@transaction.atomic
def set_retirement(cadre: Cadre, *, by: Any, day: dt.date, at: dt.datetime | None = None) -> None:
    """Record the day from which the person is retired, as decided; it is never computed."""
    row = _locked(cadre, by)
    _in_service(row)
    if day <= row.joined_on:
        raise ValidationError({"day": _("The day lies before the person joined.")})
    if day == row.retires_on:
        raise ValidationError(_("Nothing was changed."))
    before, row.retires_on = row.retires_on, day
    row.save(update_fields=["retires_on"])
    record("person.retirement", row, by=by, at=at, before=before, after=day)


@transaction.atomic
def record_departure(cadre: Cadre, *, by: Any, on: dt.date, how: str, at: dt.datetime | None = None) -> None:
    """The person retired, left or died: the post and what goes on end that day; an open case waits for the leader."""
    row = _locked(cadre, by)
    _in_service(row)
    no_later_than(on, _today(at), "on")
    if row.posts.filter(start__gte=on, end__isnull=True).exists():
        raise ValidationError({"on": _("The present post began on that day or later.")})
    row.posts.filter(end__isnull=True).update(end=on)
    row.duty_periods.filter(end__isnull=True, start__lt=on).update(end=on)
    row.left_on, row.left_how = on, how
    row.save(update_fields=["left_on", "left_how"])
    record("person.leave", row, by=by, at=at, on=on, how=how)
