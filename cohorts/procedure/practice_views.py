"""Pages of field practice that perform steps: placing a whole class, and an entry of the village ledger."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accounts.models import DecisionEvent
from accounts.wording import say
from cohorts.practice.forms import PlacementRow
from cohorts.practice.guards import placement_fits
from cohorts.practice.models import LedgerEntry
from cohorts.practice.villages import Villages, supervisors
from cohorts.procedure.step import Act, NotVisible, Refused
from cohorts.procedure.views import buttons
from cohorts.procedure.workflow import move_many
from cohorts.referral.models import Referral, State
from cohorts.training.models import Cohort


class ClassPlacements(View):
    """One line per trainee who is about to begin field practice; saved all or nothing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.may("referral.practise"):
            raise PermissionDenied
        cases = Referral.objects.visible_to(request.user).filter(cohort__public_id=kwargs["public_id"])
        if not cases.exists():
            raise Http404
        self.cohort = get_object_or_404(Cohort.objects.select_related("campaign"), public_id=kwargs["public_id"])
        waiting = cases.filter(state=State.IN_THEORY).select_related("cadre", "unit", "campaign")
        self.cases = list(waiting.order_by("cadre__pinyin", "pk"))
        self.villages, self.known = Villages(), supervisors()
        return super().dispatch(request, *args, **kwargs)

    def rows(self, data: Any = None) -> list[PlacementRow]:
        initial = {"starts_on": timezone.localdate()}
        return [
            PlacementRow(
                data, case=case, villages=self.villages, known=self.known, prefix=f"case{case.pk}", initial=initial
            )
            for case in self.cases
        ]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(self.rows())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = self.rows(request.POST)
        asked = [row for row in rows if row.asked]
        if not asked:
            return self.page(rows, [_("Fill in at least one line.")], 422)
        if any(row.errors for row in asked):
            return self.page(rows, [_("Nothing is saved yet; look at the marked lines.")], 422)
        for row in asked:
            refusal = placement_fits(Act(row.case, "start_practice", request.user, timezone.now(), row.content()))
            row.reasons = [str(refusal)] if refusal else []
        if any(row.reasons for row in asked):
            return self.page(rows, [_("Nothing is saved yet; look at the marked lines.")], 409)
        try:
            move_many([(row.case, "start_practice", row.content()) for row in asked], by=request.user)
        except NotVisible as error:
            raise Http404 from error
        except Refused as refused:
            return self.page(rows, [str(refusal) for refusal in refused.refusals], 409)
        done = ngettext("%(n)s trainee is placed.", "%(n)s trainees are placed.", len(asked)) % {"n": len(asked)}
        messages.success(request, done)
        return redirect("/practice/")

    def page(self, rows: list[PlacementRow], reasons: Any = (), status: int = 200) -> HttpResponse:
        context = {
            "cohort": self.cohort,
            "rows": rows,
            "reasons": reasons,
            "villages": self.villages.datalist(),
            "known": self.known,
        }
        return render(self.request, "cohorts/practice/placements_form.html", context, status=status)


class LedgerPage(View):
    """An entry of the village ledger: what, actions, result, who confirmed, and what comes next."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = LedgerEntry.objects.visible_to(request.user).select_related(
            "village__parent", "referral__cadre", "paper"
        )
        entry = get_object_or_404(rows, public_id=public_id)
        if not request.user.may("practice.read"):
            raise PermissionDenied
        events = DecisionEvent.objects.filter(subject_type="ledgerentry", subject_id=entry.public_id)
        trail = [
            {"at": e.at, "text": say(f"event.{e.action}"), "actor": say(f"role.{e.actor_role}")}
            for e in reversed(events)
        ]
        context = {
            "entry": entry, "actions": entry.actions.select_related("photo"), "buttons": buttons(entry, request.user), "trail": trail,
            "names": not request.user.may("practice.log"),
        }  # fmt: skip
        return render(request, "cohorts/procedure/ledger_entry.html", context)
