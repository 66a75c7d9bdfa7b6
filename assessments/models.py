"""All models of the app, subject by subject."""

from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement

__all__ = ["Criterion", "Edition", "Evidence", "Statement"]
