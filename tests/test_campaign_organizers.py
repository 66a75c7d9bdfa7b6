"""The deputy's sheet that the head must not notice, and a campaign of another organizer from the notice to the decision."""

import pytest
from django.test import Client

from accounts.models import Cadre, Notice, Relation, Unit
from accounts.people.workflow import add_unit
from accounts.permissions import Role
from assessments.criteria.models import Edition
from assessments.criteria.workflow import approve_edition, create_edition, hand_in
from cohorts.campaign.models import Campaign, UnitReturn
from cohorts.models import Meeting, Referral, VerificationTeam
from cohorts.procedure.step import Refused
from cohorts.procedure.workflow import move
from cohorts.referral.models import State
from cohorts.site.views import tasks_of
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def as_(user):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


@pytest.fixture
def apart(world):
    """The head's relative is drafted beside another name; the head has signed for the other."""
    Relation.objects.create(cadre=world.head.cadre, other=world.cadre, kind="kin")
    world.other = world.draft(world.person(world.bureau))
    world.case = world.draft()
    world.prepared()
    return world


def seen_by_head(world):
    """Everything that the head can open, as one text without the tokens of the forms."""
    client, base = as_(world.head), world.unit_return.get_absolute_url()
    pages = ("/", "/returns/", base, f"{base}sheet/", "/cases/", "/cases/?state=all", "/notices/", f"{base}do/sign/")
    return "".join(client.get(page).content.decode() for page in pages)


def test_the_head_finds_nothing_of_the_name_before_and_after_the_deputy_signs(apart):
    world = apart
    assert world.case.cadre.name not in seen_by_head(world)
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    world.unit_return.refresh_from_db()
    before = (world.unit_return.version, world.unit_return.state, Notice.objects.filter(recipient=world.head).count())
    move(world.case, "sign_for_head", by=world.deputy, password_entered=True)
    case = world.screened(Referral.objects.get(pk=world.case.pk))
    case = move(case, "send_back", by=world.clerk, reason="补材料")
    assert case.state == "draft"
    move(case, "sign_for_head", by=world.deputy, password_entered=True)
    world.unit_return.refresh_from_db()
    after = (world.unit_return.version, world.unit_return.state, Notice.objects.filter(recipient=world.head).count())
    assert before == after
    text = seen_by_head(world)
    assert world.case.cadre.name not in text
    assert world.case.number not in text
    client = as_(world.head)
    for path in ("", "sheet/", "follow/", "do/sign_for_head/"):
        assert client.get(f"{world.case.get_absolute_url()}{path}").status_code == 404, path


def test_the_sheet_of_the_head_never_holds_the_name_whoever_prints_it(apart):
    for user in (apart.liaison, apart.deputy):
        sheet = as_(user).get(f"{apart.unit_return.get_absolute_url()}sheet/")
        assert [case.pk for case in sheet.context["cases"]] == [apart.other.pk]


def test_a_head_who_knows_of_no_name_files_a_nil_return_and_may_withdraw_it(world):
    Relation.objects.create(cadre=world.head.cadre, other=world.cadre, kind="kin")
    case = world.draft()
    world.prepared(nil=True, nil_reason="none_found")
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    move(case, "sign_for_head", by=world.deputy, password_entered=True)
    world.verified(Referral.objects.get(pk=case.pk))
    world.unit_return.refresh_from_db()
    assert move(world.unit_return, "withdraw", by=world.head).state == "prepared"
    assert Referral.objects.get(pk=case.pk).state == "verified"


def test_the_deputy_signs_on_paper_with_the_number_of_the_names_own_sheet(apart):
    case, client = apart.case, as_(apart.deputy)
    assert any(case.get_absolute_url() in task["url"] for task in tasks_of(apart.deputy))
    assert case.sheet_number in client.get(f"{case.get_absolute_url()}sheet/").content.decode()
    page = f"{case.get_absolute_url()}do/sign_for_head/"
    wrong = {"version": case.version, "sheet": apart.upload(), "sheet_number": apart.unit_return.sheet_number}
    assert client.post(page, wrong).status_code == 409
    assert client.post(page, {"version": case.version}).status_code == 409
    right = {"version": case.version, "sheet": apart.upload(), "sheet_number": case.sheet_number}
    assert client.post(page, right).status_code == 302
    assert client.post(page, right | {"sheet": apart.upload()}).status_code == 409
    case.refresh_from_db()
    assert (case.state, case.nominated_by, bool(case.signed_sheet)) == ("nominated", apart.deputy, True)
    assert client.get(f"{case.get_absolute_url()}files/{case.signed_sheet.public_id}/").status_code == 200


def test_the_deputy_signs_no_name_that_the_head_can_sign(apart):
    with pytest.raises(Refused) as refused:
        move(apart.other, "sign_for_head", by=apart.deputy, password_entered=True)
    assert refused.value.codes == {"head_nominates"}
    assert "sign_for_head" not in as_(apart.deputy).get(apart.other.get_absolute_url()).content.decode()
    assert as_(apart.deputy).get(f"{apart.other.get_absolute_url()}sheet/").status_code == 404


# --- another organizer


class Education:
    """The education bureau with two schools, its own clerk, chief, leader and administrator, beside the county's campaign."""

    def __init__(self, world) -> None:
        self.world = world
        self.bureau = add_unit(
            code="jtj", name="县教育体育局", kind="bureau", parent=world.county, reports=True, staff_in_post=42
        )
        self.schools = [
            add_unit(code=f"school{n}", name=name, kind="institution", parent=self.bureau, staff_in_post=60)
            for n, name in enumerate(("城关中学", "池河小学"))
        ]
        self.clerk = world.user("edu-clerk", self.bureau, Role.CLERK)
        self.colleague = world.user("edu-colleague", self.bureau, Role.CLERK)
        self.chief = world.user("edu-chief", self.bureau, Role.CHIEF)
        self.leader = world.user("edu-leader", self.bureau, Role.LEADER)
        self.admin = world.user("edu-admin", self.bureau, Role.DEPARTMENT_ADMIN)
        self.bureau_head = world.user("edu-head", self.bureau, Role.UNIT_HEAD)
        self.principal = world.user("principal", self.schools[0], Role.UNIT_HEAD)
        self.school_liaison = world.user("school-liaison", self.schools[0], Role.LIAISON)
        self.teacher = world.user("teacher2", self.schools[0], None)
        self.edition = create_edition(
            by=self.admin, organizer=self.bureau, code="edu", title="教育系统情形清单（演示）",
            texts=[("演示条目一", "演示文字，非教育局正式文本。"), ("演示条目二", "演示文字，非教育局正式文本。")],
        )  # fmt: skip

    def post(self, user, url, **data):
        answer = as_(user).post(url, data)
        assert answer.status_code == 302, (
            url,
            answer.status_code,
            answer.context and answer.context.get("form") and answer.context["form"].errors,
        )
        return answer

    def paper(self):
        return self.world.upload()

    def step(self, user, subject, action, **data):
        subject.refresh_from_db()
        self.post(user, f"{subject.get_absolute_url()}do/{action}/", version=subject.version, **data)
        subject.refresh_from_db()
        return subject


@pytest.fixture
def education(world):
    return Education(world)


def opened(education):
    """Approved edition, created campaign, first round - all in the browser's words."""
    e, today = education, education.world.today
    approve = f"/criteria/{e.edition.public_id}/approve/"
    e.post(e.admin, f"/criteria/{e.edition.public_id}/hand-in/")
    shown = as_(e.leader).get(approve).context
    e.post(e.leader, approve, typed=shown["sentence"], seen=shown["hidden"][0]["value"])
    e.post(e.admin, "/campaigns/new/", year=today.year, ordinal=1, edition=e.edition.pk, notice_number="教体〔示例〕1号",
           opened_on=str(today), class_ends_on=str(today + 90 * DAY))  # fmt: skip
    e.campaign = Campaign.objects.get(organizer=e.bureau)
    e.post(e.chief, e.campaign.get_absolute_url(), kind="first", opens_on=str(today), closes_on=str(today + 9 * DAY))
    return e.campaign


def test_the_education_bureaus_campaign_from_its_notice_to_its_decision(education):
    from_notice_to_decision(education)


def from_notice_to_decision(e):
    """The whole road on the pages, each step by the bureau's own people."""
    world, today = e.world, e.world.today
    opened(e)
    asked = set(UnitReturn.objects.filter(round__campaign=e.campaign).values_list("unit__code", flat=True))
    assert asked == {"school0", "school1"}
    told = set(
        Notice.objects.filter(code="round_open", path__contains="returns").values_list("recipient__username", flat=True)
    )
    assert {"principal", "school-liaison", "edu-head"} <= told
    assert Notice.objects.filter(code="round_open", recipient=e.bureau_head).count() == 1  # the school without a head
    row = UnitReturn.objects.get(unit=e.schools[0])
    e.post(
        e.school_liaison, f"{row.get_absolute_url()}nominate/?cadre={e.teacher.cadre.public_id}",
        criteria=e.edition.criteria.first().pk, facts="多次未备课。", how_raised="panel", no_talk_reason="外出学习",
        kind_1="task", title_1="台账", happened_on_1=str(today - 9 * DAY), source_1="教务处",
        kind_2="inspection", title_2="督导通报", happened_on_2=str(today - 8 * DAY), source_2="督导室",
    )  # fmt: skip
    case = e.teacher.cadre.referrals.get()
    e.step(
        e.school_liaison, row, "prepare", nil="no", meeting_kind="branch", meeting_on=str(today), meeting_members="五人"
    )
    e.step(e.principal, row, "sign", sheet=e.paper(), sheet_number=row.sheet_number)
    case.refresh_from_db()
    assert case.state == "nominated"
    assert Notice.objects.filter(code="nominated", recipient=e.clerk).exists()
    assert not Notice.objects.filter(code="nominated", recipient=world.clerk).exists()
    e.post(e.chief, "/teams/new/", name="教育核查组", members=[e.clerk.pk, e.colleague.pk], cases=[case.pk])
    e.post(e.clerk, "/letters/new/", kind="discipline", number="教函1", sent_on=str(today), cases=[case.pk])
    line = case.screenings.get()
    e.post(
        e.clerk,
        f"/letters/{line.letter.public_id}/",
        number="复1",
        answered_on=str(today),
        **{f"answer_{line.pk}": "no_effect"},
    )
    talks = {f"talk_who_{n}": f"同事{n}" for n in (1, 2, 3)} | {f"talk_on_{n}": str(today) for n in (1, 2, 3)}
    e.step(e.clerk, case, "verify", upheld_X1="yes", reason_X1="台账相符", tolerance="no", tolerance_reason="无",
           report_number="教核1", report_text="属实", **talks)  # fmt: skip
    assert VerificationTeam.objects.get().ended_on == today
    e.step(e.clerk, case, "notify", method="in_person", served_on=str(today))
    e.step(e.teacher, case, "reply", none="on")
    e.post(e.clerk, "/meetings/new/", kind="party_group", held_on=str(today), cases=[case.pk])
    item = case.meeting_items.get()
    e.post(e.leader, f"/meetings/{item.meeting.public_id}/", number="1", extract="同意。", present=str(e.leader),
           **{f"result_{item.pk}": "agreed"})  # fmt: skip
    case.refresh_from_db()
    assert (case.state, Meeting.objects.get().kind) == (State.CONFIRMED, "party_group")


def test_each_organizer_sees_its_own_and_nothing_of_the_other(education):
    e, world = education, education.world
    opened(e)
    ours = world.screened(world.nominated())
    theirs_row = UnitReturn.objects.get(unit=e.schools[0])
    letter = ours.screenings.get().letter
    ours_pages = (ours.get_absolute_url(), world.unit_return.get_absolute_url(), world.campaign.get_absolute_url(),
                  f"/teams/{ours.team.public_id}/", f"/letters/{letter.public_id}/", f"/rounds/{world.round.public_id}/extend/",
                  f"/campaigns/{world.campaign.public_id}/conclude/", f"/returns/?campaign={world.campaign.public_id}",
                  f"/teams/new/?campaign={world.campaign.public_id}")  # fmt: skip
    for page in ours_pages:
        assert as_(e.chief).get(page).status_code == 404, page
        assert as_(world.chief).get(page).status_code in (200, 403), page
    theirs = (
        theirs_row.get_absolute_url(),
        e.campaign.get_absolute_url(),
        f"/returns/?campaign={e.campaign.public_id}",
    )
    for page in theirs:
        assert as_(world.chief).get(page).status_code == 404, page
        assert as_(e.chief).get(page).status_code == 200, page
    for url in ("/cases/", "/letters/", "/teams/", "/meetings/"):
        text = as_(e.clerk).get(url).content.decode()
        assert ours.number not in text
        assert letter.number not in text
    assert set(Unit.objects.visible_to(e.clerk)) == {e.bureau, *e.schools}
    assert set(Cadre.objects.visible_to(e.clerk)) == set(Cadre.objects.filter(unit__path__startswith=e.bureau.path))
    assert world.cadre in Cadre.objects.visible_to(world.clerk)


def test_an_edition_belongs_to_its_organizer_or_to_the_county(education):
    e, world = education, education.world
    approve = f"/criteria/{e.edition.public_id}/approve/"
    assert as_(world.admin).post(approve).status_code == 404
    draft = Edition.objects.create(code="x", title_zh="x", title_en="x")
    assert as_(e.admin).post(f"/criteria/{draft.public_id}/approve/").status_code == 404
    hand_in(e.edition, by=e.admin.acting_as("department_admin"))
    approve_edition(e.edition, by=e.leader)
    choices = as_(world.admin).get("/campaigns/new/").context["form"].fields["edition"].queryset
    assert e.edition not in choices
    choices = as_(e.admin).get("/campaigns/new/").context["form"].fields["edition"].queryset
    assert {e.edition, world.edition} <= set(choices)


def test_another_organizer_begins_its_own_edition_from_the_countys(education):
    e, world = education, education.world
    page = f"/criteria/{world.edition.public_id}/copy/"
    assert page in as_(e.admin).get(f"/criteria/?edition={world.edition.code}").content.decode()
    e.post(e.admin, page, code="edu-2031", holds_from="2031-01-01")
    own = Edition.objects.get(code="edu-2031")
    assert (own.organizer, own.based_on, own.state) == (e.bureau, world.edition, "draft")
    edit = f"/criteria/{own.public_id}/edit/"
    assert as_(e.admin).get(edit).status_code == 200
    assert as_(world.admin).get(edit).status_code == 404
    assert edit not in as_(world.admin).get("/criteria/?edition=edu-2031").content.decode()
    assert as_(world.admin).get(f"/criteria/{own.public_id}/copy/").status_code == 404


def test_a_round_asks_only_units_of_its_organizer(education):
    e = education
    opened(e)
    answer = as_(e.chief).post(e.campaign.get_absolute_url(), {
        "kind": "supplementary", "opens_on": str(e.world.today), "closes_on": str(e.world.today), "units": [e.world.bureau.pk],
    })  # fmt: skip
    assert answer.status_code == 422
    assert e.campaign.rounds.count() == 1


def test_with_several_campaigns_running_the_own_newest_is_offered_first_and_another_can_be_chosen(world):
    from cohorts.campaign.workflow import create_campaign

    second = create_campaign(
        by=world.admin, year=world.today.year, ordinal=2, organizer=world.department, edition=world.edition,
        notice_number="2", opened_on=world.today, class_ends_on=world.today + 90 * DAY,
    )  # fmt: skip
    case = world.nominated()
    client = as_(world.chief)
    first_page = client.get("/teams/new/")
    assert first_page.context["campaign"] == second
    assert case.number not in first_page.content.decode()
    page = f"/teams/new/?campaign={world.campaign.public_id}"
    assert case.number in client.get(page).content.decode()
    data = {"name": "一组", "members": [world.clerk.pk, world.chief.pk], "cases": [case.pk]}
    assert client.post(page, data).status_code == 302
    assert client.post("/teams/new/?campaign=1", data).status_code == 404
