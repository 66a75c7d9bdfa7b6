"""The pages of field practice: who opens them, what they keep, what they never show."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.models import DecisionEvent
from cohorts.practice.models import LedgerEntry, LogEntry, Placement, Rating, SignOff, monday
from cohorts.practice.todo import todo
from cohorts.practice.workflow import rate, write_log
from cohorts.referral.models import Referral
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def placement(world):
    case = world.practising(starts_on=world.today - 20 * DAY, ends_on=world.today + 7 * DAY, goals="走访全部农户")
    return case.placements.get()


def enter(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    client.post("/language/", {"language": "en"})
    return client


def text_of(response) -> str:
    return response.content.decode()


def line(world, **fields) -> dict:
    return {"key": str(uuid.uuid4()), "day": str(world.today), "place": "二组", "done": "走访农户九户"} | fields


def test_a_trainee_writes_without_a_photo_and_a_double_click_stores_one(world, placement):
    client, url = enter(world.trainee), f"{placement.get_absolute_url()}log/"
    assert "photo is needed" in text_of(client.get("/practice/"))
    bad = client.post(url, line(world, done="", people="二组组长"))
    assert (bad.status_code, "二组组长" in text_of(bad), LogEntry.objects.count()) == (422, True, 0)
    assert client.post(url, line(world, day=str(world.today + DAY))).status_code == 422
    form = line(world)
    for _click in range(2):
        assert client.post(url, form).url == "/practice/"
    assert LogEntry.objects.get().sheet_number == ""
    assert "走访农户九户" in text_of(client.get("/practice/"))


def test_a_correction_keeps_the_old_words(world, placement):
    client, url = enter(world.trainee), f"{placement.get_absolute_url()}log/"
    client.post(url, line(world))
    first = LogEntry.objects.get()
    page = client.get(f"{url}?corrects={first.public_id}")
    assert "走访农户九户" in text_of(page)
    assert client.post(f"{url}?corrects={first.public_id}", line(world, done="走访十户")).status_code == 422
    form = line(world, done="走访十户", reason="漏记一户")
    for _click in range(2):
        assert client.post(f"{url}?corrects={first.public_id}", form).status_code == 302
    assert [e.done for e in LogEntry.objects.order_by("pk")] == ["走访农户九户", "走访十户"]
    assert client.get(f"{url}?corrects={first.public_id}").status_code == 404
    assert client.get(f"{url}?corrects=nonsense").status_code == 404


def test_the_teacher_enters_a_paper_sheet_line_by_line(world, placement):
    client, url = enter(world.teacher), f"{placement.get_absolute_url()}log/"
    number = placement.sheet_number(world.today)
    assert number in text_of(client.get(f"{placement.get_absolute_url()}log-sheet/"))
    wrong = client.post(url, line(world, sheet_number="X-1"))
    assert (wrong.status_code, number in text_of(wrong)) == (422, True)
    onward = client.post(url, line(world, sheet_number=number, again="1")).url
    assert number in text_of(client.get(onward))
    entry = LogEntry.objects.get()
    assert (entry.entered_by, entry.sheet_number) == (world.teacher, number)
    assert "entered for" in text_of(client.get(placement.get_absolute_url()))


def test_the_supervisor_signs_with_one_tap_and_sees_nothing_of_the_case(world, placement):
    case = placement.referral
    world.trainee.acting_as("cadre")
    write_log(placement, by=world.trainee, day=world.today, place="二组", done="走访农户九户")
    client = enter(world.supervisor)
    page = text_of(client.get("/practice/"))
    assert "走访全部农户" in page
    criterion = case.criteria.first()
    for url in ("/practice/", placement.get_absolute_url(), f"{placement.get_absolute_url()}sheet/"):
        shown = text_of(client.get(url))
        assert str(case.cadre) in shown
        for secret in (case.facts, criterion.title_zh, str(world.verifier), case.number, case.get_absolute_url()):
            assert secret not in shown, (url, secret)
    assert client.get(case.get_absolute_url()).status_code == 403
    week = str(monday(world.today))
    assert client.post(placement.get_absolute_url(), {"week": week, "agreed": "no", "remark": ""}).status_code == 422
    assert SignOff.objects.count() == 0
    for _click in range(2):
        answer = client.post(
            placement.get_absolute_url(), {"week": week, "agreed": "yes", "remark": "好", "next": "/practice/"}
        )
        assert answer.url == "/practice/"
    assert SignOff.objects.get().agreed
    assert (
        client.post(placement.get_absolute_url(), {"week": week, "agreed": "yes", "next": "https://x.example/"}).url
        == placement.get_absolute_url()
    )


def test_a_rating_page_says_what_is_missing_and_keeps_the_points(world, placement):
    client, url = enter(world.supervisor), f"{placement.get_absolute_url()}rate/"
    points = {"diligence": "97", "results": "80", "discipline": "80", "villagers": "81"}
    assert client.post(url, points).status_code == 422
    Placement.objects.update(ends_on=world.today)
    refused = client.post(url, points)
    assert (refused.status_code, 'value="97"' in text_of(refused), Rating.objects.count()) == (422, True, 0)
    assert client.post(url, points | {"reason": "天天在村"}).url == "/practice/"
    assert "84.45" in text_of(client.get(placement.get_absolute_url()))
    clerk = enter(world.clerk)
    assert clerk.post(url, points | {"reason": "复核"}).status_code == 422
    assert clerk.post(url, points | {"reason": "复核", "sheet_number": "评1"}).status_code == 302


def placing(world, cases, **fields) -> dict:
    data = {}
    for case in cases:
        row = {
            "village": "xinqiao",
            "supervisor": str(world.supervisor),
            "starts_on": str(world.today),
            "ends_on": str(world.today + 29 * DAY),
        }
        data |= {f"case{case.pk}-{name}": value for name, value in (row | fields).items()}
    return data


def test_a_class_is_placed_all_or_nothing(world, placement):
    first = world.back_to_theory(placement.referral)
    second = Referral.objects.create(
        campaign=world.campaign,
        unit=world.town,
        cadre=world.person(world.town),
        state="in_theory",
        cohort=first.cohort,
        phase=first.phase,
    )
    client, url = enter(world.clerk), f"/cohorts/{first.cohort.public_id}/placements/"
    page = text_of(client.get(url))
    assert page.count("<option") < 5  # one list to search, not one per line
    assert str(second.cadre) in page
    assert client.post(url, {}).status_code == 422
    data = placing(world, [first, second])
    refused = client.post(url, data)
    assert (refused.status_code, Placement.objects.count()) == (409, 1)
    assert "own unit&#x27;s town" in text_of(refused)
    assert client.post(url, data | {f"case{second.pk}-village": "nowhere"}).status_code == 422
    assert client.post(url, data | {f"case{first.pk}-ends_on": ""}).status_code == 422
    done = client.post(url, data | {f"case{second.pk}-own_town_reason": "经研究同意"})
    assert (done.status_code, Placement.objects.count()) == (302, 3)
    latest = Placement.objects.filter(referral=first).latest("pk")
    assert (latest.village, latest.supervisor_user) == (world.village, world.supervisor)
    assert client.post(url, data).status_code == 422
    assert enter(world.leader).get(url).status_code == 403


def test_the_single_step_resolves_village_and_supervisor_too(world, placement):
    case = world.back_to_theory(placement.referral)
    client, url = enter(world.clerk), f"{case.get_absolute_url()}do/start_practice/"
    form = {
        "version": case.version,
        "village": "zzz",
        "supervisor": str(world.supervisor),
        "starts_on": str(world.today),
    }
    assert client.post(url, form).status_code == 422
    assert client.post(url, form | {"village": "新桥"}).status_code == 302
    assert case.placements.latest("pk").supervisor_user == world.supervisor


def test_changing_a_placement_needs_a_reason(world, placement):
    client, url = enter(world.clerk), f"{placement.get_absolute_url()}change/"
    form = {"ends_on": str(world.today), "supervisor": "新支书", "goals": "", "reason": ""}
    assert client.post(url, form).status_code == 422
    assert client.post(url, form | {"reason": "支书换届"}).status_code == 302
    placement.refresh_from_db()
    assert (placement.ends_on, placement.supervisor) == (world.today, "新支书")


def test_the_ledger_from_finding_to_confirmation_and_its_file(world, placement):
    trainee, supervisor, clerk = enter(world.trainee), enter(world.supervisor), enter(world.clerk)
    form = {"key": str(uuid.uuid4()), "matter": "problem", "category": "water", "title": "=水塔渗漏", "place": "二组", "found": "visit",
            "plan": "修补", "opened_on": str(world.today)}  # fmt: skip
    url = f"{placement.get_absolute_url()}ledger/"
    assert trainee.post(url, form | {"title": ""}).status_code == 422
    for _click in range(2):
        landed = trainee.post(url, form).url
    entry = LedgerEntry.objects.get()
    assert landed == entry.get_absolute_url()
    photo = SimpleUploadedFile("照片.txt", b"photo")
    trainee.post(f"{landed}do/act/", {"version": 1, "day": str(world.today), "what": "清淤补漏", "photo": photo})
    trainee.post(
        f"{landed}do/state_result/", {"version": 2, "result": "恢复供水", "result_on": str(world.today), "cost": "6800"}
    )
    confirm = {"version": 3, "confirmer": "committee", "confirmer_name": "村委会", "confirmed_on": str(world.today)}
    assert supervisor.post(f"{landed}do/confirm/", confirm).status_code == 409
    assert supervisor.post(f"{landed}do/confirm/", confirm | {"paper_number": "证1"}).status_code == 302
    entry.refresh_from_db()
    assert entry.state == "confirmed"
    file = entry.actions.get().photo
    assert supervisor.get(f"/practice/files/{file.public_id}/").status_code == 200
    assert enter(world.payroll).get(f"/practice/files/{file.public_id}/").status_code == 403
    for query in (
        "",
        "?q=新桥村",
        "?q=village",
        f"?cohort={placement.referral.cohort.public_id}",
        "?state=confirmed",
        "?q==水塔",
        "?q=远村",
    ):
        page = text_of(clerk.get(f"/ledger/{query}"))
        assert ("=水塔渗漏" in page) == (query != "?q=远村"), query
    assert "=水塔渗漏" not in text_of(clerk.get("/ledger/?matter=project"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(clerk.get("/ledger/file/?q=新桥村").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][3] == "'=水塔渗漏"
    assert rows[-1][10] == rows[1][10] == 6800
    assert len(rows) == 3
    assert trainee.get("/ledger/file/").status_code == 403
    assert DecisionEvent.objects.filter(subject_type="ledgerentry").count() == 4


def test_the_case_page_shows_the_practice_to_organizer_and_cadre(world, placement):
    for user in (world.clerk, world.trainee):
        page = text_of(enter(user).get(placement.referral.get_absolute_url()))
        assert placement.get_absolute_url() in page, user
        assert "Village ledger: 0 entries" in page


def test_my_tasks_say_what_waits_and_nothing_else(world, placement):
    def words(user, role):
        return [entry["label"] for entry in todo(user.acting_as(role), world.today)]

    assert any("This week" in label or "本周" in label for label in words(world.trainee, "cadre"))
    assert words(world.supervisor, "field_supervisor") == []
    write_log(placement, by=world.trainee, day=world.today, place="二组", done="走访")
    assert words(world.trainee, "cadre") == []
    assert len(words(world.supervisor, "field_supervisor")) == 1
    assert words(world.teacher, "class_teacher") == []
    Placement.objects.update(ends_on=world.today)
    assert len(words(world.clerk, "clerk")) == len(words(world.teacher, "class_teacher")) == 1
    rate(placement, by=world.supervisor, scores={"diligence": 80, "results": 80, "discipline": 80, "villagers": 80})
    assert words(world.clerk, "clerk") == []
    world.back_to_theory(placement.referral)
    assert len(words(world.clerk, "clerk")) == 1
    assert todo(world.payroll, world.today) == []


def test_paper_trainees_are_the_teachers_task(world, placement):
    world.trainee.cadre = None
    world.trainee.save()
    labels = [entry["url"] for entry in todo(world.teacher.acting_as("class_teacher"), world.today)]
    assert labels == ["/practice/?show=paper"]
    assert str(placement.referral) in text_of(enter(world.teacher).get("/practice/?show=paper"))
