"""Guards that read a person's record: who can be nominated at all, and the host's opinion on a seconded cadre."""

import datetime as dt
from typing import Any

from accounts.models import DutyPeriod
from accounts.people.models import DutyKind
from accounts.wording import Refusal, refuse


def can_be_nominated(act: Any) -> Refusal | None:
    """Centrally managed, contract and public-welfare staff and people who left are never nominated (PRACTICE 15)."""
    code = act.row.cadre.why_not_nominated
    if code == "gone":
        return refuse("gone")
    return refuse("category_not_nominated") if code else None


def host_of(cadre: Any, day: dt.date) -> DutyPeriod | None:
    """The secondment in force on a day, with its host unit."""
    return cadre.duty_periods.on(day).filter(kind=DutyKind.SECONDED).select_related("host").first()


def lacks_host_opinion(case: Any, day: dt.date) -> bool:
    """The unit that holds the post refers, with the host's written opinion: date, by whom, a sentence or a file."""
    given = case.host_opinion_on and case.host_opinion_by and (case.host_opinion or case.host_opinion_file_id)
    return not given and host_of(case.cadre, day) is not None


def host_heard(act: Any) -> Refusal | None:
    return refuse("host_opinion") if lacks_host_opinion(act.row, act.day) else None
