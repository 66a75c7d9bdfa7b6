"""The demonstration county: every open state has a case, every role that has a page has something to do."""

import tomllib

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Notice, Unit, User
from accounts.trail.workflow import first_break
from accounts.wording import say
from cohorts.models import Alert, Campaign, Referral, SecondCheck
from cohorts.referral.models import OPEN
from cohorts.site.demo.county import DATA
from cohorts.site.demo.replay.figures import differences, figures
from cohorts.site.demo.replay.y2018 import Replay2018
from cohorts.site.demo.running import build
from cohorts.site.views import tasks_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("county")]


@pytest.fixture(scope="module")
def county(django_db_setup, django_db_blocker):
    """Built once; every test works inside a savepoint of this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        build(say=lambda _line: None)
        yield
        transaction.set_rollback(True)


def test_the_replay_yields_the_seventeen_reported_figures(county):
    found = figures()
    assert differences(found) == []
    assert sum(len(keys) for keys in found.values()) == 17
    assert first_break() is None
    returns = Campaign.objects.get(year=2018).rounds.get(number=1).returns
    assert [row.unit.code for row in returns.all() if row.is_late] == [Replay2018.read_script()["campaign"]["late"]]
    call_command("replay", check=True)


def test_every_open_state_has_a_case_and_a_clock_ran_out_yesterday(county):
    states = set(Referral.objects.values_list("state", flat=True))
    assert states >= set(OPEN) | {"draft"}
    over = Referral.objects.reply_clock_over(timezone.localdate())
    assert over.count() == 1
    assert first_break() is None
    assert Unit.objects.reporting().count() == 34
    assert Unit.objects.filter(kind="village").count() == 164
    assert Alert.objects.standing().filter(rule="nil_return_contradicted").count() == 1


def test_the_first_round_of_2018_raises_exactly_the_reviewed_alerts_and_explains_them_in_both_languages(county):
    wanted = tomllib.loads((DATA / "replay_2018_alerts.toml").read_text(encoding="utf-8"))
    raised = [
        alert for alert in Alert.objects.select_related("unit") if timezone.localdate(alert.raised_at) == wanted["on"]
    ]
    found: dict[str, set[str]] = {}
    for alert in raised:
        found.setdefault(alert.rule, set()).add(alert.unit.code)
    assert found == {rule: set(codes) for rule, codes in wanted["alerts"].items()}
    for alert in raised:
        assert alert.unit.kind != "town"
        words = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                words[language] = (alert.text, say(f"why.alert.{alert.rule}"))
        assert all(words["zh-hans"]) and all(words["en"]) and words["zh-hans"] != words["en"]
    contradicted = Alert.objects.get(rule="nil_return_contradicted", unit__code="lyj", raised_at__year=2018)
    assert contradicted.params["items"] == 2
    assert Alert.objects.standing().filter(raised_at__year=2018).count() == 0, "the round is long concluded"


def test_whatever_chance_drew_has_its_second_word_but_for_the_last_two_of_this_year(county):
    checks = SecondCheck.objects.exclude(state="done").select_related("referral__campaign")
    assert SecondCheck.objects.filter(state="done", findings__isnull=False).exists()
    assert len(checks) <= 2
    assert all(check.referral.campaign.concluded_on is None for check in checks)


def test_each_working_role_has_something_to_do(county):
    for account, role in (("clerk", "clerk"), ("chief", "chief"), ("leader", "leader"), ("head-slj", "unit_head"), ("liaison-slj", "liaison"),
                          ("chief", "department_admin"), ("trainee", "cadre"), ("payroll", "payroll"), ("practice", "cadre"),
                          ("supervisor", "field_supervisor"), ("teacher", "class_teacher"), ("student", "cadre")):  # fmt: skip
        user = User.objects.get(username=f"demo-{account}").acting_as(role)
        assert tasks_of(user), account


def test_the_cadre_concerned_was_told_that_the_notice_of_reasons_is_there(county):
    notice = Notice.objects.get(recipient__username="demo-trainee", code="served")
    assert notice.path == Referral.objects.get(cadre__user__username="demo-trainee").get_absolute_url()


def test_one_click_sign_in_exists_in_the_demonstration_only(county, settings):
    client = Client()
    assert client.post("/sign-in/demo/", {"account": "demo-clerk"}).status_code == 404
    settings.DEMO = True
    assert "demo-clerk" in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/demo/", {"account": "demo-clerk", "next": "https://elsewhere.example/"}).url == "/"
    case = Referral.objects.get(state="verified")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "do/notify/" in page
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo")
