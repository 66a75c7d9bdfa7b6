"""The registry of kinds of notices: what a person chooses by, and why the person gets it. Adding one is one entry here.

A notice's code belongs to one kind (``register``); a code that nobody has placed is a duty, so that nothing is muted by
an oversight.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Way(TextChoices):
    """How a notice goes out, besides standing in Retrain."""

    NOW = "now", _("by e-mail at once")
    DIGEST = "digest", _("in one e-mail a day")
    NONE = "none", _("in Retrain only")


@dataclass(frozen=True)
class Kind:
    """``duty``: always mailed at once, nobody mutes it. ``way``: what holds until the person chooses."""

    code: str
    label: str | Promise
    why: str | Promise
    duty: bool = False
    way: Way = Way.NOW


KINDS = (
    Kind("act", _("Something waits for you"), _("You receive this because the next step in this matter is yours, or you answer for it."), duty=True),
    Kind("own", _("Decisions about yourself"), _("You receive this because the matter concerns yourself."), duty=True),
    Kind("outcome", _("What became of a matter"), _("You receive this because your unit or office had a part in this matter.")),
    Kind("class", _("Class and field practice"), _("You receive this because you take part in the class or the field practice.")),
    Kind("alert", _("Alerts that stand"), _("You receive this because you handle the alerts of your department.")),
)  # fmt: skip
KIND_OF = {kind.code: kind for kind in KINDS}
ACT, OWN = KIND_OF["act"], KIND_OF["own"]
# What a person may choose about.
CHOOSABLE = tuple(kind for kind in KINDS if not kind.duty)

_placed: dict[str, Kind] = {}


def register(kinds: Mapping[str, str]) -> None:
    """Place notice codes in their kinds; raises KeyError for a kind that does not exist."""
    _placed.update({code: KIND_OF[kind] for code, kind in kinds.items()})


def placed(code: str) -> bool:
    """Whether somebody has placed the code; the others count as duties."""
    return code in _placed


def kind_of(code: str, role: str) -> Kind:
    """The kind of a notice. An outcome told to somebody who was not chosen by a role concerns the person's own matter."""
    kind = _placed.get(code, ACT)
    return OWN if kind.code == "outcome" and not role else kind


def way_of(user: Any, kind: Kind) -> Way:
    """How the person wants this kind; duties are mailed at once."""
    return Way.NOW if kind.duty else Way(user.mail_choices.get(kind.code, kind.way))
