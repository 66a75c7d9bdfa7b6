"""Filters of the lists, and the entry of a follow-up."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.kit.widgets import dress
from cohorts.referral.models import State
from cohorts.review.models import Became, objection_waits, ready_to_place
from cohorts.training.models import Cohort

# States of the list; "objection" = an objection waits for its answer; "..._ready" = nothing stands in the way of what follows.
IN_REVIEW = (State.UNDER_REVIEW, State.QUALIFIED, State.UNQUALIFIED, State.EXIT_PROPOSED)
AFTER_REVIEW = (State.RETURNED, State.STAYED, State.REASSIGNED, State.EXITED)


class ReviewFilter(forms.Form):
    cohort = forms.ChoiceField(label=_("Class"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, campaigns: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = Cohort.objects.filter(campaign__in=campaigns).select_related("campaign").order_by("-starts_on")
        self.fields["cohort"].choices = [("", _("every class")), *[(str(c.public_id), str(c)) for c in classes]]
        states = [(s.value, s.label) for s in (*IN_REVIEW, *AFTER_REVIEW)]
        self.fields["state"].choices = [
            ("", _("all open")),
            ("objection", _("objection to answer")),
            ("qualified_ready", _("qualified: decide on the return")),
            ("unqualified_ready", _("unqualified: decide what follows")),
            ("all", _("all")),
            *states,
        ]
        dress(self.fields.values())

    def filter(self, rows: Any, today: dt.date) -> Any:
        data = self.cleaned_data if self.is_valid() else {}
        state = data.get("state", "")
        if data.get("cohort"):
            rows = rows.filter(cohort__public_id=data["cohort"])
        if state == "objection":
            return rows.filter(objection_waits(), state__in=(State.QUALIFIED, State.UNQUALIFIED))
        if state.endswith("_ready"):
            return rows.filter(ready_to_place(today), state=state.removesuffix("_ready"))
        if state == "all":
            return rows.filter(state__in=(*IN_REVIEW, *AFTER_REVIEW))
        return rows.filter(state=state) if state else rows.filter(state__in=IN_REVIEW)


class FollowUpForm(forms.Form):
    became = forms.ChoiceField(label=_("What became of the person"), choices=[("", "---"), *Became.choices])
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
