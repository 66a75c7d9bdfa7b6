"""The section chief's day with a round and a team, and a head's with material to follow, in the browser."""

import pytest

from accounts.models import RoleAssignment
from cohorts.models import Referral, VerificationTeam
from tests.chromium import PHONE
from tests.test_campaign_organizers import Education, from_notice_to_decision
from tests.test_journey import PAPER, do_step, send, sign_in, talks, world  # noqa: F401 -- fixtures of the journeys
from tests.world import DAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("live")]


def test_material_follows_a_round_is_extended_and_a_team_ends(world, sign_in, axe):  # noqa: F811
    today, row = world.today, world.unit_return
    ready, later = world.draft(), world.draft(world.person(world.bureau))
    liaison = sign_in(world.liaison, size=PHONE)
    send(
        liaison, f"{later.get_absolute_url()}follow/", until=str(today + 9 * DAY), reason="The bulletin is not out yet."
    )
    do_step(
        liaison, row, "prepare", nil="no", meeting_kind="party_group", meeting_on=str(today), meeting_members="Five"
    )
    axe(liaison)
    assert liaison.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    head = sign_in(world.head)
    head.goto(f"{row.get_absolute_url()}sheet/")
    number = head.locator("article.sheet b.num").first.inner_text()
    assert "The bulletin is not out yet." in head.locator("article.sheet").inner_text()
    do_step(head, row, "sign", sheet=PAPER, sheet_number=number)
    chief = sign_in(world.chief)
    send(chief, f"/rounds/{world.round.public_id}/extend/", closes_on=str(today + 20 * DAY))
    chief.goto("/returns/?state=follow")
    assert "1 name to follow" in chief.locator("main").inner_text()
    axe(chief)
    RoleAssignment.objects.create(user=world.verifier, role="verifier", unit=world.department, start=today - DAY)
    send(chief, "/teams/new/", name="Team 1", members=[world.clerk.pk, world.verifier.pk], cases=[ready.pk])
    team = VerificationTeam.objects.get()
    for page in ("/teams/", f"/teams/{team.public_id}/", world.campaign.get_absolute_url()):
        chief.goto(page)
        axe(chief)
    head.goto(f"{row.get_absolute_url()}sheet/?supplement=1")
    number = head.locator("article.sheet b.num").first.inner_text()
    do_step(head, row, "sign_supplement", names=[later.pk], sheet=PAPER, sheet_number=number)
    assert Referral.objects.get(pk=later.pk).state == "nominated"
    clerk = sign_in(world.clerk)
    send(clerk, "/letters/new/", kind="discipline", number="L1", sent_on=str(today), cases=[ready.pk])
    line = ready.screenings.get()
    send(
        clerk,
        f"/letters/{line.letter.public_id}/",
        number="A1",
        answered_on=str(today),
        **{f"answer_{line.pk}": "no_effect"},
    )
    do_step(clerk, ready, "verify", upheld_B1="yes", reason_B1="The list shows it.", tolerance="no", tolerance_reason="None",
            report_number="R1", report_text="Proved.", **talks(today))  # fmt: skip
    team.refresh_from_db()
    assert team.ended_on == today
    clerk.goto(ready.get_absolute_url())
    assert "Colleague 2" in clerk.locator("main").inner_text()
    axe(clerk)
    send(chief, f"/rounds/{world.round.public_id}/conclude/", sure=True)
    chief.goto(f"{world.campaign.get_absolute_url()}conclude/")
    assert ready.number in chief.locator("main").inner_text()


class InBrowser(Education):
    """The same road, each person at a browser of his own."""

    def __init__(self, house, enter):
        super().__init__(house)
        self.enter, self.pages = enter, {}

    def post(self, user, url, **data):
        if user.pk not in self.pages:
            self.pages[user.pk] = self.enter(user, "zh-hans")
        for hidden in ("version", "seen"):
            data.pop(hidden, None)
        if not data:  # a button of the page that stands one address further up
            page = self.pages[user.pk]
            page.goto(url.replace("/hand-in/", "/edit/"))
            with page.expect_navigation():
                page.locator(f"form[action='{url}'] button").click()
            return
        form = f"main form:has([name='{next(iter(data))}'])"
        fields = {
            name: value if isinstance(value, (dict, list)) else value == "on" or str(value)
            for name, value in data.items()
        }
        send(self.pages[user.pk], url, f"{form} .btn-primary, {form} .btn-outline-danger", **fields)

    def paper(self):
        return PAPER


def test_the_education_bureau_runs_its_own_campaign(world, sign_in):  # noqa: F811
    education = InBrowser(world, sign_in)
    from_notice_to_decision(education)
    page = education.pages[education.clerk.pk]
    page.goto(education.teacher.cadre.referrals.get().get_absolute_url())
    assert str(education.teacher) in page.locator("h1").inner_text()
