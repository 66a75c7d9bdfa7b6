"""All models of the app, subject by subject."""

from accounts.calendar import CalendarDay
from accounts.file.models import StoredFile
from accounts.job import Job
from accounts.notice.models import Notice
from accounts.people.models import Cadre, DutyPeriod, Post, Relation, Unit, UnitName
from accounts.setting.models import CountySetting
from accounts.trail.models import AccessLog, DecisionEvent, TrailHead
from accounts.user.models import RoleAssignment, User

__all__ = [
    "AccessLog",
    "Cadre",
    "CalendarDay",
    "CountySetting",
    "DecisionEvent",
    "DutyPeriod",
    "Job",
    "Notice",
    "Post",
    "Relation",
    "RoleAssignment",
    "StoredFile",
    "TrailHead",
    "Unit",
    "UnitName",
    "User",
]
