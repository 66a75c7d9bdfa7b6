"""A list costs the same number of queries with one row and with five."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.kit.filters import keep
from accounts.models import CalendarDay, CountySetting, User
from accounts.notice.workflow import notify
from accounts.people.workflow import add_unit
from accounts.trail.workflow import record
from cohorts.alert.models import Alert
from cohorts.campaign.models import UnitReturn
from cohorts.campaign.workflow import create_campaign
from cohorts.referral.meeting import Meeting, MeetingItem
from cohorts.referral.models import Referral, ScreeningAnswer, ScreeningLetter, VerificationTeam
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


class Lists:
    """One more row for each list; each brings people and units of its own."""

    def __init__(self) -> None:
        self.world, self.n = World(), 0
        self.world.user("auditor", self.world.office, "audit_admin")
        self.world.user("guard", self.world.office, "security_admin")
        self.world.user("keeper", self.world.office, "system_admin")
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
        CountySetting.objects.create(key="reply_days", value=self.n, start=world.today + self.n * DAY)
        CalendarDay.objects.create(day=world.today + self.n * DAY, working=False)
        keep(by=world.clerk, page="/cases/", name=str(self.n), query="state=all", default=False)
        world.person(unit, joined_on=world.today)
        create_campaign(by=world.admin, year=2030 + self.n, organizer=world.department, edition=world.edition, notice_number=str(self.n),
                        opened_on=world.today, class_ends_on=world.today + DAY)  # fmt: skip


PAGES = (
    ("clerk", "/"), ("chief", "/"), ("leader", "/"), ("head", "/"),
    ("clerk", "/cases/"), ("clerk", "/cases/?queue=1"), ("leader", "/cases/"), ("head", "/cases/"),
    ("clerk", "/returns/"), ("head", "/returns/"), ("clerk", "/letters/"), ("leader", "/meetings/"), ("clerk", "/notices/"),
    ("auditor", "/trail/"), ("guard", "/accounts/"), ("keeper", "/accounts/"), ("clerk", "/alerts/"), ("admin", "/campaigns/"),
    ("admin", "/reports/cohort/"), ("clerk", "/criteria/"), ("guard", "/"), ("keeper", "/"), ("auditor", "/"),
    ("guard", "/accounts/?q=head"), ("keeper", "/accounts/new/"), ("clerk", "/me/"), ("admin", "/settings/"),
    ("admin", "/settings/calendar/"), ("admin", "/settings/reply_days/"), ("clerk", "/search/?q=单位"), ("head", "/search/?q=单位"),
    ("auditor", "/trail/?about=accounts"),
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
