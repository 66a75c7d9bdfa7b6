"""The default criteria and editions are complete, bilingual and consistent (counts: issue 2, section 3)."""

import re
import tomllib
from pathlib import Path

import pytest

from assessments.criteria.thresholds import THRESHOLDS
from assessments.evidence.measures import MEASURES

DATA = Path(__file__).resolve().parent.parent / "assessments" / "data"
RECORDS = {"doc", "task", "appraisal", "attendance", "complaint", "inspection", "media", "warning", "training"}
KINDS = RECORDS | {"talk", "own_statement", "ballot"}
CODES = [f"{group}{n}" for group, last in zip("ABCDE", (4, 5, 4, 5, 4), strict=True) for n in range(1, last + 1)]
CODES_2018 = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "C1", "C2", "D1", "D3", "E1"]
KEYS = {
    "code", "group", "severity", "title_zh", "title_en", "text_zh", "text_en", "example_zh", "example_en", "evidence",
    "min_items", "min_kinds", "needs_one_of", "measurable", "screening_required", "source_zh", "source_en",
}  # fmt: skip
HALF_WIDTH = set(",;:()?!'\"<>")


def load(name):
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


CRITERIA = load("criteria.toml")["criterion"]
GROUPS = load("criteria.toml")["group"]
EDITIONS = {edition["code"]: edition for edition in load("editions.toml")["edition"]}
BY_CODE = {criterion["code"]: criterion for criterion in CRITERIA}
each = pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion["code"])


def tables():
    """Every table that holds texts, with a name for the message."""
    for group in GROUPS:
        yield "group " + group["code"], group
    for criterion in CRITERIA:
        yield criterion["code"], criterion
    for edition in EDITIONS.values():
        yield edition["code"], edition
        for wording in edition.get("wording", []):
            yield f"{edition['code']} {wording['code']}", wording
        for change in edition.get("change", []):
            yield edition["code"] + " change", change


def test_codes_are_the_22_once_each_and_in_order():
    assert [criterion["code"] for criterion in CRITERIA] == CODES
    assert len(CODES) == 22
    assert [group["code"] for group in GROUPS] == list("ABCDE")


def test_editions_hold_13_and_22():
    assert list(EDITIONS) == ["2018", "2019"]
    assert EDITIONS["2018"]["criteria"] == CODES_2018
    assert len(CODES_2018) == 13
    assert EDITIONS["2019"]["criteria"] == CODES


def test_evidence_rule_of_2018_is_weaker():
    assert EDITIONS["2018"]["rule"] == {"min_items": 2, "min_kinds": 2, "needs_record": False}
    assert EDITIONS["2019"]["rule"] == {"min_items": 2, "min_kinds": 2, "needs_record": True}


def test_added_and_removed_are_what_the_lists_say():
    for edition in EDITIONS.values():
        base = set(EDITIONS[edition["based_on"]]["criteria"]) if edition["based_on"] else set(edition["criteria"])
        assert set(edition["added"]) == set(edition["criteria"]) - base
        assert set(edition["removed"]) == base - set(edition["criteria"])


def test_editions_say_that_they_are_ours_and_not_approved():
    for edition in EDITIONS.values():
        assert edition["approved"] is False
        assert "非石泉县官方文本" in edition["note_zh"]
        assert "启用前须由县委组织部审定" in edition["note_zh"]
        assert "not Shiquan's official text" in edition["note_en"]
        assert "must approve" in edition["note_en"]


def test_wordings_differ_from_the_default_and_are_enough_to_compare():
    wordings = EDITIONS["2018"]["wording"]
    codes = [wording["code"] for wording in wordings]
    assert len(codes) == len(set(codes)) >= 3
    for wording in wordings:
        assert wording["code"] in EDITIONS["2018"]["criteria"]
        for key in wording.keys() - {"code"}:
            assert key in {"title_zh", "title_en", "text_zh", "text_en"}
            assert wording[key] != BY_CODE[wording["code"]][key]


def test_every_text_is_there_in_both_languages():
    for name, table in tables():
        stems = {key[:-3] for key in table if key.endswith(("_zh", "_en"))}
        assert stems, name
        for stem in stems:
            for key in (f"{stem}_zh", f"{stem}_en"):
                text = table.get(key, "")
                assert text.strip() and text == text.strip(), (name, key)
                assert "\n" not in text and "  " not in text, (name, key)


def test_chinese_is_chinese():
    for name, table in tables():
        for key, text in table.items():
            if not key.endswith("_zh"):
                continue
            assert set(re.findall(r"[A-Za-z0-9]*[A-Za-z]+[A-Za-z0-9]*", text)) <= set(CODES), (name, key)
            assert not HALF_WIDTH & set(text) and ". " not in text, (name, key)
            assert text.count("（") == text.count("）") and text.count("“") == text.count("”"), (name, key)


def test_english_is_english():
    for name, table in tables():
        for key, text in table.items():
            if key.endswith("_en"):
                assert text.isascii(), (name, key)


def test_titles_are_unique_and_none_is_a_catch_all():
    for edition in EDITIONS.values():
        overrides = {wording["code"]: wording for wording in edition.get("wording", [])}
        for key in ("title_zh", "title_en"):
            titles = [overrides.get(code, {}).get(key, BY_CODE[code][key]) for code in edition["criteria"]]
            assert len(titles) == len(set(titles))
    for name, table in tables():
        assert "其他" not in table.get("title_zh", "") + table.get("text_zh", ""), name
        assert not table.get("title_en", "").lower().startswith("other"), name


@each
def test_criterion_is_complete(criterion):
    measured = {"threshold"} if criterion["measurable"] else set()
    assert set(criterion) == KEYS | measured
    assert criterion["group"] == criterion["code"][0]
    assert criterion["severity"] in (1, 2, 3)
    assert 2 <= criterion["text_zh"].count("。") <= 4
    assert criterion["text_zh"].startswith("指") and criterion["text_zh"].endswith("。")
    assert re.search("不算|不计入", criterion["text_zh"]), "says what does not count"
    assert re.search("not count|not counted", criterion["text_en"])


@each
def test_evidence_can_be_met_and_asks_for_a_record(criterion):
    evidence, needed = criterion["evidence"], criterion["needs_one_of"]
    assert len(evidence) == len(set(evidence)) and set(evidence) <= KINDS
    assert needed and set(needed) <= set(evidence)
    assert set(needed) <= RECORDS, "with a ballot, a talk or an own statement in it, one of these alone would suffice"
    assert 2 <= criterion["min_kinds"] <= criterion["min_items"]
    assert criterion["min_kinds"] <= len(evidence)


@each
def test_severity_3_is_screened(criterion):
    assert criterion["screening_required"] is (criterion["severity"] == 3)
    if criterion["screening_required"]:
        assert "认定前须征求纪委监委意见" in criterion["text_zh"]
        assert "Discipline inspection is asked before the finding" in criterion["text_en"]


@each
def test_threshold_stands_in_the_text(criterion):
    """What the system counts is what the reader is told: each number occurs in both texts."""
    for name, value in criterion.get("threshold", {}).items():
        assert isinstance(value, int) and value > 0, name
        for key in ("text_zh", "text_en"):
            assert str(value) in re.findall(r"\d+", criterion[key]), (name, key)


def test_the_figures_that_an_edition_may_set_are_those_of_the_tests():
    assert set(THRESHOLDS) == set(MEASURES)
    for code, figures in THRESHOLDS.items():
        assert set(figures) == set(BY_CODE[code]["threshold"])


def test_measurable_criteria():
    assert [c["code"] for c in CRITERIA if c["measurable"]] == ["B2", "B5", "C1", "C2", "C4", "D1", "D4"]
