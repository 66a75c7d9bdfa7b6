"""The class of 2019: 22 criteria, 26 trainees, three cycles of a week of theory and a month of practice, with consequences."""

import datetime as dt
from typing import Any

from accounts.permissions import Role
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition
from assessments.evidence.meets import who_meets
from cohorts.campaign.workflow import conclude_campaign, conclude_round, create_campaign, open_round
from cohorts.penalty.kinds import CODES
from cohorts.procedure.workflow import move
from cohorts.referral.meeting import MeetingKind
from cohorts.referral.models import State
from cohorts.site.demo.record import Kept, Record, kept_units
from cohorts.site.demo.replay.campaign import Replay
from cohorts.training.quiz import enter_marks, write_quiz
from cohorts.training.workflow import plan_session, record_roll

# The record ends with May, before the campaign's notice.
FIRST_MONDAY = dt.date(2019, 3, 4)


class Replay2019(Replay):
    """Only the number of trainees, the opening day and the programme are reported; who is named and why is invented."""

    year = 2019
    script_file = "replay_2019.toml"
    phases = ("keep_record", "open", "file", "verify", "hear", "decide", "train", "conclude")

    def keep_record(self) -> None:
        """A town and an office kept their record from March to May; what they nominate rests on it."""
        self.kept: dict[str, Kept] = {}
        for n, code in enumerate(kept_units()):
            record = Record(self.county, self.users, code, FIRST_MONDAY, 2019 + n)
            record.staff(record.data["more_people"])
            self.kept[code] = record.run()

    def open(self) -> None:
        day = self.day(6, 10)
        admin = self.users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
        edition = Edition.objects.get(code="2019")
        approve_edition(edition, by=admin, at=self.at(day, 8))
        self.campaign = create_campaign(
            by=admin, at=self.at(day, 9), year=2019, organizer=self.county.units["zzb"], edition=edition, notice_number=self.text["notice"],
            opened_on=day, class_ends_on=self.day(12, 31), penalty_kinds=list(CODES),
        )  # fmt: skip
        self.round = open_round(
            by=admin, at=self.at(day), campaign=self.campaign, kind="first", opens_on=day, closes_on=self.day(6, 28)
        )
        self.users["chief"].acting_as(Role.CHIEF)

    def file(self) -> None:
        drafted, signed = self.day(6, 18), self.day(6, 25)
        for row in self.script["nomination"]:
            unit = self.county.units[row["unit"]]
            cadre, items = self.person(row, drafted), {"evidence": row.get("evidence", ())}
            if "kept" in row:
                items = {"recorded": self.on_record(unit, cadre, row["criterion"], drafted)}
            case = self.begin(
                cadre=cadre, unit_return=self.round.returns.get(unit=unit), by=self.users[f"liaison-{row['unit']}"], on=drafted,
                criterion=row["criterion"], facts=row["facts"], how_raised="panel", **items,
            )  # fmt: skip
            self.notes[case.pk] = row.get("note", "")
        named = {row["unit"] for row in self.script["nomination"]}
        for unit_return in self.round.returns.select_related("unit"):
            self.file_return(unit_return, signed, nil=unit_return.unit.code not in named)
            move(unit_return, "accept", by=self.clerk, at=self.at(self.day(6, 28)))
        conclude_round(self.round, by=self.chief, on=self.day(7, 1), at=self.at(self.day(7, 1)))

    def on_record(self, unit: Any, cadre: Any, code: str, on: dt.date) -> list[Any]:
        """The items by which the cadre meets the criterion; the replay stops where the record does not carry the name."""
        met = {(row.cadre.pk, row.criterion.code): row for row in who_meets(unit, self.campaign.edition, on)}
        return met[cadre.pk, code].items

    def person(self, row: dict[str, Any], on: dt.date) -> Any:
        """Where a record was kept, whoever fell out of it; else somebody of the unit.

        One of the trainees is a teacher of 32 years, of a school that reports through the education bureau.
        """
        if "kept" in row:
            return getattr(self.kept[row["unit"]], row["kept"])[0]
        if row.get("school"):
            school = self.county.units["jy01"]
            ages = (row["age"], row["age"] + 0.9)
            return self.county.person(school, row["post"], ages=ages, category=row["category"], level="199", on=on)
        return self.county.person(self.county.units[row["unit"]], "一级科员", ages=(26, 52), on=on)

    def verify(self) -> None:
        team = [self.clerk, self.users["verifier"]]
        self.verify_in([(team, self.clerk, self.cases(State.NOMINATED))], formed=self.day(7, 2))

    def hear(self) -> None:
        self.hear_all(self.day(7, 10))

    def decide(self) -> None:
        self.decide_in([(MeetingKind.PARTY_GROUP, self.day(7, 19)), (MeetingKind.DEPARTMENT, self.day(7, 22)),
                        (MeetingKind.STANDING_COMMITTEE, self.day(7, 24))])  # fmt: skip

    def train(self) -> None:
        """It opens with a short quiz that nobody passed, then a psychology session; 5 August is the reported opening day."""
        cohort = self.admit_all("2019", self.day(8, 5), self.text["suspension"])
        opening = cohort.starts_on
        quiz = write_quiz(
            cohort,
            by=self.chief,
            text=self.script["quiz"]["text"],
            pass_mark=self.script["quiz"]["pass_mark"],
            at=self.at(opening, 8),
        )
        marks = {case.pk: n % self.script["quiz"]["pass_mark"] for n, case in enumerate(self.cases(State.IN_THEORY))}
        enter_marks(quiz, by=self.chief, marks=marks, at=self.at(opening, 9))
        self.review_all(self.hold_phases(cohort), stay_every=13)

    def teach(self, phase: Any) -> None:
        """Four hours on each day of the block; everybody is there but for a leave now and then."""
        for n, row in enumerate(self.script["session"]):
            day = phase.starts_on + dt.timedelta(days=n)
            if day > phase.ends_on:
                break
            session = plan_session(
                by=self.chief, at=self.at(phase.starts_on, 7), phase=phase, kind=row["kind"], title=row["title"], lecturer=row["lecturer"],
                place=self.script["quiz"]["place"], day=day, begins_at=dt.time(8, 30), ends_at=dt.time(12), hours=4, off_day=True,
            )  # fmt: skip
            cases = self.cases(State.IN_THEORY)
            away = (n * 7 + phase.order) % len(cases) if n % 3 == 2 else -1
            marks = {
                case.pk: ("excused", self.script["quiz"]["excuse"]) if k == away else ("present", "")
                for k, case in enumerate(cases)
            }
            record_roll(session, by=self.chief, marks=marks, at=self.at(day, 12))

    def conclude(self) -> None:
        conclude_campaign(self.campaign, by=self.chief, on=self.day(12, 30), at=self.at(self.day(12, 30)))
