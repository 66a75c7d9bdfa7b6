"""The tags and filters that every template has: dates in the reader's language, masks, deadlines, icons."""

import datetime as dt

import pytest
from django.utils import translation

from accounts.templatetags.retrain import date_cn, deadline, icon, iso, mask, moment_cn

# 17:30 in Greenwich is past midnight in Shiquan.
LATE = dt.datetime(2026, 11, 22, 17, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("value", [dt.date(2026, 11, 23), LATE, "2026-11-23", "2026-11-22T17:30:00Z"])
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "2026年11月23日"), ("en", "23 Nov 2026")])
def test_date_is_the_countys_day_in_the_readers_language(value, language, words):
    with translation.override(language):
        assert date_cn(value) == words


@pytest.mark.parametrize("value", [None, "", "soon", "2026-02-30", 7])
def test_no_date_is_empty(value):
    assert date_cn(value) == moment_cn(value) == iso(value) == ""


def test_moment_has_hours_and_a_plain_date_has_none():
    with translation.override("zh-hans"):
        assert moment_cn(LATE) == "2026年11月23日 01:30"
        assert moment_cn(dt.date(2026, 11, 3)) == "2026年11月3日"
    with translation.override("en"):
        assert moment_cn(LATE) == "23 Nov 2026, 01:30"
    assert iso(LATE) == "2026-11-23T01:30+08:00"
    assert iso(dt.date(2026, 11, 3)) == "2026-11-03"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("610999197805061234", "610***********1234"), ("12345678", "********"), ("", ""), (None, "")],
)
def test_mask(number, shown):
    assert mask(number) == shown


@pytest.mark.parametrize(
    ("left", "total", "done", "tone"),
    [
        (5, 5, None, "calm"),
        (2, 5, None, "calm"),
        (1, 5, None, "soon"),
        (2, 6, None, "soon"),
        (0, 5, None, "end"),
        (-1, 5, None, "late"),
        (-1, 5, True, "done"),
        (2, None, None, "soon"),
        (3, None, None, "calm"),
    ],
)
def test_deadline_turns_amber_at_a_third_and_red_at_the_end(left, total, done, tone):
    assert deadline(left, total, done).tone == tone


def test_deadline_in_words():
    with translation.override("en"):
        assert deadline(3, 10).words == "3 working days left"
        assert deadline(1, 10).words == "1 working day left"
        assert deadline(-2, 10).words == "2 working days over"
        assert deadline(0, 10).words == "today is the last day"
        assert deadline(0, 10, dt.date(2026, 11, 23)).words == "done 23 Nov 2026"
    assert deadline(None) is None


def test_icon_is_silent_unless_it_has_a_label():
    assert 'aria-hidden="true"' in icon("bell") and "#bell" in icon("bell")
    assert 'aria-label="&lt;a&gt;"' in icon("bell", "<a>")
