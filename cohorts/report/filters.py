"""What a report covers: a campaign and what narrows it, as the address and the register keep it."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import Unit
from cohorts.campaign.models import Campaign, Round, UnitReturn
from cohorts.measure.models import UnitMeasure
from cohorts.procedure.narrow import Narrow
from cohorts.referral.models import Referral
from cohorts.training.models import Cohort


@dataclass(frozen=True)
class Filters:
    """Everything that the sections read. ``query`` is what the address, the drill-down and the register hold.

    The figures cover the whole campaign, which is in the reader's scope; single cases only open to those who see them.
    """

    campaign: Any
    query: dict[str, str]
    opens: frozenset[str] = frozenset()
    day: dt.date | None = None

    @cached_property
    def _narrow(self) -> Narrow:
        return Narrow(self.query)

    @property
    def cases(self) -> Any:
        return self._narrow.cases(Referral.objects.filter(campaign=self.campaign))

    @property
    def returns(self) -> Any:
        return self._narrow.returns(UnitReturn.objects.filter(round__campaign=self.campaign))

    @property
    def measures(self) -> Any:
        return self._narrow.measures(UnitMeasure.objects.filter(campaign=self.campaign))

    @staticmethod
    def units(keys: set[int]) -> Any:
        return Unit.objects.filter(pk__in=keys).order_by("path")

    def may_open(self, kind: str) -> bool:
        return kind in self.opens

    @property
    def size(self) -> int:
        """Rows that the report is made of: decides between at once and in the background."""
        return self.cases.count() + self.returns.count()

    def before(self) -> "Filters | None":
        """The same on the campaign before, of the same organizer; a round or class stands for the one of its number."""
        rows = Campaign.objects.filter(organizer=self.campaign.organizer_id, opened_on__lt=self.campaign.opened_on)
        campaign = rows.select_related("edition").order_by("-opened_on", "-pk").first()
        if campaign is None:
            return None
        query = {**self.query, "campaign": str(campaign.public_id)}
        pairs: tuple[tuple[str, Any], ...] = (("round", Round), ("cohort", Cohort))
        for name, model in pairs:
            if query.get(name):
                number = model.objects.filter(public_id=query[name]).values("number")
                same = model.objects.filter(campaign=campaign, number__in=number).first()
                # None of that number: the own one, which the campaign before does not hold, finds nothing.
                query[name] = str(same.public_id) if same else query[name]
        return replace(self, campaign=campaign, query=query, opens=frozenset())


def filters_for(user: Any, campaign: Any, query: dict[str, str]) -> Filters:
    """The filters of one reader: figures open the lists that his role may read."""
    opens = {kind for kind, grant in (("cases", "referral.read"), ("returns", "return.read")) if user.may(grant)}
    full = {key: value for key, value in query.items() if value} | {"campaign": str(campaign.public_id)}
    return Filters(campaign, full, frozenset(opens), timezone.localdate())
