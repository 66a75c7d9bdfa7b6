"""Write docs/workflow.md from the steps tables."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cohorts.procedure.drawing import document


class Command(BaseCommand):
    help = "Writes docs/workflow.md; --check only tells whether it is stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "workflow.md"
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != document():
                raise CommandError("docs/workflow.md is stale: run python manage.py draw_workflow.")
        else:
            path.write_text(document(), encoding="utf-8")
