"""What every form of a step has in common."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.file.workflow import store


class StepForm(forms.Form):
    """Carries the version, so that a stale form cannot pass; ``data_for_move`` is what the step receives."""

    # A template that places the fields itself, one that is shown before them, and further steps that the same fields serve.
    template, aside, others = "", "", ()
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, subject: Any, user: Any, **kwargs: Any) -> None:
        self.subject, self.user = subject, user
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = subject.version
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the subject."""

    def data_for_move(self) -> dict[str, Any]:
        data = {key: value for key, value in self.cleaned_data.items() if key != "version"}
        for key, value in data.items():
            if hasattr(value, "read"):
                data[key] = store(value, by=self.user)
        return data


class ReasonForm(StepForm):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
