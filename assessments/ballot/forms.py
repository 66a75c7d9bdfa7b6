"""The form of a new ballot, and the marks that a voter sends."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.kit.forms import RowsField, day
from accounts.kit.widgets import dress
from accounts.models import Cadre, DutyPeriod, Unit

OPEN_DAYS = 7
PREFIX = "mark_"


class PeopleField(RowsField):
    """People of the unit, ticked line by line in the template's table."""

    def __init__(self, label: Any) -> None:
        super().__init__(queryset=Cadre.objects.none(), label=label, to_field_name="public_id", required=False)


class NewBallotForm(forms.Form):
    """Everybody in service votes and is rated, unless struck out; whoever is away today is struck out of the voters."""

    title = forms.CharField(label=_("Title of the ballot"), max_length=80)
    closes_on = day(
        _("Last day of voting"), help_text=_("Votes are taken until the end of this day; from it on you may close.")
    )
    voters = PeopleField(_("votes"))
    candidates = PeopleField(_("is rated"))

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.people = list(Cadre.objects.filter(unit=unit).in_service(today).order_by("pinyin", "pk"))
        self.away = {
            duty.cadre_id: duty.get_kind_display() for duty in DutyPeriod.objects.on(today).filter(cadre__unit=unit)
        }
        for name in ("voters", "candidates"):
            self.fields[name].queryset = Cadre.objects.filter(unit=unit).in_service(today)
        self.initial |= {
            "title": gettext("Democratic rating %(year)s") % {"year": today.year},
            "closes_on": today + dt.timedelta(days=OPEN_DAYS),
            "voters": [str(c.public_id) for c in self.people if c.pk not in self.away],
            "candidates": [str(c.public_id) for c in self.people],
        }
        dress([self.fields["title"], self.fields["closes_on"]])

    def lines(self) -> list[dict[str, Any]]:
        """One line per person of the unit, with what is ticked."""
        ticked = {name: {str(value) for value in self[name].value() or ()} for name in ("voters", "candidates")}
        return [
            {
                "cadre": cadre, "away": self.away.get(cadre.pk, ""), "votes": str(cadre.public_id) in ticked["voters"],
                "rated": str(cadre.public_id) in ticked["candidates"],
            }
            for cadre in self.people
        ]  # fmt: skip


def sent_marks(data: QueryDict) -> dict[uuid.UUID, str] | None:
    """What a voter marked, by public id of the person; None when a field's name is not one of the form."""
    try:
        return {uuid.UUID(name.removeprefix(PREFIX)): data[name] for name in data if name.startswith(PREFIX)}
    except ValueError:
        return None
