"""What a drafted value would have meant in the last twelve months. Cases live above this app: they register their trials."""

from collections.abc import Callable
from typing import Any

Trial = Callable[[Any, Any], list[str]]
_trials: dict[str, Trial] = {}


def register(key: str, trial: Trial) -> None:
    """``trial`` gives for a value and its reader the sentences to show beside the draft."""
    _trials[key] = trial


def tried(key: str, value: Any, user: Any) -> list[str]:
    """The sentences for a drafted value; none for a setting without a trial."""
    return _trials[key](value, user) if key in _trials else []
