"""Cases seen from people and units: what became of the cadre since the nomination, and which cases a person or unit has."""

from typing import Any

from django.utils import timezone

from cohorts.campaign.models import UnitReturn
from cohorts.referral.models import Referral
from cohorts.referral.workflow import OPEN_RETURN

SHOWN = 20


def since_nomination(case: Referral, user: Any) -> dict[str, Any] | None:
    """For the case page: transfers, leave, secondment, retirement or departure; the host's opinion on a seconded cadre."""
    cadre = case.cadre
    since = timezone.localtime(case.nominated_at).date() if case.nominated_at else timezone.localdate()
    later = cadre.posts.filter(start__gte=since).exclude(start=since, unit=case.unit_id, title=case.post)
    posts = list(later.select_related("unit")) if case.nominated_at else []
    duties = list(cadre.duty_periods.select_related("host").order_by("-start"))
    duties = [duty for duty in duties if duty.start > since or duty.end is None or duty.end > since]
    gone = cadre.left_on or (
        cadre.retires_on if cadre.retires_on and cadre.retires_on <= timezone.localdate() else None
    )
    if not (posts or duties or gone or case.host_opinion_on):
        return None
    return {"case": case, "cadre": cadre, "posts": posts, "duties": duties, "gone": gone, "moved": cadre.unit_id != case.unit_id,
            "reader_only": case.only_read_by(user)}  # fmt: skip


def cases_of_person(cadre: Any, user: Any) -> dict[str, Any] | None:
    """For the person file: the cases within the reader's scope, none for somebody who is recused."""
    if not user.may("referral.read"):
        return None
    rows = Referral.objects.visible_to(user).filter(cadre=cadre).select_related("campaign", "unit", "cadre")
    return {"rows": list(rows.order_by("-pk")[:SHOWN])}


def returns_of_unit(unit: Any, user: Any) -> dict[str, Any] | None:
    """For the unit's page: its returns of the running campaigns."""
    if not user.may("return.read"):
        return None
    rows = UnitReturn.objects.visible_to(user).filter(unit=unit, round__campaign__concluded_on__isnull=True)
    return {"rows": list(rows.select_related("round__campaign", "unit").order_by("-round__opens_on", "-pk")[:SHOWN])}


def nominate_from_record(unit: Any, user: Any) -> dict[str, Any] | None:
    """For the page "who meets a criterion": where the unit nominates now; None for readers who do not nominate."""
    if not user.may("referral.draft"):
        return None
    rows = UnitReturn.objects.visible_to(user).filter(unit=unit, state__in=OPEN_RETURN)
    rows = rows.filter(
        round__concluded_on__isnull=True, round__cancelled_on__isnull=True, round__campaign__concluded_on__isnull=True
    )
    found = rows.order_by("-round__opens_on", "-pk").first()
    return {"url": f"{found.get_absolute_url()}nominate/" if found else ""}
