"""What upper layers show on a page of a lower one: a person's cases on the person file, a unit's returns on the unit's page,
the way to a nomination beside the names that a deliberation panel has concluded.

The app that owns the rows registers (template, function of subject and user) in ``AppConfig.ready``; the function gives
the template's ``panel``, or None when there is nothing to show to this reader.
"""

from collections.abc import Callable
from typing import Any

Give = Callable[[Any, Any], dict[str, Any] | None]
_PANELS: dict[str, list[tuple[str, Give]]] = {}


def register_panel(page: str, template: str, give: Give) -> None:
    """Show a panel on a page ("person", "unit" or "deliberation"); registering it again changes nothing."""
    known = _PANELS.setdefault(page, [])
    if (template, give) not in known:
        known.append((template, give))


def panels_of(page: str, subject: Any, user: Any) -> list[dict[str, Any]]:
    """The panels that have something to show."""
    found = [(template, give(subject, user)) for template, give in _PANELS.get(page, [])]
    return [{"template": template, "data": data} for template, data in found if data is not None]
