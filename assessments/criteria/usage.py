"""How often each criterion is used this year. Cases live above this app: cohorts registers the function that counts."""

from collections.abc import Callable
from typing import Any

# Below this number the county's small figures could name a person (SECURITY section 3, row 38).
SMALL = 5
_counters: list[Callable[[Any], dict[int, int]]] = []


def register(counter: Callable[[Any], dict[int, int]]) -> None:
    """``counter`` gives for an edition: key of the criterion -> nominations of the running campaigns that use it."""
    if counter not in _counters:
        _counters.append(counter)


def use_of(edition: Any) -> dict[int, int]:
    """Key of the criterion -> how many nominations; without an entry: none."""
    total: dict[int, int] = {}
    for counter in _counters:
        for key, count in counter(edition).items():
            total[key] = total.get(key, 0) + count
    return total
