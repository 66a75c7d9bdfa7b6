"""The page of background work, for the system administrator: figures and states, never a case."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from accounts import health
from accounts.job import last_tick


class Health(PermissionRequiredMixin, View):
    permission_required = "health.read"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        context = {
            "problems": health.problems(now),
            "tick": last_tick(),
            "silent": health.is_silent(now),
            "table": health.periodic_work(now),
            "jobs": health.jobs(now),
            "outbox": health.outbox(),
            "backup": health.last_backup(),
            "now": now,
        }
        return render(request, "accounts/health/page.html", context)
