"""Narrowing cases and returns: the filters of the reports, and the rows behind one of their figures.

A figure and the list that it opens read the same condition here, so they cannot disagree.
"""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.people.models import UnitKind
from accounts.wording import say
from cohorts.penalty.kinds import CHOICES as PENALTY_KINDS
from cohorts.penalty.models import Penalty
from cohorts.referral.models import FINISHED, IN_CLASS, EndGround, Finding, Origin, Referral, State
from cohorts.review.models import reviewed

_CONFIRMED = Q(state=State.CONFIRMED) | Q(deferred_from=State.CONFIRMED) | Q(cohort__isnull=False)


def _withdrawn(ground: str) -> Q:
    """Discontinued by the leader on a ground; without one the unit itself withdrew the name."""
    return Q(state=State.WITHDRAWN, end_ground=ground)


# What of a case each figure counts; every figure counts cases that were nominated.
CASE_FIGURES: dict[str, Q] = {
    "nominated": Q(),
    "verified": Q(verified_on__isnull=False),
    "struck_out": Q(state=State.STRUCK_OUT),
    "notified": Q(service__isnull=False),
    "confirmed": _CONFIRMED,
    "released": Q(state=State.RELEASED),
    "admitted": Q(cohort__isnull=False),
    "in_class": Q(state__in=IN_CLASS) | Q(deferred_from__in=IN_CLASS),
    "finished": Q(state__in=FINISHED),
    "qualified": Q(reviewed(qualified=True)),
    "unqualified": Q(reviewed(qualified=False)),
    "returned": Q(state=State.RETURNED),
    "stayed": Q(state=State.STAYED),
    "reassigned": Q(state=State.REASSIGNED),
    "exited": Q(state=State.EXITED),
    "withdrawn_by_unit": _withdrawn(""),
    **{f"ended_{ground.value}": _withdrawn(ground) for ground in EndGround},
    "transferred": Q(state=State.TRANSFERRED),
    "overturned": Q(state=State.OVERTURNED),
}
RETURN_FIGURES = ("asked", "filed", "nil")
FIGURES = frozenset({*CASE_FIGURES, *RETURN_FIGURES})


def returns_of(figure: str, rows: Any) -> Any:
    """Returns that a figure counts: all that were asked for, those on file, or those on file without a name."""
    if figure == "asked":
        return rows
    return rows.on_file().filter(nil=True) if figure == "nil" else rows.on_file()


class Narrow(forms.Form):
    """The query of a narrowed list; unknown values find nothing."""

    campaign = forms.UUIDField(required=False)
    round = forms.UUIDField(required=False)
    cohort = forms.UUIDField(required=False)
    kind = forms.ChoiceField(label=_("Kind of unit"), required=False, choices=[("", _("all")), *UnitKind.choices])
    unit = forms.CharField(label=_("Unit"), required=False, max_length=40)
    origin = forms.ChoiceField(label=_("Origin"), required=False, choices=[("", _("all")), *Origin.choices])
    # Only in the address of a figure's rows.
    at = forms.UUIDField(required=False)
    figure = forms.ChoiceField(required=False, choices=[(code, code) for code in (*CASE_FIGURES, *RETURN_FIGURES)])
    criterion = forms.CharField(required=False, max_length=10)
    finding = forms.ChoiceField(required=False, choices=[(word, word) for word in ("yes", "no")])
    ground = forms.CharField(required=False, max_length=12)
    penalty = forms.ChoiceField(required=False, choices=PENALTY_KINDS)

    def _given(self, lookups: dict[str, str]) -> Q:
        data = self.cleaned_data
        return Q(*[(lookup, data[name]) for name, lookup in lookups.items() if data.get(name)])

    def cases(self, rows: Any) -> Any:
        """Of ``rows`` the nominated cases that match."""
        if not self.is_valid():
            return rows.none()
        where = self._given({
            "campaign": "campaign__public_id", "round": "unit_return__round__public_id", "cohort": "cohort__public_id", "kind": "unit__kind",
            "unit": "unit__name__contains", "origin": "origin", "at": "unit__public_id", "ground": "strike_reason",
        })  # fmt: skip
        data = self.cleaned_data
        rows = rows.counted().filter(where, CASE_FIGURES.get(data.get("figure") or "", Q()))
        if data.get("criterion"):
            rows = rows.filter(Exists(self._criterion(data)))
        if data.get("penalty"):
            rows = rows.filter(Exists(Penalty.objects.filter(referral=OuterRef("pk"), kind=data["penalty"])))
        return rows

    @staticmethod
    def _criterion(data: dict[str, Any]) -> Any:
        if data.get("finding"):
            upheld = data["finding"] == "yes"
            return Finding.objects.filter(referral=OuterRef("pk"), criterion__code=data["criterion"], upheld=upheld)
        links = Referral.criteria.through.objects
        return links.filter(referral_id=OuterRef("pk"), criterion__code=data["criterion"])

    def returns(self, rows: Any) -> Any:
        """Of ``rows`` the returns that match; origin and cohort say nothing about a return."""
        if not self.is_valid():
            return rows.none()
        where = self._given({
            "campaign": "round__campaign__public_id", "round": "round__public_id", "kind": "unit__kind", "unit": "unit__name__contains",
            "at": "unit__public_id",
        })  # fmt: skip
        return returns_of(self.cleaned_data.get("figure") or "asked", rows.filter(where))

    def measures(self, rows: Any) -> Any:
        """Of ``rows`` the unit measures that match; round, cohort and origin say nothing about a measure."""
        if not self.is_valid():
            return rows.none()
        return rows.filter(
            self._given({"campaign": "campaign__public_id", "kind": "unit__kind", "unit": "unit__name__contains"})
        )


def behind_a_figure(get: Any) -> str:
    """The heading of a list that a figure opened; "" for an ordinary list."""
    return say(f"column.{get['figure']}") if get.get("figure") in FIGURES else ""
