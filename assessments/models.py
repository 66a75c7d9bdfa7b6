"""All models of the app, subject by subject."""

from assessments.ballot.models import Ballot, BallotCandidate, BallotVoter
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement

__all__ = ["Ballot", "BallotCandidate", "BallotVoter", "Criterion", "Edition", "Evidence", "Statement"]
