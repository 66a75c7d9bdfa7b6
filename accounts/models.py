"""All models of the app, subject by subject."""

from accounts.calendar import CalendarDay
from accounts.file.models import StoredFile
from accounts.job import Job
from accounts.kit.models import SavedFilter
from accounts.notice.models import Digest, Notice
from accounts.people.models import Cadre, DutyPeriod, Post, Relation, Unit, UnitName
from accounts.setting.models import CountySetting, SettingDraft
from accounts.trail.models import AccessLog, DecisionEvent, TrailHead
from accounts.user.models import FailedSignIn, RoleAssignment, Session, User

__all__ = [
    "AccessLog",
    "Cadre",
    "CalendarDay",
    "CountySetting",
    "DecisionEvent",
    "Digest",
    "DutyPeriod",
    "FailedSignIn",
    "Job",
    "Notice",
    "Post",
    "Relation",
    "RoleAssignment",
    "SavedFilter",
    "Session",
    "SettingDraft",
    "StoredFile",
    "TrailHead",
    "Unit",
    "UnitName",
    "User",
]
