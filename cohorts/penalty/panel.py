"""What the case page says about consequences, in plain words for the cadre concerned."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.models import INSTITUTION
from accounts.permissions import Role
from cohorts.referral.models import State


def remedies(case: Any, by_law: bool) -> list[str]:
    """The two kinds of remedy, each with its receiving body; the lawful one only where it exists (PRACTICE 21).

    Civil Servants Law Arts. 95(7), 96; Rules on appeals of institution staff (document 45 of 2014).
    """
    found = [
        _("The scheme's own review: ask %(body)s to look at your admission again.") % {"body": case.campaign.organizer}
    ]
    if not by_law:
        return found
    if case.category in INSTITUTION:
        law = _("By law: review by the office that decided, within 30 days from the day you learnt of it; appeal to the supervising bureau or the human-resources bureau within 30 days after the review.")  # fmt: skip
    else:
        law = _("By law: review by the office that decided, within 30 days from the day you learnt of it; appeal to the county's civil-servant authority within 15 days after the review, or directly within the 30 days.")  # fmt: skip
    return [*found, law]


def panel(case: Any, user: Any) -> dict[str, Any] | None:
    """Each consequence with its days; nothing for a draft, and in words when the campaign carries none."""
    if case.state == State.DRAFT:
        return None
    today = timezone.localdate()
    rows = [
        {
            "penalty": row,
            "in_force": row.start <= today and (row.end is None or today < row.end),
            "to_come": today < row.start and row.end != row.start,
            "rule": row.rule,
            "remedies": remedies(case, row.rule.by_law),
        }
        for row in case.penalties.order_by("pk")
    ]
    return {"rows": rows, "carried": bool(case.campaign.penalty_kinds), "own": user.role.role == Role.CADRE}
