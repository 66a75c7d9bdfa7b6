"""The person's own choices."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ProfileForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["email", "language"]
        labels = {"email": _("E-mail for notices")}
        help_texts = {"email": _("Leave it empty on the closed network: notices stand in Retrain all the same.")}
