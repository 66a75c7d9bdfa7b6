"""All models of the app, subject by subject."""

from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.supervision.models import Finding

__all__ = ["Criterion", "Edition", "Evidence", "Finding", "Statement"]
