"""``KeysetList``: the one list of the house. Whitelisted sort keys, next / previous / first / last, a capped count."""

import base64
import binascii
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from accounts.kit.filters import chips, recall, without_place
from accounts.kit.models import SavedFilter

COUNT_CAP = 1000


def _cursor(row: Any, field: str) -> str:
    value = row
    for part in field.split("__"):
        value = getattr(value, part)
    return base64.urlsafe_b64encode(json.dumps([value, row.pk], cls=DjangoJSONEncoder).encode()).decode()


def _read(cursor: str) -> tuple[Any, int] | None:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor))
        return value, int(pk)
    except (ValueError, TypeError, binascii.Error):
        return None


class KeysetList(TemplateView):
    """A page of rows; a subclass gives ``rows()``, ``sorts`` (name -> field) and ``sort`` (default, "-" = descending)."""

    sorts: dict[str, str] = {}
    sort = ""
    page_size = 50
    request: HttpRequest

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.own_filters = list(SavedFilter.objects.visible_to(request.user).filter(page=request.path))
        self.recalled = recall(request, next((row.query for row in self.own_filters if row.is_default), ""))
        return super().get(request, *args, **kwargs)

    def _filters(self) -> dict[str, Any]:
        """What ``_saved_filters.html`` shows: the filter in use and the person's own ones of this page."""
        query = without_place(self.request.GET)
        return {
            "page": self.request.path, "query": query.urlencode(), "recalled": self.recalled,
            "chips": chips(self.request, getattr(self, "filter", None)),
            "own": self.own_filters,
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = self.request.GET.get("sort", self.sort)
        name = wanted.removeprefix("-")
        if name not in self.sorts:
            wanted, name = self.sort, self.sort.removeprefix("-")
        page = self._page(self.sorts[name], wanted.startswith("-"))
        return super().get_context_data(sort=wanted, list_filters=self._filters(), **page, **kwargs)

    def _page(self, field: str, descending: bool) -> dict[str, Any]:
        rows, get = self.rows(), self.request.GET
        after, before = _read(get.get("after", "")), _read(get.get("before", ""))
        backwards = bool(before) or "last" in get
        cursor = before or after
        if cursor:
            up = (not descending) != backwards
            test = "gt" if up else "lt"
            value, pk = cursor
            rows = rows.filter(Q(**{f"{field}__{test}": value}) | Q(**{field: value, f"pk__{test}": pk}))
        sign = "-" if descending != backwards else ""
        found = list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: self.page_size + 1])
        more, found = len(found) > self.page_size, found[: self.page_size]
        if backwards:
            found.reverse()
        count = self.rows().order_by()[: COUNT_CAP + 1].count()
        earlier, later = (more, bool(before)) if backwards else (bool(after), more)
        page = {
            "first_url": self._url(), "last_url": self._url(last=1), "count_text": self._count_text(count),
            "previous_url": self._url(before=_cursor(found[0], field)) if found and earlier else "",
            "next_url": self._url(after=_cursor(found[-1], field)) if found and later else "",
        }  # fmt: skip
        return {"rows": found, "page": page}

    def _url(self, **place: Any) -> str:
        query = self.request.GET.copy()
        for key in ("after", "before", "last"):
            query.pop(key, None)
        query.update(place)
        return f"?{query.urlencode()}"

    @staticmethod
    def _count_text(count: int) -> str:
        if count > COUNT_CAP:
            return _("more than %(n)s") % {"n": f"{COUNT_CAP:,}"}
        return ngettext("%(n)s row", "%(n)s rows", count) % {"n": count}
