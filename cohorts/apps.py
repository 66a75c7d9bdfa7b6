"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CohortsConfig(AppConfig):
    name = "cohorts"
    verbose_name = _("Re-forging")

    def ready(self) -> None:
        from accounts import job, wording  # noqa: PLC0415 -- apps must be loaded first
        from accounts.kit.panels import register_panel  # noqa: PLC0415 -- apps must be loaded first
        from accounts.notice import kinds  # noqa: PLC0415 -- apps must be loaded first
        from accounts.setting import trial  # noqa: PLC0415 -- apps must be loaded first
        from assessments.criteria import usage  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert import texts as alert  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert.forms import ALERT_FORMS  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert.history import follow_through  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert.ladder_workflow import CLIMB, climb_job  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert.models import Alert  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert.steps import ALERT_STEPS  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.alert.workflow import DIGEST, SCAN, digest_job, scan_job  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.indicator import texts as indicator  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.indicator.workflow import INDICATOR, indicator_job  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.measure import texts as measure  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.penalty import texts as penalty  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.practice import texts as practice  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.procedure import texts as procedure  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.procedure.forms import FORMS, SUBJECTS  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.procedure.workflow import TABLES  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.question import texts as question  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.question.forms import QUESTION_FORMS  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.question.models import UnitQuestion  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.question.steps import QUESTION_STEPS  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.referral import deliberation, people, texts  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.referral.usage import criteria_in_use  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.report import texts as report  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.report.workflow import EXPORT, export_job  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.review import texts as review  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.review.trial import points_tried, weights_tried  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.site import notices  # noqa: PLC0415 -- apps must be loaded first
        from cohorts.training import texts as training  # noqa: PLC0415 -- apps must be loaded first

        usage.register(criteria_in_use)
        trial.register("review_pass_points", points_tried)
        trial.register("review_weights", weights_tried)
        wording.register(training.SENTENCES)
        wording.register(procedure.SENTENCES)
        wording.register(practice.SENTENCES)
        wording.register(question.SENTENCES)
        wording.register(alert.SENTENCES)
        wording.register(review.SENTENCES)
        wording.register(penalty.SENTENCES)
        wording.register(measure.SENTENCES)
        wording.register(texts.SENTENCES)
        register_panel("person", "cohorts/referral/_person_cases.html", people.cases_of_person)
        register_panel("record", "cohorts/referral/_nominate.html", people.nominate_from_record)
        register_panel("unit", "cohorts/referral/_unit_returns.html", people.returns_of_unit)
        register_panel("unit", "cohorts/alert/_unit_history.html", follow_through)
        register_panel("deliberation", "cohorts/referral/_deliberation.html", deliberation.nomination_of_panel)
        wording.register(report.SENTENCES)
        wording.register(indicator.SENTENCES)
        wording.register(notices.SENTENCES)
        kinds.register(notices.KIND_OF_CODE)
        TABLES[Alert] = ALERT_STEPS
        SUBJECTS["alerts"] = Alert
        FORMS.update(ALERT_FORMS)
        TABLES[UnitQuestion] = QUESTION_STEPS
        SUBJECTS["questions"] = UnitQuestion
        FORMS.update(QUESTION_FORMS)
        job.WORK.update(
            {SCAN: scan_job, DIGEST: digest_job, EXPORT: export_job, CLIMB: climb_job, INDICATOR: indicator_job}
        )
