"""Sentences of this app: notices, refusals, events."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "event.role.granted": _("Role granted"),
    "event.role.ended": _("Role ended"),
    "event.account.created": _("Account created"),
    "event.account.disabled": _("Account disabled"),
    "guard.nothing_left": _("Somebody was first: the state has changed meanwhile. Look at the present state and decide again."),
}
