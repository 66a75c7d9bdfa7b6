"""A job's page for the person who asked for it: progress, result, or what went wrong in words."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from accounts.job import Job
from accounts.wording import say

# Seconds after which the page of an open job asks again; a header, so that it works without JavaScript.
AGAIN = 3


class JobPage(View):
    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        job = get_object_or_404(Job.objects.visible_to(request.user), public_id=public_id)
        context = {
            "job": job,
            "name": say(f"job.{job.kind}"),
            "ready": Job.objects.with_file(timezone.now()).filter(pk=job.pk).exists(),
            "figures": [(say(f"figure.{key}"), value) for key, value in job.outcome.items()],
            "back": say(f"job_page.{job.kind}"),
        }
        response = render(request, "accounts/job/page.html", context)
        if job.is_open and not job.is_lost:
            response["Refresh"] = str(AGAIN)
        return response


class JobFile(View):
    """The file, to the person who asked, until it expires."""

    def get(self, request: HttpRequest, public_id: Any) -> FileResponse:
        jobs = Job.objects.visible_to(request.user).with_file(timezone.now())
        job = get_object_or_404(jobs, public_id=public_id)
        try:
            content = job.file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        return FileResponse(content, as_attachment=True, filename=job.file_name)
