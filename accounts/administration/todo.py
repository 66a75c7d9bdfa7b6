"""What waits for the administrators, who see no case."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.administration.views import newcomers
from accounts.calendar import is_announced
from accounts.health import problems
from accounts.kit.todo import Task, task
from accounts.models import DecisionEvent, SettingDraft, User
from accounts.setting.models import SETTINGS
from accounts.user.views import TrailFilter

# Days that the audit administrator looks back on the front page.
LOOKED_BACK = 7


def todo(user: Any, today: dt.date) -> list[Task]:
    """Accounts to create, roles to grant, what the other administrators did, a calendar that is not known."""
    tasks: list[Task] = []
    if user.may("account.manage"):
        tasks += task(newcomers().count(), _("newcomers without an account"), "/accounts/new/")
    if user.may("health.read"):
        tasks += task(len(problems(timezone.now())), _("troubles of the background work"), "/health/", urgent=True)
    if user.may("role.grant"):
        waiting = User.objects.visible_to(user).without_role(today).count()
        tasks += task(waiting, _("accounts without a role"), "/accounts/?state=none")
    if user.may("trail.read"):
        since = dt.datetime.combine(today - dt.timedelta(days=LOOKED_BACK), dt.time(), dt.UTC)
        events = DecisionEvent.objects.filter(TrailFilter.test("accounts"), recorded_at__gte=since).count()
        tasks += task(events, _("changes of accounts and roles this week, to look through"), "/trail/?about=accounts")
    if user.may("setting.confirm"):
        for draft in SettingDraft.objects.exclude(drafted_by__cadre=user.cadre_id):
            label = _("confirm a setting: %(what)s") % {"what": SETTINGS[draft.key].label}
            tasks += task(1, label, f"/settings/{draft.key}/")
    if user.may("setting.manage") and not is_announced(today):
        tasks += task(1, _("year whose holidays are not known yet"), "/settings/calendar/")
    return tasks
