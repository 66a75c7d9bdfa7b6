"""All models of the app, subject by subject."""

from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.panel.models import Panel, PanelCandidate, PanelMember, PanelScore

__all__ = ["Criterion", "Edition", "Evidence", "Panel", "PanelCandidate", "PanelMember", "PanelScore", "Statement"]
