"""Reviews of the demonstration: last year's small campaign, this year's results in every state, an exit proposal."""

import datetime as dt
import tomllib
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.file.workflow import store
from accounts.models import Unit
from accounts.permissions import Role
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition
from cohorts.campaign.workflow import conclude_campaign, conclude_round, create_campaign, open_round
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral
from cohorts.referral.workflow import answer_letter, form_team, send_letter
from cohorts.review.models import Bar, FollowUp
from cohorts.review.points import PARTS
from cohorts.review.workflow import record_follow_up
from cohorts.site.demo.county import DATA, script
from cohorts.site.demo.second import second_words
from cohorts.site.demo.training import texts as training_texts
from cohorts.training.workflow import close_phase, open_cohort

# From the review on, in the order in which the demonstration walks its cases.
REVIEW_KEYS = ("under_review", "qualified", "qualified_told", "unqualified_objected", "unqualified", "exit_proposed")
# Who sits on panels: three of them, none of the cadre's own unit.
_PANEL = ("inspector", "system", "recorder", "audit", "security", "clerk2")


@lru_cache
def texts() -> dict[str, Any]:
    return tomllib.loads((DATA / "demo_review.toml").read_text(encoding="utf-8"))


def review_sheet(users: dict[str, Any], case: Referral, score: int) -> dict[str, Any]:
    """What the panel puts on the sheet; the parts differ, the total stays near ``score``."""
    text = texts()["text"]
    involved = set(case.verified_by.values_list("pk", flat=True))
    pool = [users[name].cadre for name in _PANEL]
    panel = [c for c in pool if c.unit_id != case.unit_id and c.pk not in involved][:3]
    shifts = dict(zip(PARTS, (4, -2, 0, 1, -3), strict=True))
    scores = {part: Decimal(score + shift) for part, shift in shifts.items()}
    return {"panel": panel, "scores": scores, "remarks": text["remarks"], "defence": text["defence"]}


def follow_up_all(cases: list[Referral], *, by: Any) -> None:
    """Every follow-up of a long concluded campaign was entered on its day."""
    for row in FollowUp.objects.filter(referral__in=cases).select_related("referral"):
        became = "down" if row.months > 3 and row.referral_id % 9 == 0 else "same"
        moment = timezone.make_aware(dt.datetime.combine(row.due_on, dt.time(10)))
        record_follow_up(row, by=by, became=became, on=row.due_on, at=moment)


class _LastYear:
    """One or two cases through the real steps, a year before today, with the running campaign's own helpers."""

    def __init__(self, running: Any) -> None:
        self.run, self.users = running, running.users
        self.clerk, self.leader = running.clerk, running.leader

    def open(self) -> None:
        run, admin = self.run, self.users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
        edition = Edition.objects.get(code="2019")
        approve_edition(edition, by=admin, at=run.at(60))
        units = [run.county.units[row["unit"]] for row in texts()["last_year"]]
        run.campaign = create_campaign(
            by=admin, at=run.at(58), year=run.today.year, organizer=run.county.units["zzb"], edition=edition,
            notice_number=script()["county"]["notice"] % run.today.year, opened_on=run.day(58), class_ends_on=run.today + dt.timedelta(days=30),
        )  # fmt: skip
        run.round = open_round(by=admin, at=run.at(58), campaign=run.campaign, kind="supplementary", opens_on=run.day(58),
                               closes_on=run.day(45), units=units)  # fmt: skip
        self.chief = self.users["chief"].acting_as(Role.CHIEF)

    def nominate(self) -> list[Referral]:
        run, county = self.run, script()["county"]
        cases = [run.draft(row, 50) for row in texts()["last_year"]]
        for unit_return in run.round.returns.select_related("unit"):
            code = unit_return.unit.code
            content = {"nil": False, "meeting_kind": "party_group", "meeting_on": run.day(49), "meeting_members": county["members"],
                       "meeting_extract": county["extract"]}  # fmt: skip
            move(unit_return, "prepare", by=self.users[f"liaison-{code}"], at=run.at(49), **content)
            move(unit_return, "sign", by=self.users[f"head-{code}"], at=run.at(48), password_entered=True)
            move(unit_return, "accept", by=self.clerk, at=run.at(47))
        conclude_round(run.round, by=self.chief, on=run.day(44), at=run.at(44))
        return cases

    def decide(self, cases: list[Referral]) -> None:
        run, text, year = self.run, texts()["text"], self.run.today.year
        form_team(
            by=self.chief,
            at=run.at(46),
            campaign=run.campaign,
            name=text["team"],
            members=[self.clerk, self.users["verifier"]],
            cases=cases,
        )
        letter = send_letter(by=self.clerk, at=run.at(45), campaign=run.campaign, kind="discipline", number=text["letter"] % year,
                             sent_on=run.day(45), cases=cases)  # fmt: skip
        answer_letter(letter, by=self.clerk, at=run.at(43), number=text["letter_answer"] % year, answered_on=run.day(43),
                      answers={line.pk: "no_effect" for line in letter.answers.all()})  # fmt: skip
        run.verify(cases, 41)
        second_words(cases, self.users, by=self.chief)
        for case in cases:
            move(case, "notify", by=self.clerk, at=run.at(38), method="in_person", served_on=run.day(38))
        run.confirm(cases, 30)

    def train(self, cases: list[Referral]) -> None:
        run, county, text, year = self.run, script()["county"], texts()["text"], self.run.today.year
        cohort = open_cohort(
            by=self.chief, at=run.at(29), campaign=run.campaign, programme="2018", starts_on=run.day(27)
        )
        theory, practice = cohort.phases.all()
        village = Unit.objects.filter(kind="village").order_by("code").last()
        for n, case in enumerate(cases):
            number = county["suspension"] % (year, n + 1)
            move(case, "admit", by=self.chief, at=run.at(27), cohort=cohort, decided_on=run.day(28), number=number)
        close_phase(theory, by=self.chief, at=run.at(20, 8))
        for case in cases:
            move(
                case,
                "start_practice",
                by=self.clerk,
                at=run.at(20),
                village=village,
                supervisor=county["supervisor"],
                starts_on=run.day(20),
            )
        close_phase(practice, by=self.chief, at=run.at(12, 8), reason=training_texts()["closed_early"])
        for n, case in enumerate(cases):
            move(case, "open_review", by=self.clerk, at=run.at(12))
            sheet = review_sheet(self.users, case, texts()["last_year"][n]["score"])
            move(case, "qualify", by=self.chief, at=run.at(11), held_on=run.day(11), **sheet)
        move(cases[0], "return_to_unit", by=self.leader, at=run.at(3), outcome="same_post", returned_on=run.day(3))
        move(cases[1], "stay_at_grassroots", by=self.leader, at=run.at(3), village=village, choice_on=run.day(5), number=text["choice"] % year,
             returned_on=run.day(3))  # fmt: skip
        for row in FollowUp.objects.filter(referral__in=cases, months__lt=12).select_related("referral"):
            moment = timezone.make_aware(dt.datetime.combine(row.due_on, dt.time(10)))
            record_follow_up(row, by=self.clerk, became="same", note=text["note"], on=row.due_on, at=moment)
        concluded = add_working_days(run.today, 5)
        moment = timezone.make_aware(dt.datetime.combine(concluded, dt.time(10)))
        conclude_campaign(run.campaign, by=self.chief, on=concluded, at=moment)


def last_year(running: Any) -> None:
    """A concluded campaign of two cases, a year before today; the exit proposal of this year stands in succession to it."""
    today = running.today
    running.today = today - dt.timedelta(days=365 if today.month > 2 or today.day < 29 else 366)
    year = _LastYear(running)
    year.open()
    cases = year.nominate()
    year.decide(cases)
    year.train(cases)
    running.today = today
    running.users["chief"].acting_as(Role.DEPARTMENT_ADMIN)


def review_results(running: Any, key: str, case: Referral) -> None:
    """Walk one case of the running campaign to the state that its line names, from ``under_review`` on."""
    if key not in REVIEW_KEYS[1:]:
        return
    text, clerk, chief = texts()["text"], running.clerk, running.chief
    action, score = ("qualify", 82) if key.startswith("qualified") else ("fail", 52)
    sheet = review_sheet(running.users, case, score)
    move(case, action, by=chief, at=running.at(2), held_on=running.day(2), **sheet)
    if key == "unqualified_objected":
        move(case, "object", by=clerk, at=running.at(1), text=text["objection"])
    elif key != "qualified_told":
        move(case, "object", by=clerk, at=running.at(1), none=True)
    if key == "qualified_told":
        running.county.account("demo-trainee-2", case.cadre, f"{case.unit_name} {case.post}", None)
    if key == "exit_proposed":
        proof = store(SimpleUploadedFile(text["exit_proof_name"], text["exit_proof"].encode()), by=chief)
        move(case, "propose_exit", by=chief, at=running.at(1, 15), ground="cs88_1", reason=text["exit_reason"], proof=proof,
             cleared=Bar.values, discipline_number=text["exit_discipline"] % running.today.year, discipline_on=running.day(1))  # fmt: skip
