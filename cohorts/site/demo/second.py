"""Second verifications of the demonstration: whatever chance drew in its campaigns gets a person and a word."""

import datetime as dt
import tomllib
from functools import lru_cache
from typing import Any

from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import User
from accounts.permissions import Role
from cohorts.procedure.workflow import move
from cohorts.referral.hands import against
from cohorts.referral.models import Referral, State
from cohorts.referral.second import SecondCheck
from cohorts.site.demo.county import DATA

# Working days from the draw to the naming of a person, and from there to the word.
NAMED, WORD = 2, 5


@lru_cache
def _script() -> dict[str, Any]:
    return tomllib.loads((DATA / "demo_second.toml").read_text(encoding="utf-8"))


def _at(day: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def _drawn_on(check: SecondCheck) -> dt.date:
    return timezone.localtime(check.drawn_at).date()


def name(check: SecondCheck, users: dict[str, Any], *, by: Any, on: dt.date, turn: int = 0) -> User:
    """The next of the script's people, taking turns, whom nothing keeps from the case."""
    keys = [key for key in _script()["people"] if key in users]
    people = [users[key] for key in keys[turn % len(keys) :] + keys[: turn % len(keys)]]
    kept = against(check, people, on=on)
    person = next(user for user in people if not kept[user.pk])
    move(check, "assign", by=by, at=_at(on, 9), checker=person)
    return User.objects.get(pk=person.pk)


def give_word(check: SecondCheck, *, by: User, on: dt.date, order: int) -> None:
    """A word on each criterion; what the first team upheld is now and then not upheld, and what it did not, neither."""
    script, case = _script(), check.referral
    doubted = case.state == State.STRUCK_OUT or order % script["differs_every"] == script["differs_every"] - 1
    words = {"upheld": not doubted, "reason": script["not_upheld" if doubted else "upheld"]}
    findings = [{"code": code, **words} for code in case.criteria.values_list("code", flat=True)]
    move(check, "check", by=by.acting_as(Role.VERIFIER), at=_at(on, 16), findings=findings)


def second_words(cases: Any, users: dict[str, Any], *, by: Any) -> None:
    """Every drawn case of these: named two working days after the draw, the word a week later."""
    checks = list(SecondCheck.objects.filter(referral__in=cases).order_by("pk"))
    days = [add_working_days(_drawn_on(check), NAMED) for check in checks]
    people = [
        name(check, users, by=by, on=day, turn=n) for n, (check, day) in enumerate(zip(checks, days, strict=True))
    ]
    for n, (check, day, person) in enumerate(zip(checks, days, people, strict=True)):
        check.refresh_from_db()
        give_word(check, by=person, on=add_working_days(day, WORD), order=n)


def running_words(running: Any) -> None:
    """Of the running campaign's drawn cases the last one waits for the chief again, the one before for a word."""
    users = running.users
    chief = User.objects.get(pk=running.chief.pk).acting_as(Role.CHIEF)
    cases = Referral.objects.filter(campaign=running.campaign)
    keys = list(SecondCheck.objects.filter(referral__in=cases).order_by("pk").values_list("pk", flat=True))
    checks = list(SecondCheck.objects.filter(pk__in=keys[-2:]).order_by("pk"))
    second_words(cases.exclude(second_check__in=checks), users, by=chief)
    for check in checks[:-1]:
        name(check, users, by=chief, on=running.day(4))
    for check in checks[-1:]:
        person = name(check, users, by=chief, on=running.day(6), turn=1)
        check.refresh_from_db()
        move(check, "hand_back", by=person.acting_as(Role.VERIFIER), at=running.at(2), reason=_script()["handed_back"])
