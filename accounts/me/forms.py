"""The person's own choices."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notice.kinds import CHOOSABLE, Way


class ProfileForm(forms.ModelForm):
    """E-mail, language, and for each kind of notice that is no duty how it goes out."""

    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["email", "language"]
        labels = {"email": _("E-mail for notices")}
        help_texts = {"email": _("Leave it empty on the closed network: notices stand in Retrain all the same.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CHOOSABLE:
            self.fields[f"mail_{kind.code}"] = forms.ChoiceField(
                label=kind.label,
                choices=Way.choices,
                initial=self.instance.mail_choices.get(kind.code, kind.way),
                # A form from before the choice, and whoever has no address, keeps what holds.
                required=False,
            )

    def save(self, commit: bool = True) -> User:
        chosen = {kind.code: self.cleaned_data[f"mail_{kind.code}"] for kind in CHOOSABLE}
        self.instance.mail_choices |= {code: way for code, way in chosen.items() if way}
        self.instance.save(update_fields=["email", "language", "mail_choices"])
        return self.instance
