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
    Section(_("Unit returns"), "archive", (
        Tab(_("Unit returns"), "/returns/", ("return.read",)),
        Tab(_("Questions on the record"), "/questions/", ("question.read",)),
    )),
    Section(_("Daily record"), "journal-text", (
        Tab(_("My record"), "/record/mine/", ("record.own",)),
        Tab(_("My weekly list"), "/tasks/mine/", ("record.own",)),
        Tab(_("My points"), "/points/mine/", ("record.own",)),
        Tab(_("Who meets a criterion"), "/record/", ("task.keep",)),
        Tab(_("Weekly list"), "/tasks/", ("task.keep",)),
        Tab(_("Findings"), "/findings/", ("task.keep", "finding.record")),
        Tab(_("Points"), "/points/", ("points.read",)),
        Tab(_("Ballots"), "/ballots/", ("ballot.manage", "ballot.vote")),
        Tab(_("Deliberation panel"), "/panels/", ("panel.manage", "panel.score")),
        Tab(_("Minutes asked"), "/minutes/", ("task.keep", "record.own")),
    )),
    Section(_("Cases"), "briefcase", (
        Tab(_("Cases"), "/cases/", ("referral.read",)),
        Tab(_("Verification teams"), "/teams/", ("team.read",)),
        Tab(_("Screening letters"), "/letters/", ("screening.manage",)),
        Tab(_("Meetings"), "/meetings/", ("meeting.read",)),
    )),
    Section(_("Classes"), "people", (
        Tab(_("Classes"), "/cohorts/", ("cohort.read",)),
        Tab(_("My class"), "/class/", ("class.own",)),
        Tab(_("Field practice"), "/practice/", ("practice.read",)),
        Tab(_("Village ledger"), "/ledger/", ("practice.log", "practice.enter", "referral.decide")),
        Tab(_("Return reviews"), "/reviews/", ("review.read",)),
        Tab(_("Follow-up"), "/follow-ups/", ("follow_up.enter",)),
    )),
    Section(_("Consequences"), "hourglass-split", (
        Tab(_("Consequences in force"), "/penalties/", ("penalty.read",)),
        Tab(_("Payroll lists"), "/payroll/", ("payroll.read",)),
        Tab(_("Eligibility check"), "/eligibility/", ("eligibility.ask",)),
        Tab(_("Unit measures"), "/measures/", ("measure.read",)),
    )),
    Section(_("People and units"), "person-circle", (
        Tab(_("People"), "/people/", ("people.read",)),
        Tab(_("Units"), "/units/", ("unit.read",)),
        Tab(_("My relations"), "/relations/", ("relation.own",)),
    )),
    Section(_("Oversight"), "exclamation-triangle", (
        Tab(_("Alerts"), "/alerts/", ("alert.read",)),
        Tab(_("Call list"), "/alerts/calls/", ("alert.handle",)),
        Tab(_("Who meets a criterion"), "/record/", ("finding.gaps",)),
        Tab(_("Findings"), "/findings/", ("finding.gaps",)),
        Tab(_("Duty to refer"), "/indicator/", ("indicator.read",)),
        Tab(_("Mirror"), "/mirror/", ("mirror.read",)),
        Tab(_("Minutes asked"), "/minutes/", ("finding.gaps",)),
        Tab(_("Cohort report"), "/reports/cohort/", ("report.read",)),
        Tab(_("Register of exports"), "/reports/exports/", ("report.export",)),
    )),
    Section(_("Administration"), "gear", (
        Tab(_("Trail"), "/trail/", ("trail.read",)),
        Tab(_("Accounts and roles"), "/accounts/", ("account.manage", "role.grant")),
        Tab(_("Background work"), "/health/", ("health.read",)),
        Tab(_("County settings"), "/settings/", ("setting.manage",)),
        Tab(_("Working-day calendar"), "/settings/calendar/", ("setting.manage",)),
    )),
    Section(_("Campaign and criteria"), "calendar3", (
        Tab(_("Campaigns"), "/campaigns/", ("campaign.read",)),
        Tab(_("Criteria"), "/criteria/", ("criteria.read",)),
        Tab(_("Consistency of the criteria"), "/criteria/consistency/", ("criteria.consistency",)),
    )),
)  # fmt: skip


# The same page in the words of whose page it is.
OWN_TABS = {
    (Role.CADRE, "/cases/"): Tab(_("My case"), "/cases/?state=all", ()),
    (Role.CADRE, "/practice/"): Tab(_("My practice"), "/practice/", ()),
    (Role.FIELD_SUPERVISOR, "/practice/"): Tab(_("My trainees"), "/practice/", ()),
}


def _open_tabs(user: Any, section: Section, path: str) -> list[dict[str, Any]]:
    tabs = [tab for tab in section.tabs if any(user.may(grant) for grant in tab.grants)]
    if user.role:
        tabs = [OWN_TABS.get((user.role.role, tab.url), tab) for tab in tabs]
    places = [tab.url.partition("?")[0] for tab in tabs]
    # /alerts/calls/ lies below /alerts/: the longest address that fits is the page in view.
    here = max((p for p in places if (path == p if p == "/" else path.startswith(p))), key=len, default="")
    return [{"label": t.label, "url": t.url, "active": p == here} for t, p in zip(tabs, places, strict=True)]


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
