"""All models of the app, subject by subject."""

from cohorts.alert.models import Alert
from cohorts.campaign.models import Campaign, Round, UnitReturn
from cohorts.penalty.models import Penalty
from cohorts.practice.models import LedgerAction, LedgerEntry, LogEntry, Placement, Rating, SignOff
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
    "LedgerAction",
    "LedgerEntry",
    "LogEntry",
    "Meeting",
    "MeetingItem",
    "Penalty",
    "Placement",
    "Presence",
    "Rating",
    "Referral",
    "ReplyPoint",
    "ReturnReview",
    "Round",
    "ScreeningAnswer",
    "ScreeningLetter",
    "Service",
    "SignOff",
    "UnitReturn",
    "VerificationTeam",
]
