"""The filters of the cohort report."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.kit.widgets import dress
from cohorts.campaign.models import Campaign
from cohorts.procedure.narrow import Narrow
from cohorts.report.filters import Filters, filters_for

SHOWN = ("campaign", "round", "cohort", "kind", "unit", "origin", "compare")


class ReportForm(Narrow):
    """Campaigns within the reader's scope; rounds and classes of the campaign that was chosen."""

    campaign = forms.ChoiceField(label=_("Campaign"), required=False)
    round = forms.ChoiceField(label=_("Round"), required=False)
    cohort = forms.ChoiceField(label=_("Class"), required=False)
    compare = forms.BooleanField(label=_("against the campaign before"), required=False)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        for name in set(self.fields) - set(SHOWN):
            del self.fields[name]
        self.order_fields(SHOWN)
        campaigns = list(Campaign.objects.visible_to(user).select_related("organizer", "edition"))
        wanted = str(data.get("campaign", ""))
        self.chosen = next(
            (c for c in campaigns if str(c.public_id) == wanted), campaigns[0] if campaigns and not wanted else None
        )
        self.fields["campaign"].choices = [(str(c.public_id), f"{c} · {c.notice_number}") for c in campaigns]
        self.fields["round"].choices = [("", _("all"))]
        self.fields["cohort"].choices = [("", _("all"))]
        if self.chosen:
            self.fields["round"].choices += [
                (str(r.public_id), _("Round %(number)s") % {"number": r.number}) for r in self.chosen.rounds.all()
            ]
            self.fields["cohort"].choices += [
                (str(c.public_id), str(c)) for c in self.chosen.cohorts.select_related("campaign")
            ]
            self.initial["campaign"] = str(self.chosen.public_id)
        dress(self.fields.values())

    def filters(self) -> Filters | None:
        """None when there is no campaign in scope, or the address names a value that does not exist."""
        if self.chosen is None or not self.is_valid():
            return None
        query = {name: str(self.cleaned_data[name]) for name in SHOWN if name not in ("campaign", "compare")}
        return filters_for(self.user, self.chosen, query)

    @property
    def compares(self) -> bool:
        return bool(self.is_valid() and self.cleaned_data["compare"])
