"""Saved filters, the last filter, the search of the top bar, and help."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.kit.filters import keep
from accounts.models import SavedFilter
from accounts.permissions import Role, granted
from cohorts.site.context import SECTIONS
from cohorts.site.demo.county import id_number
from cohorts.site.help import LANGUAGES, folder, name_of, names, to_html
from tests.test_access import state_of_the_database
from tests.test_pages import as_
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_a_filter_is_kept_used_and_deleted(world):
    clerk = as_(world.clerk)
    page = clerk.get("/cases/?state=nominated&after=x").context["list_filters"]
    assert page["query"] == "state=nominated"
    data = {"name": "待核查", "page": "/cases/", "query": page["query"]}
    assert clerk.post("/filters/", data).url == "/cases/?state=nominated"
    assert "待核查" in clerk.get("/cases/").content.decode()
    assert clerk.post("/filters/", data).status_code == 302
    row = SavedFilter.objects.get()
    assert as_(world.chief).post(f"/filters/{row.public_id}/", {"act": "delete"}).status_code == 404
    assert "待核查" not in as_(world.chief).get("/cases/").content.decode()
    clerk.post(f"/filters/{row.public_id}/", {"act": "delete"})
    assert not SavedFilter.objects.exists()


def test_one_filter_opens_the_page_and_a_second_takes_its_place(world):
    first = keep(by=world.clerk, page="/cases/", name="a", query="state=verified", default=True)
    keep(by=world.clerk, page="/cases/", name="b", query="state=notified", default=True)
    assert SavedFilter.objects.get(is_default=True).name == "b"
    assert as_(world.clerk).get("/cases/").context["list_filters"]["query"] == "state=notified"
    as_(world.clerk).post(f"/filters/{first.public_id}/", {"act": "default"})
    assert as_(world.clerk).get("/cases/").context["list_filters"]["query"] == "state=verified"
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedFilter.objects.filter(name="b").update(is_default=True)


def test_the_last_filter_comes_back_until_all_is_shown_and_reading_writes_no_row(world):
    clerk, before = as_(world.clerk), state_of_the_database()
    clerk.get("/cases/?state=verified&sort=name")
    again = clerk.get("/cases/")
    assert again.context["list_filters"]["recalled"]
    assert again.context["list_filters"]["query"] == "state=verified&sort=name"
    assert clerk.get("/returns/").context["list_filters"]["query"] == ""
    assert clerk.get("/cases/?clear=1").context["list_filters"]["query"] == ""
    assert clerk.get("/cases/").context["list_filters"]["query"] == ""
    assert state_of_the_database() == before


def test_each_condition_is_a_chip_that_takes_it_away(world):
    page = as_(world.clerk).get("/cases/?state=nominated&q=wang&sort=name").context["list_filters"]
    urls = [chip["url"] for chip in page["chips"]]
    assert urls == ["?q=wang&sort=name", "?state=nominated&sort=name"]
    assert as_(world.clerk).get("/cases/?state=nominated").context["list_filters"]["chips"][0]["url"] == "?clear=1"


def test_an_identity_number_is_neither_remembered_nor_kept(world):
    clerk, number = as_(world.clerk), "610999198001010015"
    clerk.get(f"/cases/?q={number}")
    assert "filters" not in clerk.session
    clerk.post("/filters/", {"name": "x", "page": "/cases/", "query": f"q={number}"})
    assert not SavedFilter.objects.exists()


def test_a_filter_is_kept_for_a_page_of_this_house_only(world):
    for page in ("https://elsewhere.example/", "//elsewhere.example/", "/nowhere/", ""):
        assert as_(world.clerk).post("/filters/", {"name": "x", "page": page, "query": "a=b"}).status_code == 404
    assert not SavedFilter.objects.exists()


def test_the_search_finds_cases_people_and_units_within_scope(world):
    case = world.nominated()
    words = [case.cadre.name, case.cadre.pinyin, case.cadre.initials, case.number]
    for user in (world.clerk, world.head):
        for word in words:
            assert case in as_(user).get("/search/", {"q": word}).context["cases"], (user.username, word)
    assert case.cadre in as_(world.clerk).get("/search/", {"q": case.cadre.name}).context["people"]
    assert world.bureau in as_(world.clerk).get("/search/", {"q": "水利"}).context["units"]
    for user in (world.stranger, world.supervisor, world.payroll, world.trainee):
        for word in [*words, "县水利局"]:
            found = as_(user).get("/search/", {"q": word}).context
            assert not found["cases"], (user.username, word)
            assert not [unit for unit in found["units"] if unit == world.bureau], (user.username, word)
    assert (
        case.number not in as_(world.stranger).get("/search/", {"q": case.number}).content.decode().split("</form>")[-1]
    )


def test_a_recused_clerk_finds_no_case(world):
    from accounts.models import Relation

    case = world.nominated()
    Relation.objects.create(cadre=world.clerk.cadre, other=case.cadre, kind="kin")
    for word in (case.number, case.cadre.name):
        assert not as_(world.clerk).get("/search/", {"q": word}).context["cases"]


def test_a_whole_identity_number_finds_its_person_and_a_part_does_not(world):
    number = id_number(dt.date(1980, 1, 1), 1, "1")
    person = world.person(world.bureau, id_number=number)
    assert as_(world.clerk).get("/search/", {"q": number}).context["people"] == [person]
    assert not as_(world.clerk).get("/search/", {"q": number[:14]}).context["people"]


def test_the_inspector_finds_a_number_and_the_case_still_asks_for_the_purpose(world):
    case = world.nominated()
    inspector = as_(world.inspector)
    assert not inspector.get("/search/", {"q": case.cadre.name}).context["cases"]
    page = inspector.get("/search/", {"q": case.number}).content.decode()
    assert case.get_absolute_url() in page
    assert case.cadre.name not in page
    assert case.facts not in inspector.get(case.get_absolute_url()).content.decode()


def test_the_search_costs_the_same_whatever_it_finds(world):
    clerk = as_(world.clerk)
    clerk.get("/search/?q=zz")
    costs = []
    for word in ("nobody", "县"):
        with CaptureQueriesContext(connection) as queries:
            clerk.get("/search/", {"q": word})
        costs.append(len(queries))
    assert costs[0] == costs[1]
    for strange in ("%", "_", "'", "2026-99999999999", "2026-", " ", "\x01"):
        assert clerk.get("/search/", {"q": strange}).status_code == 200, strange


def test_every_page_of_the_navigation_has_help_in_both_languages():
    pages = {name_of(tab.url) for section in SECTIONS for tab in section.tabs} | {"me", "notices", "search"}
    for language in LANGUAGES:
        missing = [name for name in pages if not (folder(language) / f"{name}.md").exists()]
        assert not missing, f"docs/help/{language} lacks {missing}"


def test_help_is_short_titled_and_the_same_in_both_languages():
    for name in names():
        texts = {language: (folder(language) / f"{name}.md").read_text(encoding="utf-8") for language in LANGUAGES}
        for language, text in texts.items():
            assert text.startswith("# "), (language, name)
            assert len(text.splitlines()) <= 25, (language, name)
        shapes = [[line[:2] for line in text.splitlines() if line[:2] in ("- ", "# ")] for text in texts.values()]
        assert shapes[0] == shapes[1], name
    assert {p.stem for lang in LANGUAGES for p in folder(lang).glob("*.md")} == set(names()), "one language only"


def test_help_opens_from_the_page_and_shows_no_markup_of_others(world):
    page = as_(world.clerk).get("/cases/").content.decode()
    assert 'href="/help/cases/?from=/cases/' in page
    assert as_(world.clerk).get("/help/cases/").status_code == 200
    assert as_(world.clerk).get("/help/nothing/").status_code == 404
    assert to_html("a <script> **b**\n- c") == "<p>a &lt;script&gt; <b>b</b></p><ul><li>c</li></ul>"


@pytest.mark.parametrize(
    ("opened_from", "back"),
    [("/sessions/x/roll/?day=1", "/sessions/x/roll/?day=1"), ("https://example.org/", "/"), ("", "/")],
)
def test_help_leads_back_to_the_page_that_it_was_opened_from(world, opened_from, back):
    answer = as_(world.clerk).get("/help/sessions/", {"from": opened_from})
    assert answer.context["back"] == back


def test_administrators_have_no_search_and_every_role_at_most_eight_sections():
    from cohorts.site.context import navigation

    class Person:
        def __init__(self, role):
            self.role = type("Held", (), {"role": role})

        def may(self, code):
            return granted(self.role.role, code)

    for role in Role:
        if role != Role.SYSTEM:
            assert len(navigation(Person(role), "/")[0]) <= 8, role
