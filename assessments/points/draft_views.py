"""The draft of a ledger's rules: what changes, what it would have meant; changing, dropping and approving it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.forms import refuse_into
from assessments.points import forms
from assessments.points.award_views import yuan
from assessments.points.drafting import (
    approve_rules,
    approvers,
    check_month,
    draft_rules,
    drop_draft,
    first_month,
)
from assessments.points.models import PointRules
from assessments.points.rules import GRADES, HOURS, POSTS
from assessments.points.trial import Trial, TrialRow
from assessments.points.views import LedgerPage, named


class Figure(NamedTuple):
    """One figure of the rules in words, in force and as drafted; ``before`` is empty for a ledger's first rules."""

    label: Any
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def figures_beside(present: PointRules | None, draft: PointRules) -> list[Figure]:
    """The figures that count in one of the two versions: the base by grade, or the average of hours and their factor."""
    modes = {draft.mode} | ({present.mode} if present else set())
    now, then = dict(_in_words(present, modes)) if present else {}, dict(_in_words(draft, modes))
    return [Figure(label, now.get(label, ""), value) for label, value in then.items()]


def _in_words(version: PointRules, modes: set[str]) -> Iterator[tuple[Any, str]]:
    figures, labels = version.figures, {name: field.label for name, field in forms.RulesForm.base_fields.items()}
    windows = dict(forms.RulesForm.base_fields["window"].choices)
    yield labels["template"], str(version)
    if POSTS in modes:
        for grade in GRADES:
            yield labels[f"base_{grade}"], _plain(figures.base[grade - 1]) if version.mode == POSTS else "—"
    if HOURS in modes:
        hours = version.mode == HOURS
        average = _("%(hours)s, since %(day)s")
        yield _("Points per hour worked"), _plain(figures.factor) if hours else "—"
        last = {"hours": _plain(figures.hours[-1][1]), "day": date_format(figures.hours[-1][0])}
        yield _("The state's average of hours per month"), average % last if hours else "—"
    for name in forms.FIGURES:
        yield labels[name], str(windows[figures.window]) if name == "window" else _plain(getattr(figures, name))


def _plain(figure: Any) -> str:
    """Without zeros behind the point: 10.00 is no other figure than 10."""
    return f"{figure.normalize():f}" if isinstance(figure, Decimal) else str(figure)


class Summary(NamedTuple):
    """The trial in one sentence. ``other``: how many would have another place, or other points where nobody has one."""

    people: int
    ranked: bool
    other: int
    most: TrialRow
    least: TrialRow

    @property
    def nothing(self) -> bool:
        return not (self.other or self.most.difference or self.least.difference)


def summary_of(rows: list[TrialRow]) -> Summary | None:
    """None where this reader sees nobody."""
    if not rows:
        return None
    ranked = any(row.before.unit_place for row in rows)
    other = sum(row.other_place if ranked else bool(row.difference) for row in rows)
    by_difference = sorted(rows, key=lambda row: row.difference)
    return Summary(len(rows), ranked, other, by_difference[-1], by_difference[0])


class DraftPage(LedgerPage):
    """Works on the draft that waits; without one back to the rules in force."""

    needs_rules = False

    def gone(self) -> HttpResponse:
        if self.request.method == "POST":
            messages.error(self.request, _("Somebody was first: no draft of the rules waits any more."))
        return redirect(f"/points/setup/{self.query()}#rules")

    def page(self, draft: PointRules, error: str = "", status: int = 200) -> HttpResponse:
        ledger, user = self.ledger, self.request.user
        present = ledger.versions[0] if ledger.versions else None
        problem = problem_of(draft)
        trial = Trial(ledger, draft.figures)
        month = self.tried_month(trial)
        rows, hidden = trial.rows(month, user) if trial.months else ([], 0)
        hand = draft.drafters.contains(user)
        award = trial.award if month is None else None
        context = {
            "ledger": ledger, "unit": self.unit, "query": self.query(), "draft": draft, "present": present, "problem": problem,
            "figures": figures_beside(present, draft), "approvers": named(approvers(draft)), "hand": hand,
            "may_approve": user.may("points.rule") and not hand and not problem, "sentence": sentence_of(draft), "error": error,
            "hidden_fields": [{"name": "seen", "value": draft.seen}],
            "trial": trial, "month": month, "rows": rows, "hidden": hidden, "summary": summary_of(rows), "award": award,
            "award_rows": [(row.cadre, yuan(row.before), yuan(row.after) if row.after is not None else None) for row in award.rows] if award else [],
            "shared": (yuan(award.share.shared_fen), yuan(award.shared_after)) if award else None, "pot": yuan(award.share.pot_fen) if award else None,
            "months": [(one, self.query(month=f"{one:%Y-%m}")) for one in trial.months],
        }  # fmt: skip
        return render(self.request, "assessments/points/draft.html", context, status=status)

    def tried_month(self, trial: Trial) -> Any:
        """The month asked for, or None for all of them together; 404 for one that is not tried."""
        named = self.request.GET.get("month")
        month = self.month(named) if named else None
        if month and month not in trial.months:
            raise Http404
        return month


def problem_of(draft: PointRules) -> str:
    """Why the draft cannot be approved as it stands, or nothing."""
    try:
        check_month(draft.ledger, draft.starts_on)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def sentence_of(draft: PointRules) -> str:
    """What is typed to approve it."""
    return _("Approve the rules from %(month)s") % {"month": date_format(draft.starts_on, "YEAR_MONTH_FORMAT")}


class Draft(DraftPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.ledger.draft) if self.ledger.draft else self.gone()


class Approve(DraftPage):
    """A sentence to type under what changes: from here on these rules cannot change."""

    permission_required = "points.rule"

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect(f"/points/draft/{self.query()}")

    def post(self, request: HttpRequest) -> HttpResponse:
        draft = self.ledger.draft
        if draft is None:
            return self.gone()
        if " ".join(request.POST.get("typed", "").split()) != sentence_of(draft):
            return self.page(draft, _("That is not the sentence."), 422)
        try:
            row = approve_rules(by=request.user, unit=self.unit, seen=request.POST.get("seen", ""))
        except ValidationError as error:
            return self.page(draft, " ".join(error.messages), 409)
        messages.success(request, _("The rules are approved; they hold from %(month)s on.") % {"month": date_format(row.starts_on, "YEAR_MONTH_FORMAT")})  # fmt: skip
        return redirect(f"/points/setup/{self.query()}#rules")


class Drop(DraftPage):
    permission_required = "points.draft_rule"

    def get(self, request: HttpRequest) -> HttpResponse:
        draft = self.ledger.draft
        if draft is None:
            return self.gone()
        return render(
            request, "assessments/points/draft_drop.html", {"unit": self.unit, "query": self.query(), "draft": draft}
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            drop_draft(by=request.user, unit=self.unit, seen=request.POST.get("seen", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return self.page(self.ledger.draft, status=409) if self.ledger.draft else self.gone()
        messages.success(request, _("The draft is dropped."))
        return redirect(f"/points/setup/{self.query()}#rules")


class Edit(DraftPage):
    """Draft new rules, or change the draft that waits."""

    permission_required = "points.draft_rule"

    def get(self, request: HttpRequest) -> HttpResponse:
        ledger = self.ledger
        now = ledger.draft or next(iter(ledger.versions), None)
        month = ledger.draft.starts_on if ledger.draft else first_month(ledger, timezone.localdate())
        form = forms.RulesForm(now=now, initial={"starts_on": month})
        return self.form_page(form, ledger.draft.seen if ledger.draft else "")

    def post(self, request: HttpRequest) -> HttpResponse:
        form, seen = forms.RulesForm(request.POST), request.POST.get("seen", "")
        if not form.is_valid():
            return self.form_page(form, seen, 422)
        try:
            draft_rules(by=request.user, unit=self.unit, seen=seen, **form.data_for_verb())
        except ValidationError as error:
            refuse_into(form, error)
            return self.form_page(form, seen, 409)
        messages.success(request, _("The draft waits for approval by a second person."))
        return redirect(f"/points/draft/{self.query()}")

    def form_page(self, form: Any, seen: str, status: int = 200) -> HttpResponse:
        context = {"unit": self.unit, "ledger": self.ledger, "query": self.query(), "form": form, "seen": seen}
        return render(self.request, "assessments/points/draft_edit.html", context, status=status)
