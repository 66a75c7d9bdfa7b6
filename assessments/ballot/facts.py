"""What stands on record about those who were rated, for the vote-bias guard."""

from collections.abc import Sequence

from assessments.ballot.guard import Facts
from assessments.ballot.models import Ballot, BallotCandidate


def facts_of(ballot: Ballot, rows: Sequence[BallotCandidate]) -> list[Facts]:
    """Of each row with a result: its share of "poor", and the work of the twelve months before the closing."""
    return [Facts(row, row.poor_share) for row in rows if row.poor_share is not None]
