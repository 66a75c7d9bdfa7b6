"""All models of the app, subject by subject."""

from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.panel.models import Panel, PanelCandidate, PanelMember, PanelScore
from assessments.supervision.models import Finding
from assessments.task.models import Area, SettledWeek, Task

__all__ = [
    "Area",
    "Criterion",
    "Edition",
    "Evidence",
    "Finding",
    "Panel",
    "PanelCandidate",
    "PanelMember",
    "PanelScore",
    "SettledWeek",
    "Statement",
    "Task",
]
