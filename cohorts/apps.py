"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CohortsConfig(AppConfig):
    name = "cohorts"
    verbose_name = _("Re-forging")

    def ready(self) -> None:
        from accounts import wording  # noqa: PLC0415 -- apps must be loaded first
        from accounts.kit.panels import register_panel  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert import texts as alert  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.procedure import texts as procedure  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.referral import people, texts  # noqa: PLC0415 -- apps must be loaded first

        wording.register(procedure.SENTENCES)
        wording.register(alert.SENTENCES)
        wording.register(texts.SENTENCES)
        register_panel("person", "cohorts/referral/_person_cases.html", people.cases_of_person)
        register_panel("person", "cohorts/referral/_person_evidence.html", people.evidence_of_person)
        register_panel("unit", "cohorts/referral/_unit_returns.html", people.returns_of_unit)
