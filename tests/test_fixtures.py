"""The suite's own instruments: a guard that cannot fail guards nothing."""

import urllib.request

import pytest
from django.db import connection

from tests.servers import process_environment


def test_the_console_reports_script_errors_and_policy_violations(page, console):
    page.goto("/healthz")
    page.evaluate("console.error('broken')")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_timeout(100)
    faults, console.faults = console.faults, []
    assert any("broken" in fault for fault in faults)
    assert any("Content Security Policy" in fault for fault in faults)


def test_the_console_forgives_announced_refusals_only(page, console):
    console.allow(404)
    page.goto("/no-such-page-of-the-house/")
    page.wait_for_timeout(100)
    assert not [fault for fault in console.faults if "404" in fault]
    console.faults.clear()  # a missing page may be refused with a redirect to the sign-in page


def test_the_scan_names_rule_and_place(page, console, axe):
    page.goto("/healthz")
    page.evaluate("document.body.appendChild(document.createElement('img')).src = 'data:,'")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
    assert not console.faults, "the scan itself breaks the content policy"


def test_pages_are_chinese_desktops_or_phones(page, phone, open_page):
    assert page.evaluate("[innerWidth, innerHeight, navigator.language]") == [1440, 900, "zh-CN"]
    assert phone.evaluate("[innerWidth, innerHeight]") == [375, 812]
    assert open_page(locale="en-GB").evaluate("navigator.language") == "en-GB"


def test_the_live_server_is_healthy(live_server):
    with urllib.request.urlopen(f"{live_server.url}/healthz", timeout=10) as response:  # noqa: S310 -- our own address
        assert response.status == 200


def test_another_process_works_on_the_same_database(transactional_db, manage):
    done = manage(
        "shell", "--no-imports", "-c", "from django.db import connection as c; print(c.settings_dict['NAME'])"
    )
    assert done.stdout.strip() == str(connection.settings_dict["NAME"]), done.stderr
    assert str(connection.settings_dict["NAME"]) in process_environment()["DATABASE_URL"]


def test_a_real_worker_starts_and_stops(celery_worker_process):
    assert celery_worker_process.process.poll() is None
    celery_worker_process.stop()
    assert celery_worker_process.process.poll() is not None
