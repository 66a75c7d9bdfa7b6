"""Uploaded files: kept outside the web root, hashed, served only through a page that checks the owner."""

from django.db import models
from django.utils import timezone

from accounts.fields import public_id


class StoredFile(models.Model):
    """One accepted upload. ``name`` is what the person called it; on disk it has its identifier only."""

    public_id = public_id()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to="%Y/%m")
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return self.name
