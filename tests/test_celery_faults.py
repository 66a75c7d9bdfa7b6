"""Workers die in the middle of a job, two start at once, Redis goes away: each period's work is done, and done once."""

import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager

import pytest
from celery import Celery
from django.db import connection
from django.utils import timezone

from accounts.job import SILENCE, Job, Produced, ask_for, perform_waiting, run_once
from accounts.models import DecisionEvent, Notice, User
from accounts.notice.workflow import notify
from accounts.tasks import perform_jobs, send_notices, wake_worker
from accounts.trail.workflow import first_break
from cohorts.alert.models import Alert
from cohorts.alert.workflow import DIGEST, SCAN
from cohorts.campaign.models import Round
from cohorts.models import ReportExport
from cohorts.report.workflow import EXPORT
from cohorts.tasks import scan_alerts
from tests.faults import KILLED, SmtpSink, begin, end, in_child, together
from tests.servers import running_beat, running_worker
from tests.world import DAY, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    world = World()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    Notice.objects.all().delete()
    return world


def silent():
    """As if eleven minutes had gone by without a sign of the dead worker, and every lease were over."""
    Job.objects.filter(state="running").update(touched_at=timezone.now() - 2 * SILENCE)
    Notice.objects.filter(mailed_at__isnull=True).update(claimed_until=None)


def eventually(done, seconds=90.0):
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def assert_scanned_once():
    """Five units did not return: five alerts, each with one event, each person told once; the units hear by the ladder."""
    assert Alert.objects.filter(rule="return_missing", state="open").count() == Alert.objects.count() == 5
    assert DecisionEvent.objects.filter(action="alert.raise").count() == 5
    told = list(Notice.objects.values_list("code", "recipient__username"))
    assert sorted(told) == [("alerts_raised", "chief"), ("alerts_raised", "clerk")]
    assert first_break() is None


# ---------- killed at each step ----------


@pytest.mark.parametrize("step", ["job.after_begin", "job.before_commit", "job.after_commit"])
def test_a_worker_killed_in_a_scan(world, step):
    assert in_child(lambda: run_once(SCAN, "1"), step) == KILLED
    job = Job.objects.get()
    assert job.state == ("done" if step == "job.after_commit" else "running")
    assert Alert.objects.exists() == (step == "job.after_commit")
    assert in_child(perform_waiting) == 0  # not yet silent: nobody takes it over
    assert Job.objects.get().state == job.state
    silent()
    # Killed again at the same step, by whoever took it over.
    assert in_child(perform_waiting, step) == (KILLED if step == "job.before_commit" else 0)
    silent()
    assert together(perform_waiting, perform_waiting) == [0, 0]
    assert in_child(lambda: run_once(SCAN, "1")) == 0
    job.refresh_from_db()
    assert job.state == "done"
    assert job.outcome["raised"] == 5
    assert_scanned_once()


def test_a_worker_killed_in_a_digest(world):
    assert in_child(lambda: run_once(SCAN, "1")) == 0
    for n, step in enumerate(("job.after_begin", "job.before_commit", "job.after_commit"), 1):
        assert in_child(lambda n=n: run_once(DIGEST, str(n)), step) == KILLED
        silent()
        assert in_child(perform_waiting) == 0
        assert Notice.objects.filter(code="alert_digest").count() == 2 * n, step


def test_an_export_that_somebody_asked_for_is_made_once(world):
    asked = {
        "compare": False,
        "format": "csv",
        "section": "units",
        "query": {"campaign": str(world.campaign.public_id)},
    }

    def ask():
        ask_for(EXPORT, by=world.admin.acting_as("department_admin"), **asked)
        wake_worker()

    # Nobody told the worker: the row waits for the next minute of beat.
    assert in_child(ask, "job.before_publish") == KILLED
    assert Job.objects.get().state == "waiting"
    for step in ("job.after_file", "job.before_commit"):
        assert in_child(perform_waiting, step) == KILLED
        silent()
    assert in_child(perform_waiting) == 0
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("done", 3)
    assert ReportExport.objects.count() == DecisionEvent.objects.filter(action="report.export").count() == 1
    folder, name = job.file.name.rsplit("/", 1)
    assert job.file.storage.listdir(folder)[1].count(name) == 1
    assert [file for file in job.file.storage.listdir(folder)[1] if file.startswith(str(job.public_id))] == [name]


# ---------- at the same moment ----------


def test_two_processes_that_start_the_same_scan_at_the_same_moment(world):
    assert together(lambda: run_once(SCAN, "1"), lambda: run_once(SCAN, "1")) == [0, 0]
    assert Job.objects.count() == 1
    assert_scanned_once()
    # The same again with work that takes no time, so that they meet closely.
    for n in range(10):
        assert together(*[lambda n=n: run_once("x", str(n), lambda job: counted)] * 2) == [0, 0]
    assert Notice.objects.filter(code="counted").count() == 10


def counted():
    Notice.objects.create(recipient=User.objects.get(username="clerk"), code="counted", mail="none")
    return Produced({})


def test_a_scan_by_hand_and_one_by_beat_at_the_same_moment(world):
    assert together(lambda: run_once(SCAN, "1"), lambda: run_once(SCAN, "2")) == [0, 0]
    assert Job.objects.filter(state="done").count() == 2
    assert_scanned_once()


# ---------- real workers, the configured broker ----------


@pytest.mark.xdist_group("worker")
def test_a_real_worker_killed_before_it_acknowledges(world, root, tmp_path):
    from retrain.celery import app

    app.control.purge()
    people = [User.objects.create(username=f"u{n}", email=f"u{n}@example.org") for n in range(5)]
    notify(people, "nominated", case="1", unit="x")
    sink = SmtpSink()
    sink.start()
    with closing(sink.listener):
        scan_alerts.delay()
        with running_worker(root, tmp_path / "1.log", RETRAIN_FAILPOINT="job.after_commit") as worker:
            eventually(lambda: worker.process.poll() is not None)
            assert worker.process.returncode == KILLED
        before = Notice.objects.count()
        send_notices.delay()
        environment = {"RETRAIN_FAILPOINT": "mail.after_send:3", "EMAIL_URL": sink.url}
        with running_worker(root, tmp_path / "2.log", **environment) as worker:
            eventually(lambda: worker.process.poll() is not None)
            assert worker.process.returncode == KILLED
        silent()
        with running_worker(root, tmp_path / "3.log", EMAIL_URL=sink.url):
            perform_jobs.delay()
            scan_alerts.delay()
            send_notices.delay()  # whatever became of the first message: the next minute's
            eventually(lambda: not Notice.objects.filter(mail="now", mailed_at__isnull=True).exists())
            eventually(lambda: not Job.objects.filter(state="running").exists())
    assert Notice.objects.count() == before
    assert Alert.objects.count() == 5
    keys = [notice.message_id for notice in Notice.objects.filter(mail="now")]
    assert len(keys) == 5
    assert sorted(set(sink.accepted)) == sorted(
        (n.message_id, n.recipient.email) for n in Notice.objects.filter(mail="now")
    )
    assert len(sink.accepted) == 5 + 1  # one kill after the mail had gone, one copy


@pytest.fixture
def port():
    """A free port for a Redis of the test's own; the continuous integration installs the program beside the server."""
    if not shutil.which("redis-server"):
        pytest.skip("needs the program redis-server")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def redis_server(folder, port):
    """A Redis of the test's own, which writes everything down before it answers."""
    command = [
        "redis-server",
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
    ]
    server = subprocess.Popen(
        [*command, "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(answers)
        yield server
    finally:
        server.kill()
        server.wait()


@pytest.mark.redis
@pytest.mark.xdist_group("worker")
def test_redis_is_killed_and_restarted_in_the_middle_of_a_scan(world, root, tmp_path, port):
    url, held = f"redis://127.0.0.1:{port}/0", tmp_path / "held"
    beat = Celery("beat", broker=url)
    beat.conf.task_ignore_result = True
    with redis_server(tmp_path, port) as server:
        environment = {"REDIS_URL": url, "RETRAIN_FAILPOINT": f"job.before_commit@{held}"}
        with running_worker(root, tmp_path / "worker.log", **environment) as worker:
            beat.send_task("cohorts.tasks.scan_alerts")
            eventually(held.exists)
            job = Job.objects.get(kind=SCAN)
            assert (job.state, job.done) == ("running", job.total)  # its progress shows while it runs
            beat.send_task("accounts.tasks.tick")  # waits in Redis while Redis dies
            server.kill()
            server.wait()
            with redis_server(tmp_path, port):
                held.unlink()
                eventually(lambda: Job.objects.get(kind=SCAN).state == "done")
                eventually(lambda: Job.objects.filter(kind="beat").exists())
                beat.send_task("cohorts.tasks.scan_alerts")
                beat.send_task("accounts.tasks.perform_jobs")
                ask_for(SCAN, by=world.chief.acting_as("chief"))
                beat.send_task("accounts.tasks.perform_jobs")
                eventually(lambda: Job.objects.filter(kind=SCAN, started_by=world.chief, state="done").exists())
            assert worker.process.poll() is None
    assert not Job.objects.exclude(state="done").exists()
    assert_scanned_once()


@pytest.mark.redis
@pytest.mark.xdist_group("worker")
def test_two_beats_and_two_workers_scan_once_per_period(world, root, tmp_path, port):
    environment = {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    beats = [tmp_path / "beat-1.log", tmp_path / "beat-2.log"]
    workers = [tmp_path / "worker-1.log", tmp_path / "worker-2.log"]

    def times(log, words):
        return log.read_text(errors="replace").count(words)

    with redis_server(tmp_path, port), ExitStack() as running:
        for log in workers:
            running.enter_context(running_worker(root, log, **environment))
        for log in beats:
            running.enter_context(running_beat(root, log, **environment))
        eventually(lambda: all(times(log, "Sending due task scan_alerts") >= 3 for log in beats))
        eventually(lambda: all(times(log, "scan_alerts") >= 3 for log in workers))
        eventually(lambda: Job.objects.filter(kind=SCAN).exists() and not Job.objects.exclude(state="done").exists())
    # The test may stand across the end of ten minutes; each of them has one scan, and the second finds nothing new.
    periods = list(Job.objects.filter(kind=SCAN).values_list("period", flat=True))
    assert len(periods) == len(set(periods)) <= 2
    assert_scanned_once()


def test_the_progress_of_a_scan_shows_while_it_runs(world, tmp_path):
    held = tmp_path / "held"
    child = begin(lambda: run_once(SCAN, "1"), FAILPOINT=f"job.before_commit@{held}")
    eventually(held.exists)
    job = Job.objects.get()
    assert job.state == "running"
    assert job.done == job.total > 5
    held.unlink()
    assert end(child) == 0
    assert Job.objects.get().state == "done"
    connection.close()
