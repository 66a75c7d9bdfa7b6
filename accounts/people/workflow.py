"""Writing units and cadres."""

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction
from pypinyin import Style, lazy_pinyin, load_phrases_dict

from accounts import crypto
from accounts.people.models import Cadre, Post, Unit, UnitName

_READINGS = tomllib.loads((Path(__file__).parent.parent / "data" / "readings.toml").read_text(encoding="utf-8"))
load_phrases_dict({name: [[s] for s in syllables] for name, syllables in _READINGS["places"].items()})
_SURNAMES: dict[str, str] = _READINGS["surnames"]
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def romanise(name: str) -> tuple[str, str]:
    """Pinyin without spaces, and initials, of a person's name."""
    syllables = lazy_pinyin(name, style=Style.NORMAL)
    if name and name[0] in _SURNAMES and syllables:
        syllables[0] = _SURNAMES[name[0]]
    return "".join(syllables).lower(), "".join(s[0] for s in syllables if s).lower()


def id_problem(number: str) -> str:
    """Why an identity number cannot be right ("" = it can): form, date of birth, check digit (GB 11643-1999)."""
    if not re.fullmatch(r"\d{17}[\dXx]", number):
        return "form"
    try:
        dt.datetime.strptime(number[6:14], "%Y%m%d")  # noqa: DTZ007 -- only the date's existence matters
    except ValueError:
        return "date"
    check = "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], ID_WEIGHTS, strict=True)) % 11]
    return "" if check == number[17].upper() else "check"


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
