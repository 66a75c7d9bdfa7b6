"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = _("Criteria and evidence")

    def ready(self) -> None:
        from accounts import job, wording  # noqa: PLC0415 -- apps must be loaded first
        from accounts.kit.panels import register_panel  # noqa: PLC0415 -- apps must be loaded first
        from accounts.setting import trial  # noqa: PLC0415 -- apps must be loaded first
        from assessments import texts  # noqa: PLC0415 -- apps must be loaded first
        from assessments.ballot.trial import share_tried  # noqa: PLC0415 -- apps must be loaded first
        from assessments.ballot.workflow import REGISTERS, registers_job  # noqa: PLC0415 -- apps must be loaded first
        from assessments.evidence.people import evidence_of_person  # noqa: PLC0415 -- apps must be loaded first

        wording.register(texts.SENTENCES)
        trial.register("ballot_poor_percent", share_tried)
        job.WORK[REGISTERS] = registers_job
        register_panel("person", "assessments/evidence/_person.html", evidence_of_person)
