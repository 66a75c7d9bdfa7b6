"""The county's settings as dated rows with defaults."""

import datetime as dt
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class Setting(NamedTuple):
    """A setting's default and what it means; the county's page builds its form from the default's type.

    ``choices`` are the values that may stand in a text or a list; ``keys`` the words for the keys of a dict; ``ordered``
    says that the order of a list counts; ``help`` what the setting does, with its legal or practice source.
    """

    default: Any
    label: str | Promise
    help: str | Promise = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()
    keys: dict[str, str | Promise] = {}
    ordered: bool = False


_UNIT_KINDS = (
    ("office", _("county office")),
    ("bureau", _("bureau")),
    ("town", _("town")),
    ("institution", _("public institution")),
)

SETTINGS: dict[str, Setting] = {
    "reply_days": Setting(
        5, _("Working days for the reply, counted from the day after service"),
        help=_("So long the cadre may reply to the notice of reasons; nothing is decided before. A reply that is running keeps the days of its service. Source: practice of the department; the report names no number."),
    ),
    "meeting_routes": Setting(
        {
            "ordinary": ["department"],
            "section_level": ["department", "standing_committee"],
            "own": ["standing_committee"],
            "institution": ["party_group", "department"],
        },
        _("Which meetings decide, in order, by kind of case"),
        help=_("The last meeting confirms, the earlier ones agree. Cases of the department's own people are never decided by the department itself. Source: Regulation on selection and appointment of leading cadres, decisions by collective discussion."),
        choices=(
            ("department", _("department meeting")),
            ("standing_committee", _("standing committee")),
            ("party_group", _("party group of the supervising body")),
        ),
        keys={
            "ordinary": _("Ordinary cadres"), "section_level": _("Cadres of section level"),
            "own": _("The organization department's own cadres"), "institution": _("Institution staff"),
        },
        ordered=True,
    ),
    "unit_signers": Setting(
        {"office": "director", "bureau": "party_group_secretary", "town": "party_secretary", "institution": "principal"},
        _("Who signs the return, by kind of unit"),
        help=_("Printed at the place of signature on the return. In a bureau the secretary of the party group signs even where somebody else is chief; an acting head signs by document. Source: practice of county departments."),
        choices=(
            ("party_secretary", _("secretary of the party committee")),
            ("party_group_secretary", _("secretary of the party group")),
            ("director", _("director of the office")),
            ("branch_secretary", _("secretary of the party branch")),
            ("principal", _("branch secretary or principal")),
        ),
        keys=dict(_UNIT_KINDS),
    ),
    "electronic_signing": Setting(
        [], _("Kinds of unit that may sign by re-entered password instead of on paper"),
        help=_("Paper with signature and stamp is the rule, because a password is easily handed to the office. Where nothing is ticked, every unit signs on paper. Source: practice; Electronic Signature Law Art. 3 leaves the form to the parties."),
        choices=_UNIT_KINDS,
    ),
    "suspension_units": Setting(
        "months", _("Allowance suspension in whole months, or in days of 21.75 a month"),
        help=_("Whole months run from the month after the decision to the month of the return. Days are reckoned at 21.75 paid days a month (notice of the Ministry of Labour, 2008 No. 3)."),
        choices=(("months", _("whole months")), ("days", _("days"))),
    ),
}  # fmt: skip


class CountySetting(models.Model):
    """A value in force from ``start`` on, until a later row."""

    public_id = public_id()
    key = models.CharField(max_length=40, choices=[(key, key) for key in SETTINGS])
    value = models.JSONField()
    start = models.DateField()

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["key", "start"], name="setting_once_a_day")]

    def __str__(self) -> str:
        return f"{self.key} {self.start}"


def setting(key: str, on: dt.date | None = None) -> Any:
    """The value in force on a day; raises KeyError for an unknown key."""
    default = SETTINGS[key].default
    row = CountySetting.objects.filter(key=key, start__lte=on or timezone.localdate()).order_by("-start").first()
    return row.value if row else default


def signer_of(kind: str, on: dt.date | None = None) -> str:
    """Who signs for a unit of this kind, in words; "" where the county named nobody."""
    return str(dict(SETTINGS["unit_signers"].choices).get(setting("unit_signers", on).get(kind, ""), ""))
