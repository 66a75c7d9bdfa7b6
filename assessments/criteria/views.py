"""The page of criteria: what counts, what changed, what evidence is needed, whether an edition may be used."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from assessments.criteria.models import Edition, Group
from assessments.criteria.workflow import approve_edition
from assessments.evidence.models import Kind


class Criteria(TemplateView):
    """One edition beside the one that it is based on."""

    template_name = "assessments/criteria/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        editions = list(Edition.objects.select_related("based_on", "organizer"))
        code = self.request.GET.get("edition")
        edition = next((e for e in editions if e.code == code), editions[-1] if editions else None)
        rows = list(edition.criteria.all()) if edition else []
        before = {c.code: c for c in edition.based_on.criteria.all()} if edition and edition.based_on else {}
        labels = dict(Kind.choices)
        for row in rows:
            row.added = bool(before) and row.code not in before
            row.reworded = row.code in before and before[row.code].text != row.text
            row.former = before.get(row.code)
            row.kinds = [labels.get(kind, kind) for kind in row.needs.get("evidence", [])]
        groups = [(label, [r for r in rows if r.group == value]) for value, label in Group.choices]
        dropped = [c for code_, c in before.items() if code_ not in {r.code for r in rows}]
        return super().get_context_data(
            editions=editions, edition=edition, groups=groups, dropped=dropped, total=len(rows), **kwargs,
            may_approve=bool(edition) and Edition.objects.approvable_by(self.request.user).filter(pk=edition.pk).exists(),
        )


class Approve(View):
    """The department approves an edition; it cannot change afterwards."""

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not request.user.may("edition.approve"):
            raise PermissionDenied
        edition = get_object_or_404(Edition.objects.approvable_by(request.user), public_id=public_id)
        approve_edition(edition, by=request.user)
        return redirect(f"/criteria/?edition={edition.code}")
