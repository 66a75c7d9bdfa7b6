"""The campaign of 2018: 13 criteria, two rounds, cases of the county's own, one class, and what units faced."""

import datetime as dt
from typing import Any

from accounts.models import CountySetting
from accounts.permissions import Role
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition, load_editions
from assessments.supervision.models import Office, Severity
from assessments.supervision.workflow import record_finding
from cohorts.alert.workflow import scan
from cohorts.campaign.workflow import conclude_campaign, conclude_round, create_campaign, open_round
from cohorts.measure.workflow import propose_measure, record_interview
from cohorts.procedure.workflow import move
from cohorts.referral.meeting import MeetingKind
from cohorts.referral.models import Origin, Referral, State
from cohorts.site.demo.replay.campaign import Replay
from cohorts.training.workflow import name_monitor


class Replay2018(Replay):
    """Round 2 went to named units; the split of 50 = 25 + 22 + 3 is our assumption. Penalties are not reported and do not start."""

    year = 2018
    script_file = "replay_2018.toml"
    phases = (
        "look_from_outside",
        "open",
        "first_round",
        "hold_to_account",
        "second_round",
        "county_side",
        "verify",
        "hear",
        "decide",
        "train",
        "conclude",
    )

    def look_from_outside(self) -> None:
        """What the inspection office wrote down in spring, about people whom their units then did not name."""
        recorder = self.users["recorder"].acting_as(Role.RECORDER)
        for row in self.script["finding"]:
            unit, seen = self.county.units[row["unit"]], self.at(self.day(4, row["day"]), 10)
            cadre = unit.cadres.filter(level="150", user__isnull=True).order_by("pk")[row["day"] % 2]
            record_finding(by=recorder, unit=unit, cadre=cadre, seen_at=seen, place=row["place"], what=row["what"], severity=Severity.MEDIUM,
                           office=Office.INSPECTION, at=self.at(self.day(4, row["day"]), 17))  # fmt: skip

    def open(self) -> None:
        load_editions()
        admin = self.users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
        edition = Edition.objects.get(code="2018")
        approve_edition(edition, by=admin, at=self.at(self.day(5, 7)))
        # Heads sign by password in the demonstration; the county's default is paper.
        kinds = ["office", "bureau", "town", "institution"]
        CountySetting.objects.get_or_create(
            key="electronic_signing", start=dt.date(2018, 1, 1), defaults={"value": kinds}
        )
        self.campaign = create_campaign(
            by=admin, at=self.at(self.day(5, 8), 9), year=2018, organizer=self.county.units["zzb"], edition=edition, notice_number=self.text["notice"],
            opened_on=self.day(5, 8), class_ends_on=self.day(11, 30), penalty_kinds=[],
        )  # fmt: skip
        first = open_round(by=admin, at=self.at(self.day(5, 8)), campaign=self.campaign, kind="first", opens_on=self.day(5, 8),
                           closes_on=self.day(5, 25))  # fmt: skip
        self.rounds = {1: first}
        self.users["chief"].acting_as(Role.CHIEF)

    def nominate(self, number: int, drafted: dt.date) -> dict[str, int]:
        """Drafts of one round; returns how many each unit named."""
        named: dict[str, int] = {}
        for row in self.script["nomination"]:
            if row["round"] == number:
                self.draft(row, drafted, self.rounds[number].returns.get(unit=self.county.units[row["unit"]]))
                named[row["unit"]] = named.get(row["unit"], 0) + 1
        return named

    def draft(self, row: dict[str, Any], drafted: dt.date, unit_return: Any) -> Referral:
        unit, note = self.county.units[row["unit"]], row.get("note", "")
        category = "institution_technical" if note == "inst" else "civil_servant"
        post = ("科员", "副主任科员", "主任科员")[len(self.notes) % 3]
        cadre = self.county.person(
            unit, post, level="142" if note == "section" else "150", ages=(26, 55), category=category, on=drafted
        )
        if note == "section":
            self.county.removed_before(cadre)
        case = self.begin(
            cadre=cadre, unit_return=unit_return, by=self.users[f"liaison-{row['unit']}"] if unit_return else self.chief, on=drafted,
            criterion=row["criterion"], evidence=self.script["evidence"][row["criterion"]], facts=row["facts"], how_raised=row["how"],
            origin=Origin.UNIT if unit_return else Origin.THREE_MECHANISMS,
        )  # fmt: skip
        self.notes[case.pk] = note
        return case

    def first_round(self) -> None:
        named = self.nominate(1, self.day(5, 18))
        for unit_return in self.rounds[1].returns.select_related("unit"):
            code = unit_return.unit.code
            late = code == self.text["late"]
            self.file_return(unit_return, self.day(5, 28) if late else self.day(5, 22), nil=code not in named)
            if code == self.text["sent_back"]:
                move(
                    unit_return,
                    "send_back",
                    by=self.clerk,
                    at=self.at(self.day(5, 23)),
                    reason=self.text["sent_back_reason"],
                )
                self.file_return(unit_return, self.day(5, 25), nil=code not in named)
        for unit_return in self.rounds[1].returns.all():
            move(unit_return, "accept", by=self.clerk, at=self.at(self.day(5, 30)))
        scan(on=self.day(5, 30), at=self.at(self.day(5, 30), 20))
        conclude_round(self.rounds[1], by=self.chief, on=self.day(5, 31), at=self.at(self.day(5, 31)))

    def hold_to_account(self) -> None:
        """Two circulars (one unit late, one not as asked), interviews with leading cadres, three commendations lost.

        Departments only, never a real town (PRACTICE, demo county); who was talked with and which units lost what is ours.
        """
        units, text = self.county.units, self.text
        for code, reason in ((text["late"], text["late_reason"]), (text["sent_back"], text["sent_back_reason"])):
            self.measure("circular", code, reason, self.day(6, 1), text["circular_number"] % units[code].name)
        days = [self.day(6, day) for day in (4, 5, 6, 7, 8)]
        for n, code in enumerate(code for code, unit in units.items() if unit.kind != "town"):
            for key in ("head", "deputy"):
                person = self.users[f"{key}-{code}"].cadre
                if key == "deputy" and n % 8 == 7:
                    continue
                record_interview(
                    by=self.clerk, at=self.at(days[n % 5], 15), campaign=self.campaign, unit=units[code], person=person, held_on=days[n % 5],
                    held_by=text["held_by"], agreed=text["interview_agreed"], reason=text["interview_reason"],
                )  # fmt: skip
        for code in text["commendation_lost"]:
            self.measure("commendation", code, text["commendation_reason"], self.day(6, 8), text["commendation_number"] % units[code].name,
                         commendation=text["commendation"], commendation_year=2018)  # fmt: skip

    def measure(self, kind: str, code: str, reason: str, day: dt.date, number: str, **fields: Any) -> None:
        row = propose_measure(
            by=self.chief,
            kind=kind,
            campaign=self.campaign,
            unit=self.county.units[code],
            reason=reason,
            at=self.at(day),
            **fields,
        )
        move(row, "decide", by=self.leader, at=self.at(day, 16), number=number, document_on=day)

    def second_round(self) -> None:
        codes = {row["unit"] for row in self.script["nomination"] if row["round"] == 2}
        self.rounds[2] = open_round(by=self.chief, at=self.at(self.day(6, 11)), campaign=self.campaign, kind="supplementary", opens_on=self.day(6, 11),
                                    closes_on=self.day(6, 29), units=[self.county.units[code] for code in sorted(codes)])  # fmt: skip
        self.nominate(2, self.day(6, 20))
        for unit_return in self.rounds[2].returns.select_related("unit"):
            self.file_return(unit_return, self.day(6, 26), nil=False)
            move(unit_return, "accept", by=self.clerk, at=self.at(self.day(6, 29)))

    def county_side(self) -> None:
        """Leaders who had been moved down under the three mechanisms: nominated by the section chief, not by a unit."""
        for row in self.script["nomination"]:
            if row["round"] == 3:
                move(self.draft(row, self.day(6, 27), None), "nominate", by=self.chief, at=self.at(self.day(6, 28)))
        conclude_round(self.rounds[2], by=self.chief, on=self.day(6, 29), at=self.at(self.day(6, 29)))

    def verify(self) -> None:
        """Nobody verifies a colleague: the human-resources bureau's people go to another team, the department's own to a joint one."""
        verifier, recorder = self.users["verifier"], self.users["recorder"]
        members = {"rsj": [self.clerk, recorder], "zzb": [verifier, recorder]}
        groups: dict[str, list[Referral]] = {}
        for case in self.cases(State.NOMINATED):
            groups.setdefault(case.unit.code if case.unit.code in members else "", []).append(case)
        teams = []
        for code, cases in sorted(groups.items()):
            team = members.get(code, [self.clerk, verifier])
            teams.append((team, team[0], cases))
        self.verify_in(teams, formed=self.day(7, 2))

    def judge(self, case: Referral, *, by: Any, on: dt.date) -> None:
        joint = by == self.users["verifier"]
        super().judge(case, by=by.acting_as(Role.VERIFIER) if joint else by, on=on)

    def hear(self) -> None:
        self.hear_all(self.day(7, 11))

    def decide(self) -> None:
        self.decide_in([(MeetingKind.PARTY_GROUP, self.day(7, 19)), (MeetingKind.DEPARTMENT, self.day(7, 20)),
                        (MeetingKind.STANDING_COMMITTEE, self.day(7, 23))])  # fmt: skip

    def train(self) -> None:
        """Theory, then three months of practice, then the assessment; some stay in their village. The monitor is one of the three."""
        cohort = self.admit_all("2018", self.day(7, 25), self.text["admission"])
        monitor = next(case for case in self.cases(State.IN_THEORY) if case.origin == Origin.THREE_MECHANISMS)
        name_monitor(cohort, by=self.chief, case=monitor, at=self.at(self.day(7, 25), 17))
        self.review_all(self.hold_phases(cohort), stay_every=14)

    def conclude(self) -> None:
        conclude_campaign(self.campaign, by=self.chief, on=self.day(12, 28), at=self.at(self.day(12, 28)))
