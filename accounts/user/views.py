"""Sign-in, roles, notices."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without its token: a clear page, nothing stored."""
    return render(request, "403_csrf.html", status=403)
