"""What a line of a steps table is, and how an act can be refused."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.trail.workflow import Entry
from accounts.wording import Refusal, refuse


@dataclass
class Act:
    """One act in progress: who does what to which row, when, with which data."""

    row: Any
    action: str
    by: Any
    at: dt.datetime
    data: dict[str, Any] = field(default_factory=dict)
    # The state that the row had; effects find it changed already.
    before: str = ""

    @property
    def day(self) -> dt.date:
        return timezone.localtime(self.at).date()


Guard = Callable[[Act], Refusal | None]
Effect = Callable[[Act], Iterable[Entry] | None]
Target = str | tuple[tuple[str, ...], Callable[[Act], str]]


@dataclass(frozen=True)
class Step:
    """Action, from-states, to-state, grants (any of them), guards, effects, form, notices.

    ``target`` is a state, "" for "no change of state", or a pair (permitted states, function that chooses).
    ``first`` are guards that ask nothing of the form: its page says their refusals before anything is typed.
    ``cascade`` names further rows that move with this one, in the same transaction.
    ``main`` marks the one main action of its state.
    """

    action: str
    sources: tuple[str, ...]
    target: Target
    grants: tuple[str, ...]
    first: tuple[Guard, ...] = field(default=(), kw_only=True)
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    form: str = ""
    notices: tuple[tuple[str, Callable[[Act], Iterable[Any]]], ...] = ()
    cascade: Callable[[Act], Iterable[tuple[Any, str]]] | None = None
    main: bool = False
    # Performed only with another row's step (a return's signing, a meeting's decision), never by itself.
    inner: bool = False

    def refusals(self, act: Act, *, beforehand: bool = False) -> list[Refusal]:
        """What stands against the act; ``beforehand``: as far as it is known without the form."""
        asked = self.first if beforehand else (*self.first, *self.guards)
        return [refusal for guard in asked if (refusal := guard(act))]

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state that this step may lead to."""
        if isinstance(self.target, tuple):
            return self.target[0]
        return (self.target,) if self.target else self.sources

    def target_for(self, act: Act) -> str:
        if isinstance(self.target, tuple):
            chosen = self.target[1](act)
            if chosen not in self.target[0]:
                raise AssertionError(f"{self.action} chose {chosen}")
            return chosen
        return self.target or act.row.state


class NotVisible(Exception):
    """The row is outside the actor's scope, or the actor is recused: 404."""


class NotGranted(PermissionDenied):
    """The role in use holds none of the step's grants: 403."""


class Refused(Exception):
    """Stale, or stopped by guards: 409 with the reasons."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals

    @property
    def codes(self) -> set[str]:
        return {refusal.code.removeprefix("guard.") for refusal in self.refusals}


def stale() -> Refused:
    return Refused([refuse("stale")])
