"""Accounts and roles: the system administrator creates and disables, the security administrator grants and ends."""

import datetime as dt
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.administration.forms import AccountFilter, EndForm, GrantForm, NewAccountForm
from accounts.job import Job
from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.models import Cadre, RoleAssignment, User
from accounts.people.forms import PersonSearch
from accounts.user.workflow import create_account, end_role, grant_role, reset_password, switch_account

NEWCOMER_DAYS = 60


def newcomers() -> Any:
    """People who joined lately and cannot sign in: the ones for whom an account may be due."""
    since = timezone.localdate() - dt.timedelta(days=NEWCOMER_DAYS)
    return Cadre.objects.filter(user__isnull=True, joined_on__gte=since)


class Accounts(PermissionRequiredMixin, KeysetList):
    """Who may sign in and with which roles."""

    raise_exception = True
    template_name = "accounts/administration/list.html"
    sorts = {"account": "username"}
    sort = "account"

    def has_permission(self) -> bool:
        return self.request.user.may("account.manage") or self.request.user.may("role.grant")

    def rows(self) -> Any:
        self.filter = AccountFilter(self.request.GET)
        rows = User.objects.visible_to(self.request.user).select_related("cadre__unit")
        return self.filter.filter(rows).prefetch_related("assignments__unit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        jobs = Job.objects.order_by("-created_at")[:10] if self.request.user.may("health.read") else []
        return context | {"filter": self.filter, "jobs": jobs, "today": timezone.localdate()}


class NewAccount(PermissionRequiredMixin, View):
    """Who, then the account's name; the initial password is shown on the answer and nowhere else."""

    permission_required = "account.manage"
    raise_exception = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.cadre = None
        if request.GET.get("cadre"):
            with suppress(ValidationError):
                self.cadre = Cadre.objects.filter(public_id=request.GET["cadre"]).select_related("unit").first()
            if self.cadre is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.cadre:
            initial = {"username": self.cadre.pinyin[:40], "title": f"{self.cadre.unit.name} {self.cadre.post}"[:80]}
            return self.page(NewAccountForm(initial=initial))
        pick = PersonSearch(request.GET)
        words = pick.cleaned_data["q"].strip() if pick.is_valid() else ""
        found = Cadre.objects.filter(user__isnull=True).found_by(words) if words else newcomers()
        context = {"pick": pick, "words": words, "found": found.select_related("unit").order_by("pinyin", "pk")[:50]}
        return render(request, "accounts/administration/pick.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewAccountForm(request.POST)
        if self.cadre is None:
            raise Http404
        if not form.is_valid():
            return self.page(form, 422)
        try:
            user, password = create_account(by=request.user, cadre=self.cadre, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        return once(request, user, password)

    def page(self, form: NewAccountForm, status: int = 200) -> HttpResponse:
        return render(
            self.request, "accounts/administration/new.html", {"form": form, "cadre": self.cadre}, status=status
        )


def once(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """The initial password on paper or by word of mouth; it stands on this page only."""
    return render(request, "accounts/administration/once.html", {"account": user, "password": password})


class AccountPage(View):
    """One account: its roles with their days, and what the role in use may do with it."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.account = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.may("account.manage") or request.user.may("role.grant")):
            raise PermissionDenied
        rows = User.objects.visible_to(request.user).select_related("cadre__unit")
        self.account = get_object_or_404(rows, public_id=kwargs["public_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page()

    def page(self, grant: GrantForm | None = None, ending: Any = None, status: int = 200) -> HttpResponse:
        today = timezone.localdate()
        roles = list(self.account.assignments.select_related("unit").order_by("-start", "pk"))
        for row in roles:
            row.over = row.end is not None and row.end <= today
            row.form = ending if ending and ending.prefix == f"r{row.pk}" else EndForm(prefix=f"r{row.pk}")
        user = self.request.user
        context = {
            "account": self.account, "roles": roles, "grant": grant or GrantForm(), "own": self.account.pk == user.pk,
            "may_manage": user.may("account.manage"), "may_grant": user.may("role.grant"),
        }  # fmt: skip
        return render(self.request, "accounts/administration/account.html", context, status=status)

    def refused(self, error: ValidationError) -> HttpResponse:
        for reason in error.messages:
            messages.error(self.request, reason)
        return self.page(status=409)


class _Act(AccountPage):
    """One act on an account; the answer is its page."""

    http_method_names = ["post"]
    permission = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.may(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SwitchAccount(_Act):
    permission = "account.manage"

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        if request.POST.get("active") not in ("yes", "no"):
            return self.page(status=422)
        active = request.POST["active"] == "yes"
        try:
            changed = switch_account(self.account, by=request.user, active=active)
        except ValidationError as error:
            return self.refused(error)
        if changed:
            messages.success(
                request,
                _("The account is enabled.") if active else _("The account is disabled; its sessions have ended."),
            )
        else:
            messages.warning(request, _("Nothing changed: somebody was first."))
        return redirect("accounts:account", public_id=self.account.public_id)


class ResetPassword(_Act):
    permission = "account.manage"

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        try:
            return once(request, self.account, reset_password(self.account, by=request.user))
        except ValidationError as error:
            return self.refused(error)


class GrantRole(_Act):
    permission = "role.grant"

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = GrantForm(request.POST)
        if not form.is_valid():
            return self.page(grant=form, status=422)
        try:
            grant_role(self.account, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(grant=form, status=409)
        messages.success(request, _("The role is granted."))
        return redirect("accounts:account", public_id=self.account.public_id)


class EndRole(_Act):
    permission = "role.grant"

    def post(self, request: HttpRequest, public_id: Any, pk: int) -> HttpResponse:
        row = get_object_or_404(RoleAssignment, user=self.account, pk=pk)
        form = EndForm(request.POST, prefix=f"r{pk}")
        if not form.is_valid():
            return self.page(ending=form, status=422)
        try:
            end_role(row, by=request.user, on=form.cleaned_data["on"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(ending=form, status=409)
        messages.success(request, _("The role ends."))
        return redirect("accounts:account", public_id=self.account.public_id)
