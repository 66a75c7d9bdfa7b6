"""Limits and consequences that hit people or units change as drafts: a second person confirms them."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import CountySetting, DecisionEvent, Notice, Relation, SettingDraft
from accounts.setting.models import SETTINGS, setting
from accounts.setting.trial import tried
from accounts.setting.workflow import change_setting, confirm_setting, draft_setting, drop_setting
from assessments.ballot.models import Ballot, BallotCandidate
from cohorts.review.models import ReturnReview, ReviewPart
from cohorts.review.points import PARTS
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
PAGE = "/settings/review_pass_points/"


@pytest.fixture
def world():
    return World()


def drafted(world, value=65, key="review_pass_points", **options):
    return draft_setting(
        by=world.admin.acting_as("department_admin"), key=key, value=value, start=world.today, **options
    )


def test_a_limit_goes_from_one_person_to_another(world):
    Notice.objects.all().delete()
    admin, leader = as_(world.admin), as_(world.leader)
    assert admin.post(PAGE, {"value": "65", "start": str(world.today)}).status_code == 302
    assert setting("review_pass_points") == 60
    assert Notice.objects.get(code="setting_drafted").recipient == world.leader
    assert PAGE in [task["url"] for task in tasks_of(world.leader.acting_as("leader"))]
    assert PAGE not in [task["url"] for task in tasks_of(world.admin.acting_as("department_admin"))]
    page = leader.get(PAGE)
    assert page.context["may_confirm"] and "65" in page.content.decode()
    assert leader.post(f"{PAGE}decide/", {"act": "confirm", "seen": page.context["draft"].seen}).status_code == 302
    assert setting("review_pass_points") == 65
    assert not SettingDraft.objects.exists()
    assert Notice.objects.get(code="setting_confirmed").recipient == world.admin
    event = DecisionEvent.objects.filter(action="setting.change").get()
    assert event.actor == world.leader and str(world.admin.public_id) in event.payload


def test_the_drafter_does_not_confirm_his_own_value(world):
    drafted(world)
    assert not as_(world.admin).get(PAGE).context["may_confirm"]
    as_(world.admin).post(f"{PAGE}decide/", {"act": "confirm", "seen": SettingDraft.objects.get().seen})
    assert (setting("review_pass_points"), SettingDraft.objects.count()) == (60, 1)
    with pytest.raises(ValidationError):
        change_setting(by=world.admin, key="review_pass_points", value=65, start=world.today)


def test_nobody_confirms_what_he_has_not_read(world):
    read = drafted(world).seen
    drafted(world, 70, at=timezone.now() + dt.timedelta(minutes=1))
    with pytest.raises(ValidationError):
        confirm_setting("review_pass_points", by=world.leader.acting_as("leader"), seen=read)
    assert setting("review_pass_points") == 60
    assert SettingDraft.objects.get().value == 70


def test_a_draft_is_dropped_and_its_drafter_hears_of_it(world):
    drafted(world)
    as_(world.leader).post(f"{PAGE}decide/", {"act": "drop"})
    assert SettingDraft.objects.exists(), "nobody drops what he has not read either"
    as_(world.leader).post(f"{PAGE}decide/", {"act": "drop", "seen": SettingDraft.objects.get().seen})
    assert not SettingDraft.objects.exists()
    assert Notice.objects.get(code="setting_dropped").recipient == world.admin
    with pytest.raises(ValidationError):
        drop_setting("review_pass_points", by=world.leader, seen="")
    assert as_(world.leader).post(f"{PAGE}decide/", {"act": "else"}).status_code == 404
    assert as_(world.leader).post("/settings/nothing/decide/", {"act": "drop"}).status_code == 404


def test_a_draft_whose_day_is_over_is_drafted_anew(world):
    seen = drafted(world).seen
    with pytest.raises(ValidationError):
        confirm_setting(
            "review_pass_points", by=world.leader.acting_as("leader"), seen=seen, at=timezone.now() + 2 * DAY
        )
    assert not CountySetting.objects.exists()


def test_without_a_second_person_nothing_can_be_drafted(world):
    world.leader.assignments.update(end=world.today - DAY)
    with pytest.raises(ValidationError):
        drafted(world)


def test_whoever_confirms_reads_those_settings_and_no_others(world):
    leader = as_(world.leader)
    assert leader.get(PAGE).status_code == 200
    assert leader.get("/settings/reply_days/").status_code == 403
    assert leader.post(PAGE, {"value": "65", "start": str(world.today)}).status_code == 403
    for user in (world.chief, world.clerk, world.head):
        assert as_(user).get(PAGE).status_code == 403
        assert as_(user).post(f"{PAGE}decide/", {"act": "confirm"}).status_code == 403
    weighty = {key for key, entry in SETTINGS.items() if entry.second_person}
    assert {
        "review_pass_points",
        "review_weights",
        "promotion_bar_months",
        "penalties",
        "ballot_poor_percent",
    } <= weighty


# ---------- what it would have meant ----------


def review(case, qualified, points):
    """A review of that case; each part has the points, so the total has them under any weights, or as given by part."""
    parts = points if isinstance(points, dict) else dict.fromkeys(PARTS, points)
    weights = SETTINGS["review_weights"].default
    score = sum(parts[part] * weights[part] for part in PARTS) / 100
    today = timezone.localdate()
    row = ReturnReview.objects.create(referral=case, held_on=today, score=score, qualified=qualified, recorded_on=today,
                                      objection_due=today, fail_ground="" if qualified else "points")  # fmt: skip
    ReviewPart.objects.bulk_create(
        ReviewPart(review=row, code=part, weight=weights[part], score=parts[part]) for part in PARTS
    )


def numbers(key, value, user):
    (line,) = tried(key, value, user)
    return [int(word) for word in "".join(c if c.isdigit() else " " for c in line).split()]


def test_another_limit_and_other_weights_against_the_reviews_of_a_year(world):
    case = world.nominated()
    review(case, True, 62)
    review(case, False, 58)
    review(case, True, dict.fromkeys(PARTS, 60) | {"practice": 90, "theory": 20})
    # 62 falls below 63; what has 62.5 does so too; nobody passes instead. 12 is the number of months.
    assert sorted(numbers("review_pass_points", 63, world.leader)) == [0, 2, 3, 12]
    assert sorted(numbers("review_pass_points", 58, world.leader)) == [0, 1, 3, 12]
    weights = {"theory": 60, "discipline": 10, "practice": 10, "villagers": 10, "defence": 10}
    assert sorted(numbers("review_weights", weights, world.leader)) == [0, 1, 3, 12]
    assert len(tried("review_weights", weights | {"theory": 70}, world.leader)) == 1
    Relation.objects.create(cadre=world.leader.cadre, other=case.cadre, kind="kin")
    assert sorted(numbers("review_weights", weights, world.leader)) == [0, 0, 0, 12]


def test_another_share_against_the_ballots_of_a_year(world):
    ballot = Ballot.objects.create(unit=world.bureau, title="测评", state="closed", opened_on=world.today, closes_on=world.today,
                                   closed_on=world.today, invited=20, came=20, valid=20, poor_percent=33)  # fmt: skip
    for poor in (2, 5, 8):
        BallotCandidate.objects.create(ballot=ballot, cadre=world.person(world.bureau), good=20 - poor, poor=poor)
    # 10, 25 and 40 per cent: from a third on it was one, from a quarter on it would have been two.
    assert sorted(numbers("ballot_poor_percent", 25, world.leader)) == [1, 2, 3, 12]
    assert sorted(numbers("ballot_poor_percent", 26, world.leader)) == [1, 1, 3, 12]


def test_the_sentences_stand_beside_the_draft(world):
    drafted(world)
    page = as_(world.leader).get(PAGE)
    assert page.context["tried"] == tried("review_pass_points", 65, world.leader)
    assert page.context["tried"][0] in page.content.decode()
