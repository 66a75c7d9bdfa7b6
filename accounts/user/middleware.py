"""The limits of a session, and the role in use; rights are read anew on each request."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

# Seconds: a session ends 30 minutes after its last use and 8 hours after the sign-in; the last use is noted once a minute.
IDLE, LONGEST, STAMP = 30 * 60, 8 * 3600, 60
# Where somebody with an initial password may go.
_BEFORE_THE_CHANGE = ("accounts:password", "accounts:sign_out", "set_language")


class SessionLimitsMiddleware:
    """Ends what is idle or old, and leads to the change of an initial password."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if self._is_over(request):
                logout(request)
            elif self._has_an_initial_password(request):
                return redirect("accounts:password")
        return self.get_response(request)

    @staticmethod
    def _has_an_initial_password(request: HttpRequest) -> bool:
        allowed = {reverse(name) for name in _BEFORE_THE_CHANGE}
        return request.user.must_change_password and not settings.DEMO and request.path not in allowed

    @staticmethod
    def _is_over(request: HttpRequest) -> bool:
        now, session = int(timezone.now().timestamp()), request.session
        started, seen = session.get("started", now), session.get("seen", 0)
        if now - started > LONGEST or (seen and now - seen > IDLE):
            return True
        if now - seen >= STAMP:
            session.update({"started": started, "seen": now, "device": request.headers.get("User-Agent", "")[:200]})
        return False


class RoleInUseMiddleware:
    """Sets ``request.user.role`` from the session, among the roles in force today."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            user.held = user.roles_in_force()
            chosen = request.session.get("role")
            user.role = next(
                (r for r in user.held if f"{r.role}:{r.unit_id}" == chosen), user.held[0] if user.held else None
            )
        response = self.get_response(request)
        if user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
