"""Campaigns, rounds and verification teams in the users' words: what they do, what they refuse, who is told."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import DecisionEvent, Notice, RoleAssignment
from accounts.people.workflow import add_unit
from accounts.permissions import Role
from cohorts.campaign.models import UnitReturn
from cohorts.campaign.workflow import (
    cancel_round,
    conclude_campaign,
    conclude_round,
    extend_round,
    open_round,
    revise_campaign,
)
from cohorts.models import Referral, VerificationTeam
from cohorts.procedure.step import Refused
from cohorts.procedure.workflow import move
from cohorts.referral.workflow import begin_draft, end_team, form_team
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def as_(user):
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


def verify(world, case, **changes):
    findings = [{"code": c.code, "upheld": True, "reason": "台账相符"} for c in case.criteria.all()]
    data = {"findings": findings, "tolerance": False, "tolerance_reason": "无"} | world.report() | changes
    return move(case, "verify", by=world.clerk, **data)


def verifier_role(world):
    return RoleAssignment.objects.in_force(world.today).filter(user=world.verifier, role=Role.VERIFIER)


def two_nominated(world):
    second = world.draft(world.person(world.bureau))
    first = world.nominated()
    second.refresh_from_db()
    return first, second


# --- teams


def test_a_team_ends_with_the_step_that_leaves_it_without_a_case_and_its_members_lose_the_role(world):
    first, second = two_nominated(world)
    world.screened(first, also=(second,))
    team = VerificationTeam.objects.get()
    assert verifier_role(world).exists()
    assert Referral.objects.visible_to(world.verifier.acting_as("verifier")).count() == 2
    verify(world, first)
    team.refresh_from_db()
    assert team.ended_on is None
    second.refresh_from_db()
    move(second, "propose_strike_out", by=world.clerk, ground="token", reason="凑数")
    team.refresh_from_db()
    assert team.ended_on is None
    move(second, "strike_out", by=world.leader, reason="同意")
    team.refresh_from_db()
    assert team.ended_on == world.today
    assert not verifier_role(world).exists()
    last = DecisionEvent.objects.filter(subject_id=team.public_id).order_by("-seq").first()
    assert last.action == "team.end"


@pytest.mark.parametrize(
    ("action", "who", "data"),
    [
        ("send_back", "clerk", {"reason": "补材料"}), ("defer", "clerk", {"reason": "住院"}),
        ("withdraw", "head", {"reason": "误报"}), ("discontinue", "leader", {"reason": "调离"}),
        ("transfer", "leader", {"reason": "移送", "number": "函1"}),
    ],
)  # fmt: skip
def test_every_step_that_takes_the_last_case_away_ends_the_team(world, action, who, data):
    case = world.screened(world.nominated())
    move(case, action, by=getattr(world, who), **data)
    assert VerificationTeam.objects.get().ended_on == world.today


def test_withdrawing_the_whole_return_ends_the_team(world):
    world.screened(world.nominated())
    world.unit_return.refresh_from_db()
    move(world.unit_return, "withdraw", by=world.head)
    assert VerificationTeam.objects.get().ended_on == world.today


def test_who_is_in_another_running_team_keeps_the_role(world):
    first, second = two_nominated(world)
    world.screened(first)
    form_team(
        by=world.chief, campaign=world.campaign, name="二组", members=[world.clerk, world.verifier], cases=[second]
    )
    RoleAssignment.objects.filter(role=Role.VERIFIER).update(start=world.today - DAY)
    verify(world, first)
    assert verifier_role(world).exists()
    end_team(VerificationTeam.objects.get(name="二组"), by=world.chief, reason="改组")
    assert not verifier_role(world).exists()
    assert RoleAssignment.objects.get(user=world.verifier, role=Role.VERIFIER).end == world.today


def test_the_chief_ends_a_team_and_its_cases_need_another_one(world):
    case = world.screened(world.nominated())
    team = VerificationTeam.objects.get()
    client = as_(world.chief)
    page = f"/teams/{team.public_id}/"
    assert client.post(page, {"reason": ""}).status_code == 422
    assert as_(world.clerk).post(page, {"reason": "改组"}).status_code == 403
    assert client.post(page, {"reason": "改组"}).status_code == 302
    again = client.post(page, {"reason": "再点一次"})
    assert again.status_code == 409
    assert "再点一次" in again.content.decode()
    with pytest.raises(Refused) as refused:
        verify(world, case)
    assert "no_team" in refused.value.codes
    assert f"{case.number}" in client.get("/teams/new/").content.decode()
    new = form_team(
        by=world.chief, campaign=world.campaign, name="二组", members=[world.clerk, world.verifier], cases=[case]
    )
    case.refresh_from_db()
    assert verify(world, case).team == new


def test_a_case_that_comes_back_stays_with_a_running_team_and_needs_another_when_it_has_ended(world):
    first, second = two_nominated(world)
    world.screened(first, also=(second,))
    first.refresh_from_db()
    move(first, "propose_strike_out", by=world.clerk, ground="token", reason="凑数")
    first = move(first, "refuse_strike_out", by=world.leader, reason="再查")
    first = move(first, "defer", by=world.clerk, reason="住院")
    first = move(first, "resume", by=world.clerk, reason="出院")
    assert first.team.ended_on is None
    first = move(first, "defer", by=world.clerk, reason="住院")
    second.refresh_from_db()
    verify(world, second)
    first = move(first, "resume", by=world.clerk, reason="出院")
    with pytest.raises(Refused) as refused:
        verify(world, first)
    assert "no_team" in refused.value.codes


def test_a_name_sent_back_and_nominated_again_needs_a_team_again(world):
    case = world.screened(world.nominated())
    case = move(case, "send_back", by=world.clerk, reason="补材料")
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    case.refresh_from_db()
    with pytest.raises(Refused) as refused:
        verify(world, case)
    assert "no_team" in refused.value.codes


def test_handing_the_last_case_to_another_team_ends_the_first(world):
    case = world.screened(world.nominated())
    form_team(by=world.chief, campaign=world.campaign, name="二组", members=[world.clerk, world.verifier], cases=[case])
    assert list(VerificationTeam.objects.running().values_list("name", flat=True)) == ["二组"]
    assert verifier_role(world).exists()


def test_a_team_is_refused_for_a_case_that_is_verified_already(world):
    case = world.verified()
    with pytest.raises(ValidationError):
        form_team(
            by=world.chief, campaign=world.campaign, name="x", members=[world.clerk, world.verifier], cases=[case]
        )
    assert VerificationTeam.objects.count() == 1


def test_who_may_be_named_for_a_team(world):
    """People of the department, of a leading office, or discipline; not who decides, no administrator, no other unit."""
    world.nominated()
    world.office.leading_office = True
    world.office.save()
    keeper = world.user("keeper", world.office, "system_admin", over=world.county)
    named = {user.pk for user in as_(world.chief).get("/teams/new/").context["form"].fields["members"].queryset}
    assert {world.clerk.pk, world.verifier.pk, world.inspector.pk} <= named
    assert not {world.leader.pk, keeper.pk, world.head.pk, world.stranger.pk} & named


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"talks": []}, "few_talks"),
        ({"talks": [{"who": "同一人", "on": dt.date(2026, 1, 5)}] * 3}, "few_talks"),
        ({"talks": [{"who": f"同事{n}", "on": dt.date(2999, 1, 1)} for n in range(3)]}, "future_day"),
        ({"report_number": ""}, "no_report"),
        ({"report_text": " "}, "no_report"),
    ],
)
def test_a_verification_states_its_talks_and_its_report(world, changes, code):
    case = world.screened(world.nominated())
    with pytest.raises(Refused) as refused:
        verify(world, case, **changes)
    assert refused.value.codes == {code}
    case.refresh_from_db()
    assert case.state == "nominated"


def test_the_report_shows_on_the_case_and_the_cadre_learns_no_names_of_those_talked_with(world):
    case = world.notified()
    page = as_(world.clerk).get(case.get_absolute_url()).content.decode()
    assert "分管领导" in page
    assert "核查报告1号" in page
    own = as_(world.trainee).get(case.get_absolute_url()).content.decode()
    assert "分管领导" not in own
    assert "核查报告1号" in own


# --- campaign and rounds


def test_a_campaign_is_not_concluded_while_a_case_is_open_or_a_round_runs_and_it_says_which(world):
    case = world.nominated()
    client = as_(world.admin)
    page = f"/campaigns/{world.campaign.public_id}/conclude/"
    assert client.post(page, {}).status_code == 422
    answer = client.post(page, {"sure": "on"})
    assert answer.status_code == 409
    assert case.number in answer.content.decode()
    with pytest.raises(ValidationError) as refused:
        conclude_campaign(world.campaign, by=world.admin)
    assert len(refused.value.messages) == 2
    move(case, "discontinue", by=world.leader, reason="调离")
    conclude_round(world.round, by=world.chief)
    assert client.post(page, {"sure": "on"}).status_code == 302
    world.campaign.refresh_from_db()
    assert world.campaign.concluded_on == world.today
    assert client.post(page, {"sure": "on"}).status_code == 409
    assert as_(world.clerk).get(page).status_code == 403


def test_an_extended_round_is_told_to_every_unit_and_judges_late_by_the_new_day(world):
    Notice.objects.all().delete()
    before, page = world.round.closes_on, f"/rounds/{world.round.public_id}/extend/"
    client = as_(world.chief)
    early = client.post(page, {"closes_on": str(before)})
    assert early.status_code == 409
    assert str(before) in early.content.decode()
    assert client.post(page, {"closes_on": "kein Tag"}).status_code == 422
    assert client.post(page, {"closes_on": str(before + 10 * DAY)}).status_code == 302
    assert client.post(page, {"closes_on": str(before + 10 * DAY)}).status_code == 409
    world.round.refresh_from_db()
    assert (world.round.closes_on, world.round.extended_from) == (before + 10 * DAY, before)
    assert Notice.objects.filter(code="round_extended", recipient=world.head).count() == 1
    assert as_(world.head).get(page).status_code == 404
    assert as_(world.leader).get(page).status_code == 403


def test_a_round_is_cancelled_with_notice_its_drafts_go_and_their_evidence_stays(world):
    case = world.draft()
    item = case.evidence_links.first().evidence
    client, page = as_(world.chief), f"/rounds/{world.round.public_id}/cancel/"
    assert client.post(page, {"reason": ""}).status_code == 422
    assert client.post(page, {"reason": "另行通知"}).status_code == 302
    assert not Referral.objects.exists()
    item.refresh_from_db()
    assert Notice.objects.filter(code="round_cancelled", recipient=world.head).exists()
    assert not UnitReturn.objects.outstanding().exists()
    assert as_(world.head).get(world.unit_return.get_absolute_url()).status_code == 200
    with pytest.raises(ValidationError):
        world.draft()
    for act in (lambda: extend_round(world.round, by=world.chief, closes_on=world.today + 30 * DAY),
                lambda: cancel_round(world.round, by=world.chief, reason="x"),
                lambda: conclude_round(world.round, by=world.chief)):  # fmt: skip
        with pytest.raises(ValidationError):
            act()


def test_a_round_in_which_somebody_is_nominated_cannot_be_cancelled(world):
    world.nominated()
    answer = as_(world.chief).post(f"/rounds/{world.round.public_id}/cancel/", {"reason": "另行通知"})
    assert answer.status_code == 409
    assert "另行通知" in answer.content.decode()


def test_concluding_a_round_asks_and_says_what_stays_missing(world):
    page, client = f"/rounds/{world.round.public_id}/conclude/", as_(world.chief)
    shown = client.get(page).content.decode()
    assert world.forestry.name in shown
    assert client.post(page, {}).status_code == 422
    world.round.refresh_from_db()
    assert world.round.concluded_on is None
    assert client.post(page, {"sure": "on"}).status_code == 302
    assert client.post(page, {"sure": "on"}).status_code == 409
    assert DecisionEvent.objects.filter(action="round.conclude").count() == 1
    assert client.get(f"/rounds/{world.round.public_id}/explode/").status_code == 404


def test_the_days_of_a_campaign_change_before_its_first_round_afterwards_only_the_end_of_the_class(world):
    page, client = f"/campaigns/{world.campaign.public_id}/days/", as_(world.admin)
    later = world.campaign.class_ends_on + 30 * DAY
    assert client.post(page, {"class_ends_on": str(later)}).status_code == 302
    world.campaign.refresh_from_db()
    assert world.campaign.class_ends_on == later
    with pytest.raises(ValidationError):
        revise_campaign(world.campaign, by=world.admin, opened_on=world.today)
    wrong = client.post(page, {"class_ends_on": "2001-01-01"})
    assert wrong.status_code == 409
    assert "2001-01-01" in wrong.content.decode()
    assert as_(world.chief).get(page).status_code == 403


# --- material to follow


def follow(world, case, days=10, user=None, **changes):
    data = {"version": case.version, "until": str(world.today + days * DAY), "reason": "等待督查通报"} | changes
    answer = as_(user or world.liaison).post(f"{case.get_absolute_url()}follow/", data)
    case.refresh_from_db()
    return answer


def signed(world):
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    world.unit_return.refresh_from_db()


def test_ready_names_are_signed_and_the_others_follow_on_a_supplementary_sheet(world):
    ready = world.draft()
    bare = begin_draft(
        by=world.liaison, cadre=world.person(world.bureau), campaign=world.campaign, unit_return=world.unit_return
    )
    page = as_(world.head).get(world.unit_return.get_absolute_url())
    assert [bool(case.missing) for case in page.context["cases"]] == [False, True]
    assert follow(world, bare).status_code == 302
    sheet = as_(world.liaison).get(f"{world.unit_return.get_absolute_url()}sheet/").context
    assert ([c.pk for c in sheet["cases"]], [c.pk for c in sheet["following"]]) == ([ready.pk], [bare.pk])
    signed(world)
    ready.refresh_from_db()
    bare.refresh_from_db()
    assert (ready.state, bare.state, world.unit_return.state) == ("nominated", "draft", "filed")
    base = world.unit_return.get_absolute_url()
    head = as_(world.head)
    short = head.post(f"{base}do/sign_supplement/", {"version": world.unit_return.version, "names": [bare.pk],
                      "sheet": world.upload(), "sheet_number": world.unit_return.sheet_number})  # fmt: skip
    assert short.status_code == 409
    Referral.objects.filter(pk=bare.pk).update(facts="未完成", how_raised="panel", no_talk_reason="外派")
    bare.criteria.set(world.edition.criteria.filter(code="B1"))
    for link in ready.evidence_links.all():
        item = link.evidence
        item.pk, item.cadre, item.public_id = None, bare.cadre, type(item)._meta.get_field("public_id").get_default()
        item.save()
        bare.evidence_links.create(evidence=item)
    assert bare.pk in [c.pk for c in head.get(f"{base}sheet/?supplement=1").context["cases"]]
    assert head.post(f"{base}do/sign_supplement/", {"version": world.unit_return.version}).status_code == 422
    data = {"version": world.unit_return.version, "names": [bare.pk], "sheet": world.upload(),
            "sheet_number": world.unit_return.sheet_number}  # fmt: skip
    assert head.post(f"{base}do/sign_supplement/", data).status_code == 302
    bare.refresh_from_db()
    assert (bare.state, bare.nominated_by, bare.came_late) == ("nominated", world.head, False)
    assert bare.signed_sheet is not None
    data["sheet"] = world.upload()
    version = UnitReturn.objects.get(pk=world.unit_return.pk).version
    assert head.post(f"{base}do/sign_supplement/", data).status_code == 422
    assert UnitReturn.objects.get(pk=world.unit_return.pk).version == version


def test_the_day_of_material_to_follow_has_limits_and_a_reason(world):
    case = world.draft()
    assert follow(world, case, days=0).status_code == 409
    far = follow(world, case, days=60)
    assert far.status_code == 409
    assert "等待督查通报" in far.content.decode()
    assert follow(world, case, reason="").status_code == 409
    assert follow(world, case, until="32.13.").status_code == 422
    assert case.follow_until is None
    assert follow(world, case).status_code == 302
    assert follow(world, case, version=case.version - 1).status_code == 409
    assert follow(world, case, until="").status_code == 302
    assert (case.follow_until, case.follow_reason) == (None, "")
    assert follow(world, case, user=world.stranger).status_code == 404
    signed(world)
    assert follow(world, case).status_code == 404


def test_a_name_is_late_only_after_its_own_day(world):
    case = world.draft()
    follow(world, case, days=12)
    signed(world)
    close = world.today - 3 * DAY
    type(world.round).objects.filter(pk=world.round.pk).update(closes_on=close)
    case = Referral.objects.get(pk=case.pk)
    move(world.unit_return, "sign_supplement", by=world.head, names=[case], password_entered=True)
    case = Referral.objects.get(pk=case.pk)
    assert not case.came_late
    Referral.objects.filter(pk=case.pk).update(follow_until=world.today - DAY)
    assert Referral.objects.get(pk=case.pk).came_late


def test_a_name_sent_back_has_a_day_of_its_own(world):
    case = world.nominated()
    page = f"{case.get_absolute_url()}do/send_back/"
    past = as_(world.clerk).post(page, {"version": case.version, "reason": "补材料", "until": str(world.today - DAY)})
    assert past.status_code == 409
    until = world.today + 9 * DAY
    answer = as_(world.clerk).post(page, {"version": case.version, "reason": "补材料", "until": str(until)})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.follow_until, case.follows) == ("draft", until, False)
    signed(world)
    case.refresh_from_db()
    assert (case.state, case.came_late) == ("nominated", False)


def test_the_board_counts_what_it_narrows_to(world):
    case = world.draft()
    follow(world, case, days=3)
    signed(world)
    Referral.objects.filter(pk=case.pk).update(follow_until=world.today - DAY)
    type(world.round).objects.filter(pk=world.round.pk).update(closes_on=world.today - DAY)
    client = as_(world.clerk)
    page = client.get("/returns/")
    figures = {f["url"].partition("state=")[2].partition("&")[0]: f["value"] for f in page.context["figures"]}
    units = UnitReturn.objects.filter(round=world.round).count()
    assert figures == {"outstanding": units - 1, "missing": units - 1, "late": 1, "filed": 1, "nil": 0,
                       "sent_back": 0, "follow": 1, "overdue": 1}  # fmt: skip
    for state, count in figures.items():
        assert len(client.get(f"/returns/?state={state}").context["rows"]) == count, state
    assert len(client.get("/returns/?state=nonsense").context["rows"]) == units
    assert client.get("/returns/?campaign=nonsense").status_code == 404


# --- small units and context


def small_unit(world):
    unit = add_unit(
        code="archive", name="县档案馆", kind="institution", parent=world.county, reports=True, staff_in_post=5
    )
    row = open_round(by=world.admin, campaign=world.campaign, kind="supplementary", opens_on=world.today,
                     closes_on=world.today + 5 * DAY, units=[unit]).returns.get()  # fmt: skip
    return row, world.user("archivist", unit, Role.UNIT_HEAD)


def test_a_small_unit_returns_nil_in_two_clicks(world):
    row, head = small_unit(world)
    client = as_(head)
    assert len(client.get(row.get_absolute_url()).context["nil_reasons"]) == 3
    first = client.post(f"{row.get_absolute_url()}do/prepare/", {
        "version": 1, "nil": "yes", "nil_reason": "small", "meeting_kind": "branch", "meeting_on": str(world.today), "onward": "sign",
    })  # fmt: skip
    assert first.url.endswith("do/sign/")
    row.refresh_from_db()
    second = client.post(first.url, {"version": row.version, "sheet": world.upload(), "sheet_number": row.sheet_number})
    assert second.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.nil, row.nil_reason) == ("filed", True, "small")
    for user in (head, world.clerk):
        assert as_(user).get(f"{row.get_absolute_url()}signed/").status_code == 200
    assert as_(world.head).get(f"{row.get_absolute_url()}signed/").status_code == 404


def test_a_unit_of_ten_and_more_states_the_members_of_its_meeting(world):
    answer = as_(world.head).post(f"{world.unit_return.get_absolute_url()}do/prepare/", {
        "version": 1, "nil": "yes", "nil_reason": "none_found", "meeting_kind": "party_group", "meeting_on": str(world.today),
    })  # fmt: skip
    assert answer.status_code == 422
    assert not as_(world.head).get(world.unit_return.get_absolute_url()).context["nil_reasons"]


def test_staff_asked_for_and_borrowed_stand_beside_the_return_for_the_leader(world):
    world.prepared(nil=True, nil_reason="none_found", staff_asked=4, staff_borrowed=7)
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    page = as_(world.leader).get(world.unit_return.get_absolute_url())
    assert (page.context["row"].staff_asked, page.context["row"].staff_borrowed) == (4, 7)
    assert ">7<" in page.content.decode()
