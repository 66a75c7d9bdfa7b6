"""Accounts, roles and sessions in the users' words: who may do what with an account, and when it counts."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import DecisionEvent, FailedSignIn, RoleAssignment, Session, User
from accounts.notice.workflow import holders, notify
from accounts.permissions import ADMINISTRATORS, Role
from accounts.user.middleware import IDLE, LONGEST
from accounts.user.workflow import (
    GRANTABLE,
    TRIES,
    create_account,
    end_role,
    grant_role,
    note_failed_sign_in,
    refused_until,
    reset_password,
    sweep,
    switch_account,
)
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.world import DAY, PASSWORD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    for name, role in (("keeper", Role.SYSTEM_ADMIN), ("guard", Role.SECURITY_ADMIN), ("auditor", Role.AUDIT_ADMIN)):
        setattr(world, name, world.user(name, world.office, role, over=world.county))
    return world


def signed_in(username, password=PASSWORD):
    client = Client()
    assert client.post("/sign-in/", {"username": username, "password": password}).status_code == 302
    return client


def test_a_newcomer_gets_an_account_a_role_and_changes_the_initial_password(world):
    newcomer = world.person(world.bureau, joined_on=world.today)
    keeper = as_(world.keeper)
    assert newcomer.name in keeper.get("/accounts/new/").content.decode()
    page = f"/accounts/new/?cadre={newcomer.public_id}"
    once = keeper.post(page, {"username": "newcomer", "title": "科员"})
    password = once.context["password"]
    assert password in once.content.decode()
    user = User.objects.get(username="newcomer")
    assert (user.cadre, user.must_change_password) == (newcomer, True)
    assert password not in keeper.get(f"/accounts/{user.public_id}/").content.decode()
    granted = as_(world.guard).post(
        f"/accounts/{user.public_id}/roles/", {"role": "liaison", "unit": "县水利局", "start": str(world.today)}
    )
    assert granted.status_code == 302

    own = signed_in("newcomer", password)
    for url in ("/", "/returns/", "/criteria/"):
        assert own.get(url).url == "/me/password/", url
    assert own.get("/me/password/").status_code == 200
    weak = {"old_password": password, "new_password1": "12345", "new_password2": "12345"}
    assert own.post("/me/password/", weak).status_code == 422
    strong = weak | {"new_password1": "a-long-own-sentence", "new_password2": "a-long-own-sentence"}
    assert own.post("/me/password/", strong).status_code == 302
    assert own.get("/returns/").status_code == 200
    actions = DecisionEvent.objects.filter(subject_id=user.public_id).values_list("action", flat=True)
    assert list(actions) == ["account.create", "role.grant", "account.password"]


def test_in_the_demonstration_nobody_is_led_to_the_change(world, settings):
    settings.DEMO = True
    User.objects.filter(pk=world.liaison.pk).update(must_change_password=True)
    assert as_(world.liaison).get("/").status_code == 200


def test_a_person_has_one_account(world):
    with pytest.raises(ValidationError):
        create_account(by=world.keeper, username="second", cadre=world.cadre)
    with pytest.raises(ValidationError):
        create_account(by=world.keeper, username="liaison", cadre=world.person(world.bureau))
    with pytest.raises(ValidationError):
        create_account(by=world.keeper, username="Big Letters", cadre=world.person(world.bureau))


def test_a_disabled_account_is_signed_out_at_once_and_cannot_come_back(world):
    liaison = signed_in("liaison")
    assert liaison.get("/returns/").status_code == 200
    page = f"/accounts/{world.liaison.public_id}/switch/"
    assert as_(world.keeper).post(page, {"active": "no"}).status_code == 302
    assert liaison.get("/returns/").status_code == 302
    assert not Session.objects.filter(user=world.liaison).exists()
    assert Client().post("/sign-in/", {"username": "liaison", "password": PASSWORD}).status_code == 401
    assert not switch_account(world.liaison, by=world.keeper, active=False)
    switch_account(world.liaison, by=world.keeper, active=True)
    signed_in("liaison")


def test_a_new_initial_password_ends_the_sessions_of_the_old_one(world):
    liaison = signed_in("liaison")
    password = reset_password(world.liaison, by=world.keeper)
    assert liaison.get("/").url.startswith("/sign-in/")
    signed_in("liaison", password)


def test_an_ended_role_does_not_count_from_the_next_request_on(world):
    liaison = signed_in("liaison")
    assert liaison.get("/returns/").status_code == 200
    end_role(world.liaison.assignments.get(), by=world.guard, on=world.today)
    assert liaison.get("/returns/").status_code == 403


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_an_administrator_holds_no_other_role(world, role):
    free = world.user("free", world.office, None)
    grant_role(free, by=world.guard, role=role, unit=world.county, start=world.today)
    for other in set(GRANTABLE) - {role}:
        with pytest.raises(ValidationError):
            grant_role(free, by=world.guard, role=other, unit=world.office, start=world.today)
    with pytest.raises(ValidationError):
        grant_role(world.liaison, by=world.guard, role=role, unit=world.county, start=world.today)


def test_the_database_keeps_the_administrations_apart(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(user=world.keeper, role=Role.AUDIT_ADMIN, unit=world.county, start=world.today)


def test_a_business_role_needs_a_cadre(world):
    bare, _password = create_account(by=world.keeper, username="bare", cadre=None)
    with pytest.raises(ValidationError, match="role"):
        grant_role(bare, by=world.guard, role=Role.CLERK, unit=world.department, start=world.today)
    assert grant_role(bare, by=world.guard, role=Role.AUDIT_ADMIN, unit=world.county, start=world.today + DAY)


def test_nobody_administers_the_own_account(world):
    for act in (
        lambda: grant_role(world.guard, by=world.guard, role=Role.CLERK, unit=world.county, start=world.today),
        lambda: switch_account(world.keeper, by=world.keeper, active=False),
        lambda: reset_password(world.keeper, by=world.keeper),
        lambda: end_role(world.guard.assignments.get(), by=world.guard, on=world.today),
    ):
        with pytest.raises(ValidationError):
            act()


@pytest.mark.parametrize(
    "days", [{"start": -1}, {"start": 0, "end": 0}, {"start": 3, "end": 2}], ids=["past", "no day", "turned"]
)
def test_a_role_has_its_days_in_order(world, days):
    days = {name: world.today + n * DAY for name, n in days.items()}
    with pytest.raises(ValidationError):
        grant_role(world.verifier, by=world.guard, role=Role.CLERK, unit=world.department, **days)


def test_a_role_is_not_granted_twice_for_the_same_days_nor_to_a_disabled_account(world):
    grant = {"by": world.guard, "role": Role.CLERK, "unit": world.department}
    grant_role(world.verifier, **grant, start=world.today, end=world.today + 5 * DAY)
    with pytest.raises(ValidationError):
        grant_role(world.verifier, **grant, start=world.today + 4 * DAY)
    grant_role(world.verifier, **grant, start=world.today + 5 * DAY)
    assert len(world.verifier.roles_in_force()) == 2
    switch_account(world.verifier, by=world.keeper, active=False)
    with pytest.raises(ValidationError):
        grant_role(world.verifier, by=world.guard, role=Role.LIAISON, unit=world.office, start=world.today)
    for role in (Role.VERIFIER, Role.CADRE, Role.SYSTEM):
        with pytest.raises(ValidationError):
            grant_role(world.liaison, by=world.guard, role=role, unit=world.office, start=world.today)


def test_a_role_of_today_that_ends_today_is_taken_back_and_the_trail_keeps_both(world):
    role = grant_role(world.verifier, by=world.guard, role=Role.CLERK, unit=world.department, start=world.today)
    end_role(role, by=world.guard, on=world.today)
    assert not world.verifier.assignments.exists()
    actions = DecisionEvent.objects.filter(subject_id=world.verifier.public_id).values_list("action", flat=True)
    assert list(actions) == ["role.grant", "role.end"]
    held = world.liaison.assignments.get()
    with pytest.raises(ValidationError):
        end_role(held, by=world.guard, on=world.today - DAY)
    end_role(held, by=world.guard, on=world.today + DAY)
    with pytest.raises(ValidationError):
        end_role(held, by=world.guard, on=world.today + DAY)


def test_each_administrator_does_the_own_part_only(world):
    account = f"/accounts/{world.liaison.public_id}/"
    grant = {"role": "clerk", "unit": "zzb", "start": str(world.today)}
    assert as_(world.keeper).post(f"{account}roles/", grant).status_code == 403
    assert as_(world.guard).post(f"{account}switch/", {"active": "no"}).status_code == 403
    assert as_(world.guard).post(f"{account}reset/").status_code == 403
    assert as_(world.auditor).get(account).status_code == 403
    for someone in (world.keeper, world.guard, world.auditor):
        assert as_(someone).get("/cases/").status_code == 403


def test_a_bad_grant_keeps_what_was_typed_and_grants_nothing(world):
    page = f"/accounts/{world.verifier.public_id}/roles/"
    guard = as_(world.guard)
    answer = guard.post(page, {"role": "clerk", "unit": "县", "start": "2020-01-01"})
    assert answer.status_code == 422
    assert "2020-01-01" in answer.content.decode()
    answer = guard.post(page, {"role": "clerk", "unit": "县水利局", "start": "2020-01-01"})
    assert answer.status_code == 409
    assert "县水利局" in answer.content.decode()
    assert not world.verifier.assignments.exists()
    held = world.liaison.assignments.get()
    ending = f"/accounts/{world.liaison.public_id}/roles/{held.pk}/end/"
    assert guard.post(ending, {f"r{held.pk}-on": "never"}).status_code == 422
    assert guard.post(ending, {f"r{held.pk}-on": "2020-01-01"}).status_code == 409
    assert guard.post(f"/accounts/{world.verifier.public_id}/roles/{held.pk}/end/").status_code == 404


def test_the_list_is_searched_filtered_and_paged(world):
    guard = as_(world.guard)

    def names(query):
        return {user.username for user in guard.get(f"/accounts/?{query}").context["rows"]}

    assert names("q=liai") == {"liaison"}
    assert "liaison" in names(f"q={world.liaison.cadre.initials}")
    assert names("role=liaison") == {"liaison", "stranger"}
    assert {"verifier", "trainee"} <= names("state=none")
    assert "liaison" not in names("state=none")
    assert names("state=disabled") == set()
    for n in range(60):
        User.objects.create_user(f"many{n:02}")
    first = guard.get("/accounts/?q=many")
    assert len(first.context["rows"]) == 50
    assert first.context["page"]["next_url"]


def test_ten_wrong_passwords_within_a_quarter_hour_make_the_account_wait(world):
    client = Client()
    wrong = {"username": "liaison", "password": "wrong"}
    for _ in range(TRIES - 1):
        assert client.post("/sign-in/", wrong).status_code == 401
    tenth = client.post("/sign-in/", wrong)
    assert tenth.context["until"]
    refused = client.post("/sign-in/", {"username": "liaison", "password": PASSWORD})
    assert refused.status_code == 429
    assert refused.context["until"] > timezone.now()
    # Somebody else, and the same account from another place, may sign in.
    signed_in("stranger")
    elsewhere = Client(REMOTE_ADDR="10.1.1.1")
    assert elsewhere.post("/sign-in/", {"username": "liaison", "password": PASSWORD}).status_code == 302


def test_the_limit_looks_fifteen_minutes_back(db):
    now = timezone.now()
    for n in range(TRIES):
        note_failed_sign_in("x", "a", now=now - dt.timedelta(minutes=n))
    assert refused_until("x", "a", now=now) == now + dt.timedelta(minutes=6)
    assert refused_until("x", "a", now=now + dt.timedelta(minutes=6)) is None
    sweep(now=now + dt.timedelta(minutes=16))
    assert not FailedSignIn.objects.exists()


def test_a_session_ends_idle_after_half_an_hour_and_in_all_after_eight(world):
    for values in ({"seen": -IDLE - 1}, {"seen": -10, "started": -LONGEST - 1}):
        client = signed_in("liaison")
        client.get("/")
        session, now = client.session, int(timezone.now().timestamp())
        session.update({name: now + seconds for name, seconds in values.items()})
        session.save()
        assert client.get("/returns/").url.startswith("/sign-in/?next=")
        assert client.get("/returns/").status_code == 302


def test_the_last_use_is_noted_once_a_minute(world, django_assert_num_queries):
    client = signed_in("liaison")
    client.get("/me/")
    seen = Session.objects.get(user=world.liaison).seen_at
    client.get("/me/")
    assert Session.objects.get(user=world.liaison).seen_at == seen
    session = client.session
    session["seen"] -= 61
    session.save()
    before = Session.objects.get(user=world.liaison).seen_at
    client.get("/me/")
    assert Session.objects.get(user=world.liaison).seen_at > before


def test_one_sees_and_ends_the_own_sessions_only(world):
    here = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0"})
    here.post("/sign-in/", {"username": "liaison", "password": PASSWORD})
    there, foreign = signed_in("liaison"), signed_in("stranger")
    for client in (here, there, foreign):
        client.get("/me/")
    page = here.get("/me/")
    assert "Chromium · Windows" in page.content.decode()
    sessions = page.context["sessions"]
    assert len(sessions) == 2
    other = next(s for s in sessions if not s.present)
    assert here.session.session_key not in page.content.decode()
    here.post("/me/sessions/end/", {"session": Session.objects.get(user=world.stranger).mark})
    assert foreign.get("/me/").status_code == 200
    here.post("/me/sessions/end/", {"session": other.mark})
    assert there.get("/me/").status_code == 302
    here.post("/me/sessions/end/")
    assert here.get("/me/").status_code == 200


def test_the_own_password_signs_the_other_devices_out_and_keeps_this_one(world):
    here, there = signed_in("liaison"), signed_in("liaison")
    new = {"old_password": PASSWORD, "new_password1": "another-own-sentence", "new_password2": "another-own-sentence"}
    assert here.post("/me/password/", new | {"old_password": "wrong"}).status_code == 422
    assert here.post("/me/password/", new).status_code == 302
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302


def test_mail_address_and_language_are_the_own_choice(world):
    client = as_(world.liaison)
    assert client.post("/me/", {"email": "no address", "language": "en"}).status_code == 422
    assert client.post("/me/", {"email": "liaison@example.org", "language": "en"}).status_code == 302
    world.liaison.refresh_from_db()
    assert (world.liaison.email, world.liaison.language) == ("liaison@example.org", "en")
    assert "My account" in client.get("/me/").content.decode()


def test_the_administrators_find_their_work_under_my_tasks(world):
    world.person(world.bureau, joined_on=world.today)
    reset_password(world.liaison, by=world.keeper)
    urls = {
        user.username: {task["url"] for task in tasks_of(user)} for user in (world.keeper, world.guard, world.auditor)
    }
    assert "/accounts/new/" in urls["keeper"]
    assert "/accounts/?state=none" in urls["guard"]
    assert "/trail/?about=accounts" in urls["auditor"]
    rows = as_(world.auditor).get("/trail/?about=accounts").context["rows"]
    assert {row.action for row in rows} == {"account.reset_password"}


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page():
    page, foreign = "http://testserver/cases/?state=all", "https://example.org/"
    for referer, shown in ((page, True), (foreign, False), ("", False)):
        answer = Client(enforce_csrf_checks=True).post("/me/", {}, headers={"referer": referer})
        assert answer.status_code == 403
        assert (f'<a class="btn btn-primary" href="{referer}">' in answer.content.decode()) is shown


# ---------- several roles ----------


def test_a_notice_opens_in_the_role_by_which_it_came(world):
    notify(holders({Role.CHIEF}, over=world.department), "alerts_raised", path="/alerts/", count=1)
    client = as_(world.chief, role="cadre")
    for page in ("/", "/notices/"):
        form = re.search(
            r'<form[^>]*action="/role/">(?:(?!</form>).)*value="/alerts/".*?</form>', client.get(page).content.decode()
        )
        role = re.search(r'name="role" value="(chief:\d+)"', form[0])[1]
        answer = client.post("/role/", {"role": role, "next": "/alerts/"}, follow=True)
        assert (answer.status_code, answer.request["PATH_INFO"]) == (200, "/alerts/")
        assert '<a href="/alerts/">' in client.get("/notices/").content.decode()
        client.post("/role/", {"role": "cadre:None"})


def test_switching_the_role_never_leads_out_of_the_house(world):
    assert as_(world.chief).post("/role/", {"role": "cadre:None", "next": "https://example.org/"}).url == "/"


@pytest.mark.parametrize(("page", "status"), [("/alerts/", 403), ("/cases/3f6f2f5e-0000-4000-8000-000000000000/", 404)])
def test_who_holds_several_roles_is_offered_the_page_in_the_others(world, page, status):
    answer = as_(world.chief, role="cadre").get(page)
    assert answer.status_code == status
    forms = answer.content.decode().split('action="/role/"')[1:]
    assert forms and f'name="next" value="{page}"' in forms[0] and "股室负责人" in forms[0]
    assert 'action="/role/"' not in as_(world.trainee).get(page).content.decode()
