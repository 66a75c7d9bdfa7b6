"""What the shell of every page needs: navigation by role, roles, notices."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Notice
from accounts.permissions import Role

# Label, address, icon, the grant that opens it.
_ENTRIES = (
    ("home", "/", "house-door", "account.own"),
    ("returns", "/returns/", "archive", "return.read"),
    ("cases", "/cases/", "briefcase", "referral.read"),
    ("meetings", "/meetings/", "people", "meeting.read"),
    ("letters", "/letters/", "envelope-paper", "screening.manage"),
    ("alerts", "/alerts/", "exclamation-triangle", "alert.read"),
    ("campaigns", "/campaigns/", "calendar3", "campaign.read"),
    ("report", "/reports/cohort/", "bar-chart", "report.read"),
    ("trail", "/trail/", "shield-check", "trail.read"),
    ("accounts", "/accounts/", "gear", "account.manage"),
    ("accounts", "/accounts/", "gear", "role.grant"),
    ("criteria", "/criteria/", "list-check", "criteria.read"),
)


def _labels() -> dict[str, str]:
    return {
        "home": _("My tasks"), "returns": _("Unit returns"), "cases": _("Cases"), "meetings": _("Meetings"), "letters": _("Screening letters"),
        "alerts": _("Alerts"), "campaigns": _("Campaigns"), "report": _("Cohort report"), "trail": _("Trail"), "accounts": _("Accounts and roles"),
        "criteria": _("Criteria"),
    }  # fmt: skip


def navigation(user: Any, path: str) -> list[dict[str, Any]]:
    """At most eight entries of the role in use."""
    labels = _labels()
    result = []
    for key, url, icon, grant in _ENTRIES:
        if user.may(grant):
            active = path == "/" if url == "/" else path.startswith(url)
            result.append({"label": labels[key], "url": url, "icon": icon, "active": active})
    if user.role and user.role.role == Role.CADRE:
        result[1:2] = [
            {
                "label": _("My case"),
                "url": "/cases/?state=all",
                "icon": "briefcase",
                "active": path.startswith("/cases/"),
            }
        ]
    return result[:8] if len(result) <= 8 else result[:7] + result[-1:]


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context ``shell`` of base.html."""
    user = getattr(request, "user", None)
    data: dict[str, Any] = {"county": _("Shiquan county"), "demo": settings.DEMO, "home_url": "/"}
    if user is None or not user.is_authenticated:
        return {"shell": data}
    role = user.role
    data |= {
        "person": {"name": str(user), "office": user.title, "key": str(user.public_id)}, "sign_out_url": "/sign-out/", "switch_role_url": "/role/",
        "notices_url": "/notices/", "notices_count": Notice.objects.visible_to(user).unread().count(),
        "role": {"label": role.get_role_display(), "unit": role.unit.name if role.unit else ""} if role else None,
        "roles": [{"key": f"{r.role}:{r.unit_id}", "label": r.get_role_display(), "unit": r.unit.name if r.unit else "", "active": r is role}
                  for r in getattr(user, "held", [])],
        "nav": navigation(user, request.path),
    }  # fmt: skip
    return {"shell": data}
