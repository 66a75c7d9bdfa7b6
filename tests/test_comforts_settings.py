"""The county's settings and calendar: every entry of the registry has a form of words, and the past stays."""

import json

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import add_working_days, is_working_day
from accounts.models import CalendarDay, CountySetting, DecisionEvent
from accounts.people.models import UnitKind
from accounts.setting.forms import SettingForm, in_words
from accounts.setting.models import SETTINGS, Setting, setting, signer_of
from accounts.setting.workflow import change_setting, remove_day, set_day
from cohorts.referral.meeting import MeetingKind, route_of
from tests.test_pages import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
CHOICES = (("a", "A"), ("b", "B"), ("c", "C"))
# One of each type that a colleague may add to the registry.
KINDS = {
    "bool": Setting(True, "x"),
    "int": Setting(3, "x"),
    "text": Setting("word", "x"),
    "choice": Setting("a", "x", choices=CHOICES),
    "list": Setting(["one", "two"], "x"),
    "ticked": Setting(["a"], "x", choices=CHOICES),
    "ordered": Setting(["b", "a"], "x", choices=CHOICES, ordered=True),
    "ints": Setting({"p": 1, "q": 2}, "x", keys={"p": "P"}),
    "bools": Setting({"p": True, "q": False}, "x"),
    "texts": Setting({"p": "a", "q": "c"}, "x", choices=CHOICES),
    "routes": Setting({"p": ["a", "b"], "q": []}, "x", choices=CHOICES),
}


@pytest.fixture
def world():
    return World()


def as_sent(form: SettingForm, day) -> dict:
    """What a browser sends of an untouched form."""
    data = {}
    for field in form:
        value = field.value()
        if value is True:
            data[field.html_name] = "on"
        elif value not in (False, None):
            data[field.html_name] = value
    return data | {"start": str(day)}


@pytest.mark.parametrize("entry", [*KINDS.values(), *SETTINGS.values()], ids=[*KINDS, *SETTINGS])
def test_an_untouched_form_says_the_same_value_and_no_json_is_shown(entry):
    form = SettingForm(entry=entry, value=entry.default)
    sent = SettingForm(as_sent(form, "2030-01-01"), entry=entry, value=entry.default)
    assert sent.is_valid(), sent.errors
    assert sent.cleaned_data["value"] == entry.default
    json.dumps(sent.cleaned_data["value"])
    words = " ".join(in_words(entry, entry.default))
    assert words
    assert not set("{}[]'\"") & set(words)


@given(st.permutations(["a", "b", "c"]), st.integers(min_value=1, max_value=3))
def test_an_ordered_list_keeps_its_order(order, length):
    entry, wanted = KINDS["ordered"], list(order)[:length]
    data = {f"value-{n}": value for n, value in enumerate(wanted, 1)} | {"start": "2030-01-01"}
    form = SettingForm(data, entry=entry, value=entry.default)
    assert form.is_valid()
    assert form.cleaned_data["value"] == wanted


def test_naming_a_meeting_twice_or_none_is_refused():
    entry = KINDS["ordered"]
    for data in ({"value-1": "a", "value-2": "a"}, {"value-1": ""}, {"value-1": "x"}):
        assert not SettingForm(data | {"start": "2030-01-01"}, entry=entry, value=["a"]).is_valid()


def test_the_words_of_the_registry_fit_the_kinds_that_exist():
    assert {value for value, _label in SETTINGS["meeting_routes"].choices} == set(MeetingKind.values)
    assert {value for value, _label in SETTINGS["electronic_signing"].choices} <= set(UnitKind.values)
    for key, entry in SETTINGS.items():
        if isinstance(entry.default, dict) and entry.keys:
            assert set(entry.keys) == set(entry.default), key


def test_a_new_value_holds_from_its_day_on_and_the_trail_keeps_both(world):
    page = "/settings/reply_days/"
    admin = as_(world.admin)
    later = world.today + 10 * DAY
    assert admin.post(page, {"value": "7", "start": str(later)}).status_code == 302
    assert (setting("reply_days"), setting("reply_days", later)) == (5, 7)
    event = DecisionEvent.objects.filter(action="setting.change").get()
    assert json.loads(event.payload) == {"key": "reply_days", "before": 5, "after": 7, "start": str(later)}
    assert "7" in admin.get(page).content.decode()


def test_the_past_keeps_its_value_and_nothing_is_replaced_silently(world):
    page, admin = "/settings/reply_days/", as_(world.admin)
    day = str(world.today)
    assert admin.post(page, {"value": "7", "start": str(world.today - DAY)}).status_code == 409
    assert admin.post(page, {"value": "5", "start": day}).status_code == 409
    assert admin.post(page, {"value": "7", "start": day}).status_code == 302
    again = admin.post(page, {"value": "9", "start": day})
    assert again.status_code == 409
    assert 'name="replace"' in again.content.decode()
    assert 'value="9"' in again.content.decode()
    assert setting("reply_days") == 7
    assert admin.post(page, {"value": "9", "start": day, "replace": "on"}).status_code == 302
    assert setting("reply_days") == 9
    assert CountySetting.objects.count() == 1
    assert admin.post(page, {"value": "many", "start": day}).status_code == 422


def test_which_meeting_decides_whom_is_edited_in_words(world):
    case = world.nominated()
    admin = as_(world.admin)
    page = admin.get("/settings/meeting_routes/").content.decode()
    assert "standing_committee" in page
    data = {f"value-{key}-1": "standing_committee" for key in SETTINGS["meeting_routes"].default}
    assert admin.post("/settings/meeting_routes/", data | {"start": str(world.today)}).status_code == 302
    assert route_of(case) == ["standing_committee"]


def test_who_signs_stands_on_the_sheet(world):
    world.draft()
    world.prepared()
    sheet = as_(world.liaison).get(f"{world.unit_return.get_absolute_url()}sheet/").content.decode()
    assert signer_of("bureau") in sheet
    value = SETTINGS["unit_signers"].default | {"bureau": "branch_secretary"}
    change_setting(by=world.admin, key="unit_signers", value=value, start=world.today)
    assert signer_of("bureau") == dict(SETTINGS["unit_signers"].choices)["branch_secretary"]
    assert signer_of("village") == ""


def test_only_the_department_administrator_changes_settings(world):
    for user in (world.chief, world.clerk, world.leader, world.head):
        assert as_(user).get("/settings/").status_code == 403
        assert as_(user).post("/settings/reply_days/", {"value": "1", "start": str(world.today)}).status_code == 403
    assert as_(world.admin).get("/settings/nothing/").status_code == 404
    assert not CountySetting.objects.exists()


def test_the_county_may_work_on_another_day_than_the_country(world):
    admin = as_(world.admin)
    day = next(world.today + n * DAY for n in range(1, 9) if is_working_day(world.today + n * DAY))
    assert admin.post("/settings/calendar/", {"day": str(day), "working": "no", "note": "县里活动"}).status_code == 302
    assert not is_working_day(day)
    assert add_working_days(day - DAY, 1) > day
    assert admin.post("/settings/calendar/", {"day": str(day), "working": "no"}).status_code == 409
    assert admin.post("/settings/calendar/", {"day": str(world.today - DAY), "working": "no"}).status_code == 409
    row = CalendarDay.objects.get()
    assert admin.post("/settings/calendar/remove/", {"day": str(row.public_id)}).status_code == 302
    assert is_working_day(day)
    assert list(DecisionEvent.objects.filter(action__startswith="calendar").values_list("action", flat=True)) == [
        "calendar.set",
        "calendar.remove",
    ]


def test_a_day_that_deadlines_were_reckoned_with_stays(world):
    row = set_day(by=world.admin, day=world.today, working=False, note="")
    CalendarDay.objects.filter(pk=row.pk).update(day=world.today - DAY)
    row.refresh_from_db()
    with pytest.raises(ValidationError):
        remove_day(row, by=world.admin)


def test_a_year_that_the_library_does_not_know_is_marked(world, monkeypatch):
    admin = as_(world.admin)
    monkeypatch.setattr("accounts.setting.views.is_announced", lambda day: day.year == world.today.year)
    years = admin.get("/settings/calendar/").context["years"]
    assert [year["announced"] for year in years] == [True, False]
