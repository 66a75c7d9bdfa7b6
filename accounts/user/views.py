"""Sign-in, the role in use, notices, and the trail for those who audit it."""

from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.kit.widgets import dress
from accounts.models import DecisionEvent, Notice, RoleAssignment, User
from accounts.notice.workflow import mark_read
from accounts.permissions import Role
from accounts.trail.workflow import first_break
from accounts.user.workflow import choose_language, note_failed_sign_in, refused_until
from accounts.wording import say


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without its token, mostly after the session ended: a clear page, nothing stored, and the way back."""
    page = request.headers.get("Referer", "")
    back = page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else ""
    return render(request, "403_csrf.html", {"back_url": back}, status=403)


def _onward(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else "/"


def _enter(request: HttpRequest, user: User) -> None:
    language = translation.get_language() or user.language
    login(request, user, backend="accounts.user.backend.RoleBackend")
    request.session.pop("role", None)
    choose_language(user, language)


# The cards of the demonstration in the order of the work: who reports, who decides, who trains, who executes and watches.
_CARD_GROUPS = (
    (_("Units"), (Role.UNIT_HEAD, Role.DEPUTY, Role.LIAISON, Role.TEAM_HEAD)),
    (_("Organizers"), (Role.CLERK, Role.CHIEF, Role.LEADER, Role.DEPARTMENT_ADMIN, Role.VERIFIER)),
    (_("Class and village"), (Role.CADRE, Role.CLASS_TEACHER, Role.FIELD_SUPERVISOR)),
    (
        _("Execution and oversight"),
        (Role.PAYROLL, Role.RECORDER, Role.INSPECTOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN),
    ),
)


def _demo_groups() -> list[tuple[Any, list[dict[str, str]]]]:
    """One card per person of the demonstration, by the first role held; one without a role signs in as the cadre concerned."""
    users = User.objects.filter(username__startswith="demo-", is_active=True).select_related("cadre").order_by("pk")
    first: dict[int, str] = {}
    for user_id, role in RoleAssignment.objects.filter(user__in=users).order_by("pk").values_list("user_id", "role"):
        first.setdefault(user_id, role)
    cards: dict[str, list[dict[str, str]]] = {}
    for user in users:
        role = first.get(user.pk, Role.CADRE)
        card = {
            "account": user.username,
            "name": str(user),
            "office": user.title,
            "role": say(f"role.{role}"),
            "sentence": say(f"demo.{role}"),
        }
        cards.setdefault(role, []).append(card)
    return [(label, [card for role in roles for card in cards.get(role, [])]) for label, roles in _CARD_GROUPS]


@method_decorator(login_not_required, name="dispatch")
class SignIn(View):
    """Account and password; in the demonstration one card per role."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, AuthenticationForm(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        account, address = request.POST.get("username", "").strip(), request.META.get("REMOTE_ADDR", "")
        if until := refused_until(account, address):
            # The password is not even looked at, so that guessing on tells nothing.
            return self.page(request, AuthenticationForm(request, initial={"username": account}), 429, until)
        form = AuthenticationForm(request, data=request.POST)
        if not form.is_valid():
            note_failed_sign_in(account, address)
            return self.page(request, form, 401, refused_until(account, address))
        _enter(request, form.get_user())
        return redirect(_onward(request))

    def page(
        self, request: HttpRequest, form: AuthenticationForm, status: int = 200, until: Any = None
    ) -> HttpResponse:
        groups = _demo_groups() if settings.DEMO else []
        context = {
            "form": form,
            "demo_groups": groups,
            "demo_sign_in_url": "/sign-in/demo/",
            "next": _onward(request),
            "until": until,
        }
        return render(
            request,
            "accounts/user/sign_in.html",
            context,
            status=status,
        )


@method_decorator(login_not_required, name="dispatch")
class DemoSignIn(View):
    """One click on a card; exists in the demonstration only."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        user = get_object_or_404(
            User, username=request.POST.get("account", ""), username__startswith="demo-", is_active=True
        )
        _enter(request, user)
        wanted = request.POST.get("role", "")
        for held in user.roles_in_force():
            if held.role == wanted:
                request.session["role"] = f"{held.role}:{held.unit_id}"
        return redirect(_onward(request))


class SignOut(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return redirect("accounts:sign_in")


class SwitchRole(View):
    """Take another of the own roles into use, and go on to what was opened in it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = request.POST.get("role", "")
        if chosen not in {f"{r.role}:{r.unit_id}" for r in request.user.held}:
            raise Http404
        request.session["role"] = chosen
        return redirect(_onward(request))


class Notices(KeysetList):
    """What Retrain told this person; reading the page is no write, the button marks them read."""

    template_name = "accounts/notice/list.html"
    sorts = {"date": "created_at"}
    sort = "-date"

    def rows(self) -> Any:
        return Notice.objects.visible_to(self.request.user)

    def post(self, request: HttpRequest) -> HttpResponse:
        mark_read(self.rows())
        return redirect("accounts:notices")


class TrailFilter(forms.Form):
    """What the audit administrator looks through first: what the other two administrators did."""

    ABOUT = {"accounts": ("account.", "role."), "settings": ("setting.", "calendar."), "editions": ("edition.",)}
    about = forms.ChoiceField(
        label=_("What"), required=False,
        choices=[("", _("all")), ("accounts", _("accounts and roles")), ("settings", _("settings and calendar")), ("editions", _("editions of criteria"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields.values())

    @classmethod
    def test(cls, about: str) -> Q:
        """The events of one subject; all of them for a word that is none."""
        return reduce(or_, (Q(action__startswith=prefix) for prefix in cls.ABOUT.get(about, ())), Q())


class Trail(PermissionRequiredMixin, KeysetList):
    """All events for the audit administrator: codes and numbers, never a case's content."""

    permission_required = "trail.read"
    raise_exception = True
    template_name = "accounts/trail/list.html"
    sorts = {"number": "seq"}
    sort = "-number"

    def rows(self) -> Any:
        self.filter = TrailFilter(self.request.GET)
        rows = DecisionEvent.objects.select_related("actor__cadre").defer("payload")
        return rows.filter(TrailFilter.test(self.request.GET.get("about", "")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        checked = "check" in self.request.GET
        context = super().get_context_data(checked=checked, broken=first_break() if checked else None, **kwargs)
        return context | {"filter": self.filter}
