"""Rules of the suite: what may be skipped, which tests belong to which server, how the trail survives a flush.

``RETRAIN_REQUIRE=1`` (continuous integration): a missing server or browser is a failure, never a skip; tests of the
other database are left to the other pass.
"""

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

pytest_plugins = ["tests.servers", "tests.chromium"]

REQUIRED = os.environ.get("RETRAIN_REQUIRE") == "1"
_ON_SQLITE = "sqlite" in settings.DATABASES["default"]["ENGINE"]
# Marker -> (does this pass have it?, what a newcomer reads).
_SERVERS = {
    "postgres": (not _ON_SQLITE, "needs PostgreSQL: set DATABASE_URL=postgresql://user@host/name"),
    "sqlite": (_ON_SQLITE, "needs the embedded database: unset DATABASE_URL"),
    "redis": (bool(settings.REDIS_URL), "needs Redis: set REDIS_URL=redis://host:6379/0"),
}

hypothesis.settings.register_profile(
    "house",
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    derandomize=REQUIRED,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("house")


@contextmanager
def lift_trail_triggers() -> Iterator[None]:
    """Let a flush empty the trail, whose triggers refuse every deletion; nothing else may use this."""
    try:
        triggers = importlib.import_module("accounts.trail.triggers")
    except ModuleNotFoundError:
        yield
        return
    triggers.lift(connection)
    try:
        yield
    finally:
        triggers.lay(connection)


def _flush(test_case: TransactionTestCase, original=TransactionTestCase._fixture_teardown) -> None:
    with lift_trail_triggers():
        original(test_case)
    # The flush also takes the one row that a migration made: the trail's head.
    importlib.import_module("accounts.trail.models").TrailHead.objects.get_or_create(pk=1)


# Only the flushing kind: TestCase has a _fixture_teardown of its own, which rolls back.
TransactionTestCase._fixture_teardown = _flush


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort tests by what they need: live servers in one xdist group, tests of absent servers out or skipped."""
    kept, left_out = [], []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            item.add_marker("browser")
        if fixtures & {"browser", "live_server", "celery_worker_process"}:
            item.add_marker(pytest.mark.xdist_group("live"))
        missing = [why for name, (here, why) in _SERVERS.items() if not here and item.get_closest_marker(name)]
        if missing and REQUIRED:
            left_out.append(item)
            continue
        for why in missing:
            item.add_marker(pytest.mark.skip(reason=why))
        kept.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where everything is required, a skip is a failure that says what was skipped and why."""
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here (RETRAIN_REQUIRE=1). {reason}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the folder of this run removes it; xdist's workers leave it alone."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop("RETRAIN_TEST_BASE"), ignore_errors=True)


@pytest.fixture(autouse=True)
def language_of_the_house():
    """A request leaves its language behind in the thread; every test begins with the default one."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(settings.BASE_DIR)


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter for processes that a test starts."""
    return sys.executable
