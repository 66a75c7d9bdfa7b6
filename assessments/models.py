"""All models of the app, subject by subject."""

from assessments.ballot.models import Ballot, BallotCandidate, BallotVoter
from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.panel.models import Panel, PanelCandidate, PanelMember, PanelScore
from assessments.points.entries import PointAppeal, PointEntry
from assessments.points.models import FurtherDuty, PointLedger, PointPlace, PointRules, RoutineTask
from assessments.points.statements import AwardLine, AwardShare, PointStatement, Settlement
from assessments.supervision.models import Finding
from assessments.task.models import Area, SettledWeek, Task

__all__ = [
    "Area",
    "AwardLine",
    "AwardShare",
    "Ballot",
    "BallotCandidate",
    "BallotVoter",
    "Criterion",
    "Edition",
    "Evidence",
    "Finding",
    "FurtherDuty",
    "Panel",
    "PanelCandidate",
    "PanelMember",
    "PanelScore",
    "PointAppeal",
    "PointEntry",
    "PointLedger",
    "PointPlace",
    "PointRules",
    "PointStatement",
    "RoutineTask",
    "SettledWeek",
    "Settlement",
    "Statement",
    "Task",
]
