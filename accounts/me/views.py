"""My account: own roles, password, language, e-mail and sessions."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views import View

from accounts.me.forms import ProfileForm
from accounts.notice.kinds import KINDS
from accounts.user.middleware import IDLE
from accounts.user.workflow import change_password, end_sessions


class Me(View):
    """What I hold, until when, how I am told, and where I am signed in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ProfileForm(instance=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST, instance=request.user)
        if not form.is_valid():
            return self.page(form, 422)
        form.save()
        translation.activate(form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        answer = redirect("accounts:me")
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], samesite="Lax")
        return answer

    def page(self, form: ProfileForm, status: int = 200) -> HttpResponse:
        user, today = self.request.user, timezone.localdate()
        roles = list(user.assignments.select_related("unit").order_by("-start", "pk"))
        for row in roles:
            row.over, row.to_come = row.end is not None and row.end <= today, row.start > today
        alive = timezone.now() - dt.timedelta(seconds=IDLE)
        sessions = list(user.sessions.filter(seen_at__gt=alive).order_by("-seen_at"))
        for row in sessions:
            row.present = row.pk == self.request.session.session_key
        duties = [kind.label for kind in KINDS if kind.duty]
        context = {"form": form, "roles": roles, "sessions": sessions, "duties": duties}
        return render(self.request, "accounts/me/me.html", context, status=status)


class Password(View):
    """Change the own password; the first one must be changed before anything else."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(PasswordChangeForm(request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasswordChangeForm(request.user, request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        change_password(request.user, password=form.cleaned_data["new_password1"])
        # All sessions are gone with the old password; this browser goes on with a new one and its role in use.
        role = request.session.get("role")
        request.session.flush()
        login(request, request.user, backend="accounts.user.backend.RoleBackend")
        if role:
            request.session["role"] = role
        messages.success(request, _("The password is changed; every other device is signed out."))
        return redirect("accounts:me")

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        return render(self.request, "accounts/me/password.html", {"form": form}, status=status)


class EndSessions(View):
    """Sign out one other device, or all others."""

    def post(self, request: HttpRequest) -> HttpResponse:
        mark = request.POST.get("session", "")
        ended = end_sessions(request.user, marks={mark} if mark else None, keep=request.session.session_key or "")
        messages.success(request, _("Signed out: %(n)s.") % {"n": ended})
        return redirect("accounts:me")
