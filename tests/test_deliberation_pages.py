"""The panel's pages: what each reader finds at which moment, and the two clicks from the ranking to a draft."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Relation
from assessments.evidence.workflow import add_evidence, supersede
from assessments.panel.models import Panel, PanelScore
from assessments.panel.workflow import conclude, score
from cohorts.campaign.models import Round
from cohorts.procedure.workflow import move
from cohorts.referral.models import Referral
from tests.test_deliberation import met, of, panel_of, recorded, results, scored
from tests.world import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return recorded()


def client_of(user, role=None) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    client.cookies["django_language"] = "en"
    if role:
        session = client.session
        session["role"] = f"{role}:{user.acting_as(role).role.unit_id}"
        session.save()
    return client


def text_of(client, url, status=200) -> str:
    page = client.get(url)
    assert page.status_code == status, (url, page.status_code)
    return page.content.decode()


def sheet(panel, **says):
    """The form of scores: severity per candidate, by the name of a fixture's cadre."""
    return {f"say_{row.pk}": "3" for row in panel.candidates.all()} | says


def test_a_manager_sets_a_panel_up_from_the_record(world):
    client = client_of(world.liaison)
    page = text_of(client, "/panels/new/?edition=2019")
    for name in (world.first.name, world.second.name, world.head.cadre.name, "督查通报"):
        assert name in page
    assert world.cadre.name not in re.sub(r"<textarea.*?</textarea>", "", page)
    key = f"{world.first.public_id}:B2"
    members = f"{world.head.cadre.name}，{world.deputy.cadre.name}，{world.trainee.cadre.name}"
    data = {"title": "十一月研判", "held_on": str(world.today), "members": members, "names": [key]}
    for changes, status in (({"names": []}, 422), ({"members": world.head.cadre.name}, 409),
                            ({"names": [f"{world.cadre.public_id}:B2"]}, 422), ({"members": "查无此人"}, 422)):  # fmt: skip
        answer = client.post("/panels/new/?edition=2019", data | changes)
        assert answer.status_code == status and "十一月研判" in answer.content.decode()
    assert client.post("/panels/new/?edition=2019", data).status_code == 302
    panel = Panel.objects.get()
    assert panel.edition == world.edition and panel.members.count() == 3
    assert client.get("/panels/new/?edition=none").status_code == 404
    assert client_of(world.trainee, "cadre").get("/panels/new/").status_code == 403


def test_a_name_of_kin_is_not_offered(world):
    Relation.objects.create(cadre=world.liaison.cadre, other=world.first, kind="kin")
    page = text_of(client_of(world.liaison), "/panels/new/?edition=2019")
    assert world.first.name not in page and world.second.name in page


def test_without_a_record_there_is_nobody_to_put_on_the_list(world):
    assert 'name="names"' not in text_of(client_of(world.stranger), "/panels/new/")


def test_the_page_of_a_member_holds_no_score_of_another(world):
    panel = panel_of(world)
    before = text_of(client_of(world.head), panel.get_absolute_url())
    score(panel, by=world.deputy, scores={row.pk: 5 for row in panel.candidates.all()})
    client = client_of(world.head)
    page = text_of(client, panel.get_absolute_url())

    def plain(html: str) -> str:
        """Without what differs anyway: tokens, and who has finished."""
        html = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", html)
        return html.partition('aria-labelledby="members-title"')[0]

    assert plain(page) == plain(before)
    assert client.post(f"{panel.get_absolute_url()}score/", sheet(panel)).status_code == 302
    page = text_of(client, panel.get_absolute_url())
    assert "btn-check" not in page and 'class="num"' not in page
    assert client.get(f"{panel.get_absolute_url()}sheet/").status_code == 404


def test_a_sheet_that_is_not_whole_comes_back_with_its_input(world):
    panel, client = panel_of(world), client_of(world.head)
    first = of(panel, world.first).pk
    url = f"{panel.get_absolute_url()}score/"
    answer = client.post(url, {f"say_{first}": "5"})
    assert answer.status_code == 422 and f'value="5" id="id_say_{first}_5" checked' in answer.content.decode()
    assert client.post(url, sheet(panel) | {f"say_{first}": "recuse"}).status_code == 422
    assert not PanelScore.objects.exists()
    assert client.post(url, sheet(panel) | {f"say_{first}": "recuse", f"why_{first}": "同学"}).status_code == 302
    assert client.post(url, sheet(panel)).status_code == 409
    assert client_of(world.trainee, "cadre").post(url, sheet(panel)).status_code == 404


def test_a_member_of_a_neighbouring_unit_acts_as_the_person_he_is(world):
    panel = panel_of(world, members=(world.head, world.deputy, world.stranger))
    client = client_of(world.stranger, "cadre")
    assert "研判" in text_of(client, "/panels/")
    assert client.post(f"{panel.get_absolute_url()}score/", sheet(panel)).status_code == 302
    # In his own unit's role he still is a member here, and no manager.
    client = client_of(world.stranger, "liaison")
    text_of(client, panel.get_absolute_url())
    member = panel.members.get(cadre=world.head.cadre)
    assert client.post(f"{panel.get_absolute_url()}excuse/", {"member": member.pk, "reason": "外出"}).status_code == 403


def test_whoever_is_on_the_list_does_not_find_himself(world):
    met(world, world.deputy.cadre)
    panel = panel_of(world, names=(world.first, world.second, world.deputy.cadre))
    row, client = of(panel, world.deputy.cadre), client_of(world.deputy)
    page = text_of(client, panel.get_absolute_url())
    assert f"say_{row.pk}" not in page and f"say_{of(panel, world.first).pk}" in page
    others = {f"say_{r.pk}": "3" for r in panel.candidates.exclude(pk=row.pk)}
    assert client.post(f"{panel.get_absolute_url()}score/", others).status_code == 302
    for user in (world.head, world.liaison):
        score(panel, by=user, scores={r.pk: 5 for r in panel.candidates.all()})
    for url in (panel.get_absolute_url(), f"{panel.get_absolute_url()}sheet/"):
        page = text_of(client, url)
        assert f"{row.cadre} {row.criterion.code}" not in page and world.first.name in page
    data = {"candidate": row.pk, "reason": "不同意", "text": "没有问题"}
    for act in ("disagree", "discuss"):
        assert client.post(f"{panel.get_absolute_url()}{act}/", data).status_code == 422
    assert client.post(f"{panel.get_absolute_url()}conclude/", {}).status_code == 403


def test_scores_bear_no_name_before_the_conclusion_and_stand_for_members_and_leaders_after_it(world):
    panel = panel_of(world, members=(world.head, world.deputy, world.trainee))
    for user, value in ((world.head, 2), (world.deputy, 3), (world.trainee, 4)):
        score(panel, by=user, scores={row.pk: value for row in panel.candidates.all()})
    named = f"{world.deputy.cadre}: 3"
    assert "2 · 3 · 4" in text_of(client_of(world.liaison), panel.get_absolute_url())
    assert named not in text_of(client_of(world.head), panel.get_absolute_url())
    conclude(panel, by=world.head, minutes="会议纪要", results=results(panel))
    for client in (client_of(world.head), client_of(world.trainee, "cadre")):
        assert named in text_of(client, panel.get_absolute_url())
        assert named in text_of(client, f"{panel.get_absolute_url()}sheet/")
    assert named not in text_of(client_of(world.liaison), panel.get_absolute_url())
    assert "会议纪要" in text_of(client_of(world.liaison), panel.get_absolute_url())


def test_discussion_second_round_and_conclusion_on_the_page(world):
    panel = scored(world, first=(1, 5, 4))
    url, client, candidate = panel.get_absolute_url(), client_of(world.head), of(panel, world.first)
    assert "conclude/" not in text_of(client, url)
    assert client.post(f"{url}discuss/", {"candidate": candidate.pk, "text": ""}).status_code == 422
    assert client.post(f"{url}disagree/", {"candidate": candidate.pk, "reason": "记录不全"}).status_code == 302
    assert client.post(f"{url}discuss/", {"candidate": candidate.pk, "text": "补看了原件"}).status_code == 302
    assert "conclude/" in text_of(client, url)
    assert client.post(f"{url}rescore/", {"candidates": [of(panel, world.second).pk]}).status_code == 422
    assert client.post(f"{url}rescore/", {"candidates": [candidate.pk]}).status_code == 302
    assert "补看了原件" in text_of(client, url)
    for user in (world.head, world.deputy, world.liaison):
        assert client_of(user).post(f"{url}score/", {f"say_{candidate.pk}": "4"}).status_code == 302
    data = {f"outcome_{row.pk}": "nominate" for row in panel.candidates.all()} | {
        f"reason_{row.pk}": "记录属实" for row in panel.candidates.all()
    }
    assert client_of(world.liaison).post(f"{url}conclude/", data | {"minutes": "纪要"}).status_code == 403
    answer = client.post(f"{url}conclude/", data)
    assert answer.status_code == 422 and "记录属实" in answer.content.decode()
    assert client.post(f"{url}conclude/", data | {"minutes": "纪要"}).status_code == 302
    answer = client.post(f"{url}conclude/", data | {"minutes": "又一次"})
    assert answer.status_code == 409
    panel.refresh_from_db()
    assert panel.minutes == "纪要" and client.get(f"{url}conclude/").status_code == 302
    assert "1 · 4 · 5" in text_of(client, f"{url}sheet/")


def fields_of(html: str) -> dict:
    """What a browser would send of the page's main form, untouched."""
    form = html[html.index("<form", html.index("<main")) : html.index("Save the draft")]
    data: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("type", "name", "value"))
        if name and not (kind and kind[1] == "checkbox" and " checked" not in tag) and not (kind and kind[1] == "file"):
            data.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        data[name] = [body.removeprefix("\n")]
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        data[name] = re.findall(r'<option value="([^"]*)" selected', body) or [""]
    return data


def test_from_the_ranking_to_a_draft_in_two_clicks(world):
    add_evidence(
        by=world.liaison,
        cadre=world.first,
        kind="talk",
        title="一个月内补齐",
        happened_on=world.today - 4 * DAY,
        source="局长",
    )
    panel = scored(world)
    conclude(panel, by=world.head, minutes="纪要", results=results(panel))
    client = client_of(world.head)
    page = text_of(client, panel.get_absolute_url())
    first_click = next(
        link for link in re.findall(r'href="([^"]*/nominate/[^"]*)"', page) if str(world.first.public_id) in link
    ).replace("&amp;", "&")
    form = text_of(client, first_click)
    second_click = client.post(first_click, fields_of(form))
    assert second_click.status_code == 302
    case = Referral.objects.get()
    assert case.cadre == world.first and case.unit_return == world.unit_return and case.how_raised == "panel"
    assert list(case.criteria.all()) == [world.b2]
    items = set(of(panel, world.first).items.all())
    assert {link.evidence for link in case.evidence_links.all()} == items and len(items) == 4
    assert all(item.title in case.facts and item.source in case.facts for item in items)
    assert (case.talk_on, case.talk_by, case.talk_agreed) == (world.today - 4 * DAY, "局长", "一个月内补齐")
    # The name is in the return now: the ranking leads to the case.
    page = text_of(client, panel.get_absolute_url())
    assert case.get_absolute_url() in page and first_click.replace("&", "&amp;") not in page


def test_without_an_open_return_the_panel_says_what_to_do(world):
    panel = scored(world)
    conclude(panel, by=world.head, minutes="纪要", results=results(panel))
    client = client_of(world.head)
    assert "/nominate/" in text_of(client, panel.get_absolute_url())
    assert "/nominate/" not in text_of(client_of(world.trainee, "cadre"), panel.get_absolute_url(), 404)
    world.draft(world.cadre)
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    page = text_of(client, panel.get_absolute_url())
    assert "/nominate/" not in page and "return is filed" in page
    Round.objects.update(concluded_on=world.today)
    assert "No return is open" in text_of(client, panel.get_absolute_url())
    Round.objects.update(concluded_on=None, opens_on=world.today + DAY)
    assert "next round opens" in text_of(client, panel.get_absolute_url())


def draft_url(world, query: str, cadre=None) -> str:
    return f"{world.unit_return.get_absolute_url()}nominate/?cadre={(cadre or world.first).public_id}&{query}"


def test_presets_know_the_own_record_only(world):
    foreign = world.second.evidence.first()
    client = client_of(world.liaison)
    form = client.get(
        draft_url(world, f"criteria=B2&evidence={foreign.public_id}&evidence=nonsense&how=panel")
    ).context["form"]
    assert foreign.pk not in form.initial["evidence"] and foreign.title
    # Without a usable item it is what the record holds about the criterion.
    assert set(form.initial["evidence"]) == set(world.first.evidence.values_list("pk", flat=True))
    form = client.get(draft_url(world, "criteria=Z9&how=lottery")).context["form"]
    assert form.initial == {} or not form.initial.get("criteria")
    form = client.get(draft_url(world, "criteria=B2,B1")).context["form"]
    assert len(form.initial["criteria"]) == 2 and "how_raised" not in form.initial


def test_the_form_of_a_nomination_shows_nobody_the_evidence_about_his_kin(world):
    client = client_of(world.liaison)
    assert client.get(draft_url(world, "criteria=B2")).status_code == 200
    Relation.objects.create(cadre=world.liaison.cadre, other=world.first, kind="kin")
    for cadre in (world.first, world.liaison.cadre):
        assert client.get(draft_url(world, "criteria=B2", cadre)).status_code == 404
    assert world.first.name not in text_of(client, f"{world.unit_return.get_absolute_url()}nominate/")


def test_a_corrected_item_is_taken_in_its_latest_version(world):
    item = world.first.evidence.filter(fact="missed").first()
    newer = supersede(item, by=world.liaison, reason="日期有误", title="更正后的记录")
    latest = supersede(newer, by=world.liaison, reason="再次更正", title="再次更正的记录")
    page = client_of(world.liaison).get(draft_url(world, f"criteria=B2&evidence={item.public_id}"))
    assert page.context["form"].initial["evidence"] == [latest.pk]
    assert "再次更正的记录" in page.context["form"].initial["facts"]


def test_the_lists_cost_the_same_with_one_and_with_five(world):
    def cost(client, url) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            text_of(client, url)
        return len(queries)

    def costs(panel) -> dict:
        head, member = client_of(world.head), client_of(world.trainee, "cadre")
        pages = ("/panels/", "/", "/panels/new/?edition=2019", panel.get_absolute_url())
        return {(who, url): cost(client, url) for who, client in (("head", head), ("member", member)) for url in pages
                if not (who == "member" and "new" in url)}  # fmt: skip

    members = (world.head, world.deputy, world.trainee)
    small = panel_of(world, names=(world.first,), members=members)
    one = costs(small)
    for n in range(4):
        met(world, world.person(world.bureau))
        panel_of(world, title=f"第{n}次", members=members, names=(world.first, world.second))
    more = [world.person(world.bureau) for _n in range(3)]
    for cadre in more:
        met(world, cadre)
    large = panel_of(world, title="大名单", members=members, names=(world.first, world.second, *more))
    five = costs(large)
    assert list(five.values()) == list(one.values())
    for panel in (small, large):
        for user in members:
            score(panel, by=user, scores={row.pk: 3 for row in panel.candidates.all()})
    head = client_of(world.head)
    assert cost(head, small.get_absolute_url()) == cost(head, large.get_absolute_url())
    for panel in (small, large):
        panel.refresh_from_db()
        conclude(panel, by=world.head, minutes="纪要", results=results(panel))
    assert cost(head, small.get_absolute_url()) == cost(head, large.get_absolute_url())
    assert cost(head, f"{small.get_absolute_url()}sheet/") == cost(head, f"{large.get_absolute_url()}sheet/")
