"""What one does about an alert at its level: ring the unit, take a measure, print the draft of a circular."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.file.workflow import store
from accounts.kit.forms import refuse_into
from accounts.wording import say
from cohorts.alert.forms import AlertMeasureForm, CallForm
from cohorts.alert.history import for_circular
from cohorts.alert.ladder import climbs, offered, people_at, reminder
from cohorts.alert.ladder_workflow import ring, take_measure
from cohorts.alert.models import Alert
from cohorts.measure.kinds import BY_CODE
from cohorts.measure.models import UnitMeasure
from cohorts.procedure.step import NotVisible, Refused


def _alert(request: HttpRequest, public_id: Any) -> Alert:
    rows = Alert.objects.visible_to(request.user).select_related("unit", "organizer")
    return get_object_or_404(rows, public_id=public_id)


class Ring(PermissionRequiredMixin, View):
    """Whom to ring about one alert, the reminder to copy, and the answer to keep; a form that was sent twice is refused."""

    permission_required = "alert.handle"
    raise_exception = True

    def page(self, alert: Alert, form: CallForm, reasons: list[str], status: int = 200) -> HttpResponse:
        today = timezone.localdate()
        calls = alert.changes.filter(action="call").select_related("by__cadre").order_by("pk")
        context = {
            "alert": alert, "form": form, "reasons": reasons, "calls": calls, "climbs": climbs(alert), "reminder": reminder(alert, today),
            "people": people_at([alert], today, calling=True)[alert.pk],
        }  # fmt: skip
        return render(self.request, "cohorts/alert/ring.html", context, status=status)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        alert = _alert(request, public_id)
        return self.page(alert, CallForm(initial={"number": alert.changes.filter(action="call").count() + 1}), [])

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        alert, form = _alert(request, public_id), CallForm(request.POST)
        if not form.is_valid():
            return self.page(alert, form, [], 422)
        try:
            ring(alert, by=request.user, **form.cleaned_data)
        except Refused as refused:
            return self.page(alert, form, [str(refusal) for refusal in refused.refusals], 409)
        messages.success(request, _("Done: %(what)s.") % {"what": say("event.alert.call")})
        return redirect(alert.get_absolute_url())


class TakeMeasure(View):
    """The form of a measure with unit, head and reason filled in from the alert."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = BY_CODE.get(kwargs["kind"])
        if self.kind is None:
            raise Http404
        if not request.user.may("measure.propose" if self.kind.decided else "measure.interview"):
            raise PermissionDenied
        self.alert = _alert(request, kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def form(self, *data: Any) -> AlertMeasureForm:
        return AlertMeasureForm(*data, alert=self.alert, kind=self.kind.code, user=self.request.user)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        late = self.kind.code not in offered(self.alert, request.user)
        return self.page(self.form(), [say("guard.measure_not_at_level")] if late else [], 409 if late else 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, [], 422)
        data = dict(form.cleaned_data)
        try:
            with transaction.atomic():
                data["file"] = store(data["file"], by=request.user) if data["file"] else None
                row = take_measure(self.alert, by=request.user, kind=self.kind.code, **data)
        except NotVisible as error:
            raise Http404 from error
        except Refused as refused:
            return self.page(form, [str(refusal) for refusal in refused.refusals], 409)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, [], 409)
        messages.success(request, _("The interview is recorded.") if row.held_on else _("The proposal waits for a leader's decision."))  # fmt: skip
        return redirect(row.get_absolute_url())

    def page(self, form: AlertMeasureForm, reasons: list[str], status: int = 200) -> HttpResponse:
        context = {"alert": self.alert, "kind": self.kind, "form": form, "reasons": reasons}
        return render(self.request, "cohorts/alert/measure.html", context, status=status)


class CircularDraft(PermissionRequiredMixin, View):
    """The draft of a circular of criticism to print, filled from the unit's history; number and signature are to come."""

    permission_required = "measure.read"
    raise_exception = True

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = UnitMeasure.objects.visible_to(request.user).select_related("unit", "campaign__organizer")
        row = get_object_or_404(rows, public_id=public_id, kind="circular")
        history = for_circular(row, request.user) if request.user.may("alert.read") else []
        context = {"row": row, "history": history, "back_url": row.get_absolute_url()}
        return render(request, "cohorts/alert/circular.html", context)
