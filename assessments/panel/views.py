"""Panels: the list, a new one, its page by state, the sheet to print."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.kit.panels import panels_of
from accounts.people.models import barred_cadres
from accounts.permissions import UNIT_ROLES
from accounts.user.models import RoleAssignment
from accounts.wording import say
from assessments.criteria.models import Edition
from assessments.evidence.meets import who_meets
from assessments.panel import workflow
from assessments.panel.forms import (
    CancelForm,
    ConcludeForm,
    DisagreeForm,
    DiscussForm,
    ExcuseForm,
    RescoreForm,
    ScoreForm,
    SetUpForm,
)
from assessments.panel.models import Panel, PanelCandidate, PanelScore, PanelState
from assessments.panel.ranking import gaps, ranking


def _must_hold(user: Any, *grants: str) -> None:
    if not any(user.may(grant) for grant in grants):
        raise PermissionDenied


class Panels(KeysetList):
    """The unit's panels and those on which the reader sits, the latest first."""

    template_name = "assessments/panel/panels.html"
    sorts = {"day": "held_on"}
    sort = "-day"

    def rows(self) -> Any:
        user = self.request.user
        _must_hold(user, "panel.manage", "panel.score")
        mine = PanelCandidate.objects.filter(panel=OuterRef("pk")).known_to(user).waiting_for(user.cadre_id)
        return Panel.objects.visible_to(user).select_related("unit").annotate(to_score=Exists(mine))


class NewPanel(PermissionRequiredMixin, View):
    """Members by name, names from the record."""

    permission_required = "panel.manage"
    raise_exception = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.unit, self.edition, self.editions, self.found = None, None, [], []
        if self.has_permission():
            self.unit = request.user.role.unit
            self.editions = list(Edition.objects.over(self.unit))
            code = request.GET.get("edition", "")
            self.edition = next((e for e in self.editions if e.code == code), None)
            if code and self.edition is None:
                raise Http404
            self.edition = self.edition or (self.editions[0] if self.editions else None)
        if self.edition:
            barred = barred_cadres(request.user.cadre_id)
            rows = who_meets(self.unit, self.edition, timezone.localdate())
            self.found = [row for row in rows if row.cadre.pk not in barred]
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Whoever answers for the unit is proposed as a member."""
        held = RoleAssignment.objects.in_force(timezone.localdate()).filter(unit=self.unit, role__in=UNIT_ROLES)
        names = held.order_by("pk").values_list("user__cadre__name", flat=True)
        return self.page(
            SetUpForm(unit=self.unit, found=self.found, initial={"members": _(", ").join(dict.fromkeys(names))})
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SetUpForm(request.POST, unit=self.unit, found=self.found)
        if not form.is_valid() or self.edition is None:
            return self.page(form, 422)
        try:
            panel = workflow.set_up(by=request.user, unit=self.unit, edition=self.edition, **form.content())
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The panel is set up; its members are asked for their scores."))
        return redirect(panel)

    def page(self, form: SetUpForm, status: int = 200) -> HttpResponse:
        offered = form.offered()
        for line in offered:
            line["gaps"] = [say(*gap) for gap in line["row"].missing]
        context = {
            "form": form,
            "offered": offered,
            "edition": self.edition,
            "editions": self.editions,
            "unit": self.unit,
        }
        return render(self.request, "assessments/panel/new.html", context, status=status)


class OnePanel(View):
    """Finds the panel, and what this reader is to it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Panel.objects.visible_to(request.user).select_related(
            "unit", "edition", "set_up_by", "concluded_by__cadre"
        )
        self.panel = get_object_or_404(rows, public_id=kwargs["public_id"])
        user, role = request.user, request.user.role
        _must_hold(user, "panel.manage", "panel.score")
        self.known = self.panel.candidates.known_to(user)
        self.seats = list(self.panel.members.select_related("cadre__unit"))
        self.seat = next((seat for seat in self.seats if seat.cadre_id == user.cadre_id and not seat.excused), None)
        own = role.role in UNIT_ROLES and self.panel.unit.path.startswith(role.unit.path)
        self.manages = own and user.may("panel.manage")
        self.barred = barred_cadres(user.cadre_id)
        self.whole = not self.panel.candidates.filter(cadre__in=self.barred).exists()
        self.concludes = own and self.whole and user.may("panel.conclude")
        return super().dispatch(request, *args, **kwargs)

    def sheet(self) -> dict[str, Any]:
        """What both the page and its printed sheet show. Scores bear names once the panel has concluded, for members and
        the unit's leaders: it answers for its word. The minutes speak of every name, so they need the whole list.
        """
        concluded = self.panel.state == PanelState.CONCLUDED
        return {
            "panel": self.panel, "rows": ranking(self.panel, without=self.barred), "seats": self.seats,
            "concluded": concluded, "minutes": self.panel.minutes if self.whole else "",
            "named": concluded and (self.seat is not None or self.concludes),
        }  # fmt: skip


class PanelPage(OnePanel):
    """By state: the form of scores, the results, the discussion, the conclusion."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page()

    def waiting(self) -> list[PanelCandidate]:
        """Whom this member has still to score, with the record on the table."""
        rows = self.known.waiting_for(self.request.user.cadre_id).select_related("cadre__unit", "criterion")
        found = list(rows.prefetch_related("items__statements"))
        for row in found:
            row.gaps = gaps(row, self.panel.edition)
        return found

    def _scoring(self, bound: dict[str, Any]) -> dict[str, Any]:
        waiting = bound["score"].waiting if "score" in bound else self.waiting()
        given = set(PanelScore.objects.current().filter(candidate__panel=self.panel).values_list("candidate", "member"))
        asked = list(self.panel.candidates.values_list("pk", flat=True))
        for seat in self.seats:
            seat.finished = all((pk, seat.pk) in given for pk in asked)
        left = [seat for seat in self.seats if not seat.finished and not seat.excused]
        mine = self.seat is not None and self.seat in left
        return {
            "score": bound.get("score") or (ScoreForm(waiting=waiting) if mine else None), "left": left,
            "excuse": bound.get("excuse") or (ExcuseForm(panel=self.panel) if self.manages and left else None),
            "cancel": bound.get("cancel") or (CancelForm() if self.manages else None),
            "names": list(self.known.select_related("cadre__unit", "criterion")) if self.manages and not mine else [],
        }  # fmt: skip

    def _discussing(self, bound: dict[str, Any], rows: list[Any]) -> dict[str, Any]:
        undiscussed = [row for row in rows if row.undiscussed]
        for row in rows:
            key = str(row.candidate.pk)
            heard = any(score.member_id == self.seat.pk for score in row.named()) if self.seat else False
            row.disagree = self._of(bound, "disagree", DisagreeForm, key) if heard else None
            row.discuss = (
                self._of(bound, "discuss", DiscussForm, key, text=row.candidate.discussion) if self.manages else None
            )
        again = [row for row in rows if row.candidate.round == 1 and row.candidate.discussion]
        conclude = bound.get("conclude") or (ConcludeForm(rows=rows) if self.concludes and not undiscussed else None)
        return {
            "undiscussed": undiscussed, "conclude": conclude, "another": self.manages and not self.whole,
            "rescore": bound.get("rescore") or (RescoreForm(known=self.known) if self.manages and again else None),
        }  # fmt: skip

    def _of(self, bound: dict[str, Any], name: str, form: type, key: str, **initial: Any) -> Any:
        """The form about one candidate: with its input where it was sent back."""
        if name in bound and bound[name].data.get("candidate") == key:
            return bound[name]
        return form(known=self.known, initial={"candidate": key} | initial, auto_id=f"id_{name}_{key}_%s")

    def page(self, status: int = 200, reasons: Any = (), **bound: Any) -> HttpResponse:
        """``bound``: the form that was refused, under the name of its act."""
        context = self.sheet()
        if self.panel.is_open and context["concluded"]:
            context["panels"] = panels_of("deliberation", self.panel, self.request.user)
        elif self.panel.is_open:
            context |= self._discussing(bound, context["rows"])
        elif self.panel.state == PanelState.SCORING:
            context |= self._scoring(bound)
        context |= {"seat": self.seat, "manages": self.manages, "reasons": reasons}
        return render(self.request, "assessments/panel/panel.html", context, status=status)


class Act(PanelPage):
    """One deed on a panel; a refusal shows the page again with the input and the reason."""

    name = ""
    verb: Callable[..., Any]
    done: str | Promise = ""

    def allowed(self) -> bool:
        return self.manages

    def form(self, data: Any) -> Any:
        raise NotImplementedError

    def content(self, form: Any) -> dict[str, Any]:
        return form.cleaned_data

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return redirect(self.panel)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not self.allowed():
            raise PermissionDenied
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(422, **{self.name: form})
        try:
            type(self).verb(self.panel, by=request.user, **self.content(form))
        except ValidationError as error:
            refuse_into(form, error)
            self.panel.refresh_from_db(fields=["state"])
            return self.page(409, form.non_field_errors(), **{self.name: form})
        messages.success(request, str(self.done))
        return redirect(self.panel)


class Score(Act):
    name, verb, done = "score", staticmethod(workflow.score), gettext_lazy("Your scores are in.")

    def allowed(self) -> bool:
        return self.seat is not None and self.request.user.may("panel.score")

    def form(self, data: Any) -> ScoreForm:
        return ScoreForm(data, waiting=self.waiting())

    def content(self, form: Any) -> dict[str, Any]:
        return form.content()


class Excuse(Act):
    name, verb, done = "excuse", staticmethod(workflow.excuse), gettext_lazy("Saved.")

    def form(self, data: Any) -> ExcuseForm:
        return ExcuseForm(data, panel=self.panel)


class Cancel(Act):
    name, verb, done = (
        "cancel",
        staticmethod(workflow.cancel),
        gettext_lazy("The panel is cancelled; its members are told."),
    )

    def form(self, data: Any) -> CancelForm:
        return CancelForm(data)


class Disagree(Act):
    name, verb, done = "disagree", staticmethod(workflow.disagree), gettext_lazy("Your disagreement is recorded.")

    def allowed(self) -> bool:
        return self.seat is not None and self.request.user.may("panel.score")

    def form(self, data: Any) -> DisagreeForm:
        return DisagreeForm(data, known=self.known)


class Discuss(Act):
    name, verb, done = "discuss", staticmethod(workflow.discuss), gettext_lazy("The discussion is written down.")

    def form(self, data: Any) -> DiscussForm:
        return DiscussForm(data, known=self.known)


class Rescore(Act):
    name, verb, done = "rescore", staticmethod(workflow.rescore), gettext_lazy("The members are asked to score again.")

    def form(self, data: Any) -> RescoreForm:
        return RescoreForm(data, known=self.known)


class Conclude(Act):
    name, verb, done = "conclude", staticmethod(workflow.conclude), gettext_lazy("The deliberation is concluded.")

    def allowed(self) -> bool:
        return self.concludes

    def form(self, data: Any) -> ConcludeForm:
        return ConcludeForm(data, rows=ranking(self.panel))

    def content(self, form: Any) -> dict[str, Any]:
        return form.content()


class PanelSheet(OnePanel):
    """The minutes to print and sign, once results are open."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if not self.panel.is_open:
            raise Http404
        context = self.sheet() | {"back_url": self.panel.get_absolute_url()}
        return render(request, "assessments/panel/sheet.html", context)
