"""From the ranking of a deliberation panel to the nomination: the link beside each concluded name."""

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.people.models import PATH_STEP
from assessments.panel.models import Outcome
from cohorts.campaign.models import UnitReturn
from cohorts.referral.models import HowRaised, Referral
from cohorts.referral.workflow import OPEN_RETURN


def nomination_of_panel(panel: Any, user: Any) -> dict[str, Any] | None:
    """Per name concluded as a nomination the address of the form in the unit's open return, or of the case that stands
    already; without an open return, what to do instead.
    """
    if not user.may("referral.draft"):
        return None
    today, path = timezone.localdate(), panel.unit.path
    above = [path[:n] for n in range(PATH_STEP, len(path) + 1, PATH_STEP)]
    open_rounds = UnitReturn.objects.visible_to(user).filter(
        unit__path__in=above, round__concluded_on=None, round__cancelled_on=None, round__campaign__concluded_on=None
    )
    returns = list(open_rounds.select_related("round", "unit").order_by("-unit__path", "round__closes_on", "pk"))
    row = next((r for r in returns if r.round.opens_on <= today and r.state in OPEN_RETURN), None)
    named = panel.candidates.filter(outcome=Outcome.NOMINATE).known_to(user)
    named = list(named.select_related("cadre", "criterion").prefetch_related("items"))
    running = Referral.objects.visible_to(user).filter(
        campaign__concluded_on=None, cadre__in=[c.cadre_id for c in named]
    )
    cases = {case.cadre_id: case.get_absolute_url() for case in running.order_by("pk")}
    lines = [
        {"candidate": c.pk, "case": cases.get(c.cadre_id, ""), "url": _address(row, c) if row else ""} for c in named
    ]
    return {
        "lines": lines,
        "closes_on": row.round.closes_on if row else None,
        "instead": "" if row else _instead(returns),
    }


def _address(unit_return: UnitReturn, candidate: Any) -> str:
    """The nomination form with all that the panel had on the table (see ``presets``)."""
    query = [
        ("cadre", candidate.cadre.public_id),
        ("criteria", candidate.criterion.code),
        ("how", HowRaised.PANEL.value),
    ]
    query += [("evidence", item.public_id) for item in candidate.items.all()]
    return f"{unit_return.get_absolute_url()}nominate/?{urlencode(query)}"


def _instead(returns: list[UnitReturn]) -> str:
    """Why no nomination can begin now, and what helps."""
    today = timezone.localdate()
    days = [row.round.opens_on for row in returns if row.round.opens_on > today]
    if any(row.round.opens_on <= today for row in returns):
        return _("The unit's return is filed: withdraw it, or wait until it is sent back.")
    if days:
        return _("The next round opens on %(day)s.") % {"day": date_format(min(days))}
    return _("No return is open: the conclusion stays on record until the next round.")
