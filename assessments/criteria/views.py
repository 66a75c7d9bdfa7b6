"""The page of criteria: what counts, what changed, what evidence is needed, how often each is used this year."""

from typing import Any

from django.views.generic import TemplateView

from assessments.criteria.difference import compare, rule_changes
from assessments.criteria.kinds import Kind
from assessments.criteria.models import Edition, EditionState, Group
from assessments.criteria.usage import SMALL, use_of


class Criteria(TemplateView):
    """One edition beside the one that it is based on."""

    template_name = "assessments/criteria/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        code, user = self.request.GET.get("edition"), self.request.user
        editions = list(Edition.objects.readable_by(user).select_related("based_on", "organizer"))
        # What holds comes first: the latest approved edition; a draft is chosen.
        latest = next(
            (e for e in reversed(editions) if e.state == EditionState.APPROVED), editions[-1] if editions else None
        )
        edition = next((e for e in editions if e.code == code), latest)
        rows, dropped = compare(edition) if edition else ([], [])
        used, labels = use_of(edition) if edition else {}, dict(Kind.choices)
        exact = user.may("campaign.read") or user.may("report.read")
        for row in rows:
            row.kinds = [labels.get(kind, kind) for kind in row.needs.get("evidence", [])]
            count = used.get(row.pk, 0)
            row.used = count if exact or not 0 < count < SMALL else f"1–{SMALL - 1}"
        groups = [(label, [r for r in rows if r.group == value]) for value, label in Group.choices]
        return super().get_context_data(
            editions=editions, edition=edition, groups=groups, dropped=dropped, total=len(rows),
            rule_changes=rule_changes(edition) if edition else {}, in_use=bool(used), **kwargs,
            own=bool(edition) and Edition.objects.approvable_by(user).filter(pk=edition.pk).exists(),
        )  # fmt: skip
