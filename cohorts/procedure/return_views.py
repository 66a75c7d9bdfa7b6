"""Campaigns, the returns board and the unit's own return."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.calendar import deadline
from accounts.kit.lists import KeysetList
from accounts.models import Unit
from accounts.permissions import UNIT_ROLES
from accounts.setting.models import setting, signer_of
from accounts.wording import say
from cohorts.campaign.models import Campaign, NilReason, ReturnState, UnitReturn
from cohorts.procedure.guards import EVIDENCE, gaps
from cohorts.procedure.narrow import Narrow, behind_a_figure
from cohorts.procedure.views import buttons
from cohorts.referral.models import Referral, State
from cohorts.referral.recusal import kept_from_heads
from cohorts.referral.views import chosen_campaign
from cohorts.referral.workflow import OPEN_RETURN


class Returns(View):
    """The board of units and rounds for the organizer, the own returns for a unit."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.may("return.read"):
            raise PermissionDenied
        page = ReturnList if request.user.role.role in UNIT_ROLES or behind_a_figure(request.GET) else ReturnBoard
        return page.as_view()(request)


class ReturnList(KeysetList):
    """A unit's own returns, round after round."""

    template_name = "cohorts/procedure/returns.html"
    sorts = {"unit": "unit__path", "state": "state"}
    sort = "unit"

    def rows(self) -> Any:
        rows = UnitReturn.objects.visible_to(self.request.user).select_related("unit", "round__campaign")
        state = self.request.GET.get("state", "")
        if behind_a_figure(self.request.GET):
            return Narrow(self.request.GET).returns(rows)
        if state in ReturnState.values:
            rows = rows.filter(state=state)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        figure = behind_a_figure(self.request.GET)
        return super().get_context_data(
            states=ReturnState.choices, state=self.request.GET.get("state", ""), figure=figure, **kwargs
        )


def board_filters(on: dt.date) -> dict[str, tuple[Any, Q]]:
    """What the board can be narrowed to: word and condition on a return. The figures count the same conditions."""
    to_follow = Referral.objects.to_follow().filter(unit_return=OuterRef("pk"))
    filed = Q(state__in=[ReturnState.FILED, ReturnState.ACCEPTED])
    waits = Q(state__in=[ReturnState.EXPECTED, ReturnState.PREPARED, ReturnState.SENT_BACK], round__cancelled_on=None)
    return {
        "outstanding": (_("Outstanding"), waits),
        "missing": (_("Missing"), waits & Q(first_filed_at=None, round__closes_on__lt=on)),
        "late": (_("Returns late"), Q(first_filed_at__date__gt=F("round__closes_on"))),
        "filed": (_("To accept"), Q(state=ReturnState.FILED)),
        "nil": (_("Nil"), filed & Q(nil=True)),
        "sent_back": (_("Sent back"), Q(state=ReturnState.SENT_BACK)),
        "follow": (_("Material to follow"), Exists(to_follow)),
        "overdue": (_("Material overdue"), Exists(to_follow.filter(follow_until__lt=on))),
    }


class ReturnBoard(KeysetList):
    """Units down, rounds across; each figure above narrows the units to those with such a return."""

    template_name = "cohorts/procedure/board.html"
    sorts = {"unit": "path"}
    sort = "unit"

    def returns(self) -> Any:
        return UnitReturn.objects.visible_to(self.request.user).filter(round__campaign=self.campaign)

    def rows(self) -> Any:
        found = self.returns()
        if self.chosen:
            found = found.filter(self.filters[self.chosen][1])
        return Unit.objects.filter(Exists(found.filter(unit=OuterRef("pk"))))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, get = self.request.user, self.request.GET
        campaigns = Campaign.objects.offered_to(user)
        self.campaign = chosen_campaign(campaigns, get.get("campaign", ""))
        self.filters = board_filters(timezone.localdate())
        self.chosen = get.get("state", "") if get.get("state", "") in self.filters else ""
        context = super().get_context_data(**kwargs)
        rounds = list(self.campaign.rounds.order_by("number")) if self.campaign else []
        self._fill(context["rows"], rounds)
        return context | {
            "campaign": self.campaign, "campaigns": campaigns, "rounds": rounds, "figures": self._figures(),
            "chosen": self.filters[self.chosen][0] if self.chosen else "",
        }  # fmt: skip

    def _fill(self, units: list[Any], rounds: list[Any]) -> None:
        """Give each unit of the page its return per round, in one statement."""
        follow = Referral.objects.to_follow().filter(unit_return=OuterRef("pk")).order_by().values("unit_return")
        found = self.returns().filter(unit__in=units).select_related("round").annotate(
            following=Coalesce(Subquery(follow.annotate(n=Count("pk")).values("n")), 0),
            follow_until=Subquery(follow.annotate(day=Min("follow_until")).values("day")),
        )  # fmt: skip
        today, cells = timezone.localdate(), {(row.unit_id, row.round_id): row for row in found}
        for row in cells.values():
            row.is_missing = row.first_filed_at is None and row.round.closes_on < today and not row.round.cancelled_on
            row.is_overdue = bool(row.follow_until) and row.follow_until < today
        for unit in units:
            unit.cells = [cells.get((unit.pk, round_.pk)) for round_ in rounds]

    def _figures(self) -> list[dict[str, Any]]:
        counts = self.returns().aggregate(
            **{f"n_{key}": Count("pk", filter=q) for key, (_word, q) in self.filters.items()}
        )
        query = f"&campaign={self.campaign.public_id}" if self.campaign else ""
        return [
            {"label": word, "value": counts[f"n_{key}"], "url": f"/returns/?state={key}{query}"}
            for key, (word, _q) in self.filters.items()
        ]


def names_of(row: UnitReturn, user: Any) -> list[Referral]:
    """The names that this reader may know of, each draft with what it lacks, in two statements more."""
    rows = (
        Referral.objects.visible_to(user)
        .filter(unit_return=row)
        .select_related("cadre", "campaign", "unit_return__round")
    )
    cases = list(rows.order_by("pk").prefetch_related(*EVIDENCE))
    today, kept = timezone.localdate(), kept_from_heads(row.unit, timezone.localdate())
    for case in cases:
        case.missing = [say(code, params) for code, params in gaps(case)] if case.state == State.DRAFT else []
        case.is_overdue = case.follows and case.follow_until < today
        case.apart = case.cadre_id in kept
    return cases


class ReturnPage(View):
    """One unit's return: its names, its meeting, what is missing, and the steps."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        user = request.user
        rows = UnitReturn.objects.visible_to(user).select_related(
            "unit", "round__campaign__edition", "signed_by__cadre", "signed_sheet"
        )
        row = get_object_or_404(rows, public_id=public_id)
        if not user.may("return.read"):
            raise PermissionDenied
        cases = names_of(row, user)
        following = [case for case in cases if case.follows]
        over = row.round.is_over
        editable = row.state in OPEN_RETURN and user.may("referral.draft") and not over
        outside = user.role.role not in UNIT_ROLES
        announced = row.referrals.to_follow() if outside else row.referrals.none()
        offered = buttons(row, user) if not over or not user.may("return.prepare") else []
        if not following:
            offered = [b for b in offered if b["action"] != "sign_supplement"]
        context = {
            "row": row, "cases": cases, "editable": editable, "buttons": offered,
            "deadline": deadline(row.round.closes_on, since=row.round.opens_on) if not row.filed_at else None,
            "following": following, "outside": outside, "limit": row.round.closes_on + dt.timedelta(days=setting("follow_days")),
            "announced": announced.aggregate(n=Count("pk"), until=Max("follow_until")),
            "supplement": bool(following) and row.state in ("filed", "accepted") and user.may("return.prepare"),
            "nil_reasons": NilReason.choices if editable and row.unit.is_small and not cases and not row.nil else [],
            "today": timezone.localdate(),
        }  # fmt: skip
        return render(request, "cohorts/procedure/return.html", context)


class ReturnSheet(View):
    """The sheet to print, sign and stamp; its number is checked at the upload.

    It never holds a name that the head is recused from, whoever prints it. ``?supplement=1``: the names that followed.
    """

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = UnitReturn.objects.visible_to(request.user).select_related("unit", "round__campaign")
        row = get_object_or_404(rows, public_id=public_id)
        if not request.user.may("return.prepare"):
            raise PermissionDenied
        supplement = "supplement" in request.GET
        cases = [case for case in names_of(row, request.user) if not case.apart]
        follow = [case for case in cases if case.follows]
        ready = [case for case in cases if not case.follows]
        context = {
            "row": row, "supplement": supplement, "back_url": row.get_absolute_url(), "signer": signer_of(row.unit.kind),
            "cases": [case for case in follow if not case.missing] if supplement else ready,
            "following": [] if supplement else follow,
        }  # fmt: skip
        return render(request, "cohorts/procedure/return_sheet.html", context)


class SignedSheet(View):
    """The signed and stamped sheet as it was uploaded, to those who see the return."""

    def get(self, request: HttpRequest, public_id: Any) -> FileResponse:
        rows = UnitReturn.objects.visible_to(request.user).select_related("signed_sheet")
        row = get_object_or_404(rows, public_id=public_id, signed_sheet__isnull=False)
        if not request.user.may("return.read"):
            raise PermissionDenied
        file = row.signed_sheet
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )
