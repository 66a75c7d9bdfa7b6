"""A list costs the same number of queries with one row and with five."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.notice.workflow import notify
from accounts.people.workflow import add_unit
from accounts.trail.workflow import record
from cohorts.alert.models import Alert
from cohorts.campaign.models import UnitReturn
from cohorts.campaign.workflow import create_campaign
from cohorts.practice.models import LogEntry, Placement, Rating, SignOff, monday
from cohorts.practice.rating import COMPONENTS
from cohorts.referral.meeting import Meeting, MeetingItem
from cohorts.referral.models import Referral, ScreeningAnswer, ScreeningLetter, Service, VerificationTeam
from cohorts.training.models import Cohort
from cohorts.training.workflow import open_cohort
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


class Lists:
    """One more row for each list; each brings people and units of its own."""

    def __init__(self) -> None:
        self.world, self.n = World(), 0
        self.world.user("auditor", self.world.office, "audit_admin")
        self.world.user("guard", self.world.office, "security_admin")
        self.world.user("keeper", self.world.office, "system_admin")
        self.own = Referral.objects.create(campaign=self.world.campaign, unit=self.world.bureau, cadre=self.world.cadre, state="in_practice",
                                           nominated_at=timezone.now(), nominated_by=self.world.head)  # fmt: skip
        Service.objects.create(referral=self.own, method="in_person", served_on=self.world.today, served_by=self.world.clerk)
        self.more()

    def more(self) -> None:
        world, self.n = self.world, self.n + 1
        unit = add_unit(code=f"u{self.n}", name=f"单位{self.n}", kind="bureau", parent=world.bureau, reports=True)
        cadre = world.person(unit)
        row = UnitReturn.objects.create(round=world.round, unit=unit)
        head = world.user(f"head{self.n}", unit, "unit_head")
        team = VerificationTeam.objects.create(campaign=world.campaign, name=f"组{self.n}")
        cases = []
        for state in ("nominated", "notified", "confirmed"):
            case = Referral.objects.create(campaign=world.campaign, unit_return=row, unit=unit, cadre=cadre if state == "nominated" else world.person(unit),
                                           state=state, nominated_at=timezone.now(), nominated_by=head, team=team, reply_due=world.today)  # fmt: skip
            case.criteria.set(world.edition.criteria.all()[:2])
            cases.append(case)
        letter = ScreeningLetter.objects.create(campaign=world.campaign, number=f"函{self.n}", sent_on=world.today)
        ScreeningAnswer.objects.create(letter=letter, referral=cases[0])
        self.practise(cases[2], unit)
        meeting = Meeting.objects.create(campaign=world.campaign, kind="department", held_on=world.today)
        MeetingItem.objects.create(meeting=meeting, referral=cases[1], order=1)
        everybody = [world.clerk, world.chief, world.leader, world.admin, world.head]
        notify(everybody, "nominated", path=cases[0].get_absolute_url(), case=cases[0].number, unit=unit.name)
        Alert.objects.create(
            rule="return_missing",
            subject_key=f"unit:{unit.pk}",
            period=str(self.n),
            params={"unit": unit.name, "due": str(world.today)},
            digest=str(self.n),
        )
        record("referral.correct", cases[0], by=head, reason="x")
        create_campaign(by=world.admin, year=2030 + self.n, organizer=world.department, edition=world.edition, notice_number=str(self.n),
                        opened_on=world.today, class_ends_on=world.today + DAY)  # fmt: skip

    def practise(self, case: Referral, unit) -> None:
        """One more placement with a log, a sign-off, a rating and a ledger entry; one more who waits for a placement."""
        world, old = self.world, self.world.today - 30 * DAY
        cohort = open_cohort(by=world.chief, campaign=world.campaign, starts_on=old, ends_on=world.today + DAY)
        Cohort.objects.update(teacher=world.teacher)
        Referral.objects.create(campaign=world.campaign, unit=unit, cadre=world.person(unit), state="in_theory", cohort=Cohort.objects.first())
        Referral.objects.filter(pk=case.pk).update(state="in_practice", cohort=cohort)
        for one in (case, self.own):
            for start, end in ((old, world.today - 10 * DAY), (world.today - 9 * DAY, world.today + 9 * DAY)):
                placement = Placement.objects.create(referral=one, village=world.village, supervisor="村支书", supervisor_user=world.supervisor,
                                                     starts_on=start, ends_on=end)  # fmt: skip
                LogEntry.objects.create(placement=placement, day=start, place="二组", done="走访", entered_by=world.trainee)
                SignOff.objects.create(placement=placement, monday=monday(start), agreed=True, signed_by=world.supervisor)
            Rating.objects.create(placement=placement, scores={c.code: 80 for c in COMPONENTS}, rated_by=world.supervisor)
            world.ledger_entry(one, state="result_stated", result="修好", result_on=world.today)


PAGES = (
    ("clerk", "/"), ("chief", "/"), ("leader", "/"), ("head", "/"),
    ("clerk", "/cases/"), ("clerk", "/cases/?queue=1"), ("leader", "/cases/"), ("head", "/cases/"),
    ("clerk", "/returns/"), ("head", "/returns/"), ("clerk", "/letters/"), ("leader", "/meetings/"), ("clerk", "/notices/"),
    ("auditor", "/trail/"), ("guard", "/accounts/"), ("keeper", "/accounts/"), ("clerk", "/alerts/"), ("admin", "/campaigns/"),
    ("admin", "/reports/cohort/"), ("clerk", "/criteria/"),
    ("supervisor", "/"), ("supervisor", "/practice/"), ("supervisor", "/ledger/"), ("teacher", "/"), ("teacher", "/practice/?show=all"),
    ("clerk", "/practice/?show=all"), ("clerk", "/ledger/"), ("leader", "/ledger/"), ("trainee", "/practice/"), ("trainee", "/ledger/"),
)  # fmt: skip


def test_a_list_costs_the_same_with_one_row_and_with_five():
    lists, clients = Lists(), {}
    for username in {name for name, _url in PAGES}:
        clients[username] = Client()
        clients[username].force_login(User.objects.get(username=username), backend="accounts.user.backend.RoleBackend")

    def costs() -> dict:
        found = {}
        for username, url in PAGES:
            assert clients[username].get(url).status_code == 200, (username, url)
            with CaptureQueriesContext(connection) as queries:
                clients[username].get(url)
            found[username, url] = len(queries)
        return found

    one = costs()
    for _ in range(4):
        lists.more()
    five = costs()
    assert {key: (one[key], five[key]) for key in PAGES if one[key] != five[key]} == {}
