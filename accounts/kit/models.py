"""Saved filters: a list's filter and sort under a name, for one person."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: Any) -> "SavedFilterQuerySet":
        return self.filter(user=user)


class SavedFilter(models.Model):
    """``query`` is what stands after the question mark of the page ``page``, without the place in the list."""

    public_id = public_id()
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=120)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=500)
    is_default = models.BooleanField(default=False)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        ordering = ["name"]
        constraints = [
            # Also the index that each list reads its person's filters with.
            models.UniqueConstraint(fields=["user", "page", "name"], name="saved_filter_name_once"),
            models.UniqueConstraint(fields=["user", "page"], condition=Q(is_default=True), name="saved_filter_one_default"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
