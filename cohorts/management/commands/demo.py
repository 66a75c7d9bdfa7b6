"""Load the demonstration county once, and tell its accounts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from cohorts.site.demo.running import build


class Command(BaseCommand):
    help = "Loads the demonstration county into an empty database (does nothing when it is there); --accounts prints the accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration needs RETRAIN_DEMO=True; production refuses it.")
        accounts = User.objects.filter(username__startswith="demo-").select_related("cadre").order_by("pk")
        if options["accounts"]:
            for user in accounts:
                self.stdout.write(f"  {user.username:24} {user.title}")
            self.stdout.write(f"  password of all of them: {settings.DEMO_PASSWORD}")
            return
        if accounts.exists():
            self.stdout.write("The demonstration county is loaded already.")
            return
        if User.objects.exclude(username="system").exists():
            raise CommandError(
                "The database holds accounts already; the demonstration is loaded into an empty one only."
            )
        build(say=self.stdout.write)
