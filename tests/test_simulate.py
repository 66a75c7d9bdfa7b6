"""The detection measured against a known truth: a few seeds here, twenty for each world in docs/detection.md."""

import io
import json
from random import Random

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Cadre, DecisionEvent, Notice, Unit
from assessments.criteria.models import Edition
from assessments.evidence.models import Evidence
from cohorts.alert.workflow import scan
from cohorts.models import Alert, Referral, UnitQuestion
from cohorts.site.simulate.county import DAY, County
from cohorts.site.simulate.play import _noon, simulate
from cohorts.site.simulate.worlds import PARTIAL, RECORDS, WORLDS

pytestmark = pytest.mark.django_db
KEYS = ["world", "units", "planted", "shielding", "shielding_found", "honest", "honest_flagged", "by_dropped", "by_size", "rules",
        "seconds", "statements"]  # fmt: skip


def test_seeds_of_the_default_world_find_the_shielding_units_and_spare_the_honest():
    """Bounds of a few seeds, far wider than those of docs/detection.md: no luck passes them when the rule is broken."""
    runs = [simulate(seed=seed, units=34, world=PARTIAL) for seed in (101, 102, 103)]
    large = simulate(seed=104, units=100, world=PARTIAL)
    runs.append(large)
    found, shielding, flagged, honest = (
        sum(run[key] for run in runs) for key in ("shielding_found", "shielding", "honest_flagged", "honest")
    )
    assert shielding >= 20 and found / shielding >= 0.7
    assert flagged / honest <= 0.05
    assert large["planted"] == 15 and large["honest"] == 85 and large["statements"] < 400
    assert large["rules"]["evidence_gap"]["alerts"] == large["shielding_found"] + large["honest_flagged"]
    assert sum(row["shielding"] for row in large["by_dropped"].values()) == large["shielding"]
    assert sum(row["honest"] for row in large["by_size"].values()) == large["honest"]


def test_the_command_prints_one_json_with_these_keys_and_leaves_nothing_behind():
    models = (Unit, Cadre, Evidence, Referral, UnitQuestion, Alert, Notice, DecisionEvent, Edition)
    before = [model.objects.count() for model in models]
    out, progress = io.StringIO(), io.StringIO()
    call_command("simulate", "--seed", "7", "--units", "8", "--json", stdout=out, stderr=progress)
    found = json.loads(out.getvalue())
    assert list(found) == KEYS
    assert found["world"] == "partial" and found["units"] == 8
    assert set(found["rules"]["evidence_gap"]) == {"alerts", "precision", "recall", "false_discovery"}
    assert "seed 7" in progress.getvalue()
    assert [model.objects.count() for model in models] == before


def test_a_seed_is_the_same_county_every_time():
    one, two = (simulate(seed=3, units=8, world=WORLDS["loose"]) for _n in range(2))
    for run in (one, two):
        del run["seconds"]
    assert one == two


def test_another_fraction_flags_other_units():
    strict = simulate(seed=5, units=12, world=WORLDS["loose"], fraction=0.01)
    mild = simulate(seed=5, units=12, world=WORLDS["loose"], fraction=0.9)
    assert strict["rules"]["evidence_gap"]["alerts"] > mild["rules"].get("evidence_gap", {"alerts": 0})["alerts"]


@pytest.mark.parametrize("world", ["partial", "outside"])
def test_the_scan_asks_about_exactly_the_people_on_record_whom_nobody_named(world):
    """The real ``who_meets`` reads the record as it was written, noise and all."""
    closes_on = timezone.localdate() - 40 * DAY
    with transaction.atomic():
        county = County(WORLDS[world], Random(11), 12, closes_on=closes_on)
        scan(on=closes_on + DAY, at=_noon(closes_on + DAY))
        asked = set(UnitQuestion.objects.values_list("cadre", flat=True))
        everybody = [person for office in county.offices for person in office.people]
        assert asked == {p.cadre.pk for p in everybody if p.on_record and not p.named}
        assert any(p.true_case for p in everybody if p.on_record and not p.named)
        transaction.set_rollback(True)


def test_a_county_without_shielding_has_nothing_to_find():
    found = simulate(seed=2, units=10, world=WORLDS["none"])
    assert found["planted"] == found["shielding"] == 0 and found["honest"] == 10


def test_planted_units_hold_back_at_least_half_and_the_records_are_of_several_criteria():
    with transaction.atomic():
        county = County(PARTIAL, Random(12), 20, closes_on=timezone.localdate() - 40 * DAY)
        for office in county.offices:
            true = sum(person.true_case for person in office.people)
            assert office.dropped == 0 or (office.planted and true / 2 <= office.dropped <= true)
        transaction.set_rollback(True)
    assert len(RECORDS) >= 5


def test_no_rule_knows_of_the_simulation(root):
    for folder in ("cohorts/alert", "cohorts/question", "assessments/evidence"):
        for path in (root / folder).rglob("*.py"):
            assert "simulate" not in path.read_text(), path
