"""Who must not know of a name inside its own unit, and who must not be told of a case."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.notice.workflow import nearest_holders
from accounts.people.models import barred_cadres
from accounts.permissions import Role


def kept_from_heads(unit: Any, on: dt.date) -> set[int]:
    """Keys of the cadres whom every head of this unit is recused from: the deputy signs their names, on sheets apart."""
    barred = [barred_cadres(user.cadre_id) for user in nearest_holders({Role.UNIT_HEAD}, over=unit, on=on)]
    return set.intersection(*barred) if barred else set()


def unbarred(cadre_id: int, users: Iterable[Any]) -> list[Any]:
    """Those who may be told of this cadre's case."""
    barred = barred_cadres(cadre_id)
    return [user for user in users if user.cadre_id not in barred]
