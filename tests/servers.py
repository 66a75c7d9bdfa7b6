"""Fixtures for real servers: the test database as UTF8, processes on it, a real Celery worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

TEMPLATE = "retrain_test_template"


def _connect_to_server():
    """A connection to the server's own database; ends the run with a sentence when nobody answers."""
    import psycopg2  # not needed on the embedded database

    place = settings.DATABASES["default"]
    try:
        server = psycopg2.connect(
            dbname="postgres",
            host=place["HOST"] or None,
            port=place["PORT"] or None,
            user=place["USER"] or None,
            password=place["PASSWORD"] or None,
            connect_timeout=10,
        )
    except psycopg2.OperationalError as error:
        pytest.exit(f"PostgreSQL of DATABASE_URL does not answer: {str(error).splitlines()[0]}", returncode=1)
    server.autocommit = True
    return server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On PostgreSQL make the template of the test databases: trigrams of Chinese need UTF8 and C.UTF-8."""
    if connection.vendor != "postgresql":
        return
    with closing(_connect_to_server()) as server, server.cursor() as cursor:
        # xdist's workers come at the same time: one makes it, the others wait.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if not cursor.fetchone():
            cursor.execute(
                f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            )


def process_environment() -> dict[str, str]:
    """The environment in which a child process works on this worker's test database, broker and files."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{place['NAME']}"
    else:
        password = f":{quote(place['PASSWORD'], safe='')}" if place["PASSWORD"] else ""
        port = f":{place['PORT']}" if place["PORT"] else ""
        url = f"postgresql://{place['USER']}{password}@{place['HOST']}{port}/{place['NAME']}"
    return os.environ | {"DJANGO_SETTINGS_MODULE": "retrain.settings", "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def manage(root: Path) -> Callable[..., subprocess.CompletedProcess]:
    """``manage("verify_trail", "--json")``: the command in a process of its own, on the test database.

    Use it with ``transactional_db``: what a test has not committed, another process does not see.
    """

    def run(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=root,
            env=process_environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@dataclass
class Worker:
    """A running Celery worker and where it writes."""

    process: subprocess.Popen
    log: Path

    def stop(self) -> None:
        """TERM, ten seconds, KILL: the solo pool does not always hear TERM at once."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def running_worker(root: Path, log: Path, **environment: str) -> Iterator[Worker]:
    """A real worker on the test database; further variables of its environment by name."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "retrain", "worker", "-P", "solo", "-l", "INFO"),
                *("--without-gossip", "--without-mingle", "-n", f"test-{os.getpid()}-{log.stem}@%h"),
            ],
            cwd=root,
            env=process_environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    worker = Worker(process, log)
    try:
        deadline = time.monotonic() + 40
        while " ready." not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The Celery worker did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)
        yield worker
    finally:
        worker.stop()


@contextmanager
def running_beat(root: Path, log: Path, **environment: str) -> Iterator[subprocess.Popen]:
    """A real ``celery beat`` with a schedule file of its own, by the clock of ``tests.beats``."""
    schedule = ["--schedule", str(log.with_suffix(".schedule")), "--pidfile", ""]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.beats", "beat", "-l", "INFO", *schedule],
            cwd=root, env=process_environment() | environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def celery_worker_process(transactional_db: None, root: Path, tmp_path: Path) -> Iterator[Worker]:
    """A real worker on the test database and this xdist worker's broker; it stops before the flush."""
    from retrain.celery import app  # the application under test

    app.control.purge()
    with running_worker(root, tmp_path / "worker.log") as worker:
        yield worker
