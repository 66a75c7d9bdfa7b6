"""What the replayed campaigns have in common: the procedure, walked through the workflow functions at historical dates."""

import datetime as dt
import tomllib
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import Unit
from cohorts.practice.guards import in_own_town
from cohorts.procedure.meetings import decide_meeting, prepare_meeting
from cohorts.procedure.workflow import move
from cohorts.referral.meeting import next_meeting
from cohorts.referral.models import Referral, State
from cohorts.referral.workflow import answer_letter, begin_draft, form_team, send_letter
from cohorts.site.demo.county import DATA, County
from cohorts.site.demo.review import follow_up_all, review_sheet
from cohorts.site.demo.second import second_words
from cohorts.training.models import Cohort, PhaseKind
from cohorts.training.workflow import close_phase, open_cohort

STRUCK = ("token", "not_proved", "tolerated")


class Replay:
    """One campaign. A subclass names its phases in order; each is one method and one transaction.

    ``clerk``, ``chief`` and ``leader`` are the organizer's; ``text`` holds the words of the script.
    """

    year: int
    script_file: str
    phases: tuple[str, ...]

    def __init__(self, county: County, users: dict[str, Any], script: dict[str, Any] | None = None) -> None:
        self.county, self.users, self.script = county, users, script or self.read_script()
        self.text = self.script["campaign"]
        self.clerk, self.chief, self.leader = users["clerk"], users["chief"], users["leader"]
        self.notes: dict[int, str] = {}

    @classmethod
    def read_script(cls) -> dict[str, Any]:
        """The nominations and texts of the campaign."""
        return tomllib.loads((DATA / cls.script_file).read_text(encoding="utf-8"))

    def run(self) -> None:
        """The whole campaign, from the notice to the return of the class."""
        for name in self.phases:
            with transaction.atomic():
                getattr(self, name)()

    def day(self, month: int, day: int) -> dt.date:
        return dt.date(self.year, month, day)

    def at(self, day: dt.date, hour: int = 10) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))

    def cases(self, *states: str) -> list[Referral]:
        rows = Referral.objects.filter(campaign=self.campaign, state__in=states)
        return list(rows.select_related("unit", "cadre", "campaign__organizer").order_by("pk"))

    def begin(
        self,
        *,
        cadre: Any,
        unit_return: Any,
        by: Any,
        on: dt.date,
        criterion: str,
        evidence: Any = (),
        recorded: Any = (),
        **content: Any,
    ) -> Referral:
        """A draft with its items of evidence, dated some weeks before; items from outside the unit are known by their kind.

        ``recorded``: items that stand on record already.
        """
        first = on - dt.timedelta(days=40)
        items = [{"kind": kind, "title": title, "happened_on": first + dt.timedelta(days=n), "source": source,
                  "outside": kind in ("inspection", "complaint")} for n, (kind, title, source) in enumerate(evidence)]  # fmt: skip
        return begin_draft(
            by=by, at=self.at(on, 18), cadre=cadre, campaign=self.campaign, unit_return=unit_return, new_evidence=items, evidence=recorded,
            criteria=self.campaign.edition.criteria.filter(code=criterion), talk_on=first + dt.timedelta(days=10),
            talk_by=self.text["talk_by"], talk_agreed=self.text["talk_agreed"], **content,
        )  # fmt: skip

    def file_return(self, unit_return: Any, day: dt.date, *, nil: bool, meeting: str = "party_group") -> None:
        code = unit_return.unit.code
        content = {"nil": nil, "nil_reason": "none_found" if nil else "", "nil_text": self.text.get("nil_text", "") if nil else "",
                   "meeting_kind": meeting, "meeting_on": day, "meeting_members": self.text["members"], "meeting_extract": self.text["extract"]}  # fmt: skip
        move(unit_return, "prepare", by=self.users[f"liaison-{code}"], at=self.at(day), **content)
        move(unit_return, "sign", by=self.users[f"head-{code}"], at=self.at(day, 12), password_entered=True)

    def verify_in(self, teams: Iterable[tuple[list[Any], Any, list[Referral]]], *, formed: dt.date) -> None:
        """Teams of (members, who enters the findings, cases); discipline answers for the whole list before anybody verifies."""
        teams = list(teams)
        for n, (members, _by, cases) in enumerate(teams, 1):
            form_team(
                by=self.chief,
                at=self.at(formed),
                campaign=self.campaign,
                name=f"核查{n}组",
                members=members,
                cases=cases,
            )
        listed = [case for _members, _by, cases in teams for case in cases]
        sent, answered = add_working_days(formed, 1), add_working_days(formed, 3)
        letter = send_letter(by=self.clerk, at=self.at(sent), campaign=self.campaign, kind="discipline", number=self.text["letter"],
                             sent_on=sent, cases=sorted(listed, key=lambda case: case.pk))  # fmt: skip
        answer_letter(letter, by=self.clerk, at=self.at(answered), number=self.text["letter_answer"], answered_on=answered,
                      answers={line.pk: "no_effect" for line in letter.answers.all()})  # fmt: skip
        for _members, by, cases in teams:
            for case in cases:
                self.judge(case, by=by, on=add_working_days(answered, 1))
        second_words(listed, self.users, by=self.chief)

    def judge(self, case: Referral, *, by: Any, on: dt.date) -> None:
        case.refresh_from_db()
        note = self.notes.get(case.pk, "")
        if note in STRUCK:
            move(case, "propose_strike_out", by=by, at=self.at(on), ground=note, reason=self.text[note])
            move(case, "strike_out", by=self.leader, at=self.at(add_working_days(on, 1)), reason=self.text["strike"])
            return
        findings = [{"code": c.code, "upheld": True, "reason": self.text["finding"]} for c in case.criteria.all()]
        talks = [{"who": who, "on": add_working_days(on, -1)} for who in self.text["talked_with"]]
        move(case, "verify", by=by, at=self.at(on), findings=findings, tolerance=False, tolerance_reason=self.text["tolerance_no"],
             report_number=self.text["report_number"], report_text=self.text["finding"], talks=talks)  # fmt: skip

    def hear_all(self, served: dt.date) -> None:
        """Everybody is told; every fourth replies and is answered; some sign that there will be no reply, for others the clock runs out."""
        for n, case in enumerate(self.cases(State.VERIFIED)):
            move(case, "notify", by=self.clerk, at=self.at(served), method="in_person", served_on=served)
            if n % 4 == 0:
                move(
                    case,
                    "reply",
                    by=self.clerk,
                    at=self.at(add_working_days(served, 2)),
                    points=[self.text["point"]],
                    final=True,
                )
                answers = {str(point.public_id): self.text["answer"] for point in case.reply_points.all()}
                move(case, "answer_reply", by=self.clerk, at=self.at(add_working_days(served, 3)), answers=answers)
            elif n % 4 == 1:
                move(case, "reply", by=self.clerk, at=self.at(add_working_days(served, 1)), points=[], none=True)

    def decide_in(self, meetings: Iterable[tuple[str, dt.date]]) -> None:
        """Meetings in the order of the routes; each decides its whole list."""
        for kind, day in meetings:
            due = [case for case in self.cases(State.NOTIFIED) if next_meeting(case) == kind]
            if not due:
                continue
            meeting = prepare_meeting(
                by=self.clerk, at=self.at(day, 8), campaign=self.campaign, kind=kind, held_on=day, cases=due
            )
            present = [(str(self.leader), self.leader.cadre), *[(name, None) for name in self.text["members_outside"]]]
            results = {item.pk: ("agreed", "", []) for item in meeting.items.all()}
            decide_meeting(meeting, by=self.leader, at=self.at(day, 17), number=f"〔{self.year}〕{day.day}", extract=self.text["decision"],
                           present=present, results=results)  # fmt: skip

    def admit_all(self, programme: str, first: dt.date, number: str) -> Cohort:
        """A class for everybody who was confirmed; the decision is of the working day before."""
        decided = add_working_days(first, -1)
        cohort = open_cohort(
            by=self.chief, at=self.at(decided), campaign=self.campaign, programme=programme, starts_on=first
        )
        for case in self.cases(State.CONFIRMED):
            move(
                case, "admit", by=self.chief, at=self.at(decided, 16), cohort=cohort, decided_on=decided, number=number
            )
        return cohort

    def hold_phases(self, cohort: Cohort) -> dt.date:
        """Block by block to the end of the programme; returns the last day."""
        villages = list(Unit.objects.filter(kind="village").order_by("code"))
        phases = list(cohort.phases.all())
        for phase, following in zip(phases, [*phases[1:], None], strict=True):
            if phase.kind == PhaseKind.THEORY:
                self.teach(phase)
            close_phase(phase, by=self.clerk, at=self.at(phase.ends_on, 18))
            if following is None:
                continue
            for n, case in enumerate(self.cases(State.IN_THEORY, State.IN_PRACTICE)):
                when = self.at(following.starts_on, 9)
                if following.kind == PhaseKind.THEORY:
                    move(case, "start_theory", by=self.clerk, at=when)
                    continue
                choice = next(village for village in villages[n + following.order :] if not in_own_town(case, village))
                move(case, "start_practice", by=self.clerk, at=when, village=choice, supervisor=self.text["supervisor"],
                     starts_on=following.starts_on)  # fmt: skip
        return phases[-1].ends_on

    def teach(self, phase: Any) -> None:
        """What is held in a theory block; nothing is reported for most campaigns."""

    def review_all(self, last: dt.date, *, stay_every: int = 0) -> None:
        """The panel's result, the days for an objection, and where each goes; every ``stay_every``-th chose to stay."""
        held, placed = add_working_days(last, 3), add_working_days(last, 12)
        cases = self.cases(State.IN_PRACTICE)
        for n, case in enumerate(cases):
            move(case, "open_review", by=self.clerk, at=self.at(add_working_days(last, 1)))
            move(
                case,
                "qualify",
                by=self.chief,
                at=self.at(held),
                held_on=held,
                **review_sheet(self.users, case, 65 + n % 30),
            )
            if stay_every and n % stay_every == stay_every - 1:
                move(case, "stay_at_grassroots", by=self.leader, at=self.at(placed), village=case.placements.last().village,
                     choice_on=add_working_days(held, 6), number=self.text["choice"], returned_on=placed)  # fmt: skip
            else:
                move(
                    case, "return_to_unit", by=self.leader, at=self.at(placed), outcome="same_post", returned_on=placed
                )
        follow_up_all(cases, by=self.clerk)
