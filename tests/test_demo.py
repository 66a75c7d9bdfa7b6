"""The demonstration county: every open state has a case, every role that has a page has something to do."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Unit, User
from accounts.trail.workflow import first_break
from cohorts.models import Alert, Referral
from cohorts.referral.models import OPEN
from cohorts.site.demo.running import build
from cohorts.site.views import tasks_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    build(say=lambda _line: None)


def test_every_open_state_has_a_case_and_a_clock_ran_out_yesterday(county):
    states = set(Referral.objects.values_list("state", flat=True))
    assert states >= set(OPEN) | {"draft"}
    over = Referral.objects.reply_clock_over(dt.date.today())
    assert over.count() == 1
    assert first_break() is None
    assert Unit.objects.reporting().count() == 34
    assert Unit.objects.filter(kind="village").count() == 164
    assert Alert.objects.filter(rule="nil_return_contradicted").count() == 1


def test_each_working_role_has_something_to_do(county):
    for account, role in (("clerk", "clerk"), ("chief", "chief"), ("leader", "leader"), ("head-slj", "unit_head"), ("liaison-slj", "liaison"),
                          ("chief", "department_admin"), ("trainee", "cadre")):  # fmt: skip
        user = User.objects.get(username=f"demo-{account}").acting_as(role)
        assert tasks_of(user), account


def test_one_click_sign_in_exists_in_the_demonstration_only(county, settings):
    client = Client()
    assert client.post("/sign-in/demo/", {"account": "demo-clerk"}).status_code == 404
    settings.DEMO = True
    assert "demo-clerk" in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/demo/", {"account": "demo-clerk", "next": "https://elsewhere.example/"}).url == "/"
    case = Referral.objects.get(state="verified")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "do/notify/" in page
    with pytest.raises(CommandError):
        settings.DEMO = False
        call_command("demo")
