"""What the shell of every page needs: navigation by role, roles, notices."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Notice
from accounts.permissions import Role
from cohorts.site.help import name_of
from cohorts.site.help import names as help_names


@dataclass(frozen=True)
class Tab:
    """One page of a section, open to whoever holds one of the grants."""

    label: str | Promise
    url: str
    grants: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One entry of the navigation; its pages are tabs under the heading. With one page open it bears that page's name."""

    label: str | Promise
    icon: str
    tabs: tuple[Tab, ...]


SECTIONS = (
    Section(_("My tasks"), "house-door", (Tab(_("My tasks"), "/", ("account.own",)),)),
    Section(_("Unit returns"), "archive", (Tab(_("Unit returns"), "/returns/", ("return.read",)),)),
    Section(_("Cases"), "briefcase", (
        Tab(_("Cases"), "/cases/", ("referral.read",)),
        Tab(_("Screening letters"), "/letters/", ("screening.manage",)),
        Tab(_("Meetings"), "/meetings/", ("meeting.read",)),
    )),
    Section(_("Classes"), "people", ()),
    Section(_("Consequences"), "hourglass-split", ()),
    Section(_("People and units"), "person-circle", ()),
    Section(_("Oversight"), "exclamation-triangle", (
        Tab(_("Alerts"), "/alerts/", ("alert.read",)),
        Tab(_("Cohort report"), "/reports/cohort/", ("report.read",)),
    )),
    Section(_("Administration"), "gear", (
        Tab(_("Trail"), "/trail/", ("trail.read",)),
        Tab(_("Accounts and roles"), "/accounts/", ("account.manage", "role.grant")),
        Tab(_("County settings"), "/settings/", ("setting.manage",)),
        Tab(_("Working-day calendar"), "/settings/calendar/", ("setting.manage",)),
    )),
    Section(_("Campaign and criteria"), "calendar3", (
        Tab(_("Campaigns"), "/campaigns/", ("campaign.read",)),
        Tab(_("Criteria"), "/criteria/", ("criteria.read",)),
    )),
)  # fmt: skip


def _open_tabs(user: Any, section: Section, path: str) -> list[dict[str, Any]]:
    tabs = [tab for tab in section.tabs if any(user.may(grant) for grant in tab.grants)]
    if user.role and user.role.role == Role.CADRE:
        tabs = [Tab(_("My case"), "/cases/?state=all", ()) if tab.url == "/cases/" else tab for tab in tabs]
    # Of two tabs whose addresses begin the page's, the longer one is meant (/settings/, /settings/calendar/).
    fitting = [t.url for t in tabs if (path == "/" if t.url == "/" else path.startswith(t.url.partition("?")[0]))]
    here = max(fitting, key=len, default="")
    return [
        {
            "label": t.label,
            "url": t.url,
            "active": t.url == here,
        }
        for t in tabs
    ]


def navigation(user: Any, path: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The sections of the role in use (at most eight), and the tabs of the section in view when there are several."""
    entries, shown = [], []
    for section in SECTIONS:
        tabs = _open_tabs(user, section, path)
        if not tabs:
            continue
        active = any(tab["active"] for tab in tabs)
        label = section.label if len(tabs) > 1 else tabs[0]["label"]
        entries.append({"label": label, "url": tabs[0]["url"], "icon": section.icon, "active": active})
        if active and len(tabs) > 1:
            shown = tabs
    return entries, shown


def may_search(user: Any) -> bool:
    """Whether the search of the top bar could find anything: not for administrators and payroll, who see no case."""
    return user.may("referral.read") or user.may("return.read")


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context ``shell`` of base.html."""
    user = getattr(request, "user", None)
    data: dict[str, Any] = {"county": _("Shiquan county"), "demo": settings.DEMO, "home_url": "/"}
    if user is None or not user.is_authenticated:
        return {"shell": data}
    role = user.role
    entries, tabs = navigation(user, request.path)
    data |= {
        "person": {"name": str(user), "office": user.title, "key": str(user.public_id)}, "sign_out_url": "/sign-out/", "switch_role_url": "/role/",
        "notices_url": "/notices/", "notices_count": Notice.objects.visible_to(user).unread().count(),
        "role": {"label": role.get_role_display(), "unit": role.unit.name if role.unit else ""} if role else None,
        "roles": [{"key": f"{r.role}:{r.unit_id}", "label": r.get_role_display(), "unit": r.unit.name if r.unit else "", "active": r is role}
                  for r in getattr(user, "held", [])],
        "nav": entries, "tabs": tabs, "account_url": "/me/", "search_url": "/search/" if may_search(user) else "",
        "search_query": request.GET.get("q", "") if request.path == "/search/" else "",
        "help_url": f"/help/{name_of(request.path)}/" if name_of(request.path) in help_names() else "",
    }  # fmt: skip
    return {"shell": data}
