"""Sentences of alerts."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "alert.nil_return_contradicted": _(
        "%(unit)s filed a nil return on %(filed)s; %(items)s items from outside the unit are on record about its people."
    ),
    "alert.return_missing": _("%(unit)s has not filed its return, due on %(due)s."),
    "alert.repeat_referral": _("A cadre of %(unit)s has been referred in succession: cases %(first)s and %(second)s."),
}
