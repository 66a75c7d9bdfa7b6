"""The system administrator looks whether everything runs; somebody chooses what is mailed. In real Chromium."""

import pytest
from django.conf import settings

from accounts.models import User
from accounts.tasks import tick
from cohorts.tasks import scan_alerts
from tests.chromium import PHONE
from tests.test_journey import fill, sign_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["sign_in"]


@pytest.fixture
def world(live_server):
    return World()


def test_the_system_administrator_sees_the_last_runs_and_what_is_due(world, sign_in, axe, console):
    keeper = world.user("keeper", world.office, "system_admin")
    page = sign_in(keeper)
    page.locator("main a[href='/health/']").click()
    page.wait_for_url("**/health/")
    assert page.locator(".note-error").count() == 1  # no clock has ticked yet
    scan_alerts()
    tick()
    page.reload()
    axe(page)
    assert page.locator(".note-success").count() == 1
    assert page.locator("tbody tr").count() == len(settings.CELERY_BEAT_SCHEDULE) - 1  # all but the tick
    phone = sign_in(keeper, size=PHONE, language="zh-hans")
    phone.goto("/health/")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    console.allow(403)
    assert sign_in(world.clerk).goto("/health/").status == 403


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_chooses_one_mail_a_day(world, sign_in, axe, javascript):
    page = sign_in(world.clerk, javascript=javascript)
    page.goto("/me/")
    if javascript:
        axe(page)
    fill(page, email="clerk@example.org", mail_alert="digest", mail_outcome="none")
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_load_state()
    assert User.objects.get(pk=world.clerk.pk).mail_choices == {"alert": "digest", "outcome": "none", "class": "now"}
    assert page.locator("select[name=mail_alert]").input_value() == "digest"
