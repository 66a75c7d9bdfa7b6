"""The kinds of evidence that a criterion may ask for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    DOC = "doc", _("document")
    TASK = "task", _("task record")
    APPRAISAL = "appraisal", _("annual appraisal")
    ATTENDANCE = "attendance", _("attendance")
    COMPLAINT = "complaint", _("verified complaint")
    INSPECTION = "inspection", _("inspection")
    MEDIA = "media", _("photo, video or system log")
    WARNING = "warning", _("warning letter")
    TALK = "talk", _("talk record")
    TRAINING = "training", _("training record")
    OWN_STATEMENT = "own_statement", _("own statement")
    BALLOT = "ballot", _("ballot")


# These support, never suffice: the own statement is asked for and never counts against the person.
SUPPORTING = frozenset({Kind.TALK, Kind.OWN_STATEMENT, Kind.BALLOT})
