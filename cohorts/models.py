"""All models of the app, subject by subject."""

from cohorts.alert.models import Alert, AlertChange, ReminderCall
from cohorts.campaign.models import Campaign, Round, UnitReturn
from cohorts.indicator.models import Resolution
from cohorts.measure.models import UnitMeasure
from cohorts.penalty.models import Penalty
from cohorts.penalty.payroll import PayrollLine, PayrollList
from cohorts.practice.models import LedgerAction, LedgerEntry, LogEntry, Placement, Rating, SignOff
from cohorts.question.models import UnitQuestion
from cohorts.referral.meeting import Meeting, MeetingItem, Presence
from cohorts.referral.models import (
    CaseEvidence,
    Finding,
    Referral,
    ReplyPoint,
    ScreeningAnswer,
    ScreeningLetter,
    Service,
    VerificationTeam,
)
from cohorts.referral.second import SecondCheck, SecondFinding
from cohorts.report.models import ReportExport
from cohorts.review.models import (
    ExitProposal,
    FollowUp,
    Objection,
    Overturning,
    PanelSeat,
    ReturnReview,
    ReviewPart,
)
from cohorts.training.models import Attendance, Cohort, Phase, Question, Quiz, QuizResult, Session

__all__ = [
    "Alert",
    "AlertChange",
    "Attendance",
    "Campaign",
    "CaseEvidence",
    "Cohort",
    "ExitProposal",
    "Finding",
    "FollowUp",
    "LedgerAction",
    "LedgerEntry",
    "LogEntry",
    "Meeting",
    "MeetingItem",
    "Objection",
    "Overturning",
    "PanelSeat",
    "PayrollLine",
    "PayrollList",
    "Penalty",
    "Phase",
    "Placement",
    "Presence",
    "Question",
    "Quiz",
    "QuizResult",
    "Rating",
    "Referral",
    "ReminderCall",
    "ReplyPoint",
    "ReportExport",
    "Resolution",
    "ReturnReview",
    "ReviewPart",
    "Round",
    "ScreeningAnswer",
    "ScreeningLetter",
    "SecondCheck",
    "SecondFinding",
    "Service",
    "Session",
    "SignOff",
    "UnitMeasure",
    "UnitQuestion",
    "UnitReturn",
    "VerificationTeam",
]
