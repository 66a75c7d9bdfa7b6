"""One entry of "My tasks": how many wait, what for, and the page where it is done."""

from typing import Any

Task = dict[str, Any]


def task(count: int, label: str, url: str, urgent: bool = False) -> list[Task]:
    """A list of one entry, or an empty one when nothing waits."""
    return [{"count": count, "label": label, "url": url, "urgent": urgent}] if count else []
