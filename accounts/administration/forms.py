"""Forms of the administrators."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import day
from accounts.kit.pickers import UnitField
from accounts.kit.widgets import dress
from accounts.permissions import Role
from accounts.user.models import SIGNING_IN
from accounts.user.workflow import GRANTABLE


class AccountFilter(forms.Form):
    q = forms.CharField(label=_("Account, name or pinyin"), required=False, max_length=40)
    role = forms.ChoiceField(label=_("Role"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("all")), ("active", _("active")), ("disabled", _("disabled")), ("none", _("without a role"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            ("", _("all")),
            *((r.value, r.label) for r in Role if r not in (Role.CADRE, Role.SYSTEM)),
        ]
        dress(self.fields.values())

    def filter(self, rows: Any) -> Any:
        if not self.is_valid():
            return rows
        data, today = self.cleaned_data, timezone.localdate()
        if data["q"].strip():
            rows = rows.found_by(data["q"])
        if data["role"]:
            rows = rows.holding(data["role"], today)
        if data["state"] == "none":
            rows = rows.without_role(today)
        elif data["state"]:
            rows = rows.filter(is_active=data["state"] == "active")
        return rows


class NewAccountForm(forms.Form):
    username = forms.CharField(
        label=_("Account"),
        max_length=40,
        validators=[SIGNING_IN],
        help_text=_("Small letters and digits; the person signs in with it."),
    )
    title = forms.CharField(label=_("Office"), max_length=80, required=False)


class GrantForm(forms.Form):
    """A role over a unit and everything below it."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", "---"), *((role.value, role.label) for role in GRANTABLE)])
    unit = UnitField(
        label=_("Over the unit"), help_text=_("Name, its beginning, or the code; everything below it is included.")
    )
    start = day(_("From"), initial=timezone.localdate)
    end = day(_("Until (the day after the last)"), required=False)


class EndForm(forms.Form):
    on = day(_("No longer held from"), initial=timezone.localdate)
