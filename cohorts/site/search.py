"""The search of the top bar: cases, people and units within the reader's scope, in three queries at most."""

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts import crypto
from accounts.models import Cadre, Unit
from accounts.permissions import Role
from cohorts.referral.models import Referral

SHOWN = 10
LONGEST = 40
_NUMBER = re.compile(r"^(\d{4})-(\d{1,9})$")
_IDENTITY = re.compile(r"^\d{17}[\dXx]$")


def _of_person(words: str, prefix: str = "") -> Q:
    """The beginning of name, pinyin or initials; or the whole identity number, through its keyed index."""
    if _IDENTITY.match(words):
        return Q(**{f"{prefix}id_index": crypto.index(words.upper())})
    low = words.lower().replace(" ", "")
    return (
        Q(**{f"{prefix}name__startswith": words})
        | Q(**{f"{prefix}pinyin__startswith": low})
        | Q(**{f"{prefix}initials__startswith": low})
    )


def _cases(user: Any, words: str) -> list[Referral]:
    """By case number, person or unit. The inspector finds a case by its number only: a name would tell too much."""
    if not user.may("referral.read"):
        return []
    number = _NUMBER.match(words)
    if number:
        test = Q(campaign__year=int(number[1]), pk=int(number[2]))
    elif user.role.role == Role.INSPECTOR:
        return []
    else:
        test = _of_person(words, "cadre__") | Q(person_name__startswith=words) | Q(unit__name__startswith=words)
    rows = Referral.objects.visible_to(user).filter(test).select_related("cadre", "unit", "campaign")
    return list(rows.order_by("-state_since", "-pk")[:SHOWN])


def find(user: Any, words: str) -> dict[str, list[Any]]:
    """What the words find; nothing for fewer than two letters of the alphabet or no words at all."""
    words = words.strip()[:LONGEST]
    if not words or (len(words) == 1 and words.isascii()):
        return {"cases": [], "people": [], "units": []}
    people = Cadre.objects.visible_to(user).filter(_of_person(words)).select_related("unit").order_by("pinyin", "pk")
    units = Unit.objects.visible_to(user).filter(Q(name__startswith=words) | Q(name__contains=words)).order_by("path")
    return {"cases": _cases(user, words), "people": list(people[:SHOWN]), "units": list(units[:SHOWN])}


class Search(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "")
        found = find(request.user, words)
        for row in [*found["people"], *found["units"]]:
            row.url = getattr(row, "get_absolute_url", str)() if hasattr(row, "get_absolute_url") else ""
        context = {
            "words": words.strip()[:LONGEST], "none": not any(found.values()), "shown": SHOWN,
            "by_number_only": request.user.role and request.user.role.role == Role.INSPECTOR, **found,
        }  # fmt: skip
        return render(request, "cohorts/site/search.html", context)
