"""In real Chromium: the main road without JavaScript, and the administrators' day from the account to its first use."""

import re

import pytest

from accounts.models import SavedFilter, Session, User
from accounts.permissions import Role
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


def test_an_edition_is_approved_with_a_typed_sentence(world, open_page, axe):
    admin = enter(open_page(), "admin")
    send(admin, f"/criteria/{world.edition.public_id}/copy/", code="2030", year=2030)
    axe(admin)
    admin.locator("main tbody a", has_text=world.edition.criteria.get(code="B1").title_zh).first.click()
    axe(admin)
    fill(admin, title_zh="改写的标题")
    admin.locator("main form button.btn-primary").click()
    admin.locator(".page-actions a[href$='/approve/']").click()
    axe(admin)
    assert "改写的标题" in admin.locator("main").inner_text()
    admin.locator("#id_typed").fill(admin.locator(".confirm .sentence").inner_text())
    admin.locator(".confirm button[type=submit]").click()
    admin.wait_for_url("**/criteria/?edition=2030")
    assert admin.locator(".note-success").count() == 1


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
