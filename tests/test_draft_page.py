"""The nomination form: 22 criteria that can be searched, each with what its evidence still lacks."""

import pytest

from cohorts.referral.models import Referral
from tests.test_journey import sign_in, world  # noqa: F401 -- fixtures of the journeys

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_search_narrows_the_criteria_and_keeps_the_chosen_one(world, sign_in):  # noqa: F811
    page = sign_in(world.liaison)
    page.goto(f"{world.unit_return.get_absolute_url()}nominate/?cadre={world.cadre.public_id}")
    shown = page.locator("#criteria-list [data-item]:visible")
    assert shown.count() == 22
    page.locator("#criteria-list input").nth(5).check()
    chosen = shown.nth(5).inner_text()
    page.locator("#find-criterion").fill("complaints")
    assert 1 <= shown.count() < 22
    assert chosen in shown.all_inner_texts()
    assert page.locator("#criteria-list section:visible").count() < 5


def test_a_saved_draft_says_what_each_criterion_still_lacks(world, sign_in):  # noqa: F811
    case = world.draft(criteria=[world.edition.criteria.get(code="C1"), world.edition.criteria.get(code="B1")])
    page = sign_in(world.liaison)
    page.goto(f"{case.get_absolute_url()}edit/")
    assert "annual appraisal" in page.locator(".meter-gaps").inner_text()
    assert page.locator(".meter-full").count() == 1
    assert Referral.objects.get().state == "draft"
