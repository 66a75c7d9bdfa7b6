"""The page of criteria: what counts, what changed, what evidence is needed, how often each is used this year."""

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from assessments.criteria.difference import compare, rule_changes, rule_in_words
from assessments.criteria.kinds import Kind
from assessments.criteria.models import Edition, EditionState, Group
from assessments.criteria.usage import SMALL, use_of
from assessments.criteria.workflow import may_approve


class Criteria(TemplateView):
    """One edition beside the one that it is based on."""

    template_name = "assessments/criteria/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        code, user = self.request.GET.get("edition"), self.request.user
        editions = list(Edition.objects.readable_by(user).select_related("based_on", "organizer"))
        # What holds comes first; what is to come and a draft are chosen.
        today = timezone.localdate()
        held = [e for e in editions if e.state == EditionState.APPROVED and e.holds_from and e.holds_from <= today]
        latest = (held or editions or [None])[-1]
        edition = next((e for e in editions if e.code == code), latest)
        rows, dropped = compare(edition) if edition else ([], [])
        used, labels = use_of(edition) if edition else {}, dict(Kind.choices)
        exact = user.may("campaign.read") or user.may("report.read")
        for row in rows:
            row.kinds = [labels.get(kind, kind) for kind in row.needs.get("evidence", [])]
            count = used.get(row.pk, 0)
            row.used = count if exact or not 0 < count < SMALL else f"1–{SMALL - 1}"
        groups = [(label, [r for r in rows if r.group == value]) for value, label in Group.choices]
        own = bool(edition) and Edition.objects.approvable_by(user).filter(pk=edition.pk).exists()
        return super().get_context_data(
            rule=rule_in_words(edition.whole_rule) if edition else [], editions=editions, edition=edition, groups=groups, dropped=dropped, total=len(rows),
            rule_changes=rule_changes(edition) if edition else [], in_use=bool(used), today=today, **kwargs,
            own=own, may_decide=own and edition.may_be_decided and user.may("edition.approve") and may_approve(edition, user),
        )  # fmt: skip
