"""All models of the app, subject by subject."""

from assessments.ballot.models import Ballot, BallotCandidate, BallotVoter
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.task.models import Area, SettledWeek, Task

__all__ = [
    "Area",
    "Ballot",
    "BallotCandidate",
    "BallotVoter",
    "Criterion",
    "Edition",
    "Evidence",
    "SettledWeek",
    "Statement",
    "Task",
]
