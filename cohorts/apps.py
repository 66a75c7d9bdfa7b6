"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CohortsConfig(AppConfig):
    name = "cohorts"
    verbose_name = _("Re-forging")

    def ready(self) -> None:
        from accounts import wording  # noqa: PLC0415 -- apps must be loaded first
        from assessments.criteria import usage  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert import texts as alert  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.procedure import texts as procedure  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.referral.usage import criteria_in_use  # noqa: PLC0415 -- apps must be loaded first

        usage.register(criteria_in_use)
        wording.register(procedure.SENTENCES)
        wording.register(alert.SENTENCES)
