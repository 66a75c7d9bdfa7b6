"""What a drafted share of "poor" would have meant for the ballots of the last twelve months; nothing is written."""

from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.models import barred_cadres
from assessments.ballot.models import MIN_VALID, BallotCandidate, BallotState
from assessments.evidence.measures import months_before


def share_tried(value: Any, user: Any) -> list[str]:
    """``ballot_poor_percent``: how many results could be put on record, with the share of their day and with this one."""
    since = months_before(timezone.localdate(), 12)
    closed = Q(ballot__state=BallotState.CLOSED, ballot__valid__gte=MIN_VALID, ballot__closed_on__gt=since)
    rows = BallotCandidate.objects.filter(closed).exclude(cadre__in=barred_cadres(user.cadre_id))
    rows = rows.annotate(answered=F("good") + F("fair") + F("poor"), hundredfold=100 * F("poor")).filter(answered__gt=0)
    figures = {
        "all": rows.count(), "then": rows.filter(hundredfold__gte=F("answered") * F("ballot__poor_percent")).count(),
        "now": rows.filter(hundredfold__gte=F("answered") * value).count(),
    }  # fmt: skip
    return [_("Of %(all)s results of ballots of the last 12 months, %(now)s instead of %(then)s could be put on record.") % figures]  # fmt: skip
