"""What waits for somebody because of what happened to people."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from cohorts.referral.models import Referral


def todo(user: Any, today: Any) -> list[Task]:
    """The leader: open cases whose cadre retired, left or died - to be discontinued, or to run on."""
    if not user.may("referral.discontinue"):
        return []
    gone = Referral.objects.visible_to(user).whose_cadre_is_gone(today).count()
    return task(gone, _("open cases whose cadre retired, left or died"), "/cases/?state=gone")
