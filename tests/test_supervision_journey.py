"""A village team head at a telephone: nothing wrong in two taps, a finding with a photo, and a correction."""

import pytest

from accounts.permissions import Role
from assessments.evidence.models import Evidence
from assessments.supervision.models import Finding
from tests.chromium import PHONE
from tests.test_journey import sign_in  # noqa: F401 -- the fixture
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live_server):
    return World()


def test_a_village_team_head_looks(world, sign_in, axe, tmp_path):  # noqa: F811 -- the fixture
    team_head = world.user("village-team", world.town, Role.TEAM_HEAD, over=world.village)
    villager = world.person(world.town)
    photo = tmp_path / "photo.png"
    photo.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
        )
    )

    page = sign_in(team_head, size=PHONE)

    def sound(url):
        assert page.goto(url).status == 200, url
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], url
        axe(page)

    sound("/findings/")
    with page.expect_navigation():
        page.get_by_role("link", name="Record a finding").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Nothing wrong today").click()
    assert Finding.objects.get().severity == 0

    sound("/findings/new/")
    page.fill("#id_place", "Group 2")
    page.fill("#id_cadre", villager.name)
    page.fill("#id_what", "Not at the post, nobody knew where.")
    page.locator("label[for=id_severity_2]").click()
    page.set_input_files("#id_photo", str(photo))
    with page.expect_navigation():
        page.get_by_role("button", name="Save and write the next").click()
    assert page.input_value("#id_place") == "Group 2"
    row = Finding.objects.get(severity=2)
    assert row.evidence.cadre == villager and row.keeper == world.town and row.photo.sha256
    sound(row.get_absolute_url())
    assert page.evaluate("document.querySelector('img.look-photo').naturalWidth") == 1

    sound(f"{row.get_absolute_url()}correct/")
    page.fill("#id_reason", "He had leave.")
    page.locator("label[for=id_severity_0]").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Record the correction").click()
    axe(page)
    assert Evidence.objects.current().get().correction == "He had leave."

    head = sign_in(world.user("town-head", world.town, Role.UNIT_HEAD))
    for url in ("/findings/", "/findings/?severity=0", "/findings/new/"):
        assert head.goto(url).status == 200
        axe(head)
    recorder = sign_in(world.recorder)
    for url in ("/findings/new/", "/findings/sheet/"):
        assert recorder.goto(url).status == 200
        axe(recorder)
    leader = sign_in(world.leader)
    for url in ("/findings/gaps/", f"/findings/?unit={world.town.name}"):
        assert leader.goto(url).status == 200
        axe(leader)
