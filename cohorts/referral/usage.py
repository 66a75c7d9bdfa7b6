"""For the page of criteria: how many nominations of the running campaigns use each criterion."""

from typing import Any

from django.db.models import Count

from cohorts.referral.models import Referral


def criteria_in_use(edition: Any) -> dict[int, int]:
    """Key of the criterion -> nominations (drafts are none) of the campaigns that run on this edition."""
    cases = Referral.objects.counted().filter(campaign__edition=edition, campaign__concluded_on__isnull=True)
    rows = cases.order_by().values_list("criteria").annotate(n=Count("pk"))
    return {key: count for key, count in rows if key}
