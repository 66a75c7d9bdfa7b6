"""What the department administrator does with the tree of units; every change holds from a day on and is in the trail."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.models import Cadre, Post, Unit
from accounts.people.workflow import add_unit, no_later_than, rename_unit
from accounts.trail.workflow import record
from accounts.user.models import RoleAssignment


def _locked(unit: Unit, by: Any) -> Unit:
    """The row under lock; raises Unit.DoesNotExist out of scope, ValidationError when it is dissolved."""
    row = Unit.objects.visible_to(by).select_for_update(of=("self",)).get(pk=unit.pk)
    if row.dissolved_on:
        raise ValidationError(_("This unit is dissolved."))
    return row


def _day(at: dt.datetime | None) -> dt.date:
    return timezone.localtime(at).date() if at else timezone.localdate()


@transaction.atomic
def found_unit(
    parent: Unit, *, by: Any, name: str, kind: str, since: dt.date, reports: bool = False, phone: str = "",
    staff_in_post: int = 0, at: dt.datetime | None = None,
) -> Unit:  # fmt: skip
    """Add a unit below another. Raises ValidationError when a sibling bears the name."""
    parent = _locked(parent, by)
    no_later_than(since, _day(at), "since")
    if parent.children.filter(name=name, dissolved_on__isnull=True).exists():
        raise ValidationError({"name": _("A unit of this name is there already.")})
    code = f"{parent.code[:24]}-{parent.children.count() + 1}"
    while Unit.objects.filter(code=code).exists():
        code = f"{code[:28]}+"
    unit = add_unit(code=code, name=name, kind=kind, parent=parent, since=since, reports=reports, phone=phone,
                    staff_in_post=staff_in_post)  # fmt: skip
    record("unit.found", unit, by=by, at=at, parent=str(parent.public_id), name=name, since=since)
    return unit


@transaction.atomic
def correct_unit(unit: Unit, *, by: Any, at: dt.datetime | None = None, **changes: Any) -> None:
    """Office phone, staff in post, and whether the unit reports by itself."""
    row = _locked(unit, by)
    told = {
        name: [str(getattr(row, name)), str(changes[name])]
        for name in ("phone", "staff_in_post", "reports")
        if name in changes
    }
    if all(before == after for before, after in told.values()):
        raise ValidationError(_("Nothing was changed."))
    for name in told:
        setattr(row, name, changes[name])
    row.save(update_fields=list(told))
    record("unit.correct", row, by=by, at=at, changed=told)


@transaction.atomic
def name_unit(unit: Unit, *, by: Any, name: str, on: dt.date, at: dt.datetime | None = None) -> None:
    """Rename from a day on. Raises ValidationError unless the day follows the beginning of the present name."""
    row = _locked(unit, by)
    no_later_than(on, _day(at), "on")
    if row.names.filter(end__isnull=True, start__gte=on).exists():
        raise ValidationError({"on": _("The present name began on that day or later.")})
    before = row.name
    rename_unit(row, name=name, on=on)
    record("unit.rename", row, by=by, at=at, before=before, after=name, on=on)


def _rehang(row: Unit, parent: Unit) -> None:
    """Give the whole subtree its new path, in one statement."""
    old, new = row.path, f"{parent.path}{row.pk:06d}."
    if len(new) > 120:
        raise ValidationError({"parent": _("The tree would become too deep.")})
    Unit.objects.filter(pk=row.pk).update(parent=parent)
    Unit.objects.filter(path__startswith=old).update(path=Concat(Value(new), Substr("path", len(old) + 1)))


@transaction.atomic
def move_unit(unit: Unit, *, by: Any, parent: Unit, on: dt.date, at: dt.datetime | None = None) -> None:
    """Put a unit below another parent. Raises ValidationError for a parent that lies below it."""
    row, parent = _locked(unit, by), _locked(parent, by)
    no_later_than(on, _day(at), "on")
    if row.parent_id is None or parent.path.startswith(row.path):
        raise ValidationError({"parent": _("A unit cannot lie below itself.")})
    if row.parent_id == parent.pk:
        raise ValidationError({"parent": _("The unit lies there already.")})
    before = row.parent
    _rehang(row, parent)
    record(
        "unit.move",
        row,
        by=by,
        at=at,
        before=str(before.public_id) if before else "",
        after=str(parent.public_id),
        on=on,
    )


@transaction.atomic
def dissolve_unit(
    unit: Unit, *, by: Any, on: dt.date, successor: Unit | None = None, at: dt.datetime | None = None
) -> None:
    """Dissolve a unit, or merge it into another: its people get a post there from that day on, its sub-units move below it.

    Open cases stay with the unit and the successor's head sees them; roles held over the unit end. Raises ValidationError
    when people or sub-units would be left without a unit, or somebody's post began on that day or later.
    """
    row = _locked(unit, by)
    no_later_than(on, _day(at), "on")
    if row.parent_id is None:
        raise ValidationError(_("The county itself is not dissolved."))
    people = Cadre.objects.filter(unit=row, left_on__isnull=True)
    children = row.children.filter(dissolved_on__isnull=True)
    if successor is None and (people.exists() or children.exists()):
        raise ValidationError(
            {"successor": _("People or sub-units would be left behind: name the unit that takes over.")}
        )
    moved = 0
    if successor is not None:
        successor = _locked(successor, by)
        if successor.path.startswith(row.path):
            raise ValidationError({"successor": _("The successor lies outside the unit.")})
        moved = _move_people(row, successor, on)
        for child in children:
            _rehang(child, successor)
    Unit.objects.filter(pk=row.pk).update(dissolved_on=on, successor=successor)
    RoleAssignment.objects.filter(unit=row, end__isnull=True, start__lt=on).update(end=on)
    record(
        "unit.dissolve", row, by=by, at=at, on=on, successor=str(successor.public_id) if successor else "", people=moved
    )


def _move_people(row: Unit, successor: Unit, on: dt.date) -> int:
    """Everybody's post ends in the old unit and begins in the new one; title, level and rank stay."""
    posts = Post.objects.filter(cadre__unit=row, cadre__left_on__isnull=True, end__isnull=True)
    if posts.filter(start__gte=on).exists():
        raise ValidationError({"on": _("Somebody's post in this unit began on that day or later.")})
    fresh = [
        Post(cadre_id=p.cadre_id, unit=successor, title=p.title, level=p.level, rank=p.rank, start=on) for p in posts
    ]
    posts.update(end=on)
    Post.objects.bulk_create(fresh)
    Cadre.objects.filter(unit=row, left_on__isnull=True).update(unit=successor)
    return len(fresh)
