"""What the case page shows of sheets, own days, talks and the verification report."""

from typing import Any

from django.utils import timezone

from accounts.permissions import Role
from cohorts.referral.models import Referral, State
from cohorts.referral.recusal import kept_from_heads


def sheets_and_report(case: Referral, user: Any) -> dict[str, Any] | None:
    """None while there is nothing to tell. The cadre concerned learns how many were talked with, not who."""
    own = user.role.role == Role.CADRE
    apart = False
    if case.state == State.DRAFT and case.unit_return_id and user.may("referral.nominate_for_head"):
        apart = case.cadre_id in kept_from_heads(case.unit, timezone.localdate())
    if not (case.talks or case.follow_until or apart or (case.signed_sheet_id and not own)):
        return None
    return {"case": case, "own": own, "apart": apart, "talks": case.talks_held, "report": None if own else case.report_file,
            "sheet": None if own else case.signed_sheet}  # fmt: skip
