"""Units: the tree by date - names, sub-units, parents, dissolving and merging - and what remains of them."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Cadre, DecisionEvent, RoleAssignment, Unit
from accounts.people.unit_workflow import correct_unit, dissolve_unit, found_unit, move_unit, name_unit
from accounts.people.workflow import give_post
from cohorts.campaign.workflow import open_round
from cohorts.models import Referral
from tests.test_pages import as_
from tests.test_people import refused
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def station(world, name="河道站", parent=None, **fields):
    data = {"kind": "institution", "since": world.today - 100 * DAY} | fields
    return found_unit(parent or world.bureau, by=world.admin, name=name, **data)


def test_a_sub_unit_reports_through_its_parent(world):
    unit = station(world, phone="0915-000-0999")
    assert unit.path.startswith(world.bureau.path)
    page = as_(world.clerk).get(unit.get_absolute_url())
    assert page.context["through"] == world.bureau
    assert "0915-000-0999" in page.content.decode()
    assert refused(station, world)
    assert refused(station, world, name="新站", since=world.today + DAY)


def test_a_name_holds_from_a_day_on(world):
    name_unit(world.bureau, by=world.admin, name="县水务局", on=world.today)
    world.bureau.refresh_from_db()
    assert world.bureau.name_on(world.today - DAY) == "县水利局"
    assert world.bureau.name_on(world.today) == world.bureau.name == "县水务局"
    assert refused(name_unit, world.bureau, by=world.admin, name="又一局", on=world.today)
    assert as_(world.clerk).get("/units/", {"q": "水利"}).context["rows"] == [world.bureau], "the former name finds it"


def test_a_new_parent_takes_the_whole_subtree_along(world):
    unit = station(world)
    below = station(world, "二级站", unit)
    move_unit(unit, by=world.admin, parent=world.forestry, on=world.today)
    below.refresh_from_db()
    assert below.path.startswith(world.forestry.path)
    assert set(Unit.objects.below(world.forestry)) == {world.forestry, unit, below}
    assert refused(move_unit, unit, by=world.admin, parent=below, on=world.today)
    assert refused(move_unit, unit, by=world.admin, parent=world.forestry, on=world.today)
    assert refused(move_unit, world.county, by=world.admin, parent=world.forestry, on=world.today)


def test_a_merger_moves_people_and_sub_units_and_ends_the_roles(world):
    unit = station(world)
    cadre, day = world.cadre, world.today
    assert refused(dissolve_unit, world.bureau, by=world.admin, on=day)
    assert refused(dissolve_unit, world.bureau, by=world.admin, on=day, successor=unit)
    case = world.nominated()
    dissolve_unit(world.bureau, by=world.admin, on=day, successor=world.forestry)
    cadre.refresh_from_db()
    unit.refresh_from_db()
    assert cadre.unit == world.forestry
    assert cadre.posts.count() == 2
    assert unit.parent == world.forestry
    assert not Cadre.objects.filter(unit=world.bureau).exists()
    assert not RoleAssignment.objects.in_force(day).filter(unit=world.bureau).exists()
    case.refresh_from_db()
    assert case.unit == world.bureau, "an open case stays with its unit"
    successor = world.user("successor", world.forestry, "unit_head")
    assert Referral.objects.visible_to(successor).get() == case
    assert refused(name_unit, world.bureau, by=world.admin, name="x", on=day)
    assert DecisionEvent.objects.filter(action="unit.dissolve").count() == 1


def test_a_dissolved_unit_is_not_asked_by_new_rounds(world):
    empty = station(world, "空站", world.county, reports=True)
    dissolve_unit(empty, by=world.admin, on=world.today)
    row = open_round(
        by=world.admin, campaign=world.campaign, kind="first", opens_on=world.today, closes_on=world.today + DAY
    )
    assert not row.returns.filter(unit=empty).exists()
    assert row.returns.filter(unit=world.bureau).exists()
    assert empty not in as_(world.clerk).get("/units/").context["rows"]
    assert as_(world.clerk).get("/units/?reports=dissolved").context["rows"] == [empty]


def test_somebody_who_joined_later_stops_the_merger_and_nothing_moves(world):
    give_post(world.cadre, by=world.clerk, unit=world.bureau, title="股长", level="150", start=world.today)
    with pytest.raises(ValidationError):
        dissolve_unit(world.bureau, by=world.admin, on=world.today, successor=world.forestry)
    world.bureau.refresh_from_db()
    assert world.bureau.dissolved_on is None
    assert Cadre.objects.filter(unit=world.bureau).exists()


def test_only_the_department_administrator_changes_the_tree_in_the_browser(world):
    base = world.bureau.get_absolute_url()
    admin = as_(world.admin)
    assert "rename" in admin.get(base).content.decode()
    assert "rename" not in as_(world.chief).get(base).content.decode()
    answer = admin.post(f"{base}rename/", {"name": "县水务局", "on": str(world.today + DAY)})
    assert answer.status_code == 409
    assert "县水务局" in answer.content.decode()
    assert admin.post(f"{base}rename/", {"name": "县水务局", "on": str(world.today)}).status_code == 302
    assert (
        admin.post(
            f"{base}found/", {"name": "站", "kind": "institution", "since": str(world.today), "staff_in_post": 3}
        ).status_code
        == 302
    )
    assert (
        admin.post(f"{base}correct/", {"reports": "on", "staff_in_post": 57, "phone": "0915-000-0998"}).status_code
        == 302
    )
    assert (
        admin.post(f"{base}correct/", {"reports": "on", "staff_in_post": 57, "phone": "0915-000-0998"}).status_code
        == 409
    )
    assert admin.post(f"{base}move/", {"parent": "县林业局", "on": str(world.today)}).status_code == 302
    assert admin.post(f"{base}dissolve/", {"on": str(world.today), "successor": "城关镇"}).status_code == 302
    world.bureau.refresh_from_db()
    assert world.bureau.successor == world.town
    assert admin.get(base).context["buttons"] == []


def test_the_unit_page_shows_officers_returns_and_people_within_scope(world):
    page = as_(world.liaison).get(world.bureau.get_absolute_url())
    assert [row.user for row in page.context["officers"]] == [world.head, world.deputy, world.liaison]
    assert world.unit_return.get_absolute_url() in page.content.decode()
    assert world.cadre in page.context["people"]
    assert as_(world.liaison).get(world.forestry.get_absolute_url()).status_code == 404
    assert as_(world.admin).get(world.bureau.get_absolute_url()).context["people"] == []


def test_a_change_without_effect_is_refused(world):
    assert refused(correct_unit, world.bureau, by=world.admin, phone="")
