"""The running campaign of the demonstration: every open state has a case, so that each role has something to do."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.models import Notice
from accounts.models import Unit as UnitRow
from accounts.notice.workflow import mark_read
from accounts.people.workflow import begin_duty
from accounts.permissions import Role
from accounts.setting.workflow import draft_setting
from assessments.criteria.models import Edition
from assessments.criteria.workflow import (
    approve_edition,
    copy_edition,
    edit_criterion,
    edit_edition,
    hand_in,
    load_editions,
)
from assessments.evidence.workflow import add_evidence
from cohorts.campaign.workflow import create_campaign, open_round
from cohorts.procedure.meetings import decide_meeting, prepare_meeting
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral
from cohorts.referral.workflow import answer_letter, begin_draft, form_team, send_letter
from cohorts.site.demo import penalty, training
from cohorts.site.demo.alert import watch
from cohorts.site.demo.campaign import show_campaigns
from cohorts.site.demo.comforts import give_the_administrators_work
from cohorts.site.demo.county import County, script
from cohorts.site.demo.people import build_story, build_sub_units
from cohorts.site.demo.practice import practise
from cohorts.site.demo.question import ask_units
from cohorts.site.demo.record_now import keep_record
from cohorts.site.demo.replay.figures import replay_all
from cohorts.site.demo.review import REVIEW_KEYS, last_year, review_results
from cohorts.site.demo.second import running_words
from cohorts.training.workflow import close_phase


class Running:
    """Walks the script's cases through the workflow functions, at days relative to today."""

    def __init__(self, county: County, users: dict[str, Any]) -> None:
        self.county, self.users, self.today = county, users, county.today
        self.clerk, self.chief, self.leader = users["clerk"], users["chief"], users["leader"]
        self.admin = users["chief"].acting_as(Role.DEPARTMENT_ADMIN)
        self.suspensions = 0

    def day(self, back: int) -> dt.date:
        """The working day that lies ``back`` working days before today."""
        return add_working_days(self.today, -back)

    def at(self, back: int, hour: int = 10) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self.day(back), dt.time(hour)))

    def open_campaign(self) -> None:
        load_editions()
        edition = Edition.objects.get(code="2019")
        approve_edition(edition, by=self.admin, at=self.at(60))
        self.draft_edition(edition)
        self.campaign = create_campaign(
            by=self.admin, at=self.at(58), year=self.today.year, organizer=self.county.units["zzb"], edition=edition,
            notice_number=script()["county"]["notice"] % self.today.year, opened_on=self.day(58), class_ends_on=self.today + dt.timedelta(days=150),
        )  # fmt: skip
        self.round = open_round(by=self.admin, at=self.at(58), campaign=self.campaign, kind="first", opens_on=self.day(58),
                                closes_on=add_working_days(self.today, 4))  # fmt: skip
        self.admin.role = None
        self.chief = self.users["chief"].acting_as(Role.CHIEF)

    def draft_edition(self, edition: Edition) -> None:
        """The chief's drafts for next year wait for the leader: one figure of the criteria, and the points of a pass."""
        year, text = self.today.year + 1, script()["edition"]
        draft = copy_edition(edition, by=self.admin, code=str(year), holds_from=dt.date(year, 1, 1), at=self.at(9))
        titles = {name: text[name] % year for name in ("title_zh", "title_en")}
        edit_edition(draft, by=self.admin, rule={}, holds_from=draft.holds_from, at=self.at(9), **titles)
        row = draft.criteria.get(code=text["code"])
        texts = {name: getattr(row, name).replace(*text[name]) for name in ("text_zh", "text_en")}
        threshold = row.needs["threshold"] | text["threshold"]
        edit_criterion(
            draft, by=self.admin, criterion=row, code=row.code, needs={}, threshold=threshold, at=self.at(8), **texts
        )
        hand_in(draft, by=self.admin, at=self.at(7))
        points = text["review_pass_points"]
        draft_setting(by=self.admin, key="review_pass_points", value=points, start=dt.date(year, 1, 1), at=self.at(7))

    def draft(self, row: dict[str, Any], back: int) -> Referral:
        unit = self.county.units[row["unit"]]
        # "again": the one who came back from last year's class; otherwise somebody without an earlier case. Maternity defers one.
        cadres = unit.cadres.filter(level="150", user__isnull=True).order_by(
            F("referrals__nominated_at").desc(nulls_last=True) if row.get("again") else "pk"
        )
        if row.get("until") == "deferred":
            cadres = cadres.filter(sex="2")
        cadre = cadres.filter(referrals__isnull=not row.get("again"))[0]
        unit_return = self.round.returns.get(unit=unit)
        items = [{"kind": kind, "title": title, "happened_on": self.day(90 - n), "source": source, "outside": kind in ("inspection", "complaint")}
                 for n, (kind, title, source) in enumerate(row["evidence"])]  # fmt: skip
        talk = {
            "talk_on": self.day(75),
            "talk_by": row.get("talk_by", script()["county"]["talk_by"]),
            "talk_agreed": script()["county"]["talk_agreed"],
        }
        criteria = list(self.campaign.edition.criteria.filter(code__in=row["criteria"]))
        return begin_draft(by=self.users[f"liaison-{row['unit']}"], at=self.at(back), cadre=cadre, campaign=self.campaign, unit_return=unit_return,
                           criteria=criteria, new_evidence=items, facts=row["facts"], how_raised="panel", **talk)  # fmt: skip

    def file_returns(self) -> dict[str, list[Referral]]:
        """Drafts of the script, then each unit's signature - except where the script leaves work to do."""
        cases: dict[str, list[Referral]] = {}
        county = script()["county"]
        for row in script()["case"]:
            case = self.draft(row, 50)
            if row.get("until") == "deferred":
                begin_duty(case.cadre, by=self.clerk, kind="maternity", start=self.day(60), at=self.at(60))
            cases.setdefault(row["until"], []).append(case)
        for code in {row["unit"] for row in script()["case"]} | set(county["nil"]):
            nil = code in county["nil"]
            unit_return = self.round.returns.get(unit__code=code)
            liaison, head = self.users[f"liaison-{code}"], self.users[f"head-{code}"]
            content = {"nil": nil, "meeting_kind": "party_group", "meeting_on": self.day(49), "meeting_members": county["members"],
                       "meeting_extract": county["extract"], "nil_reason": "none_found" if nil else "", "nil_text": ""}  # fmt: skip
            move(unit_return, "prepare", by=liaison, at=self.at(49), **content)
            if code not in county["unsigned"]:
                move(unit_return, "sign", by=head, at=self.at(48), password_entered=True)
            if code == county["sent_back"]:
                move(unit_return, "send_back", by=self.clerk, at=self.at(40), reason=county["sent_back_reason"])
        nil_unit = self.county.units[county["nil"][0]]
        subject = nil_unit.cadres.filter(level="150", user__isnull=True).order_by("pk").first()
        for title in county["contradiction"]:
            add_evidence(by=self.users["recorder"], cadre=subject, kind="inspection", title=title, happened_on=self.day(70), source=county["recorder"],
                         outside=True, at=self.at(70))  # fmt: skip
        return cases

    def verify(self, cases: list[Referral], back: int) -> None:
        for case in cases:
            case.refresh_from_db()
            findings = [
                {"code": c.code, "upheld": True, "reason": script()["county"]["finding"]} for c in case.criteria.all()
            ]
            move(
                case,
                "verify",
                by=self.clerk,
                at=self.at(back),
                findings=findings,
                tolerance=False,
                tolerance_reason=script()["county"]["tolerance"],
                report_number=script()["county"]["report_number"] % self.today.year,
                report_text=script()["county"]["finding"],
                talks=[{"who": who, "on": self.day(back + 1)} for who in script()["county"]["talked_with"]],
            )

    def confirm(self, cases: list[Referral], back: int) -> None:
        meeting = prepare_meeting(
            by=self.clerk,
            at=self.at(back + 1),
            campaign=self.campaign,
            kind="department",
            held_on=self.day(back),
            cases=cases,
        )
        people = [self.leader, self.users["minister"]]
        results = {item.pk: ("agreed", "", ()) for item in meeting.items.all()}
        decide_meeting(meeting, by=self.leader, at=self.at(back), number=script()["county"]["minutes"] % self.today.year,
                       extract=script()["county"]["decision"], present=[(str(u), u.cadre) for u in people], results=results)  # fmt: skip

    def walk(self, cases: dict[str, list[Referral]]) -> None:
        """Each case up to the state that its line names."""
        order = ["strike_out_proposed", "verified", "notified_running", "notified_replied", "notified_over", "confirmed", "in_theory", "in_practice",
                 *REVIEW_KEYS]  # fmt: skip
        active = [case for key in order for case in cases.get(key, [])]
        waiting = cases.get("screened", [])
        form_team(by=self.chief, at=self.at(46), campaign=self.campaign, name=script()["county"]["team"],
                  members=[self.clerk, self.users["verifier"]], cases=active + waiting)  # fmt: skip
        letter = send_letter(by=self.clerk, at=self.at(45), campaign=self.campaign, kind="discipline", number=script()["county"]["letter"] % self.today.year,
                             sent_on=self.day(45), cases=active + waiting)  # fmt: skip
        answers = {line.pk: "no_effect" for line in letter.answers.all()}
        answer_letter(
            letter,
            by=self.clerk,
            at=self.at(43),
            number=script()["county"]["letter_answer"] % self.today.year,
            answered_on=self.day(43),
            answers=answers,
        )
        for case in cases["strike_out_proposed"]:
            case.refresh_from_db()
            move(
                case,
                "propose_strike_out",
                by=self.clerk,
                at=self.at(42),
                ground="not_proved",
                reason=script()["county"]["not_proved"],
            )
        later = [case for key in order[1:] for case in cases.get(key, [])]
        self.verify(later, 41)
        served = {"notified_running": 2, "notified_replied": 4, "notified_over": 6}
        for key in order[2:]:
            for case in cases.get(key, []):
                back = served.get(key, 38)
                move(case, "notify", by=self.clerk, at=self.at(back), method="in_person", served_on=self.day(back))
        for case in cases["notified_replied"]:
            self.reply(case, 1)
        decided = [case for key in order[5:] for case in cases.get(key, [])]
        self.confirm(decided, 30)
        self.first_class([case for key in order[7:] for case in cases.get(key, [])], order, cases)
        training.running_class(self, cases.get("in_theory", []))

    def admit(self, cohort: Any, cases: list[Referral], back: int) -> None:
        for case in cases:
            self.suspensions += 1
            number = script()["county"]["suspension"] % (self.today.year, self.suspensions)
            move(
                case,
                "admit",
                by=self.chief,
                at=self.at(back),
                cohort=cohort,
                decided_on=self.day(back + 1),
                number=number,
            )

    def first_class(self, trainees: list[Referral], order: list[str], cases: dict[str, list[Referral]]) -> None:
        """A class that is over: one trainee is still to go on to the review, the others are in it or through it."""
        theory, practice = training.finished_class(self, trainees)
        close_phase(theory, by=self.chief, at=self.at(20, 8))
        village = UnitRow.objects.filter(kind="village").order_by("code").first()
        for case in trainees:
            move(
                case,
                "start_practice",
                by=self.clerk,
                at=self.at(20),
                village=village,
                supervisor=script()["county"]["supervisor"],
                starts_on=self.day(20),
            )
        close_phase(practice, by=self.chief, at=self.at(3, 8), reason=training.texts()["closed_early"])
        for key in order[8:]:
            for case in cases.get(key, []):
                move(case, "open_review", by=self.clerk, at=self.at(3))
                review_results(self, key, case)

    def reply(self, case: Referral, back: int) -> None:
        move(case, "reply", by=self.clerk, at=self.at(back), points=script()["county"]["reply"], final=False)

    def give_the_trainee_an_account(self, case: Referral) -> None:
        case.refresh_from_db()
        self.county.account("demo-trainee", case.cadre, f"{case.unit_name} {case.post}", None)


def build(*, say: Callable[[str], Any]) -> None:
    """Units, people, the campaign of 2018 replayed, and a running campaign."""
    county = County()
    say("Units, towns and villages ...")
    county.build_units()
    say("People and accounts ...")
    users = county.build_people()
    say("The campaigns of 2018 and 2019 ...")
    replay_all(county, users)
    build_sub_units(county, users)
    mark_read(Notice.objects.all())
    running = Running(county, users)
    say("The running campaign ...")
    with transaction.atomic():
        last_year(running)
        running.open_campaign()
        cases = running.file_returns()
        running.give_the_trainee_an_account(cases["notified_running"][0])
        running.walk(cases)
        practise(running)
    with transaction.atomic():
        show_campaigns(running)
    penalty.build(county, users, running.campaign)
    say("The record of a town and an office ...")
    with transaction.atomic():
        keep_record(county, users)
    build_story(county, users, cases)
    give_the_administrators_work(county, users)
    with transaction.atomic():
        ask_units(running)
        running_words(running)
    watch(users, county.today)
    say(f"Ready: {Referral.objects.count()} cases.")
