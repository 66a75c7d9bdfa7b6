"""The one storage class: a folder outside the web root, no URL."""

from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Files that only a view may hand out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(location=str(settings.UPLOAD_DIR), base_url=None, file_permissions_mode=0o600)

    def url(self, name: str | None) -> str:
        raise ValueError("Private files have no address of their own.")
