"""Measure what the scan finds in a county whose truth is known."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cohorts.site.simulate.play import simulate
from cohorts.site.simulate.worlds import PARTIAL, WORLDS


class Command(BaseCommand):
    help = "Builds a county with a known truth, runs the real scan and the answers to its questions, counts, and rolls everything back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, required=True)
        parser.add_argument("--units", type=int, required=True)
        parser.add_argument("--world", choices=sorted(WORLDS), default=PARTIAL.name)
        parser.add_argument(
            "--fraction", type=float, help="another fraction of K than the edition's, to see what it would do"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = simulate(seed=options["seed"], units=options["units"], world=WORLDS[options["world"]],
                         fraction=options["fraction"], say=self.stderr.write)  # fmt: skip
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for key, value in found.items():
            self.stdout.write(f"{key:18} {value}")
