"""Guards of a measure's steps; ``act`` is an ``Act`` of the procedure."""

from typing import Any

from accounts.people.models import barred_cadres
from accounts.wording import Refusal, refuse


def second_person(act: Any) -> Refusal | None:
    """Whoever proposed does not decide."""
    same = act.by.cadre_id is not None and act.by.cadre_id == act.row.proposed_by.cadre_id
    return refuse("measure_same_hand") if same else None


def not_about_oneself(act: Any) -> Refusal | None:
    """Nobody decides about kin, dispute or interest (Civil Servants Law Art. 76)."""
    return refuse("measure_recused") if act.row.person_id in barred_cadres(act.by.cadre_id) else None


def document_stated(act: Any) -> Refusal | None:
    if not act.data.get("number", "").strip() or not act.data.get("document_on"):
        return refuse("measure_document")
    return refuse("future_day") if act.data["document_on"] > act.day else None
