"""Whoever presses a button twice is told so the second time, and nothing is added: every step, every list form."""

import datetime as dt

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from cohorts.models import (
    Campaign,
    Cohort,
    Meeting,
    Objection,
    Referral,
    ReturnReview,
    Round,
    ScreeningLetter,
    VerificationTeam,
)
from cohorts.procedure.forms import FORMS
from cohorts.procedure.workflow import TABLES, move
from tests.test_access import state_of_the_database
from tests.test_pages import as_
from tests.test_review import exit_proposed
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
STEPS = [(model, step) for model, table in TABLES.items() for step in table if not step.inner]
# Steps of the main road, whose first POST must go through: a test that only sees refusals would prove nothing.
MUST_PASS = {
    "verify",
    "propose_strike_out",
    "notify",
    "reply",
    "send_back",
    "defer",
    "correct",
    "withdraw",
    "transfer",
    "prepare",
    "sign",
    "accept",
}


@pytest.fixture
def world():
    return World()


def subject_in_state(world, model, step):
    """A row in a state from which the step leads on: by the real road where it is short, else set."""
    state = step.sources[0]
    if model is not Referral:
        row = world.unit_return
        if model is type(row):
            world.draft()
            if step.action != "prepare":
                world.prepared()
            if state in ("filed", "accepted"):
                move(row, "sign", by=world.head, password_entered=True)
            row.refresh_from_db()
            return row
        return None
    if step.action == "nominate":
        return world.draft(unit_return=False, by=world.chief, origin="county")
    if state == "exit_proposed":
        return exit_proposed(world)
    roads = {"draft": world.draft, "nominated": lambda: world.screened(world.nominated()), "verified": world.verified,
             "notified": world.notified, "confirmed": world.confirmed}  # fmt: skip
    case = roads.get(state, world.notified)()
    if case.state != state:
        Referral.objects.filter(pk=case.pk).update(
            state=state, deferred_from="nominated" if state == "deferred" else ""
        )
        if state in ("qualified", "unqualified", "exit_proposed"):
            review = ReturnReview.objects.create(referral=case, held_on=world.today, score=80, qualified=state == "qualified",
                                        fail_ground="" if state == "qualified" else "points", recorded_on=world.today, objection_due=world.today + 7 * DAY)  # fmt: skip
            if step.action in ("answer_objection", "review_anew"):
                Objection.objects.create(review=review, text="结果有误", raised_on=world.today)
    case.refresh_from_db()
    return case


def filled(form, row, world):
    """What somebody would type into the form: the first choice, today, a word."""
    own = {"sheet_number": getattr(row, "sheet_number", ""), "nil": "no", "password": "",
           "panel_names": ",".join(str(world.person(world.office)) for _ in range(3)), "ground": "not_proved", "none": None, "tolerance": "no"}  # fmt: skip
    data = {}
    for name, field in form.fields.items():
        if name in own:
            value = own[name]
        elif isinstance(field, forms.FileField):
            value = SimpleUploadedFile("paper.txt", b"a paper")
        elif isinstance(field, forms.BooleanField):
            value = "on"
        elif isinstance(field, forms.ModelMultipleChoiceField):
            value = [item.pk for item in field.queryset[:1]]
        elif isinstance(field, forms.ChoiceField):
            value = next((key for key, _label in field.choices if str(key)), "")
        elif isinstance(field, forms.DateField):
            value = str(world.today)
        elif isinstance(field, (forms.IntegerField, forms.DecimalField)):
            value = field.initial if name == "version" else 1
        else:
            value = f"words {name}"
        if value not in (None, ""):
            data[name] = getattr(value, "value", value)
    return data


def somebody_able(model, step, row):
    """A user with a role in use that holds the step's grant and sees the row; the clerk or the cadre where possible."""
    able = []
    for account in User.objects.exclude(username="system").order_by("pk"):
        for held in account.roles_in_force():
            user = User.objects.get(pk=account.pk).acting_as(held.role)
            if (
                any(user.may(grant) for grant in step.grants)
                and model.objects.visible_to(user).filter(pk=row.pk).exists()
            ):
                able.append(user)
    assert able, f"nobody can {step.action}"
    return next((user for user in able if user.username in ("clerk", "trainee")), able[0])


@pytest.mark.parametrize(("model", "step"), STEPS, ids=[f"{model.__name__}-{step.action}" for model, step in STEPS])
def test_a_step_sent_twice_is_done_once(world, model, step):
    row = subject_in_state(world, model, step)
    if row is None:  # a table of another subject: its own tests make its rows
        return
    user = somebody_able(model, step, row)
    client = as_(user)
    session = client.session
    session["role"] = f"{user.role.role}:{user.role.unit_id}"
    session.save()
    data = filled(FORMS[step.form](subject=row, user=user), row, world)
    page = f"{row.get_absolute_url()}do/{step.action}/"
    first = client.post(page, data)
    for value in data.values():
        if hasattr(value, "seek"):
            value.seek(0)
    after = state_of_the_database()
    second = client.post(page, data)
    assert state_of_the_database() == after
    if first.status_code == 302:
        assert second.status_code in (409, 404, 422), second.status_code
        assert (
            second.status_code == 404
            or 'role="alert"' in second.content.decode()
            or "invalid-feedback" in second.content.decode()
        )
    else:
        assert step.action not in MUST_PASS, (first.status_code, first.content.decode()[-3000:])
        assert first.status_code in (409, 422)


def twice(client, page, data, model):
    """POST the form twice; what the first made, and the second answer."""
    had = model.objects.count()
    first = client.post(page, data)
    assert first.status_code == 302, first.content.decode()[-3000:]
    made = model.objects.count()
    assert made == had + 1
    second = client.post(page, data, follow=True)
    assert model.objects.count() == made, f"{page} made a second {model.__name__}"
    return second


def says_something(response):
    page = response.content.decode()
    return "invalid-feedback" in page or "note-error" in page or "alert" in page or "note-warning" in page


def test_a_team_named_twice_is_one_team(world):
    case = world.nominated()
    second = world.user("clerk2", world.department, "clerk")
    data = {"name": "一组", "members": [world.clerk.pk, second.pk], "cases": [case.pk]}
    assert says_something(twice(as_(world.chief), "/teams/new/", data, VerificationTeam))


def test_a_letter_sent_twice_is_one_letter(world):
    case = world.nominated()
    data = {"kind": "discipline", "number": "函1", "sent_on": str(world.today), "cases": [case.pk]}
    assert says_something(twice(as_(world.clerk), "/letters/new/", data, ScreeningLetter))


def test_a_list_for_a_meeting_sent_twice_is_one_meeting(world):
    case = world.notified()
    data = {"kind": "department", "held_on": str(world.today), "cases": [case.pk]}
    assert says_something(twice(as_(world.clerk), "/meetings/new/", data, Meeting))


def test_a_campaign_created_twice_is_one_campaign(world):
    form = as_(world.admin).get("/campaigns/new/").context["form"]
    data = filled(form, None, world) | {"year": "2031", "ordinal": "1", "edition": world.edition.pk, "notice_number": "31号",
                                        "opened_on": str(world.today), "class_ends_on": str(world.today + 90 * DAY)}  # fmt: skip
    assert says_something(twice(as_(world.admin), "/campaigns/new/", data, Campaign))


def test_a_round_opened_twice_is_one_round(world):
    page = f"/campaigns/{world.campaign.public_id}/"
    data = {
        "kind": "supplementary",
        "opens_on": str(world.today),
        "closes_on": str(world.today + 9 * DAY),
        "units": [world.bureau.pk],
    }
    assert says_something(twice(as_(world.admin), page, data, Round))


def test_a_class_opened_twice_is_one_class(world):
    form = as_(world.chief).get("/cohorts/new/").context["form"]
    data = filled(form, None, world) | {"starts_on": str(world.today), "ends_on": str(world.today + 90 * DAY)}
    assert says_something(twice(as_(world.chief), "/cohorts/new/", data, Cohort))


def test_a_draft_saved_twice_is_one_draft(world):
    page = f"{world.unit_return.get_absolute_url()}nominate/?cadre={world.cadre.public_id}"
    data = {"criteria": [world.edition.criteria.get(code="B1").pk], "facts": "事实", "how_raised": "panel", "no_talk_reason": "借调",
            "kind_1": "task", "title_1": "台账", "happened_on_1": str(dt.date(2026, 1, 2)), "source_1": "办公室"}  # fmt: skip
    assert says_something(twice(as_(world.liaison), page, data, Referral))


def test_forms_of_this_room_sent_twice_change_nothing_twice(world):
    admin = as_(world.admin)
    for page, data in (
        ("/settings/reply_days/", {"value": "9", "start": str(world.today + DAY)}),
        ("/settings/calendar/", {"day": str(world.today + DAY), "working": "no"}),
        (f"/criteria/{world.edition.public_id}/copy/", {"code": "2032", "holds_from": "2032-01-01"}),
    ):
        assert admin.post(page, data).status_code == 302, page
        after = state_of_the_database()
        second = admin.post(page, data)
        assert second.status_code == 409, page
        assert says_something(second), page
        assert state_of_the_database() == after, page


@pytest.mark.parametrize("page", ["/meetings/new/", "/teams/new/", "/letters/new/"])
def test_a_forged_choice_that_no_database_holds_is_a_wrong_choice(world, page):
    world.nominated()
    answer = as_(world.chief if "teams" in page else world.clerk).post(
        page, {"cases": ["9" * 20], "members": ["9" * 20]}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["cases"]
