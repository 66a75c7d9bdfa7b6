"""January 2019: the education bureau's own campaign on its own criteria, 30 schools, 31 teachers."""

from typing import Any

from accounts.models import RoleAssignment
from accounts.people.workflow import add_unit
from accounts.permissions import Role
from assessments.criteria.workflow import approve_edition, create_edition, hand_in
from cohorts.campaign.workflow import conclude_campaign, conclude_round, create_campaign, open_round
from cohorts.procedure.workflow import move
from cohorts.referral.meeting import MeetingKind
from cohorts.referral.models import State
from cohorts.site.demo.county import County
from cohorts.site.demo.replay.campaign import Replay

# Teachers of the whole system as reported, spread over the schools; the spread is ours.
TEACHERS = 1861


class ReplayEducation(Replay):
    """Organized by the bureau: its own clerk, chief and leader, schools nominate, its party group decides."""

    year = 2019
    script_file = "replay_education.toml"
    phases = ("staff", "open", "file", "verify", "hear", "decide", "train", "conclude")

    def __init__(self, county: County, users: dict[str, Any], script: dict[str, Any] | None = None) -> None:
        super().__init__(county, users, script)
        self.bureau = county.units["jtj"]

    def staff(self) -> None:
        """The schools with principal and liaison, and the bureau's own offices."""
        county, schools = self.county, self.script["school"]
        share = TEACHERS // len(schools)
        for n, row in enumerate(schools):
            staff = share + (TEACHERS - share * len(schools) if n == 0 else 0)
            school = county.units[row["code"]] = add_unit(
                code=row["code"], name=row["name"], kind="institution", parent=self.bureau, staff_in_post=staff
            )
            for role, key, post in (
                (Role.UNIT_HEAD, "head", self.text["principal"]),
                (Role.LIAISON, "liaison", self.text["school_office"]),
            ):
                cadre = county.person(
                    school, post, ages=(36, 54), category="institution_technical", level="199", on=self.day(1, 1)
                )
                self.users[f"{key}-{row['code']}"] = county.account(
                    f"{key}-{row['code']}", cadre, f"{school.name} {post}", role
                )
        for row in self.script["office"]:
            cadre = county.person(self.bureau, row["post"], ages=(32, 50), on=self.day(1, 1))
            user = self.users[row["account"]] = county.account(
                f"demo-{row['account']}", cadre, f"{self.bureau.name} {row['post']}", row["role"]
            )
            for extra in row.get("also", []):
                RoleAssignment.objects.create(user=user, role=extra, unit=self.bureau, start=self.day(1, 1))
        self.clerk, self.chief, self.leader = (self.users[f"edu-{key}"] for key in ("clerk", "chief", "leader"))

    def open(self) -> None:
        day, text = self.day(1, 3), self.text
        admin = self.chief.acting_as(Role.DEPARTMENT_ADMIN)
        edition = create_edition(by=admin, at=self.at(day, 8), organizer=self.bureau, code="edu-2019", title=text["edition_title_zh"],
                                 note=text["edition_note_zh"], texts=[(text["criterion_title_zh"], text["criterion_text_zh"])])  # fmt: skip
        hand_in(edition, by=admin, at=self.at(day, 8))
        approve_edition(edition, by=self.leader.acting_as(Role.LEADER), at=self.at(day, 9))
        self.campaign = create_campaign(
            by=admin, at=self.at(day), year=2019, organizer=self.bureau, edition=edition, notice_number=text["notice"], opened_on=day,
            class_ends_on=self.day(3, 31), penalty_kinds=[],
        )  # fmt: skip
        self.round = open_round(
            by=admin, at=self.at(day), campaign=self.campaign, kind="first", opens_on=day, closes_on=self.day(1, 11)
        )
        self.chief.acting_as(Role.CHIEF)

    def file(self) -> None:
        drafted, signed = self.day(1, 8), self.day(1, 10)
        for row in self.script["nomination"]:
            school = self.county.units[row["school"]]
            cadre = self.county.person(
                school, self.text["teacher"], ages=(26, 52), category="institution_technical", level="199", on=drafted
            )
            self.begin(
                cadre=cadre, unit_return=self.round.returns.get(unit=school), by=self.users[f"liaison-{row['school']}"], on=drafted,
                criterion="X1", evidence=self.text["evidence"], facts=row["facts"], how_raised="panel",
            )  # fmt: skip
        named = {row["school"] for row in self.script["nomination"]}
        for unit_return in self.round.returns.select_related("unit"):
            self.file_return(unit_return, signed, nil=unit_return.unit.code not in named, meeting="branch")
            move(unit_return, "accept", by=self.clerk, at=self.at(self.day(1, 11)))
        conclude_round(self.round, by=self.chief, on=self.day(1, 11), at=self.at(self.day(1, 11), 17))

    def verify(self) -> None:
        team = [self.clerk, self.users["liaison-jtj"]]
        self.verify_in([(team, self.clerk, self.cases(State.NOMINATED))], formed=self.day(1, 11))

    def hear(self) -> None:
        self.hear_all(self.day(1, 18))

    def decide(self) -> None:
        self.decide_in([(MeetingKind.PARTY_GROUP, self.day(1, 28))])

    def train(self) -> None:
        """Theory in the winter holidays, practice by supporting teaching in the villages."""
        self.review_all(self.hold_phases(self.admit_all("edu", self.day(1, 29), self.text["number"])))

    def conclude(self) -> None:
        conclude_campaign(self.campaign, by=self.chief, on=self.day(4, 26), at=self.at(self.day(4, 26)))
