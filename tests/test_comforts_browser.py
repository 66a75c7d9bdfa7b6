"""In real Chromium: the main road without JavaScript, and the administrators' day from the account to its first use."""

import re

import pytest
from django.utils import timezone

from accounts.models import SavedFilter, Session, User
from accounts.permissions import Role
from assessments.criteria.models import Edition
from assessments.evidence.workflow import add_evidence
from cohorts.campaign.models import Round
from tests.chromium import PHONE
from tests.test_journey import PAPER, do_step, fill, send
from tests.world import DAY, PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live_server):
    return World()


def enter(page, username, password=PASSWORD):
    page.goto("/sign-in/")
    fill(page, username=username, password=password)
    page.locator(".sign-in button[type=submit]").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def test_the_road_without_javascript(world, open_page):
    """Sign-in, picker, draft with an upload, return, signature on paper, a step, a list with filter and paging."""
    for n in range(55):
        other = world.person(world.bureau)
        if n < 3:
            world.draft(other)
    liaison = enter(open_page(javascript=False), "liaison")
    row = world.unit_return
    liaison.goto(row.get_absolute_url())
    liaison.goto(f"{row.get_absolute_url()}nominate/")
    liaison.locator("main input[name=q]").fill(world.cadre.pinyin)
    liaison.locator("main form.filters button[type=submit]").click()
    liaison.locator(f"main a[href*='{world.cadre.public_id}']").click()
    day = str(world.today - 60 * DAY)
    fill(
        liaison, criteria=[world.edition.criteria.get(code="B1").pk], facts="Tasks were not done.", how_raised="panel",
        no_talk_reason="Seconded", kind_1="task", title_1="Task list", happened_on_1=day, source_1="Office",
        kind_2="inspection", title_2="Bulletin", happened_on_2=day, source_2="Inspection office", file_2=PAPER,
    )  # fmt: skip
    liaison.locator("main form button.btn-primary").click()
    case = world.cadre.referrals.get()
    assert case.evidence_links.filter(evidence__file__isnull=False).count() == 1
    do_step(
        liaison,
        row,
        "prepare",
        nil="no",
        meeting_kind="party_group",
        meeting_on=str(world.today),
        meeting_members="Five",
    )
    head = enter(open_page(javascript=False), "head")
    do_step(head, row, "sign", sheet=PAPER, sheet_number=row.sheet_number)
    case.refresh_from_db()
    assert case.state == "nominated"

    clerk = enter(open_page(javascript=False), "clerk")
    do_step(clerk, case, "correct", reason="A correction of the record.")
    for n in range(51):
        User.objects.create_user(f"many{n:02}")
    world.user("guard", world.office, Role.SECURITY_ADMIN, over=world.county)
    guard = enter(open_page(javascript=False), "guard")
    send(guard, "/accounts/", button="main form.filters button[type=submit]", q="many")
    assert guard.locator("main tbody tr").count() == 50
    guard.locator(".pager a[rel=next]").click()
    assert guard.locator("main tbody tr").count() == 1
    guard.goto("/accounts/")
    assert guard.locator(".chip").count() == 1
    guard.locator(".keep > summary").click()
    guard.locator("#keep-name").fill("Many")
    guard.locator(".keep form button[type=submit]").first.click()
    assert SavedFilter.objects.get().query == "q=many"
    guard.locator(".chip").click()
    assert guard.locator(".chip").count() == 0


def test_a_newcomer_from_the_account_to_the_first_page(world, open_page, axe):
    newcomer = world.person(world.bureau, joined_on=world.today)
    world.user("keeper", world.office, Role.SYSTEM_ADMIN, over=world.county)
    world.user("guard", world.office, Role.SECURITY_ADMIN, over=world.county)
    keeper = enter(open_page(), "keeper")
    axe(keeper)
    keeper.locator("main .task-list a[href='/accounts/new/']").click()
    axe(keeper)
    keeper.get_by_role("link", name=newcomer.name).click()
    keeper.locator("main [name=username]").fill("newcomer")
    keeper.locator("main form button.btn-primary").click()
    password = keeper.locator("#initial-password").inner_text()
    axe(keeper)
    keeper.locator("main a.btn-primary").click()
    axe(keeper)

    guard = enter(open_page(), "guard")
    guard.locator("main .task-list a[href='/accounts/?state=none']").click()
    axe(guard)
    guard.get_by_role("link", name="newcomer").click()
    fill(guard, role="liaison", unit="县水利局")
    guard.locator("main form[action$='/roles/'] button.btn-primary").click()
    axe(guard)

    own = enter(open_page(size=PHONE), "newcomer", password)
    assert own.url.endswith("/me/password/")
    axe(own)
    fill(own, old_password=password, new_password1="my-own-long-sentence", new_password2="my-own-long-sentence")
    own.locator("main form button.btn-primary").click()
    own.wait_for_url("**/me/")
    axe(own)
    assert own.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    own.goto("/returns/")
    assert own.locator("main tbody tr").count() == 1
    assert Session.objects.filter(user__username="newcomer").count() == 1


def test_settings_criteria_search_and_help_are_accessible_and_fit_a_phone(world, open_page, axe):
    case = world.nominated()
    for username, urls in (
        ("admin", ("/settings/", "/settings/meeting_routes/", "/settings/electronic_signing/", "/settings/calendar/",
                   f"/criteria/{world.edition.public_id}/copy/", "/criteria/")),
        ("clerk", (f"/search/?q={case.number}", "/search/", "/help/cases/", "/cases/?state=nominated", "/me/")),
    ):  # fmt: skip
        for size in (None, PHONE):
            page = enter(open_page(**({"size": size} if size else {})), username)
            for url in urls:
                page.goto(url)
                axe(page)
                if size:
                    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], url


def test_the_slash_leads_to_the_search_and_a_case_is_found_by_initials(world, open_page):
    case = world.nominated()
    page = enter(open_page(), "clerk")
    page.keyboard.press("/")
    page.keyboard.type(case.cadre.initials)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search/"))
    page.get_by_role("link", name=case.number).click()
    assert page.url.endswith(case.get_absolute_url())
    page.goto("/cases/")
    page.locator(".help-link").click()
    assert re.search(r"/help/cases/\?from=", page.url)


def test_a_figure_of_the_criteria_changes_from_the_draft_to_the_approval(world, open_page, axe, console):
    """The chief's wrong turn - a figure without its words -, the trial, the leader's refusal, the second handing-in."""
    missed = {"kind": "task", "fact": "missed", "source": "台账", "cadre": world.cadre, "by": world.clerk}
    for n in range(2):
        add_evidence(**missed, title=f"逾期{n}", happened_on=world.today - (40 + n) * DAY, at=timezone.now() - 30 * DAY)
    Round.objects.filter(pk=world.round.pk).update(closes_on=world.today - 20 * DAY)
    chief = enter(open_page(), "chief")
    send(chief, f"/criteria/{world.edition.public_id}/copy/", code="2030", holds_from=str(world.today + 40 * DAY))
    axe(chief)
    row = world.edition.criteria.get(code="B2")
    chief.locator("main tbody a", has_text=row.title_zh).first.click()
    axe(chief)
    console.allow(409)
    fill(chief, figure_missed_deadlines=2, title_zh="改写的标题")
    chief.locator("main form button.btn-primary").click()
    assert chief.locator("main .invalid-feedback:visible").count() == 2
    assert chief.locator("main [name=title_zh]").input_value() == "改写的标题"
    fill(chief, text_zh=row.text_zh.replace("3次", "2次"), text_en=row.text_en.replace("3", "2"))
    chief.locator("main form button.btn-primary").click()
    chief.wait_for_url("**/edit/")
    chief.locator(".page-actions a[href$='/trial/']").click()
    axe(chief)
    assert world.bureau.name in chief.locator("main .note").inner_text()
    chief.go_back()
    chief.locator(".page-actions form[action$='/hand-in/'] button").click()
    leader = enter(open_page(), "leader")
    leader.locator("main a[href$='/approve/']").first.click()
    axe(leader)
    assert "改写的标题" in leader.locator("main").inner_text()
    leader.locator("details summary", has_text="退回").click()
    fill(leader, reason="两次太严，请写明哪些不计入")
    leader.locator("[name=send_back]").click()
    chief.goto("/notices/")
    assert "两次太严" in chief.locator("main").inner_text()
    draft = Edition.objects.get(code="2030")
    chief.goto(f"/criteria/{draft.public_id}/edit/")
    chief.locator(".page-actions form[action$='/hand-in/'] button").click()
    leader.goto(f"/criteria/{draft.public_id}/approve/")
    leader.locator("#id_typed").fill(leader.locator(".confirm .sentence").inner_text())
    leader.locator(".confirm button[type=submit]").click()
    leader.wait_for_url("**/criteria/?edition=2030")
    assert leader.locator(".note-success").count() == 1
    phone = enter(open_page(size=PHONE), "chief")
    for path in ("trial", "edit", "B2/edit"):
        phone.goto(f"/criteria/{draft.public_id}/{path}/")
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


def test_words_typed_about_one_case_never_stand_in_the_form_of_another(world, open_page):
    second = world.draft(world.person(world.bureau))
    first = world.nominated()
    page = enter(open_page(), "clerk")
    page.goto(f"{first.get_absolute_url()}do/send_back/")
    page.locator("[name=reason]").press_sequentially("Only of the first one.")
    page.goto(f"{second.get_absolute_url()}do/send_back/")
    assert page.input_value("[name=reason]") == ""
    page.goto(f"{second.get_absolute_url()}do/defer/")
    assert page.input_value("[name=reason]") == ""
    page.goto(f"{first.get_absolute_url()}do/send_back/")
    assert page.input_value("[name=reason]") == "Only of the first one."
