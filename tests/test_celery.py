"""Periodic work happens once a period, a dead worker's work is taken over, and the page says how it stands."""

import datetime as dt
import json

import pytest
import time_machine
from celery.schedules import crontab
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import health
from accounts.failpoint import failpoint
from accounts.job import MAX_ATTEMPTS, SILENCE, WORK, Job, Produced, note_tick, perform_waiting, run_once
from accounts.models import Notice, User
from accounts.notice.workflow import notify
from accounts.tasks import drop_expired_files, export_trail_head, sweep_sessions, tick
from cohorts.alert.models import Alert
from cohorts.alert.workflow import DIGEST, SCAN, look, scan
from cohorts.campaign.models import Round
from cohorts.site.views import tasks_of
from cohorts.tasks import scan_alerts, send_digests
from retrain.celery import app
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
LONG_AGO = SILENCE + dt.timedelta(seconds=1)


@pytest.fixture
def world():
    world = World()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    world.keeper = world.user("keeper", world.office, "system_admin")
    return world


def page(user):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client.get("/health/")


# ---------- settings ----------


def test_late_acknowledgement_time_limits_and_one_message_at_a_time(settings):
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_soft_time_limit < conf.task_time_limit < SILENCE.total_seconds()
    assert conf.accept_content == ["json"]
    if settings.REDIS_URL:
        assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit


def test_every_periodic_message_expires_before_the_next_one_comes(settings):
    app.loader.import_default_modules()
    for kind, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks
        schedule, expires = entry["schedule"], entry["options"]["expires"]
        if isinstance(schedule, crontab):
            now = timezone.now()
            first = now + schedule.remaining_estimate(now) + dt.timedelta(seconds=1)
            assert expires < (schedule.remaining_estimate(first)).total_seconds(), kind
            assert kind in WORK
        else:
            assert expires < schedule, kind


def test_tasks_take_no_objects_and_make_one_call():
    """Their arguments are none: what they do stands in the database."""
    ours = {name: task for name, task in app.tasks.items() if name.split(".")[0] in ("accounts", "cohorts")}
    assert len(ours) == 11
    assert not [name for name, task in ours.items() if task.run.__code__.co_argcount]


# ---------- once a period ----------


def test_a_second_beat_finds_the_period_done(world):
    with time_machine.travel(timezone.now().replace(minute=5), tick=False):
        scan_alerts()
        scan_alerts()
        send_digests()
        send_digests()
    assert Job.objects.filter(kind=SCAN).count() == Job.objects.filter(kind=DIGEST).count() == 1
    assert Notice.objects.filter(code="alert_digest").count() == 2
    assert Notice.objects.filter(code="alerts_raised").count() == 2


@pytest.mark.parametrize(
    ("task", "kind", "periods"),
    [(scan_alerts, SCAN, 18), (sweep_sessions, "sweep_sessions", 3), (export_trail_head, "trail_head", 3), (drop_expired_files, "drop_expired_files", 3)],
)  # fmt: skip
def test_a_clock_that_jumps_does_nothing_twice(monkeypatch, task, kind, periods):
    """Three hours of two beats every ten minutes, then an hour back and again."""
    monkeypatch.setitem(WORK, kind, lambda job: Produced({}))
    start = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)  # 23:00 in the county: midnight comes by
    minutes = [*range(0, 180, 10), *range(120, 180, 10)]
    for minute in minutes:
        with time_machine.travel(start + dt.timedelta(minutes=minute), tick=False):
            task()
            task()
    assert Job.objects.filter(kind=kind, state="done").count() == periods


def test_a_day_in_the_county_has_one_digest_over_midnight(monkeypatch):
    monkeypatch.setitem(WORK, DIGEST, lambda job: Produced({}))
    for hour in range(48):
        with time_machine.travel(dt.datetime(2026, 3, 2, tzinfo=dt.UTC) + dt.timedelta(hours=hour), tick=False):
            send_digests()
    assert sorted(Job.objects.values_list("period", flat=True)) == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_a_failure_is_recorded_and_raised_and_the_next_period_tries_again(monkeypatch):
    def broken(job):
        raise ValueError

    monkeypatch.setitem(WORK, "broken", broken)
    with pytest.raises(ValueError):
        run_once("broken", "1")
    assert Job.objects.get().state == "failed"
    assert run_once("broken", "1") is None
    monkeypatch.setitem(WORK, "broken", lambda job: Produced({"n": 1}))
    assert run_once("broken", "2").outcome == {"n": 1}


def test_what_fails_while_writing_leaves_nothing(world):
    def half(job):
        def write():
            scan()
            raise ValueError

        return write

    with pytest.raises(ValueError):
        run_once(SCAN, "x", half)
    assert not Alert.objects.exists()
    assert Job.objects.get(kind=SCAN).state == "failed"


# ---------- a worker that died ----------


def lost(kind=SCAN, **fields):
    long_ago = timezone.now() - LONG_AGO
    return Job.objects.create(kind=kind, period="lost", attempts=1, created_at=long_ago, touched_at=long_ago, **fields)


def test_the_next_tick_takes_a_lost_scan_over_once(world):
    row = lost()
    assert perform_waiting() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 2)
    assert row.outcome["raised"] == 5
    assert perform_waiting() == 0


def test_a_worker_that_gives_signs_of_life_is_left_alone(world):
    row = lost()
    row.progress(1, 2)
    assert perform_waiting() == 0


def test_a_worker_that_was_thought_dead_writes_nothing_when_it_wakes(world):
    row = lost()

    def slow(job):
        found = look()
        Job.objects.filter(pk=job.pk).update(touched_at=timezone.now() - LONG_AGO)
        assert perform_waiting() == 1  # meanwhile another worker does the whole of it
        return lambda: Produced(dict(found()))

    Job.objects.filter(pk=row.pk).delete()
    run_once(SCAN, "slow", slow)
    job = Job.objects.get(period="slow")
    assert (job.attempts, job.outcome["raised"]) == (2, 5)
    assert Notice.objects.filter(code="alerts_raised").count() == 2


def test_a_job_that_nobody_survives_is_given_up(world):
    row = lost()
    Job.objects.filter(pk=row.pk).update(attempts=MAX_ATTEMPTS)
    assert perform_waiting() == 0
    row.refresh_from_db()
    assert row.state == "failed"


def test_a_scan_that_finds_the_alerts_changed_looks_again(world):
    """Two scans at once: the one that writes second must not undo what the first has raised."""
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today + 30 * DAY)
    early = look()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    late = look()
    assert late()["raised"] == 5
    assert early() == {"raised": 0, "reopened": 0, "renewed": 0, "cleared": 0, "standing": 5, "asked": 0}


def test_a_scan_shows_how_far_it_is(world):
    seen = []
    look(progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] == len(seen) > 5


# ---------- failpoints ----------


def test_a_failpoint_does_nothing_unless_it_is_named_and_never_in_production(settings):
    failpoint("mail.after_claim")
    settings.FAILPOINT = "mail.before_send"
    failpoint("mail.after_claim")
    settings.FAILPOINT, settings.PRODUCTION = "mail.after_claim", True
    failpoint("mail.after_claim")  # would have ended this process


# ---------- the page ----------


def test_the_page_says_how_the_background_work_stands(world, settings, tmp_path):
    settings.BACKUP_MARKER = tmp_path / "last.json"
    scan_alerts()
    tick()
    answer = page(world.keeper)
    text = answer.content.decode()
    assert answer.context["problems"] == []
    assert "未见备份记录" in text
    rows = {row.kind: row for row in answer.context["table"]}
    assert set(rows) == set(settings.CELERY_BEAT_SCHEDULE) - {"beat"}
    assert rows[SCAN].last.state == "done"
    assert any(value == 5 for _label, value in rows[SCAN].figures)
    assert all(timezone.now() < row.next_due <= timezone.now() + DAY for row in rows.values() if row.next_due)
    assert rows["alert_digest"].next_due.astimezone(timezone.get_current_timezone()).hour == 8
    # Figures and states, never a case.
    assert world.bureau.name not in text


def test_the_page_names_each_trouble(world, settings, tmp_path):
    settings.BACKUP_MARKER = tmp_path / "last.json"
    settings.BACKUP_MARKER.write_text(json.dumps({"at": (timezone.now() - 2 * DAY).isoformat()}))
    User.objects.filter(pk=world.clerk.pk).update(email="clerk@example.org")
    notify([User.objects.get(pk=world.clerk.pk)] * 1, "nominated", case="1", unit="x")
    notify([User.objects.get(pk=world.clerk.pk)] * 1, "nominated", case="2", unit="x")
    Notice.objects.filter(params__case="1").update(created_at=timezone.now() - DAY)
    Notice.objects.filter(params__case="2").update(attempts=99, mail_error="SMTPDataError")
    lost()
    Job.objects.create(kind="x", period="x", state="failed", finished_at=timezone.now())
    assert len(page(world.keeper).context["problems"]) == len(health.problems(timezone.now())) == 6
    todo = [task for task in tasks_of(world.keeper.acting_as("system_admin")) if task["url"] == "/health/"]
    assert todo[0]["count"] == 6
    note_tick()
    assert len(health.problems(timezone.now())) == 5


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"at": 5}', '{"at": "yesterday"}'])
def test_a_backup_marker_that_cannot_be_read_is_no_backup(settings, tmp_path, text):
    settings.BACKUP_MARKER = tmp_path / "last.json"
    settings.BACKUP_MARKER.write_text(text)
    assert health.last_backup() is None


def test_a_marker_without_a_zone_is_the_countys_time(settings, tmp_path):
    settings.BACKUP_MARKER = tmp_path / "last.json"
    settings.BACKUP_MARKER.write_text('{"at": "2026-11-26T02:00:00"}')
    assert health.last_backup().isoformat() == "2026-11-26T02:00:00+08:00"


def test_the_page_costs_the_same_with_many_rows(world):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page(world.keeper)
        return len(queries)

    scan_alerts()
    first = cost()
    for n in range(5):
        run_once(SCAN, str(n))
        notify([world.clerk], "nominated", case=str(n), unit="x")
    assert cost() == first


def test_only_the_system_administrator_reads_it(world):
    assert page(world.clerk).status_code == 403
    assert page(world.keeper).status_code == 200


def test_old_rows_of_periodic_work_go_after_a_month_and_those_of_people_stay(world):
    old = timezone.now() - 40 * DAY
    for n, user in enumerate((None, world.chief)):
        Job.objects.create(kind="old", period=str(n), state="done", started_by=user, created_at=old, finished_at=old)
    drop_expired_files()
    assert Job.objects.get(kind="old").started_by == world.chief
