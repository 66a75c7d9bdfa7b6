"""The filter in use on a list: remembered for the session, kept under a name, shown as chips that can be taken away.

Reading writes no row: the last filter lies in the session; a name is given by a POST. A query that holds an identity
number is neither remembered nor kept.
"""

import re
from typing import Any

from django.db import transaction
from django.http import HttpRequest, QueryDict

from accounts.kit.models import SavedFilter

# Where in the list, not which list.
PLACE = ("after", "before", "last", "clear", "check")
LONGEST, REMEMBERED = 500, 20
_IDENTITY = re.compile(r"\d{17}[\dXx]")


def without_place(query: QueryDict) -> QueryDict:
    """The filter and the sort of a query, empty values left out."""
    kept = query.copy()
    for name in list(kept):
        values = [value for value in kept.getlist(name) if value]
        if name in PLACE or not values:
            del kept[name]
        else:
            kept.setlist(name, values)
    return kept


def recall(request: HttpRequest, default: str) -> bool:
    """Remember the filter in use; on a bare visit take the last one, else the ``default``, into ``request.GET``.

    True when the filter came from memory, so that the page says so.
    """
    memory, page = request.session.get("filters", {}), request.path
    if request.GET:
        query = "" if "clear" in request.GET else without_place(request.GET).urlencode()
        if set(request.GET) - set(PLACE) or "clear" in request.GET:
            _remember(request, memory, page, query)
        return False
    query = memory.get(page, default)
    if query:
        request.GET = QueryDict(query)
    return bool(query)


def _remember(request: HttpRequest, memory: dict[str, str], page: str, query: str) -> None:
    if memory.get(page) == query or not storable(query):
        return
    kept = [(name, value) for name, value in memory.items() if name != page][-REMEMBERED + 1 :]
    request.session["filters"] = dict([*kept, (page, query)])


def storable(query: str) -> bool:
    return len(query) <= LONGEST and not _IDENTITY.search(query)


def chips(request: HttpRequest, form: Any) -> list[dict[str, str]]:
    """One chip per field of the filter that is in use: label, value in words, and the page without it."""
    used, found = without_place(request.GET), []
    for name, field in form.fields.items() if form else ():
        if name not in used:
            continue
        choices = {str(value): label for value, label in getattr(field, "choices", ())}
        words = "" if getattr(field.widget, "input_type", "") == "checkbox" else choices.get(used[name], used[name])
        rest = used.copy()
        del rest[name]
        found.append({"label": field.label, "value": words, "url": f"?{rest.urlencode() or 'clear=1'}"})
    return found


@transaction.atomic
def keep(*, by: Any, page: str, name: str, query: str, default: bool) -> SavedFilter:
    """Keep a filter under a name. Raises IntegrityError when the page has one of this name already."""
    row = SavedFilter.objects.create(user=by, page=page, name=name, query=query)
    if default:
        make_default(row, by=by)
    return row


@transaction.atomic
def make_default(row: SavedFilter, *, by: Any) -> None:
    """The filter with which the page opens for this person."""
    SavedFilter.objects.visible_to(by).filter(page=row.page).update(is_default=False)
    SavedFilter.objects.filter(pk=row.pk).update(is_default=True)
