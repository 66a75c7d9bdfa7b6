"""The role in use, chosen by the person and kept in the session; rights are read anew on each request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
