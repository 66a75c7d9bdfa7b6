"""All models of the app, subject by subject."""

from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.points.entries import PointAppeal, PointEntry
from assessments.points.models import FurtherDuty, PointLedger, PointPlace, PointRules, RoutineTask
from assessments.points.statements import AwardLine, AwardShare, PointStatement, Settlement

__all__ = [
    "AwardLine", "AwardShare", "Criterion", "Edition", "Evidence", "FurtherDuty", "PointAppeal", "PointEntry", "PointLedger",
    "PointPlace", "PointRules", "PointStatement", "RoutineTask", "Settlement", "Statement",
]  # fmt: skip
