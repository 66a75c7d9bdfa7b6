"""All models of the app, subject by subject."""

from cohorts.alert.models import Alert, ReminderCall
from cohorts.campaign.models import Campaign, Round, UnitReturn
from cohorts.penalty.models import Penalty
from cohorts.practice.models import Placement
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
from cohorts.report.models import ReportExport
from cohorts.review.models import ReturnReview
from cohorts.training.models import Cohort

__all__ = [
    "Alert",
    "Campaign",
    "CaseEvidence",
    "Cohort",
    "Finding",
    "Meeting",
    "MeetingItem",
    "Penalty",
    "Placement",
    "Presence",
    "Referral",
    "ReminderCall",
    "ReplyPoint",
    "ReportExport",
    "ReturnReview",
    "Round",
    "ScreeningAnswer",
    "ScreeningLetter",
    "Service",
    "UnitReturn",
    "VerificationTeam",
]
