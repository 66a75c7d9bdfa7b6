"""The campaign of 2018, replayed: the reported figures come out of queries over what the workflow functions wrote."""

import datetime as dt
import tomllib
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import CountySetting, Unit
from accounts.permissions import Role
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition, load_editions
from cohorts.campaign.models import Campaign
from cohorts.campaign.workflow import conclude_campaign, conclude_round, create_campaign, open_round
from cohorts.practice.guards import in_own_town
from cohorts.procedure.meetings import decide_meeting, prepare_meeting
from cohorts.procedure.workflow import move
from cohorts.referral.meeting import MeetingKind, next_meeting
from cohorts.referral.models import Referral, State
from cohorts.referral.workflow import answer_letter, begin_draft, form_team, send_letter
from cohorts.site.demo.county import DATA, County
from cohorts.site.demo.review import follow_up_all, review_sheet
from cohorts.training.workflow import close_phase, open_cohort

# The reported figures (magazine report of 2019), never read by a page: only the check compares with them.
REPORTED = {"2018": {"criteria": 13, "units": 34, "round1": 25, "leading_offices": 6, "referred": 50, "struck_out": 7}}
# Round 2 went to named units; the split of 50 = 25 + 22 + 3 is our assumption.
ROUNDS = {1: (dt.date(2018, 5, 8), dt.date(2018, 5, 25)), 2: (dt.date(2018, 6, 11), dt.date(2018, 6, 29))}


def read_script() -> dict[str, Any]:
    """The nominations and texts of 2018."""
    return tomllib.loads((DATA / "replay_2018.toml").read_text(encoding="utf-8"))


def figures() -> dict[str, dict[str, int]]:
    """What queries yield for the replayed campaigns."""
    campaign = Campaign.objects.filter(year=2018).first()
    counted = Referral.objects.counted().filter(campaign=campaign)
    first = campaign.rounds.filter(number=1).first() if campaign else None
    units = (
        Unit.objects.filter(returns__round=first, returns__first_filed_at__isnull=False).distinct()
        if first
        else Unit.objects.none()
    )
    return {
        "2018": {
            "criteria": campaign.edition.criteria.count() if campaign else 0,
            "units": units.count(),
            "round1": counted.filter(unit_return__round=first).count() if first else 0,
            "leading_offices": counted.filter(unit__leading_office=True).count(),
            "referred": counted.count(),
            "struck_out": counted.filter(state=State.STRUCK_OUT).count(),
        }
    }


def at(month: int, day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2018, month, day, hour, tzinfo=timezone.get_default_timezone())


class Replay2018:
    """Each method is one phase of the campaign; each phase is one transaction."""

    def __init__(self, county: County, users: dict[str, Any], script: dict[str, Any] | None = None) -> None:
        self.county, self.users, self.script = county, users, script or read_script()
        self.text = self.script["campaign"]
        self.clerk, self.leader = users["clerk"], users["leader"]
        self.notes: dict[int, str] = {}

    def run(self) -> None:
        """The whole campaign, from the notice to the return of the class."""
        for phase in (
            self.open,
            self.first_round,
            self.second_round,
            self.county_side,
            self.verify,
            self.hear,
            self.decide,
            self.train,
        ):
            with transaction.atomic():
                phase()

    def open(self) -> None:
        load_editions()
        admin = self.users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
        edition = Edition.objects.get(code="2018")
        approve_edition(edition, by=admin, at=at(5, 7))
        if not CountySetting.objects.filter(key="electronic_signing").exists():
            CountySetting.objects.create(
                key="electronic_signing", value=["office", "bureau", "town"], start=dt.date(2018, 1, 1)
            )
        self.campaign = create_campaign(
            by=admin, at=at(5, 8, 9), year=2018, organizer=self.county.units["zzb"], edition=edition, notice_number=self.text["notice"],
            opened_on=dt.date(2018, 5, 8), class_ends_on=dt.date(2018, 11, 30), penalty_kinds=[],
        )  # fmt: skip
        self.rounds = {
            1: open_round(
                by=admin,
                at=at(5, 8),
                campaign=self.campaign,
                kind="first",
                opens_on=ROUNDS[1][0],
                closes_on=ROUNDS[1][1],
            )
        }
        self.chief = self.users["chief"].acting_as(Role.CHIEF)

    def nominate(self, number: int, drafted: dt.datetime) -> dict[str, int]:
        """Drafts of one round; returns how many each unit named."""
        named: dict[str, int] = {}
        for row in self.script["nomination"]:
            if row["round"] == number:
                self.draft(row, drafted, self.rounds[number].returns.get(unit=self.county.units[row["unit"]]))
                named[row["unit"]] = named.get(row["unit"], 0) + 1
        return named

    def draft(self, row: dict[str, Any], drafted: dt.datetime, unit_return: Any) -> Referral:
        unit, note = self.county.units[row["unit"]], row.get("note", "")
        category = "institution_technical" if note == "inst" else "civil_servant"
        post = ("科员", "副主任科员", "主任科员")[len(self.notes) % 3]
        cadre = self.county.person(
            unit, post, level="142" if note == "section" else "150", ages=(26, 55), category=category, on=drafted.date()
        )
        if note == "section":
            self.county.removed_before(cadre)
        items = [{"kind": k, "title": title, "happened_on": dt.date(2018, 4, 10 + n), "source": source, "outside": k in ("inspection", "complaint")}
                 for n, (k, title, source) in enumerate(self.script["evidence"][row["criterion"]])]  # fmt: skip
        by = self.users[f"liaison-{row['unit']}"] if unit_return else self.chief
        case = begin_draft(
            by=by, at=drafted, cadre=cadre, campaign=self.campaign, unit_return=unit_return, origin="unit" if unit_return else "three_mechanisms",
            criteria=self.campaign.edition.criteria.filter(code=row["criterion"]), new_evidence=items, facts=row["facts"], how_raised=row["how"],
            talk_on=dt.date(2018, 4, 20), talk_by=self.text["talk_by"], talk_agreed=self.text["talk_agreed"],
        )  # fmt: skip
        self.notes[case.pk] = note
        return case

    def file(self, unit_return: Any, nil: bool, moment: dt.datetime) -> None:
        code = unit_return.unit.code
        content = {"nil": nil, "nil_reason": "none_found" if nil else "", "nil_text": "", "meeting_kind": "party_group", "meeting_on": moment.date(),
                   "meeting_members": self.text["members"], "meeting_extract": self.text["extract"]}  # fmt: skip
        move(unit_return, "prepare", by=self.users[f"liaison-{code}"], at=moment, **content)
        move(
            unit_return, "sign", by=self.users[f"head-{code}"], at=moment + dt.timedelta(hours=2), password_entered=True
        )

    def first_round(self) -> None:
        named = self.nominate(1, at(5, 18))
        for unit_return in self.rounds[1].returns.select_related("unit"):
            code = unit_return.unit.code
            late = code == self.text["late"]
            self.file(unit_return, code not in named, at(5, 28) if late else at(5, 22))
            if code == self.text["sent_back"]:
                move(unit_return, "send_back", by=self.clerk, at=at(5, 23), reason=self.text["sent_back_reason"])
                self.file(unit_return, code not in named, at(5, 25))
        for unit_return in self.rounds[1].returns.all():
            move(unit_return, "accept", by=self.clerk, at=at(5, 30))
        conclude_round(self.rounds[1], by=self.chief, on=dt.date(2018, 5, 31), at=at(5, 31))

    def second_round(self) -> None:
        codes = {row["unit"] for row in self.script["nomination"] if row["round"] == 2}
        self.rounds[2] = open_round(by=self.chief, at=at(6, 11), campaign=self.campaign, kind="supplementary", opens_on=ROUNDS[2][0],
                                    closes_on=ROUNDS[2][1], units=[self.county.units[code] for code in sorted(codes)])  # fmt: skip
        self.nominate(2, at(6, 20))
        for unit_return in self.rounds[2].returns.select_related("unit"):
            self.file(unit_return, False, at(6, 26))
            move(unit_return, "accept", by=self.clerk, at=at(6, 29))

    def county_side(self) -> None:
        """Leaders who had been moved down under the three mechanisms: nominated by the section chief, not by a unit."""
        for row in self.script["nomination"]:
            if row["round"] == 3:
                move(self.draft(row, at(6, 27), None), "nominate", by=self.chief, at=at(6, 28))
        conclude_round(self.rounds[2], by=self.chief, on=dt.date(2018, 6, 29), at=at(6, 29))

    def cases(self, *states: str) -> list[Referral]:
        return list(
            Referral.objects.filter(campaign=self.campaign, state__in=states)
            .select_related("unit", "cadre", "campaign__organizer")
            .order_by("pk")
        )

    def verify(self) -> None:
        """Nobody verifies a colleague: the human-resources bureau's people go to another team, the department's own to a joint one."""
        verifier, recorder = self.users["verifier"], self.users["recorder"]
        nominated = self.cases(State.NOMINATED)
        special = {"rsj": [self.clerk, recorder], "zzb": [verifier, recorder]}
        groups: dict[str, list[Referral]] = {}
        for case in nominated:
            groups.setdefault(case.unit.code if case.unit.code in special else "", []).append(case)
        for n, (code, cases) in enumerate(sorted(groups.items()), 1):
            form_team(
                by=self.chief,
                at=at(7, 2),
                campaign=self.campaign,
                name=f"核查{n}组",
                members=special.get(code, [self.clerk, verifier]),
                cases=cases,
            )
        letter = send_letter(by=self.clerk, at=at(7, 3), campaign=self.campaign, kind="discipline", number=self.text["letter"],
                             sent_on=dt.date(2018, 7, 3), cases=nominated)  # fmt: skip
        answer_letter(letter, by=self.clerk, at=at(7, 5), number=self.text["letter_answer"], answered_on=dt.date(2018, 7, 5),
                      answers={line.pk: "no_effect" for line in letter.answers.all()})  # fmt: skip
        joint = verifier.acting_as(Role.VERIFIER)
        for case in nominated:
            by = joint if case.unit.code == "zzb" else self.clerk
            note = self.notes[case.pk]
            if note in ("token", "not_proved", "tolerated"):
                move(case, "propose_strike_out", by=by, at=at(7, 9), ground=note, reason=self.text[note])
                move(case, "strike_out", by=self.leader, at=at(7, 10), reason=self.text["strike"])
            else:
                findings = [
                    {"code": c.code, "upheld": True, "reason": self.text["finding"]} for c in case.criteria.all()
                ]
                move(
                    case,
                    "verify",
                    by=by,
                    at=at(7, 6),
                    findings=findings,
                    tolerance=False,
                    tolerance_reason=self.text["tolerance_no"],
                    report_number=self.text["report_number"],
                    report_text=self.text["finding"],
                    talks=[{"who": who, "on": dt.date(2018, 7, 5)} for who in self.text["talked_with"]],
                )

    def hear(self) -> None:
        """Everybody is told; every fourth replies and is answered; some sign that there will be no reply, for others the clock runs out."""
        for n, case in enumerate(self.cases(State.VERIFIED)):
            move(case, "notify", by=self.clerk, at=at(7, 11), method="in_person", served_on=dt.date(2018, 7, 11))
            if n % 4 == 0:
                move(case, "reply", by=self.clerk, at=at(7, 13), points=[self.text["point"]], final=True)
                answers = {str(point.public_id): self.text["answer"] for point in case.reply_points.all()}
                move(case, "answer_reply", by=self.clerk, at=at(7, 16), answers=answers)
            elif n % 4 == 1:
                move(case, "reply", by=self.clerk, at=at(7, 12), points=[], none=True)

    def decide(self) -> None:
        """Three meetings in the order of the routes; each decides its whole list."""
        days = ((MeetingKind.PARTY_GROUP, 19), (MeetingKind.DEPARTMENT, 20), (MeetingKind.STANDING_COMMITTEE, 23))
        for kind, day in days:
            due = [case for case in self.cases(State.NOTIFIED) if next_meeting(case) == kind]
            if not due:
                continue
            meeting = prepare_meeting(
                by=self.clerk,
                at=at(7, day, 8),
                campaign=self.campaign,
                kind=kind,
                held_on=dt.date(2018, 7, day),
                cases=due,
            )
            present = [(str(self.leader), self.leader.cadre), *[(name, None) for name in self.text["members_outside"]]]
            results = {item.pk: ("agreed", "", []) for item in meeting.items.all()}
            decide_meeting(
                meeting,
                by=self.leader,
                at=at(7, day, 17),
                number=f"〔2018〕{day}",
                extract=self.text["decision"],
                present=present,
                results=results,
            )

    def train(self) -> None:
        """2018: theory, then three months of practice, then the assessment. Penalties are not reported for 2018 and do not start."""
        confirmed = self.cases(State.CONFIRMED)
        cohort = open_cohort(
            by=self.chief,
            at=at(7, 25),
            campaign=self.campaign,
            programme="2018",
            starts_on=dt.date(2018, 7, 25),
        )
        theory, practice = cohort.phases.all()
        for case in confirmed:
            move(case, "admit", by=self.chief, at=at(7, 25), cohort=cohort, decided_on=dt.date(2018, 7, 25), number="-")
        close_phase(theory, by=self.clerk, at=at(7, 31, 18))
        villages = list(Unit.objects.filter(kind="village").order_by("code"))
        for n, case in enumerate(confirmed):
            move(
                case,
                "start_practice",
                by=self.clerk,
                at=at(8, 1),
                village=next(village for village in villages[n:] if not in_own_town(case, village)),
                supervisor=self.text["supervisor"],
                starts_on=dt.date(2018, 8, 1),
            )
        close_phase(practice, by=self.clerk, at=at(11, 2))
        for n, case in enumerate(confirmed):
            move(case, "open_review", by=self.clerk, at=at(11, 5))
            sheet = review_sheet(self.users, case, 65 + n % 30)
            move(case, "qualify", by=self.chief, at=at(11, 8), held_on=dt.date(2018, 11, 8), **sheet)
            # The five working days for an objection are over.
            day = dt.date(2018, 11, 16)
            move(case, "return_to_unit", by=self.leader, at=at(11, 16), outcome="same_post", returned_on=day)
        follow_up_all(confirmed, by=self.clerk)
        conclude_campaign(self.campaign, by=self.chief, on=dt.date(2018, 12, 28), at=at(12, 28))
