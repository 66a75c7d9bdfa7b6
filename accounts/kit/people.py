"""Fields of names: typed names are resolved to cadres; where several people bear a name the form asks which one is meant.

A name may be typed as characters, as pinyin, or with the unit behind it in brackets. Works without JavaScript.
"""

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.kit.widgets import dress
from accounts.people.models import Cadre

_SEPARATORS = re.compile("[,;\n\uff0c\u3001\uff1b]")
_WITH_UNIT = re.compile("^(?P<name>[^(\uff08]+)[(\uff08](?P<unit>[^)\uff09]+)[)\uff09]$")
STRANGER = "stranger"


def names_in(text: str) -> list[str]:
    """The names of a list typed with commas, semicolons, their Chinese forms, or one a line; each once."""
    return list(dict.fromkeys(part.strip() for part in _SEPARATORS.split(text) if part.strip()))


def bare(token: str) -> tuple[str, str]:
    """Name and unit ("" when none was typed)."""
    found = _WITH_UNIT.match(token)
    return (found["name"].strip(), found["unit"].strip()) if found else (token, "")


def with_unit(cadre: Cadre) -> str:
    return f"{cadre.name}\uff08{cadre.unit}\uff09"


def fits(token: str, cadre: Cadre) -> bool:
    name, unit = bare(token)
    if unit:
        return name == cadre.name and unit == cadre.unit.name
    return name == cadre.name or name.lower().replace(" ", "") == cadre.pinyin


class PeopleFields:
    """Mixin of a form: ``people`` names its fields of names; cleaned, each is a list of (name, cadre or None).

    ``strangers``: whether a name may belong to somebody who is not on record (persons present at a meeting).
    Call ``find_people`` at the end of building the form.
    """

    people: tuple[str, ...] = ()
    strangers = False

    def candidates(self) -> Any:
        """The cadres among whom names are looked up."""
        raise NotImplementedError

    def find_people(self) -> None:
        self.found: dict[str, list[tuple[str, list[Cadre]]]] = {}
        if not self.is_bound:
            return
        typed = {field: names_in(self.data.get(self.add_prefix(field), "")) for field in self.people}
        words = {bare(token)[0] for tokens in typed.values() for token in tokens}
        pinyin = {word.lower().replace(" ", "") for word in words if word.isascii()}
        rows = self.candidates().filter(Q(name__in=words) | Q(pinyin__in=pinyin)).select_related("unit").order_by("pk")
        known = list(rows) if words else []
        for field, tokens in typed.items():
            self.found[field] = [(token, [c for c in known if fits(token, c)]) for token in tokens]
            for n, (token, cadres) in enumerate(self.found[field]):
                if len(cadres) > 1:
                    self._ask(field, n, token, cadres)

    def _ask(self, field: str, n: int, token: str, cadres: list[Cadre]) -> None:
        choices = [("", "---"), *[(str(c.public_id), f"{c.name} · {c.unit} · {c.post}") for c in cadres]]
        if self.strangers:
            choices.append((STRANGER, _("somebody else, who is not on record")))
        label = _("Which %(name)s is meant?") % {"name": token}
        self.fields[f"{field}_{n}"] = forms.ChoiceField(label=label, choices=choices, required=False)
        dress([self.fields[f"{field}_{n}"]])
        order = [name for name in self.fields if name != f"{field}_{n}"]
        order.insert(order.index(field) + 1 + n, f"{field}_{n}")
        self.order_fields(order)

    def questions(self, field: str) -> list[Any]:
        """The bound choices of a field of names, for templates that place fields themselves."""
        return [self[f"{field}_{n}"] for n in range(len(self.found.get(field, ()))) if f"{field}_{n}" in self.fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for field in self.people:
            data[field] = [self._one(field, n, *pair) for n, pair in enumerate(self.found.get(field, ()))]
        return data

    def _one(self, field: str, n: int, token: str, cadres: list[Cadre]) -> tuple[str, Cadre | None]:
        if not cadres:
            if not self.strangers:
                self.add_error(field, _("Not found: %(names)s") % {"names": token})
            return bare(token)[0], None
        if len(cadres) == 1:
            return cadres[0].name, cadres[0]
        answer = self.cleaned_data.get(f"{field}_{n}", "")
        if not answer and f"{field}_{n}" not in self.errors:
            self.add_error(f"{field}_{n}", _("Several people bear this name; choose the one who is meant."))
        chosen = next((c for c in cadres if str(c.public_id) == answer), None)
        return (chosen or cadres[0]).name, chosen
