"""Load the shipped editions of criteria (idempotent)."""

from typing import Any

from django.core.management.base import BaseCommand

from assessments.criteria.workflow import load_editions


class Command(BaseCommand):
    help = "Loads the editions of 2018 (13 criteria) and 2019 (22 criteria) as drafts."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_editions()} new editions.")
