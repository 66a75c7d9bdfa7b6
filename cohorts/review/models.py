"""The return review: an odd panel of three or more gives one result."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    SAME_POST = "same_post", _("same post")
    OTHER_POST = "other_post", _("other post in the unit")
    EXCHANGE = "exchange", _("exchange within the county")
    WAITING = "waiting", _("waiting for a post")


class ReturnReview(models.Model):
    """Score (0-100 points, pass at 60), result and panel of one case."""

    referral = models.OneToOneField("cohorts.Referral", models.CASCADE, related_name="review")
    held_on = models.DateField(_("date of the review"))
    panel = models.ManyToManyField("accounts.Cadre", related_name="+", verbose_name=_("panel"))
    score = models.DecimalField(_("points"), max_digits=5, decimal_places=2)
    qualified = models.BooleanField(_("qualified"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    returned_on = models.DateField(_("day of the return"), null=True)

    class Meta:
        app_label = "cohorts"
        constraints = [models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="review_points")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.score}"
