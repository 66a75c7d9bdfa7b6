"""People: identity numbers, periods, the person file and what is recorded about a person."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Cadre, DecisionEvent, Relation
from accounts.people.identity import born_of, check_digit, id_problem, mask, place_is_doubtful, sex_of
from accounts.people.periods import Period, overlap
from accounts.people.workflow import (
    begin_duty,
    correct_person,
    end_duty,
    enter_person,
    give_post,
    record_departure,
    set_retirement,
)
from tests.test_pages import as_
from tests.world import DAY, World

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2030, 12, 31))
PERIODS = st.builds(
    lambda start, length: Period(start, start + length * DAY if length else None), DAYS, st.integers(0, 400)
)
NUMBERS = st.builds(
    lambda place, born, serial: f"{place:06d}{born:%Y%m%d}{serial:03d}",
    st.integers(110000, 659999),
    DAYS,
    st.integers(0, 999),
).map(lambda body: body + check_digit(body))


class TestIdentityNumber:
    """Own checksum and date check; the place is only worth a warning."""

    @pytest.mark.parametrize(
        ("number", "problem"),
        [("11010519491231002X", ""), ("34052419800101001X", ""), ("11010519491231002x", ""), ("110105194912310021", "check"),
         ("110105194913310021", "date"), ("11010519490229002X", "date"), ("1101051949123100", "form"), ("", "form"),
         ("１１010519491231002X", "form")],
    )  # fmt: skip
    def test_known_numbers(self, number, problem):
        assert id_problem(number) == problem

    @given(NUMBERS)
    def test_a_right_number_passes_and_tells_birth_and_sex(self, number):
        assert id_problem(number) == ""
        assert f"{born_of(number):%Y%m%d}" == number[6:14]
        assert sex_of(number) == ("1" if int(number[16]) % 2 else "2")

    @given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
    def test_one_mistyped_digit_is_always_found(self, number, place, by):
        wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
        assert id_problem(wrong) in ("check", "date")

    @given(NUMBERS)
    def test_the_mask_hides_the_birthday_and_keeps_the_length(self, number):
        shown = mask(number)
        assert len(shown) == 18
        assert number[6:14] not in shown
        assert shown.count("*") == 11

    def test_only_an_unknown_province_deserves_a_warning(self):
        assert not place_is_doubtful("610999199001010015")
        assert place_is_doubtful("990999199001010015")
        assert not place_is_doubtful("")


class TestPeriods:
    """In force means start <= day < end; two periods overlap when some day lies in both."""

    @given(PERIODS, PERIODS)
    def test_overlap_is_a_common_day(self, one, other):
        latest = max(one.start, other.start)
        assert overlap(one, other) == (one.holds_on(latest) and other.holds_on(latest))
        assert overlap(one, other) == overlap(other, one)

    @given(PERIODS)
    def test_the_first_day_counts_and_the_end_does_not(self, period):
        assert period.possible()
        assert period.holds_on(period.start)
        assert not period.holds_on(period.start - DAY)
        assert period.end is None or not period.holds_on(period.end)

    @given(PERIODS)
    def test_what_follows_at_the_end_does_not_overlap(self, period):
        if period.end:
            assert not overlap(period, Period(period.end))


pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return " ".join(error.value.messages)


def person(world, **fields):
    data = {
        "unit": world.bureau, "name": "周建军", "post": "科员", "level": "150", "joined_on": dt.date(2004, 7, 1), "born": dt.date(1980, 1, 1),
        "sex": "1", "category": "civil_servant",
    } | fields  # fmt: skip
    return enter_person(by=world.clerk, **data)


def test_a_person_is_put_on_record_with_masked_number_and_trail(world):
    cadre = person(world, id_number="34052419800101001x", rank="", political_status="01")
    assert cadre.masked_id == "340***********001X"
    assert Cadre.objects.found_by("34052419800101001X").get() == cadre
    event = DecisionEvent.objects.get(action="person.enter")
    assert "340524" not in event.payload
    page = as_(world.clerk).get(cadre.get_absolute_url()).content.decode()
    assert "340***********001X" in page
    assert "34052419800101001" not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"id_number": "340524198001010011"}, "mistyped"), ({"id_number": "34052419801301001X"}, "does not exist"),
     ({"id_number": "11010519491231002X"}, "another date"), ({"id_number": "34052419800101001X", "sex": "2"}, "other sex"),
     ({"joined_on": dt.date(1990, 1, 1)}, "age of 16"), ({"joined_on": dt.date(2100, 1, 1)}, "future"),
     ({"rank": "R11"}, "1 June 2019"), ({"rank": "T09"}, "personnel category"), ({"rank": "R99", "joined_on": dt.date(2020, 1, 1)}, "Unknown")],
)  # fmt: skip
def test_impossible_data_is_refused_with_a_sentence(world, settings, fields, words):
    settings.LANGUAGE_CODE = "en"
    assert words in refused(person, world, **fields)


def test_the_same_person_is_not_entered_twice(world):
    person(world, id_number="34052419800101001X")
    assert refused(person, world)
    assert refused(person, world, name="别人", id_number="34052419800101001X")


def test_a_transfer_ends_the_earlier_post_on_the_same_day(world):
    cadre = world.person(world.bureau)
    start = world.today - 30 * DAY
    give_post(
        cadre, by=world.clerk, unit=world.forestry, title="股长", level="150", rank="R11", start=start, removed=True
    )
    new, old = cadre.posts.all()
    assert (old.end, old.removed, new.start, new.end) == (start, True, start, None)
    cadre.refresh_from_db()
    assert (cadre.unit, cadre.post, cadre.rank) == (world.forestry, "股长", "R11")
    assert refused(give_post, cadre, by=world.clerk, unit=world.bureau, title="x", level="150", start=start)
    assert refused(give_post, cadre, by=world.clerk, unit=world.bureau, title="x", level="150", start=world.today + DAY)


def test_periods_of_one_kind_never_overlap_and_end_with_a_day(world):
    cadre, start = world.person(world.bureau), world.today - 10 * DAY
    leave = begin_duty(cadre, by=world.liaison, kind="leave", start=start)
    assert refused(begin_duty, cadre, by=world.liaison, kind="leave", start=world.today)
    assert refused(end_duty, leave, by=world.liaison, end=start)
    end_duty(leave, by=world.liaison, end=world.today)
    begin_duty(cadre, by=world.liaison, kind="leave", start=world.today)
    assert refused(end_duty, leave, by=world.liaison, end=world.today + DAY)
    assert Cadre.objects.away(world.today, "leave").get() == cadre


def test_a_secondment_names_its_host_and_maternity_fits_the_sex(world):
    cadre = world.person(world.bureau)
    assert refused(begin_duty, cadre, by=world.liaison, kind="seconded", start=world.today)
    assert refused(begin_duty, cadre, by=world.liaison, kind="seconded", start=world.today, host=world.bureau)
    assert refused(begin_duty, cadre, by=world.liaison, kind="leave", start=world.today, host=world.town)
    assert refused(begin_duty, cadre, by=world.liaison, kind="maternity", start=world.today)
    assert refused(begin_duty, cadre, by=world.liaison, kind="leave", start=dt.date(1999, 1, 1))
    begin_duty(cadre, by=world.liaison, kind="seconded", start=world.today, host=world.town)
    page = as_(world.clerk).get(world.town.get_absolute_url())
    assert cadre.name in page.content.decode()


def test_a_unit_records_nothing_about_people_of_others(world):
    foreign = world.person(world.forestry)
    with pytest.raises(Cadre.DoesNotExist):
        begin_duty(foreign, by=world.liaison, kind="leave", start=world.today)
    client = as_(world.liaison)
    assert client.get(foreign.get_absolute_url()).status_code == 404
    assert client.post(f"{foreign.get_absolute_url()}duty/", {}).status_code == 404
    own = world.person(world.bureau)
    assert client.get(f"{own.get_absolute_url()}post/").status_code == 403


def test_nobody_changes_the_own_record_or_that_of_kin(world):
    assert refused(
        give_post, world.clerk.cadre, by=world.clerk, unit=world.office, title="x", level="150", start=world.today
    )
    cadre = world.person(world.bureau)
    Relation.objects.create(cadre=world.clerk.cadre, other=cadre, kind="kin")
    assert refused(set_retirement, cadre, by=world.clerk, day=world.today)


def test_a_departure_ends_post_and_leave(world):
    cadre = world.person(world.bureau)
    begin_duty(cadre, by=world.clerk, kind="medical", start=world.today - 5 * DAY)
    record_departure(cadre, by=world.clerk, on=world.today, how="died")
    cadre.refresh_from_db()
    assert (cadre.left_on, cadre.left_how) == (world.today, "died")
    assert cadre.posts.get().end == world.today
    assert cadre.duty_periods.get().end == world.today
    assert refused(record_departure, cadre, by=world.clerk, on=world.today, how="left")
    assert refused(give_post, cadre, by=world.clerk, unit=world.bureau, title="x", level="150", start=world.today)
    assert cadre not in as_(world.clerk).get("/people/").context["rows"]
    assert cadre in as_(world.clerk).get("/people/?today=gone").context["rows"]


def test_a_correction_keeps_before_and_after_but_never_the_number(world):
    cadre = person(world, id_number="34052419800101001X")
    body = "34052419800101025"
    correct_person(cadre, by=world.clerk, reason="录入有误", name="周建国", id_number=body + check_digit(body))
    event = DecisionEvent.objects.get(action="person.correct")
    assert "周建军" in event.payload
    assert "周建国" in event.payload
    assert "340524" not in event.payload
    assert refused(correct_person, cadre, by=world.clerk, reason="x", name="周建国")


def test_the_list_searches_by_name_pinyin_initials_and_whole_number(world):
    cadre = person(world, id_number="34052419800101001X")
    client = as_(world.clerk)
    for words in ("周建", "zhoujian", "zjj", "34052419800101001X"):
        assert list(client.get("/people/", {"q": words}).context["rows"]) == [cadre], words
    assert list(client.get("/people/", {"q": "3405241980"}).context["rows"]) == []
    assert cadre in client.get("/people/", {"unit": "水利"}).context["rows"]
    assert cadre not in client.get("/people/", {"unit": "林业"}).context["rows"]
    assert cadre not in as_(world.stranger).get("/people/", {"q": "34052419800101001X"}).context["rows"]


def test_bad_input_keeps_the_input_and_saves_nothing(world):
    cadre, client = world.person(world.bureau), as_(world.clerk)
    url = f"{cadre.get_absolute_url()}post/"
    data = {"unit": "县林业局", "title": "股长一二三", "level": "150", "rank": "", "start": str(world.today + DAY)}
    for status, change in (
        (409, {}),
        (422, {"unit": "没有这个单位"}),
        (422, {"start": "2026-02-31"}),
        (422, {"unit": ""}),
    ):
        answer = client.post(url, data | change)
        assert answer.status_code == status, change
        assert "股长一二三" in answer.content.decode()
    assert cadre.posts.count() == 1
    data["start"] = str(world.today)
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 409, "a double submit changes nothing twice"
    assert cadre.posts.count() == 2


def test_several_units_that_fit_are_told(world):
    answer = as_(world.clerk).post("/people/new/", {"unit": "县"})
    assert answer.status_code == 422
    assert "县水利局" in str(answer.context["form"].errors["unit"])


def test_the_form_of_a_new_person_works_and_warns_of_an_unknown_place(world):
    body = "99052419800101001"
    data = {
        "name": "周建军", "sex": "1", "born": "1980-01-01", "id_number": body + check_digit(body), "category": "institution_technical",
        "joined_on": "2004-07-01", "unit": "县水利局", "title": "工程师", "level": "199", "rank": "T09", "education": "21",
    }  # fmt: skip
    answer = as_(world.clerk).post("/people/new/", data, follow=True)
    assert answer.status_code == 200
    assert [message.level_tag for message in answer.context["messages"]] == ["warning", "success"]
    cadre = Cadre.objects.get(name="周建军")
    assert (cadre.rank, cadre.posts.get().rank, cadre.education) == ("T09", "T09", "21")


def test_barring_relations_are_seen_by_the_chief_and_the_two_only(world):
    cadre = world.person(world.bureau)
    Relation.objects.create(cadre=world.head.cadre, other=cadre, kind="kin")
    Relation.objects.create(cadre=world.deputy.cadre, other=cadre, kind="acquaintance")
    url = cadre.get_absolute_url()
    seen = {user.username: len(as_(user).get(url).context["relations"])
            for user in (world.chief, world.clerk, world.head, world.deputy, world.liaison)}  # fmt: skip
    assert seen == {"chief": 2, "clerk": 1, "head": 1, "deputy": 1, "liaison": 0}
