"""All models of the app, subject by subject."""

from cohorts.alert.models import Alert
from cohorts.campaign.models import Campaign, Round, UnitReturn
from cohorts.measure.models import UnitMeasure
from cohorts.penalty.models import Penalty
from cohorts.penalty.payroll import PayrollLine, PayrollList
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
    "PayrollLine",
    "PayrollList",
    "Penalty",
    "Placement",
    "Presence",
    "Referral",
    "ReplyPoint",
    "ReturnReview",
    "Round",
    "ScreeningAnswer",
    "ScreeningLetter",
    "Service",
    "UnitMeasure",
    "UnitReturn",
    "VerificationTeam",
]
