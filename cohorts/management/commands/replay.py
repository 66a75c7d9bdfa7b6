"""Replay the campaigns of the report through the workflow functions, and check the figures that queries yield."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from cohorts.campaign.models import Campaign
from cohorts.site.demo.county import County
from cohorts.site.demo.replay.figures import differences, figures, replay_all


class Command(BaseCommand):
    help = "Builds the demonstration county on an empty database and replays the campaigns of 2018 and 2019; --check compares the figures (exit 1 on a difference)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        replayed = Campaign.objects.filter(year=2018).exists()
        if User.objects.exclude(username="system").exists() and not replayed:
            raise CommandError("The database is not empty; the replay builds on an empty one only.")
        if replayed and not options["check"]:
            raise CommandError("The campaign of 2018 is replayed already; use --check.")
        if not replayed:
            self.stderr.write("Units, people and the campaigns of 2018 and 2019 ...")
            county = County()
            county.build_units()
            replay_all(county, county.build_people())
        if not options["check"]:
            return
        found = figures()
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            for year, keys in found.items():
                for key, value in keys.items():
                    self.stdout.write(f"{year} {key:18} {value}")
        if different := differences(found):
            self.stderr.write("\n".join(different))
            sys.exit(1)
