"""The register of exports: who took which report when, with which filters, and what exactly it was."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class Format(models.TextChoices):
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"


class ReportExportQuerySet(models.QuerySet["ReportExport"]):
    def visible_to(self, user: Any) -> "ReportExportQuerySet":
        """Those who export see the whole register of their organizer."""
        role = user.role
        if role is None or not user.may("report.export"):
            return self.none()
        return self.filter(campaign__organizer__path__startswith=role.unit.path) if role.unit else self


class ReportExport(models.Model):
    """One exported file; the file itself is not kept, its digest proves what it was."""

    public_id = public_id()
    campaign = models.ForeignKey("cohorts.Campaign", models.PROTECT, related_name="+")
    exported_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    exported_at = models.DateTimeField(default=timezone.now)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    # Code of the section of a CSV; a workbook holds them all.
    section = models.CharField(max_length=20, blank=True)
    filters = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = ReportExportQuerySet.as_manager()

    class Meta:
        app_label = "cohorts"
        ordering = ["-exported_at", "-pk"]
        # Read by the register, newest first.
        indexes = [models.Index(fields=["-exported_at", "-id"], name="export_latest")]

    def __str__(self) -> str:
        return self.serial

    @property
    def serial(self) -> str:
        """The number on the file and in the register."""
        return f"E{timezone.localtime(self.exported_at):%Y}-{self.pk:05d}"
