"""Finding a village and its supervisor by what somebody types: one list to search, never one option per row."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import RoleAssignment, Unit, User
from accounts.people.models import UnitKind
from accounts.people.workflow import romanise
from accounts.permissions import Role

LIST_ID = "villages"
_SHOWN = 5


class Villages:
    """The county's villages, read once per request."""

    def __init__(self) -> None:
        rows = Unit.objects.filter(kind=UnitKind.VILLAGE).select_related("parent").order_by("code")
        self.all = [(village, *romanise(village.name)) for village in rows]

    @staticmethod
    def label(village: Unit) -> str:
        """Name with its town, as the list offers it."""
        return f"{village.name} ({village.parent.name})" if village.parent else village.name

    def find(self, words: str) -> list[Unit]:
        """By code, by name (with or without the town), else by the beginning of name, pinyin or initials."""
        words = words.strip()
        exact = [v for v, *_sound in self.all if words in (v.code, v.name, self.label(v))]
        if exact or not words:
            return exact
        low = words.lower().replace(" ", "")
        return [
            v
            for v, pinyin, initials in self.all
            if v.name.startswith(words) or pinyin.startswith(low) or initials == low
        ]

    def datalist(self) -> SafeString:
        """The list that the browser searches while typing; without it the field is typed in full."""
        options = format_html_join(
            "", '<option value="{}">{} {}</option>', ((self.label(v), pinyin, v.code) for v, pinyin, _i in self.all)
        )
        return format_html('<datalist id="{}">{}</datalist>', LIST_ID, options)


class VillageInput(forms.TextInput):
    """A text field with the list of villages; ``villages`` = it brings the list along, else the page does."""

    def __init__(self, villages: Villages | None = None) -> None:
        super().__init__(attrs={"list": LIST_ID, "autocomplete": "off"})
        self.villages = villages

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        field = super().render(*args, **kwargs)
        return field + self.villages.datalist() if self.villages else field


class VillageField(forms.CharField):
    """Name, pinyin or code of one village."""

    def __init__(self, *, villages: Villages, own_list: bool = False, **kwargs: Any) -> None:
        self.villages = villages
        super().__init__(widget=VillageInput(villages if own_list else None), max_length=80, **kwargs)

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        found = self.villages.find(words)
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("No village is called so; type its name, pinyin or code."))
        names = _(", ").join(Villages.label(v) for v in found[:_SHOWN])
        raise ValidationError(_("Several villages fit: %(names)s") % {"names": names})


def supervisors(on: dt.date | None = None) -> list[tuple[User, Unit]]:
    """Who holds the supervisor's role, and over what."""
    held = RoleAssignment.objects.in_force(on or timezone.localdate()).filter(
        role=Role.FIELD_SUPERVISOR, user__is_active=True
    )
    return [(row.user, row.unit) for row in held.select_related("user__cadre", "unit").order_by("pk") if row.unit]


def account_of(name: str, village: Unit, known: list[tuple[User, Unit]]) -> User | None:
    """The supervisor's account: the one of this name whose role reaches the village."""
    return next((u for u, over in known if str(u) == name.strip() and village.path.startswith(over.path)), None)
