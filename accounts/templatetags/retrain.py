"""Template tags of the house, loaded into every template (``builtins`` in the settings).

``{% icon "search" %}`` an icon of the vendored sprite; ``{{ day|date_cn }}`` and ``{{ moment|moment_cn }}`` dates in the
reader's language and in the county's time; ``{% mask number %}`` an identity number as pages may show it;
``{% deadline left total done as it %}`` how pressing a deadline is, in words.
"""

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.people.identity import mask
from accounts.wording import say

register = template.Library()

SPRITE = "vendor/bootstrap-icons/icons.svg"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite (names: frontend/icons.txt), hidden from screen readers unless it has a ``label``."""
    href = f"{static(SPRITE)}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


def _local(value: object) -> dt.date | dt.datetime | None:
    """A date or a local datetime from either of them or from an ISO string; None when there is none in it."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = parse_date(text) or parse_datetime(text)
        except ValueError:  # well formed, but no such day
            return None
    if isinstance(value, dt.datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    return value if isinstance(value, dt.date) else None


@register.filter
def date_cn(value: object) -> str:
    """The day in the reader's language (23 Nov 2026); a datetime's day in the county's time; "" for nothing."""
    local = _local(value)
    return formats.date_format(local, "DATE_FORMAT") if local else ""


@register.filter
def moment_cn(value: object) -> str:
    """The day with hours and minutes, in the county's time; a plain date stays a day."""
    local = _local(value)
    if isinstance(local, dt.datetime):
        return formats.date_format(local, "DATETIME_FORMAT")
    return date_cn(local)


@register.filter
def signed(value: Decimal) -> str:
    """A difference with two places and its sign; nothing is 0.00."""
    return f"{value:+.2f}".replace("-", "−") if value else "0.00"


@register.filter
def iso(value: object) -> str:
    """The value of ``<time datetime="...">``."""
    local = _local(value)
    return local.isoformat(timespec="minutes") if isinstance(local, dt.datetime) else local.isoformat() if local else ""


register.simple_tag(mask)


class Deadline(NamedTuple):
    """How pressing a deadline is: ``tone`` (done, calm, soon, end, late) for the colour, ``icon`` and ``words``."""

    tone: str
    icon: str
    words: str


@register.simple_tag
def deadline(left: int | None, total: int | None = None, done: object = None) -> Deadline | None:
    """Working days ``left`` of ``total`` in words and colour; None when there is no deadline.

    ``left`` 0 is the last day, which ends at 24:00. Amber starts at a third of the time (PAGES.md), or at two days
    when the total is not known. ``done`` is true or the day on which it was done.
    """
    if done:
        day = date_cn(done)
        return Deadline("done", "check-circle-fill", _("done %(day)s") % {"day": day} if day else _("done"))
    if left is None or left == "":
        return None
    if left < 0:
        words = ngettext("%(days)s working day over", "%(days)s working days over", -left) % {"days": -left}
        return Deadline("late", "exclamation-circle", words)
    if left == 0:
        return Deadline("end", "exclamation-circle", _("today is the last day"))
    words = ngettext("%(days)s working day left", "%(days)s working days left", left) % {"days": left}
    if left * 3 <= total if total else left <= 2:
        return Deadline("soon", "hourglass-split", words)
    return Deadline("calm", "clock", words)


@register.filter
def may(user: object, code: str) -> bool:
    """Whether the role in use holds a grant; the same table that the workflow asks."""
    return bool(getattr(user, "may", lambda _code: False)(code))


@register.filter
def role_to_open(notice: Any, user: Any) -> Any:
    """The role in which a notice's page opens, where another one is in use."""
    return notice.role_to_open(user)


# Browser and system as a person names them; the first that occurs in what the browser says of itself.
_BROWSERS = (("Edg/", "Edge"), ("360", "360"), ("Firefox/", "Firefox"), ("Chrome/", "Chromium"), ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("Kylin", "Kylin"), ("UOS", "UOS"), ("Linux", "Linux"))  # fmt: skip


@register.filter
def device(agent: str) -> str:
    """Browser and system of a session in a few words; the beginning of what it said when neither is known."""
    named = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in named if name) or agent[:40] or _("unknown device")


@register.filter
def role_label(role: str) -> str:
    return say(f"role.{role}")


@register.filter
def event_label(action: str) -> str:
    return say(f"event.{action}")


@register.simple_tag
def querystring_of(request: HttpRequest, **changes: object) -> str:
    """The present query with changes, back on the first page."""
    query = request.GET.copy()
    for key in ("after", "before", "last"):
        query.pop(key, None)
    for key, value in changes.items():
        query[key] = str(value)
    return query.urlencode()
