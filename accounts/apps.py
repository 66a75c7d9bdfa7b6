"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and units")

    def ready(self) -> None:
        from accounts import job, periodic, texts, wording  # noqa: PLC0415 -- apps must be loaded first
        from accounts.people import texts as people  # noqa: PLC0415 -- apps must be loaded first

        wording.register(texts.SENTENCES)
        wording.register(people.SENTENCES)
        job.WORK.update(periodic.WORK)
