"""The panel in a real browser: set up at the desk, scored at the phone, discussed, concluded, nominated in two clicks."""

import pytest

from accounts.models import User
from assessments.panel.models import Panel
from cohorts.referral.models import Referral
from tests.chromium import PHONE
from tests.test_deliberation import recorded
from tests.test_journey import fill, send, sign_in  # noqa: F401 -- the fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live_server):
    return recorded()


def test_the_panel_ranks_and_the_head_nominates_in_two_clicks(world, sign_in, axe):  # noqa: F811 -- the fixture
    User.objects.filter(pk=world.head.pk).update(language="en")
    liaison = sign_in(world.liaison)
    liaison.goto("/panels/new/")
    axe(liaison)
    send(
        liaison, "/panels/new/", title="Deliberation", names=[f"{c.public_id}:B2" for c in (world.first, world.second)]
    )
    panel = Panel.objects.get()
    url = panel.get_absolute_url()
    first = panel.candidates.get(cadre=world.first).pk

    def give(user, **scores):
        page = sign_in(user, size=PHONE)
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        axe(page)
        for key, value in scores.items():
            page.locator(f"label[for='id_say_{key[1:]}_{value}']").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Hand in my scores").click()
        return page

    second = panel.candidates.get(cadre=world.second).pk
    give(world.deputy, **{f"c{first}": 2, f"c{second}": 2})
    give(world.head, **{f"c{first}": 5, f"c{second}": 3})
    liaison.goto(url)
    assert not liaison.locator(f"#id_why_{first}").is_visible()
    liaison.locator(f"label[for='id_say_{first}_recuse']").click()
    assert liaison.locator(f"#id_why_{first}").is_visible()
    for key, value in ((first, 4), (second, 3)):
        liaison.locator(f"label[for='id_say_{key}_{value}']").click()
    liaison.get_by_role("button", name="Hand in my scores").click()
    # 2, 4, 5 lie three apart: nothing is concluded before that is talked about.
    assert "2 · 4 · 5" in liaison.locator("main").inner_text()
    head = sign_in(world.head)
    head.goto(url)
    axe(head)
    assert head.get_by_role("button", name="Conclude the deliberation").count() == 0
    liaison.locator(f"#id_discuss_{first}_text").fill("Each item was read again.")
    liaison.locator(f"#c{first}").get_by_role("button", name="Save the note").click()
    head.goto(url)
    axe(head)
    fill(head, **{f"outcome_{key}": "nominate" for key in (first, second)})
    fill(
        head,
        **{f"reason_{key}": "On record, after a reminder" for key in (first, second)},
        minutes="Both were weighed.",
    )
    head.get_by_role("button", name="Conclude the deliberation").click()
    axe(head)
    # One click on the first of the ranking, one to save.
    head.get_by_role("link", name="Nominate", exact=True).first.click()
    head.get_by_role("button", name="Save the draft").click()
    head.wait_for_url("**/cases/*/")
    case = Referral.objects.get()
    assert case.cadre == world.first and case.how_raised == "panel" and case.evidence_links.count() == 4
    head.goto(f"{url}sheet/")
    axe(head)
