"""In real Chromium: the clerk transfers a cadre with an open case, the new head reads it, a relation is declared on a phone."""

import pytest

from accounts.models import Relation
from tests.chromium import PHONE
from tests.test_journey import send, sign_in, world  # noqa: F401 -- fixtures of the journeys

pytestmark = pytest.mark.django_db(transaction=True)


def test_people_units_and_relations(world, sign_in, axe):  # noqa: F811
    case = world.nominated()
    new_head = world.user("newhead", world.forestry, "unit_head")
    clerk = sign_in(world.clerk)
    clerk.goto("/people/")
    clerk.locator("main input[name=q]").fill(case.cadre.pinyin[:5])
    clerk.locator("main form.filters button[type=submit]").click()
    clerk.locator("main tbody a", has_text=case.cadre.name).first.click()
    axe(clerk)
    clerk.locator("main a", has_text="New post or transfer").click()
    send(clerk, clerk.url, unit="县林业局", title="股长", start=str(world.today))
    assert "县林业局" in clerk.locator("main").inner_text()
    clerk.goto(case.get_absolute_url())
    assert "The person since the nomination" in clerk.locator("main").inner_text()
    head = sign_in(new_head)
    head.goto(case.get_absolute_url())
    assert "Read only" in head.locator("main").inner_text()
    admin = sign_in(world.admin)
    admin.goto("/units/")
    axe(admin)
    admin.locator("main tbody a", has_text="县林业局").click()
    admin.locator("main a", has_text="Add a sub-unit").click()
    send(
        admin,
        admin.url,
        name="林业站",
        kind="institution",
        since=str(world.today),
        staff_in_post=4,
        phone="0915-000-0777",
    )
    assert "reports through 县林业局" in admin.locator("main").inner_text()
    phone = sign_in(world.deputy, size=PHONE)
    phone.goto(case.get_absolute_url())
    assert case.facts in phone.locator("main").inner_text()
    phone.goto(f"/relations/new/?q={case.cadre.pinyin[:5]}")
    phone.locator("main tbody a", has_text=case.cadre.name).first.click()
    send(phone, phone.url, kind="kin", note="cousin")
    assert "recused" in phone.locator("main").inner_text()
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert Relation.objects.get().kind == "kin"
    answer = phone.request.get(case.get_absolute_url())
    assert answer.status == 404
