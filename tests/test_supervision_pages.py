"""Pages of findings: two taps on a telephone, nothing lost when refused, lists from Excel, photos for those who may."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Relation, StoredFile
from accounts.permissions import Role
from assessments.evidence.models import Evidence
from assessments.supervision.gaps import WEEK, monday_of
from assessments.supervision.models import Finding
from assessments.supervision.workflow import record_finding, supersede_finding
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def world():
    return World()


def as_(user):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


def now() -> str:
    return f"{timezone.localtime():%Y-%m-%dT%H:%M}"


def shot(name="现场.png", data=PNG):
    return SimpleUploadedFile(name, data)


def filled(**fields):
    return {"place": "新桥村", "seen_at": now(), "cadre": "", "what": "", "severity": "", "amount": "1"} | fields


def look(by, **fields):
    content = {
        "seen_at": timezone.now() - dt.timedelta(hours=1),
        "place": "大厅",
        "what": "上班时间不在岗",
        "severity": 2,
    }
    return record_finding(by=by, **({"unit": by.role.unit} | content | fields))


def test_nothing_wrong_today_takes_two_taps_without_a_script(world):
    client = as_(world.team_head)
    page = client.get("/findings/new/").content.decode()
    sent = dict(re.findall(r'name="(place|seen_at)"[^>]*value="([^"]*)"', page))
    sent |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]*name="(place|seen_at)"', page)}
    assert set(sent) == {"place", "seen_at"} and all(sent.values())
    assert 'name="nothing"' in page
    assert client.post("/findings/new/", sent | {"nothing": "1"}).status_code == 302
    row = Finding.objects.get()
    assert (row.severity, row.what, row.cadre, row.line, row.unit) == (0, "", None, "in_charge", world.bureau)


def test_nothing_wrong_never_throws_written_words_away(world):
    answer = as_(world.team_head).post("/findings/new/", filled(what="台账缺页", nothing="1"))
    assert answer.status_code == 422 and "台账缺页" in answer.content.decode()
    assert not Finding.objects.exists()


def test_a_team_head_records_a_finding_with_a_photo_and_the_next_one_keeps_place_and_day(world):
    client = as_(world.team_head)
    yesterday = world.today - DAY
    data = filled(
        place="二组",
        seen_at=f"{yesterday}T09:30",
        cadre=world.cadre.name,
        what="未到岗",
        severity="2",
        photo=shot(),
        next="1",
    )
    answer = client.post("/findings/new/", data)
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert 'value="二组"' in page and f'value="{yesterday}T00:00"' in page
    row = Finding.objects.get()
    assert row.evidence.cadre == world.cadre and len(row.photo.sha256) == 64
    assert 'value="二组"' in client.get("/findings/new/").content.decode()
    shown = client.get(row.get_absolute_url()).content.decode()
    assert "未到岗" in shown and f"{row.get_absolute_url()}photo/" in shown


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"severity": ""}, "未到岗"), ({"cadre": "查无此人"}, "查无此人"), ({"cadre": "县林业局的人"}, "未到岗"),
        ({"seen_at": "2999-01-01T00:00"}, "未到岗"), ({"fact": "mistake"}, "未到岗"), ({"what": "", "key": "错报"}, "错报"),
        ({"photo": SimpleUploadedFile("照片.txt", b"x")}, "未到岗"), ({"photo": SimpleUploadedFile("照片.png", b"x")}, "未到岗"),
    ],
)  # fmt: skip
def test_refused_input_comes_back_whole_and_saves_nothing(world, fields, words):
    data = filled(cadre=world.cadre.name, what="未到岗", severity="2", place="三组") | fields
    answer = as_(world.head).post("/findings/new/", data)
    assert answer.status_code in (409, 422)
    page = answer.content.decode()
    assert words in page and "三组" in page and "invalid-feedback" in page
    assert not Finding.objects.exists() and not Evidence.objects.exists() and not StoredFile.objects.exists()


def test_of_two_people_of_one_name_the_form_asks_which_one(world):
    other = world.person(world.bureau)
    other.name = world.cadre.name
    other.save()
    client = as_(world.head)
    answer = client.post("/findings/new/", filled(cadre=world.cadre.name, what="x", severity="1"))
    assert answer.status_code == 422 and 'name="cadre_0"' in answer.content.decode()
    client.post("/findings/new/", filled(cadre=world.cadre.name, cadre_0=str(other.public_id), what="x", severity="1"))
    assert Finding.objects.get().cadre == other


def test_a_recorder_names_people_and_units_exactly_and_browses_neither(world):
    client = as_(world.recorder)
    page = client.get("/findings/new/").content.decode()
    assert world.cadre.name not in page and world.bureau.name not in page
    assert client.get("/people/").status_code == 403
    for fields in (
        {"cadre": world.cadre.name[:1]},
        {"unit": "县水"},
        {},
        {"cadre": world.cadre.name, "unit": "县林业局"},
    ):
        answer = client.post("/findings/new/", filled(what="x", severity="1", office="patrol", **fields))
        assert answer.status_code == 422, fields
        shown = answer.content.decode()
        assert "县水利局" not in shown, fields
    for fields in (
        {"cadre": world.cadre.name},
        {"unit": "县林业局"},
        {"unit": "lyj", "cadre": world.stranger.cadre.name},
    ):
        assert (
            client.post("/findings/new/", filled(what="x", severity="1", office="patrol", **fields)).status_code == 302
        ), fields
    assert list(Finding.objects.order_by("pk").values_list("unit__code", flat=True)) == ["slj", "lyj", "lyj"]


def test_a_finding_opens_for_its_scope_and_its_photo_with_it(world):
    client = as_(world.head)
    client.post("/findings/new/", filled(cadre=world.cadre.name, what="x", severity="2", photo=shot()))
    url = Finding.objects.get().get_absolute_url()
    Relation.objects.create(cadre=world.liaison.cadre, other=world.cadre, kind="kin")
    for user, status in ((world.head, 200), (world.deputy, 200), (world.clerk, 200), (world.liaison, 404), (world.stranger, 404),
                         (world.team_head, 404), (world.recorder, 404), (world.trainee, 403), (world.inspector, 403)):  # fmt: skip
        for path in (url, f"{url}photo/"):
            assert as_(user).get(path).status_code == status, (user.username, path)
    answer = client.get(f"{url}photo/")
    assert b"".join(answer.streaming_content) == PNG and "attachment" in answer["Content-Disposition"]
    without = look(world.head, severity=0)
    assert client.get(f"{without.get_absolute_url()}photo/").status_code == 404


def test_units_read_the_office_that_recorded_not_who_there(world):
    row = look(world.recorder, unit=world.bureau, office="petitions", what="大厅无人")
    for user, named in ((world.liaison, False), (world.clerk, True)):
        for url in (row.get_absolute_url(), "/findings/"):
            assert (world.recorder.cadre.name in as_(user).get(url).content.decode()) == named, (user.username, url)


def test_a_correction_shows_the_chain_and_keeps_the_photo(world):
    client = as_(world.head)
    client.post("/findings/new/", filled(cadre=world.cadre.name, what="旷工", severity="3", photo=shot()))
    row = Finding.objects.get()
    url = f"{row.get_absolute_url()}correct/"
    assert "旷工" in client.get(url).content.decode()
    data = filled(cadre=world.cadre.name, what="迟到", severity="1", fact="late")
    assert client.post(url, data).status_code == 422  # without a reason
    answer = client.post(url, data | {"reason": "核对考勤"})
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "核对考勤" in page and "旷工" in page and "迟到" in page
    new = Finding.objects.current().get()
    assert new.photo == row.photo and new.evidence.fact == "late"
    assert client.post(url, data | {"reason": "再改"}).status_code == 409
    assert as_(world.deputy).get(f"{answer.url}correct/").status_code == 404
    assert row.get_absolute_url() not in client.get("/findings/").content.decode()
    assert answer.url in client.get(row.get_absolute_url()).content.decode()


def test_the_list_is_narrowed(world):
    rows = {
        "leader": look(world.head, cadre=world.cadre, severity=3),
        "team": look(world.team_head, severity=0, what=""),
        "old": look(world.deputy, what="去年", seen_at=timezone.now() - 300 * DAY),
        "office": look(world.recorder, unit=world.bureau, office="audit", severity=1),
    }
    client = as_(world.clerk)
    for query, wanted in (
        ("line=leader", {"leader"}), ("line=in_charge", {"team", "old"}), ("severity=0", {"team"}), ("severity=3", {"leader"}),
        (f"q={world.cadre.name}", {"leader"}), ("unit=县水利", {"leader", "team", "old", "office"}), ("unit=县林业", set()),
        (f"since={world.today - DAY}", {"leader", "team", "office"}), (f"until={world.today - 9 * DAY}", {"old"}),
        (f"by={world.deputy.cadre.name}", {"old"}), ("sort=-severity", set(rows)), ("sort=unit", set(rows)), ("severity=x&since=y", set(rows)),
        ("since=0001-01-01&until=9999-12-31", set(rows)),
    ):  # fmt: skip
        page = client.get(f"/findings/?{query}").content.decode()
        assert {name for name, row in rows.items() if row.get_absolute_url() in page} == wanted, query


def test_the_gaps_stand_on_the_page_in_words(world):
    page = as_(world.head).get("/findings/").content.decode()
    assert "本单位未使用" in page
    for n in (1, 3):
        look(world.head, severity=0, what="", seen_at=timezone.now() - n * WEEK)
    page = as_(world.liaison).get("/findings/").content.decode()
    assert "未督查" in page and "已督查" in page
    found = as_(world.clerk).get("/findings/?unit=县水利局").context
    assert [row.gaps for row in found["lines"]][1:] and found["unit"] == world.bureau
    assert as_(world.clerk).get("/findings/").context["unit"] is None
    rows = as_(world.leader).get("/findings/gaps/").context["rows"]
    assert rows[0].unit == world.bureau and rows[0].missed["leader"] <= 1  # fewer after a week of holidays
    for sort in ("unit", "-leader", "in_charge", "-roving", "total", "nonsense"):
        assert as_(world.leader).get(f"/findings/gaps/?sort={sort}").status_code == 200
    assert as_(world.head).get("/findings/gaps/").status_code == 403


def pasted(client, text):
    answer = client.post("/findings/sheet/", {"text": text})
    assert answer.status_code == 200, answer.context["source"].errors
    return answer


def table_of(answer):
    """What the browser would send back."""
    rows, data = answer.context["rows"], {"key": answer.context["key"]}
    for form in rows.forms:
        data |= {
            form.add_prefix(name): form.data.get(form.add_prefix(name), "") for name in form.fields if name != "DELETE"
        }
    return data | {"row-TOTAL_FORMS": len(rows.forms), "row-INITIAL_FORMS": 0}


def test_a_recorder_brings_a_list_with_three_bad_rows_mends_them_and_saves_all(world):
    client, day = as_(world.recorder), world.today - DAY
    text = "\n".join([
        "日期\t姓名\t单位\t问题\t程度\t部门\t编号",
        f"{day}\t{world.cadre.name}\t县水利局\t上班时间不在岗\t一般\t督查部门\t",
        f"{day}\t{world.cadre.name}\t县林业局\t同名不同单位\t轻微\t督查部门\t",
        f"{day}\t\t县林业局\t大厅无人\t严重\t巡察机构\t",
        f"{day}\t{world.stranger.cadre.name}\t\t信访事项查实\t一般\t信访局\t",
        f"{day}\t\t县水\t卫生差\t轻微\t督查部门\t",
    ])  # fmt: skip
    answer = pasted(client, text)
    assert answer.context["bad"] == 3
    data = table_of(answer)
    refused = client.post("/findings/sheet/", data)
    assert refused.status_code == 422 and "同名不同单位" in refused.content.decode() and not Finding.objects.exists()
    data |= {"row-1-unit": "县水利局", "row-3-key": "信核1号", "row-4-unit": "slj"}
    with CaptureQueriesContext(connection) as queries:
        assert client.post("/findings/sheet/", data).status_code == 302
    assert len(queries) < 45
    assert list(Finding.objects.order_by("pk").values_list("unit__code", "severity", "office", "line")) == [
        ("slj", 2, "inspection", "outside"), ("slj", 1, "inspection", "outside"), ("lyj", 3, "patrol", "outside"),
        ("lyj", 2, "petitions", "outside"), ("slj", 1, "inspection", "outside"),
    ]  # fmt: skip
    assert Evidence.objects.get(kind="complaint").key == "信核1号" and Evidence.objects.count() == 3
    again = table_of(pasted(client, text)) | {"row-1-unit": "县水利局", "row-3-key": "信核1号", "row-4-unit": "slj"}
    assert client.post("/findings/sheet/", again).status_code == 409  # on record already
    assert Finding.objects.count() == 5


def test_a_list_of_a_roving_inspection_stays_within_its_town(world):
    rover = world.user("rover", world.town, Role.RECORDER)
    villager = world.person(world.town)
    text = f"日期\t姓名\t问题\t程度\n{world.today}\t{villager.name}（城关镇）\t不在岗\t轻微\n{world.today}\t{world.cadre.name}（县水利局）\t不在岗\t轻微"
    answer = pasted(as_(rover), text)
    assert answer.context["bad"] == 1
    data = table_of(answer) | {"row-1-DELETE": "on"}
    assert as_(rover).post("/findings/sheet/", data).status_code == 302
    row = Finding.objects.get()
    assert (row.line, row.office, row.place, row.unit) == ("roving", "", "城关镇", world.town)


def test_only_recorders_bring_lists_and_the_template_comes_back_empty(world):
    for user in (world.head, world.team_head, world.clerk):
        assert as_(user).get("/findings/sheet/").status_code == 403
    assert as_(world.recorder).get("/findings/sheet/?template").content[:2] == b"PK"


def test_the_list_and_the_pages_cost_the_same_with_one_row_and_with_five(world, monkeypatch):
    monkeypatch.setattr("accounts.user.middleware.STAMP", 3600)
    users = (world.head, world.clerk, world.recorder, world.team_head)

    def more(n):
        for m in range(n):
            cadre = world.person(world.bureau)
            look(world.head, cadre=cadre, seen_at=timezone.now() - m * WEEK)
            look(world.team_head, cadre=world.person(world.bureau))
            look(world.recorder, unit=world.forestry, cadre=world.person(world.forestry), office="audit")

    def costs():
        found = []
        for user in users:
            client = as_(user)
            urls = ["/findings/", "/findings/?severity=2&q=王&unit=县水利局"] + (
                ["/findings/gaps/"] if user == world.clerk else ["/findings/new/", "/"]
            )
            for url in urls:
                client.get(url)
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(url).status_code == 200
                found.append((user.username, url, len(queries)))
        return found

    more(1)
    one = costs()
    more(5)
    assert costs() == one


def test_superseding_through_the_workflow_keeps_the_page_true(world):
    row = look(world.head, cadre=world.cadre)
    supersede_finding(row, by=world.head, reason="更正", severity=1)
    assert len(as_(world.deputy).get("/findings/").context["rows"]) == 1
    assert monday_of(world.today) <= world.today
