"""Effects of a measure's steps; ``act`` is an ``Act`` of the procedure."""

from typing import Any

from accounts.notice.workflow import holders
from accounts.permissions import Role


def keep_decision(act: Any) -> None:
    row, data = act.row, act.data
    row.decided_by, row.document_number, row.document_on = act.by, data["number"].strip(), data["document_on"]
    row.save(update_fields=["decided_by", "document_number", "document_on"])


def keep_closing(act: Any) -> None:
    """A refusal or a revocation keeps its reason; what was decided before stays readable."""
    act.row.closing_reason = act.data["reason"]
    act.row.save(update_fields=["closing_reason"])


def unit_heads(act: Any) -> list[Any]:
    return holders({Role.UNIT_HEAD}, over=act.row.unit, on=act.day)


def proposer(act: Any) -> list[Any]:
    return [act.row.proposed_by]
