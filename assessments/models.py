"""All models of the app, subject by subject."""

from assessments.criteria.models import Criterion, Edition
from assessments.evidence.models import Evidence, Statement
from assessments.supervision.models import Finding
from assessments.task.models import Area, SettledWeek, Task

__all__ = ["Area", "Criterion", "Edition", "Evidence", "Finding", "SettledWeek", "Statement", "Task"]
