"""A form field that accepts only what may be stored."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.file.workflow import ACCEPT, check


class UploadField(forms.FileField):
    """Checked by size, content and secrecy mark; the upload itself is stored by the workflow."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("PDF, Word, Excel, WPS, OFD, JPG, PNG or TXT, up to 5 MB. No state secrets."))
        super().__init__(widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload:
            check(upload)
        return upload
