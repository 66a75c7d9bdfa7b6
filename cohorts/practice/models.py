"""Placements of trainees in villages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Placement(models.Model):
    """One month in one village under a supervisor."""

    referral = models.ForeignKey("cohorts.Referral", models.CASCADE, related_name="placements")
    village = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", verbose_name=_("village"))
    # The name stands on paper; the account is there where the supervisor uses Retrain.
    supervisor = models.CharField(_("field supervisor"), max_length=40)
    supervisor_user = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="placements",
        verbose_name=_("account of the field supervisor"),
    )
    starts_on = models.DateField(_("from"))

    class Meta:
        app_label = "cohorts"
        ordering = ["starts_on", "pk"]

    def __str__(self) -> str:
        return f"{self.village} {self.starts_on}"
