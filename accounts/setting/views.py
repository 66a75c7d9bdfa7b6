"""The county's settings and its calendar, for the department administrator."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.calendar import CalendarDay, is_announced
from accounts.kit.forms import refuse_into
from accounts.setting.forms import DayForm, SettingForm, in_words
from accounts.setting.models import SETTINGS, CountySetting, SettingDraft, setting
from accounts.setting.trial import tried
from accounts.setting.workflow import (
    change_setting,
    confirm_setting,
    draft_setting,
    drop_setting,
    history,
    is_dated,
    may_confirm,
    remove_day,
    set_day,
)


class _Page(PermissionRequiredMixin, View):
    permission_required = "setting.manage"
    raise_exception = True


class Settings(_Page):
    """Every setting of the registry: the value in force, since when, and what follows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        today, rows = timezone.localdate(), {}
        waiting = set(SettingDraft.objects.values_list("key", flat=True))
        for row in CountySetting.objects.order_by("start"):
            rows.setdefault(row.key, []).append(row)
        table = []
        for key, entry in SETTINGS.items():
            past = [row for row in rows.get(key, []) if row.start <= today]
            later = [row for row in rows.get(key, []) if row.start > today]
            table.append({
                "key": key, "label": entry.label, "words": in_words(entry, past[-1].value if past else entry.default),
                "since": past[-1].start if past else None, "later": later[0].start if later else None,
                "waits": key in waiting,
            })  # fmt: skip
        return render(request, "accounts/setting/list.html", {"table": table, "unannounced": not is_announced(today)})


class SettingPage(_Page):
    """One setting: what it does and why, the form, the history."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs["key"] not in SETTINGS:
            raise Http404
        self.key, self.entry = kwargs["key"], SETTINGS[kwargs["key"]]
        return super().dispatch(request, *args, **kwargs)

    def has_permission(self) -> bool:
        """Whoever confirms reads the settings that wait for him; the administrator reads and changes all."""
        if super().has_permission():
            return True
        reads = self.request.method == "GET" and self.entry.second_person
        return reads and self.request.user.has_perm("setting.confirm")

    def form(self, *data: Any) -> SettingForm:
        return SettingForm(*data, entry=self.entry, value=setting(self.key))

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        data = form.cleaned_data
        if "preview" in request.POST:
            return self.page(form, meant=(data["value"], data["start"]))
        fields = {"by": request.user, "key": key, "value": data["value"], "start": data["start"]}
        try:
            if self.entry.second_person:
                draft_setting(**fields)
            else:
                change_setting(**fields, replace=data["replace"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        done = (
            _("The value waits for a second person.") if self.entry.second_person else _("The new value is recorded.")
        )
        messages.success(request, done)
        return redirect(request.path)

    def schedule(self, value: Any, start: dt.date) -> list[dict[str, Any]]:
        """The next five due dates that a value means from a day on; none for a setting that is no schedule."""
        if self.entry.preview is None:
            return []
        found = self.entry.preview(value, start)
        return [{"what": what, "day": day, "announced": is_announced(day)} for what, day in found]

    def page(self, form: SettingForm, status: int = 200, meant: tuple[Any, dt.date] | None = None) -> HttpResponse:
        """``meant``: a value that was typed and not saved yet, and its first day."""
        today, rows = timezone.localdate(), history(self.key)
        for row in rows:
            row.words = in_words(self.entry, row.value)
            row.schedule = []
        # Of the values to come the one that was recorded last shows its dates: whoever saved it sees what it means.
        latest = max(rows, key=lambda row: row.pk, default=None)
        if latest and latest.start > today:
            latest.schedule = self.schedule(latest.value, latest.start)
        draft = SettingDraft.objects.select_related("drafted_by__cadre").filter(key=self.key).first()
        if not (
            form.is_bound
            and form.errors
            and not self.entry.second_person
            and is_dated(self.key, form.cleaned_data.get("start", today))
        ):
            form.fields["replace"].widget = form.fields["replace"].hidden_widget()
        context = {
            "key": self.key, "entry": self.entry, "form": form, "rows": rows, "today": today,
            "words": in_words(self.entry, setting(self.key)), "shipped": in_words(self.entry, self.entry.default),
            "schedule": self.schedule(setting(self.key), today), "meant": self.schedule(*meant) if meant else [],
            "is_schedule": self.entry.preview is not None, "draft": draft, "may_change": self.request.user.may("setting.manage"),
            "replaces": bool(draft) and is_dated(self.key, draft.start), "draft_words": in_words(self.entry, draft.value) if draft else [],
            "tried": tried(self.key, draft.value, self.request.user) if draft else [],
            "may_confirm": bool(draft) and may_confirm(draft, self.request.user),
        }  # fmt: skip
        return render(self.request, "accounts/setting/setting.html", context, status=status)


class DecideSetting(PermissionRequiredMixin, View):
    """The second person confirms a draft or refuses it; the drafter takes it back."""

    permission_required = "setting.confirm"
    raise_exception = True

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        if key not in SETTINGS:
            raise Http404
        act, done = {
            "confirm": (confirm_setting, _("The value is confirmed; it holds from its day.")),
            "drop": (drop_setting, _("The draft is dropped.")),
        }.get(request.POST.get("act", ""), (None, ""))
        if act is None:
            raise Http404
        try:
            act(key, by=request.user, seen=request.POST.get("seen", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, done)
        return redirect("accounts:setting", key=key)


class Calendar(_Page):
    """Days on which the county differs from the State Council's calendar."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(DayForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DayForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            set_day(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The day is entered; deadlines from now on reckon with it."))
        return redirect("accounts:calendar")

    def page(self, form: DayForm, status: int = 200) -> HttpResponse:
        today = timezone.localdate()
        years = [
            {"year": year, "announced": is_announced(today.replace(year=year, month=1, day=1))}
            for year in (today.year, today.year + 1)
        ]
        context = {"form": form, "years": years, "rows": CalendarDay.objects.order_by("-day")[:200], "today": today}
        return render(self.request, "accounts/setting/calendar.html", context, status=status)


class RemoveDay(_Page):
    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            row = get_object_or_404(CalendarDay, public_id=request.POST.get("day", ""))
            remove_day(row, by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("The entry is removed."))
        return redirect("accounts:calendar")
