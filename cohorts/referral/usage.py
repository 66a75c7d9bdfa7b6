"""What nominations use: which criteria, and which facts an earlier case has used already."""

from typing import Any

from django.db.models import Count, F

from assessments.evidence.models import Evidence
from cohorts.referral.models import CaseEvidence, Referral, State


def criteria_in_use(edition: Any) -> dict[int, int]:
    """Key of the criterion -> nominations (drafts are none) of the campaigns that run on this edition."""
    cases = Referral.objects.counted().filter(campaign__edition=edition, campaign__concluded_on__isnull=True)
    rows = cases.order_by().values_list("criteria").annotate(n=Count("pk"))
    return {key: count for key, count in rows if key}


def facts_used_before(cases: Any) -> dict[int, tuple[int, int]]:
    """Key of a case -> (key of the latest other case of the cadre that was nominated on the same facts, items used again).

    A correction makes a new version of an item, not new facts. What became of the other case does not matter: it was
    nominated (docs/succession.md). Cases on facts of their own are left out. Three statements for all of them.
    """
    own = list(CaseEvidence.objects.filter(referral__in=cases).values_list("referral", "referral__cadre", "evidence"))
    cadres = {cadre for _case, cadre, _item in own}
    links = CaseEvidence.objects.filter(referral__cadre__in=cadres).exclude(referral__state=State.DRAFT)
    others = list(links.order_by("referral__nominated_at", "referral").values_list("referral", "evidence"))
    corrected = Evidence.objects.filter(cadre__in=cadres, supersedes__cadre=F("cadre")).order_by()
    older: dict[int, Any] = dict(corrected.values_list("pk", "supersedes"))

    def first_version(item: int) -> int:
        while item in older:
            item = older[item]
        return item

    found: dict[int, tuple[int, int]] = {}
    for case in {case for case, _cadre, _item in own}:
        mine = {first_version(item) for key, _cadre, item in own if key == case}
        used = [(other, first_version(item)) for other, item in others if other != case]
        again = [(other, item) for other, item in used if item in mine]
        if again:
            found[case] = (again[-1][0], len({item for _other, item in again}))
    return found
