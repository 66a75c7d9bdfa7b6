"""The queue of cases and the case page: why, what next, hands, papers, trail."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.calendar import deadline
from accounts.kit.lists import KeysetList
from accounts.kit.widgets import dress
from accounts.models import AccessLog, DecisionEvent, Relation, StoredFile, User
from accounts.permissions import ORGANIZER_ROLES, Role, roles_with
from accounts.trail.workflow import first_break, log_access
from accounts.user.models import RoleAssignment
from accounts.wording import say
from cohorts.penalty.panel import panel as penalty_panel
from cohorts.practice.panel import panel as practice_panel
from cohorts.procedure.guards import missing_evidence
from cohorts.procedure.narrow import Narrow, behind_a_figure
from cohorts.procedure.steps import REFERRAL_STEPS
from cohorts.procedure.views import buttons
from cohorts.referral.meeting import next_meeting
from cohorts.referral.models import CLOSED, FINISHED, Referral, Stage, State
from cohorts.referral.panels import sheets_and_report
from cohorts.referral.people import since_nomination
from cohorts.referral.person_guards import lacks_host_opinion
from cohorts.referral.recusal import kept_from_heads
from cohorts.review import panel as review_panel
from cohorts.training.own import panel as class_panel


class CaseFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False)
    q = forms.CharField(label=_("Name, pinyin or case number"), required=False, max_length=40)
    mine = forms.BooleanField(label=_("My team's cases"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gone = ("gone", _("open, cadre retired, left or died"))
        reply = ("reply", _("reply to answer"))
        self.fields["state"].choices = [("", _("all open")), ("all", _("all")), gone, reply, *State.choices]
        dress(self.fields.values())

    def filter(self, rows: Any, user: User) -> Any:
        if not self.is_valid():
            return rows.open() | rows.filter(state=State.DRAFT)
        data = self.cleaned_data
        state, words = data["state"], data["q"].strip()
        if state in State.values:
            rows = rows.filter(state=state)
        elif state == "gone":
            rows = rows.whose_cadre_is_gone(timezone.localdate())
        elif state == "reply":
            rows = rows.with_reply_to_answer()
        elif state != "all":
            rows = rows.exclude(state__in=CLOSED)
        if words:
            number = words.rsplit("-", 1)[-1]
            found = rows.filter(pk=int(number)) if "-" in words and number.isdigit() else rows.none()
            rows = found or rows.filter(cadre__name__startswith=words) | rows.filter(
                cadre__pinyin__startswith=words.lower()
            ) | rows.filter(cadre__initials__startswith=words.lower())
        return rows.filter(team__members=user) if data["mine"] else rows


class CaseList(KeysetList):
    """Cases within the reader's scope, the longest in their state first."""

    template_name = "cohorts/procedure/cases.html"
    sorts = {"since": "state_since", "name": "cadre__pinyin"}
    sort = "since"

    @property
    def own(self) -> bool:
        """The cadre concerned finds all of his own, without the filter of those who handle many."""
        return self.request.user.role.role == Role.CADRE

    def rows(self) -> Any:
        if not self.request.user.may("referral.read"):
            raise PermissionDenied
        self.filter = CaseFilter({"state": "all"} if self.own else self.request.GET)
        rows = Referral.objects.visible_to(self.request.user).select_related("cadre", "unit", "campaign", "team")
        if behind_a_figure(self.request.GET):
            return Narrow(self.request.GET).cases(rows)
        return self.filter.filter(rows, self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.own:
            context["list_filters"] = {}
        return context | {"filter": self.filter, "figure": behind_a_figure(self.request.GET), "own": self.own}


def may_open(user: User, case: Referral) -> bool:
    """An inspector opens a case only after stating a purpose; it is logged."""
    if user.role.role != Role.INSPECTOR:
        return True
    return AccessLog.objects.filter(user=user, subject_id=case.public_id).exclude(purpose="").exists()


def lifeline(case: Referral) -> list[dict[str, Any]]:
    """The five stages: done, present, to come."""
    order = list(Stage)
    here = order.index(case.stage)
    finished = case.state in FINISHED
    result = []
    for n, stage in enumerate(order):
        status = "done" if n < here or finished else "to_come"
        if n == here and not finished:
            status = "stopped" if case.state in CLOSED else "present"
        result.append({"code": stage.value, "status": status, "when": case.state_since if n == here else ""})
    return result


def waiting_for(case: Referral) -> list[dict[str, Any]]:
    """Who must act on the main step of the present state; in the demonstration with the accounts to go on as."""
    steps = [s for s in REFERRAL_STEPS if s.main and case.state in s.sources]
    grants = [g for s in steps for g in s.grants] or (["referral.decide"] if case.state == State.NOTIFIED else [])
    if case.state == State.NOTIFIED:
        grants = [*grants, "referral.answer_reply", "referral.decide"]
    if case.state == State.DRAFT and case.origin == "unit":
        apart = case.cadre_id in kept_from_heads(case.unit, timezone.localdate())
        grants = ["referral.nominate_for_head" if apart else "return.sign"]
    if case.state in review_panel.REVIEWED:
        grants = review_panel.awaited_grants(case) or grants
    roles = list(dict.fromkeys(role for grant in grants for role in roles_with(grant) if role != Role.VERIFIER))
    result = []
    for role in roles:
        entry: dict[str, Any] = {"role": role, "label": role.label, "account": ""}
        if settings.DEMO:
            if role == Role.CADRE:
                user = getattr(case.cadre, "user", None)
                entry["account"] = user.username if user else ""
            else:
                held = RoleAssignment.objects.filter(role=role, user__username__startswith="demo-").select_related(
                    "user", "unit"
                )
                if role in (Role.UNIT_HEAD, Role.DEPUTY, Role.LIAISON):
                    held = [h for h in held if case.unit.path.startswith(h.unit.path)]
                elif role in ORGANIZER_ROLES:
                    held = [h for h in held if h.unit_id == case.campaign.organizer_id]
                entry["account"] = next((h.user.username for h in held), "")
        result.append(entry)
    return result


def offered(case: Referral, user: User) -> list[dict[str, Any]]:
    """The buttons; the deputy's signature only where the head is recused, so that the others do not offer it in vain."""
    found = buttons(case, user)
    if any(b["action"] == "sign_for_head" for b in found):
        kept = kept_from_heads(case.unit, timezone.localdate())
        found = [b for b in found if b["action"] != "sign_for_head" or case.cadre_id in kept]
    return found


# What the subjects show on the case page: (template, function of case and user that gives its context; None = nothing to show).
# The template finds that context as ``panel``.
PANELS: tuple[tuple[str, Callable[[Referral, User], dict[str, Any] | None]], ...] = (
    ("cohorts/penalty/_case.html", penalty_panel),
    ("cohorts/review/_case.html", review_panel.case_panel),
    ("cohorts/practice/_case.html", practice_panel),
    ("cohorts/training/_case.html", class_panel),
    ("cohorts/referral/_case_person.html", since_nomination),
    ("cohorts/referral/_case.html", sheets_and_report),
)


def missing_for_filing(case: Referral) -> list[tuple[str, dict]]:
    """Everything that a draft still lacks."""
    host = [("missing.host_opinion", {})] if lacks_host_opinion(case, timezone.localdate()) else []
    return missing_evidence(case) + host


def panels(case: Referral, user: User) -> list[dict[str, Any]]:
    """The panels that have something to show, in the order of the registry."""
    found = [(template, give(case, user)) for template, give in PANELS]
    return [{"template": template, "data": data} for template, data in found if data is not None]


class CasePage(View):
    """The heart: facts and reasons first, then what can be done."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        rows = Referral.objects.visible_to(request.user).select_related(
            "cadre__user", "unit", "campaign__organizer", "campaign__edition", "team", "cohort", "unit_return__round"
        )
        case = get_object_or_404(rows, public_id=public_id)
        if not request.user.may("referral.read"):
            raise PermissionDenied
        if not may_open(request.user, case):
            return render(request, "cohorts/procedure/purpose.html", {"case": case})
        own = request.user.role.role == Role.CADRE
        evidence = [
            link.evidence
            for link in case.evidence_links.select_related("evidence__file")
            .prefetch_related("evidence__statements")
            .order_by("evidence__happened_on")
        ]
        findings = {f.criterion_id: f for f in case.findings.all()}
        criteria = list(case.criteria.all())
        for criterion in criteria:
            criterion.finding = findings.get(criterion.pk)
        events = DecisionEvent.objects.filter(subject_type="referral", subject_id=case.public_id).select_related(
            "actor__cadre"
        )
        trail = [
            {
                "at": e.at,
                "text": say(f"event.{e.action}"),
                "actor": say(f"role.{e.actor_role}") + ("" if own else f" {e.actor}"),
            }
            for e in reversed(events)
        ]
        service = getattr(case, "service", None)
        declared = Relation.objects.standing().of(case.cadre_id)
        context = {
            "case": case, "own": own, "criteria": criteria, "evidence": evidence, "trail": trail, "lifeline": lifeline(case),
            "buttons": [] if request.user.may("referral.inspect") else offered(case, request.user), "waiting": waiting_for(case),
            "missing": [say(code, params) for code, params in missing_for_filing(case)] if case.state == State.DRAFT else [],
            "deadline": deadline(case.reply_due, since=service.served_on) if case.reply_due and case.state == State.NOTIFIED else None,
            "service": service, "points": list(case.reply_points.select_related("file")),
            "screenings": list(case.screenings.select_related("letter")) if not own else [],
            "meetings": list(case.meeting_items.exclude(result="").select_related("meeting")),
            "next_meeting": say(f"meeting.{next_meeting(case)}") if case.state == State.NOTIFIED else "",
            "verifiers": [] if own else list(case.verified_by.all()),
            "acquainted": [] if own else list(declared.filter(kind="acquaintance").select_related("cadre", "other")),
            "editable": not case.only_read_by(request.user) and case.state == State.DRAFT and (request.user.may("referral.draft") or request.user.may("referral.draft_county")),
            "panels": panels(case, request.user),
            "chain": first_break() if "chain" in request.GET else None, "chain_asked": "chain" in request.GET, "demo": settings.DEMO,
        }  # fmt: skip
        return render(request, "cohorts/procedure/case.html", context)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        """An inspector's stated purpose."""
        case = get_object_or_404(Referral.objects.visible_to(request.user), public_id=public_id)
        if not request.user.may("referral.inspect"):
            raise PermissionDenied
        purpose = request.POST.get("purpose", "").strip()
        if len(purpose) < 4:
            messages.error(request, _("State the purpose in a few words."))
            return render(request, "cohorts/procedure/purpose.html", {"case": case}, status=422)
        log_access(case, by=request.user, purpose=purpose[:200])
        return redirect(case.get_absolute_url())


class CaseFile(View):
    """A file of a case, as an attachment, to those who see the case."""

    def get(self, request: HttpRequest, public_id: Any, file_id: Any) -> HttpResponse:
        case = get_object_or_404(Referral.objects.visible_to(request.user), public_id=public_id)
        if not request.user.may("referral.read") or not may_open(request.user, case):
            raise Http404
        own = set(case.evidence_links.values_list("evidence__file", flat=True)) | set(
            case.reply_points.values_list("file", flat=True)
        )
        if hasattr(case, "service"):
            own.add(case.service.receipt_id)
        own |= review_panel.files_of(case)
        if request.user.role.role != Role.CADRE:
            own |= {case.report_file_id, case.signed_sheet_id}
        own.add(case.host_opinion_file_id)
        file = get_object_or_404(StoredFile.objects.filter(pk__in=own - {None}), public_id=file_id)
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )
