"""Pages of alerts, the call list and jobs: open for those who may, input kept, a form sent twice changes nothing twice."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import job as jobs
from accounts.job import WORK, Job, Produced, ask_for, drop_expired_files, perform_waiting
from accounts.models import DecisionEvent, User
from cohorts.alert.models import Alert, ReminderCall
from cohorts.alert.workflow import SCAN, record_call, scan
from cohorts.campaign.models import Round
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    scan()
    return world


def text(response) -> str:
    return response.content.decode()


def test_the_list_filters_by_rule_state_owner_and_unit(world):
    client, mine = as_(world.clerk), Alert.objects.get(unit=world.bureau)
    assert len(client.get("/alerts/").context["rows"]) == 5
    move(mine, "acknowledge", by=world.clerk)
    for query, count in (("rule=return_missing", 5), ("rule=return_due", 0), ("state=open", 4), ("owner=me", 1), ("owner=none", 4),
                         (f"q={world.bureau.name}", 1), ("state=all", 5), ("state=nonsense", 5)):  # fmt: skip
        assert len(client.get(f"/alerts/?{query}").context["rows"]) == count, query
    move(mine, "resolve", by=world.clerk, note="已报")
    assert len(client.get("/alerts/").context["rows"]) == 4


def test_the_worst_stands_first(world):
    case = world.notified()
    scan(on=case.reply_due + DAY)
    rows = as_(world.leader).get("/alerts/").context["rows"]
    assert [row.severity for row in rows] == sorted((row.severity for row in rows), reverse=True)
    assert rows[0].rule == "reply_over"


def test_an_alert_says_what_why_and_what_happened_and_links_its_rows(world):
    alert = Alert.objects.get(unit=world.bureau)
    page = text(as_(world.clerk).get(alert.get_absolute_url()))
    for words in (alert.text, world.unit_return.get_absolute_url(), f"{alert.get_absolute_url()}do/acknowledge/"):
        assert words in page
    assert "do/" not in text(as_(world.leader).get(alert.get_absolute_url())).partition("<main")[2]
    assert as_(world.admin).get(alert.get_absolute_url()).status_code == 403


def test_an_alert_about_kin_does_not_exist(world):
    case = world.notified()
    scan(on=case.reply_due + DAY)
    alert = Alert.objects.get(rule="reply_over")
    kin = world.user("kin", world.department, "clerk")
    kin.cadre.relations.create(other=case.cadre, kind="kin")
    assert as_(kin).get(alert.get_absolute_url()).status_code == 404
    assert alert not in as_(kin).get("/alerts/").context["rows"]


def test_an_alert_is_resolved_in_the_browser_and_a_stale_form_keeps_its_input(world):
    alert, client = Alert.objects.get(unit=world.bureau), as_(world.clerk)
    step = f"{alert.get_absolute_url()}do/"
    assert client.post(f"{step}acknowledge/", {"version": 1}).status_code == 302
    assert client.post(f"{step}acknowledge/", {"version": 1}).status_code == 409
    answer = client.post(f"{step}resolve/", {"version": 1, "note": "已电话催办，明日上报"})
    assert answer.status_code == 409 and "已电话催办，明日上报" in text(answer)
    assert client.post(f"{step}resolve/", {"version": 2, "note": ""}).status_code == 422
    assert client.post(f"{step}assign/", {"version": 2, "owner": world.head.pk}).status_code == 422
    assert client.post(f"{step}resolve/", {"version": 2, "note": "已报"}).status_code == 302
    assert "已报" in text(client.get(alert.get_absolute_url()))
    assert client.get(f"{step}clear/").status_code == 404


def test_silence_of_beat_is_told_on_the_page_at_home_and_to_the_machine(world):
    keeper = world.user("keeper", world.office, "system_admin", over=world.county)
    for user in (world.clerk, keeper):
        assert any(task["urgent"] and task["count"] == 1 for task in tasks_of(User.objects.get(pk=user.pk)))
    client = as_(world.clerk)
    assert client.get("/alerts/").context["silent"]
    assert client.get("/healthz").json() == {"status": "ok", "beat": "silent"}
    Job.objects.create(kind=SCAN, period="x", state="done", outcome={"raised": 5})
    assert not client.get("/alerts/").context["silent"]
    assert client.get("/healthz").json()["beat"] == "ok"


# ---------- the call list ----------


def test_the_call_list_names_unit_people_reason_and_day(world):
    client = as_(world.clerk)
    lines = {line.row.unit: line for line in client.get("/alerts/calls/").context["lines"]}
    line = lines[world.bureau]
    assert [person for _role, person in line.people] == [world.liaison, world.head]
    assert line.why == "missing"
    reminder = line.reminder
    assert not any(str(user) in reminder for user in (world.liaison, world.head, world.cadre))
    world.nominated()
    move(world.unit_return, "send_back", by=world.clerk, reason="不符合要求")
    assert (
        next(x for x in client.get("/alerts/calls/").context["lines"] if x.row.unit == world.bureau).why == "sent_back"
    )
    for url in ("/alerts/calls/", "/alerts/calls/sheet/"):
        assert str(world.liaison) in text(client.get(url))
        assert as_(world.leader).get(url).status_code == 403


def test_who_was_called_and_what_was_said_is_shown_next_time(world):
    client, url = as_(world.clerk), f"/alerts/calls/{world.unit_return.public_id}/"
    call = {"number": 1, "reached": "值班室", "answer": "明天上报"}
    answer = client.post(url, call | {"answer": ""})
    assert answer.status_code == 422 and "值班室" in text(answer)
    assert client.post(url, call).status_code == 302
    again = client.post(url, call)
    assert again.status_code == 409 and "明天上报" in text(again)
    assert ReminderCall.objects.count() == DecisionEvent.objects.filter(action="unitreturn.call").count() == 1
    assert "明天上报" in text(client.get("/alerts/calls/"))
    assert client.get(url).context["form"]["number"].value() == 2


def test_a_call_is_refused_to_strangers_and_for_a_filed_return(world):
    call = {"unit_return": world.unit_return, "number": 1, "reached": "x", "answer": "x"}
    for user in (world.leader, world.head):
        with pytest.raises(NotGranted):
            record_call(by=user, **call)
    foreign = world.user("foreign", world.forestry, "clerk")
    with pytest.raises(NotVisible):
        record_call(by=foreign, **call)
    world.nominated()
    with pytest.raises(Refused) as refused:
        record_call(by=world.clerk, **call)
    assert refused.value.codes == {"call_not_needed"}


# ---------- jobs ----------


def test_the_chief_scans_now_once_a_minute_and_sees_the_outcome(world):
    client = as_(world.chief)
    assert as_(world.clerk).post("/alerts/scan/").status_code == 403
    first, second = client.post("/alerts/scan/"), client.post("/alerts/scan/")
    assert Job.objects.filter(kind=SCAN).count() in (1, 2), "a second one only after the minute"
    assert second.status_code == 302
    page = client.get(first.url)
    assert page["Refresh"] == "3"
    assert perform_waiting() == Job.objects.count()
    page = client.get(first.url)
    assert "Refresh" not in page
    assert Job.objects.first().outcome["standing"] == 5
    assert as_(world.clerk).get(first.url).status_code == 404


def export(world, **fields):
    defaults = {
        "kind": "cohort_report",
        "period": "x",
        "state": "done",
        "started_by": world.admin,
        "file_name": "r.csv",
    }
    row = Job(**(defaults | fields))
    row.file.save("r", ContentFile(b"1,2"), save=False)
    row.save()
    return row


def test_a_finished_file_is_the_owners_until_it_expires(world):
    row = export(world, expires_at=timezone.now() + DAY)
    url, client = f"{row.get_absolute_url()}file/", as_(world.admin)
    assert b"".join(client.get(url).streaming_content) == b"1,2"
    assert row.get_absolute_url() in [task["url"] for task in tasks_of(User.objects.get(pk=world.admin.pk))]
    assert as_(world.leader).get(url).status_code == 404
    assert drop_expired_files() == 0
    Job.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(url).status_code == 404
    assert drop_expired_files() == 1
    row.refresh_from_db()
    assert not row.file
    assert not row.file.storage.exists("r")
    assert client.get(row.get_absolute_url()).status_code == 200


def test_a_job_whose_worker_died_says_so(world):
    row = ask_for("cohort_report", by=world.admin)
    client = as_(world.admin)
    assert client.get(row.get_absolute_url())["Refresh"] == "3"
    Job.objects.update(state="running", touched_at=timezone.now() - jobs.SILENCE - DAY)
    page = client.get(row.get_absolute_url())
    assert "Refresh" not in page
    assert 'role="alert"' in text(page)


def test_a_job_that_fails_says_so_and_others_go_on(world, monkeypatch):
    def broken(job):
        raise ValueError

    monkeypatch.setitem(WORK, "broken", broken)
    monkeypatch.setitem(WORK, "whole", lambda job: job.progress(1, 2) or Produced({"rows": 1}))
    failed, done = ask_for("broken", by=world.admin), ask_for("whole", by=world.admin)
    assert perform_waiting() == 2
    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.state, done.state, done.done, done.outcome) == ("failed", "done", 1, {"rows": 1})
    assert 'role="alert"' in text(as_(world.admin).get(failed.get_absolute_url()))
    assert perform_waiting() == 0
    assert ask_for("whole", by=world.admin, period="once") == ask_for("whole", by=world.admin, period="once")


def test_a_job_of_somebody_who_lost_the_role_fails(world):
    row = ask_for(
        "cohort_report",
        by=world.admin,
        query={"campaign": str(world.campaign.public_id)},
        compare=False,
        format="csv",
        section="units",
    )
    world.admin.assignments.update(end=world.today)
    perform_waiting()
    row.refresh_from_db()
    assert row.state == "failed"
