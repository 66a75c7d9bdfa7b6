"""Check the trail's chain; exit 1 and name the first broken link."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.trail.heads import export_head, read_head
from accounts.trail.models import TrailHead
from accounts.trail.workflow import first_break


class Command(BaseCommand):
    help = "Verifies the chain of decision events; --head also against an exported head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export-head", metavar="FILE", type=Path)
        parser.add_argument("--head", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        head = None
        if options["head"]:
            try:
                head = read_head(options["head"])
            except (OSError, ValueError) as error:
                raise CommandError(str(error)) from error
        broken = first_break(head)
        if broken:
            raise CommandError(f"The trail is broken at event {broken.seq}: {broken.reason}.")
        stored = TrailHead.objects.get(pk=1)
        self.stdout.write(f"The trail holds: {stored.seq} events, head {stored.hash}.")
        if options["export_head"]:
            export_head(options["export_head"])
