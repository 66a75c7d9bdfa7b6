"""The drawn sample: a fifth of the cases is verified a second time, blind, and what the two say stands on the page of the criteria."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import add_working_days
from accounts.file.workflow import store
from accounts.models import DecisionEvent, Notice, Relation, RoleAssignment
from accounts.people.workflow import record_departure
from accounts.permissions import Role
from accounts.trail.workflow import first_break, log_access
from assessments.evidence.workflow import state as say_to
from cohorts.models import Finding, Referral, SecondCheck, SecondFinding
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import move
from cohorts.referral.consistency import FEWEST, lines_of
from cohorts.referral.hands import against
from cohorts.referral.second import ONE_IN, is_drawn
from cohorts.referral.workflow import end_team, form_team
from cohorts.site.views import tasks_of
from tests.test_access import Scene, targets
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
FIRST = "首次核查认为台账与督查通报相符"


@pytest.fixture
def world():
    return World()


def lot(drawn: bool) -> uuid.UUID:
    """An identifier that is drawn, or is not: what chance gives after some tries."""
    while is_drawn(Referral(public_id=(key := uuid.uuid4()))) != drawn:
        pass
    return key


def nominated(world, drawn: bool = True, **content) -> Referral:
    case = world.draft(**content)
    case.public_id = lot(drawn)
    case.save(update_fields=["public_id"])
    world.prepared()
    move(world.unit_return, "sign", by=world.head, password_entered=True)
    case.refresh_from_db()
    return case


def findings(case, upheld: bool = True, reason: str = FIRST) -> list[dict]:
    codes = case.criteria.values_list("code", flat=True)
    return [{"code": code, "upheld": upheld, "reason": reason} for code in codes]


def verify(world, case, also=(), upheld: bool = True) -> Referral:
    case = world.screened(case, also=also)
    return move(case, "verify", by=world.clerk, findings=findings(case, upheld), tolerance=False, tolerance_reason="不属于探索失误",
                **world.report())  # fmt: skip


def drawn(world, **content) -> SecondCheck:
    return verify(world, nominated(world, **content)).second_check


def second(world) -> "World":
    """Somebody of a leading office without any part in cases."""
    world.office.leading_office = True
    world.office.save(update_fields=["leading_office"])
    return world.user(f"second-{uuid.uuid4().hex[:8]}", world.office, None)


def assigned(world, check=None, person=None) -> tuple[SecondCheck, "World"]:
    check, person = check or drawn(world), person or second(world)
    move(check, "assign", by=world.chief, checker=person)
    check.refresh_from_db()
    person = type(person).objects.get(pk=person.pk)
    return check, person.acting_as(Role.VERIFIER)


def done(world, upheld: bool = True, **content) -> SecondCheck:
    check, person = assigned(world, drawn(world, **content))
    move(check, "check", by=person, findings=findings(check.referral, upheld, "二次核查意见"))
    check.refresh_from_db()
    return check


def as_verifier(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    session = client.session
    session["role"] = f"verifier:{user.acting_as(Role.VERIFIER).role.unit_id}"
    session.save()
    return client


def as_(user, **options) -> Client:
    client = Client(**options)
    client.force_login(user, backend="accounts.user.backend.RoleBackend")
    return client


# The draw.


def test_chance_draws_about_a_fifth_and_asked_again_it_says_the_same():
    cases = [Referral(public_id=uuid.uuid4()) for _ in range(5000)]
    first = [is_drawn(case) for case in cases]
    assert ONE_IN == 5
    assert 0.17 < sum(first) / len(first) < 0.23, "six standard deviations would be 0.034"
    assert [is_drawn(case) for case in cases] == first


def test_nobody_without_the_key_of_the_house_can_foresee_it(settings):
    cases = [Referral(public_id=uuid.uuid4()) for _ in range(400)]
    before = [is_drawn(case) for case in cases]
    settings.SECRET_KEY = "another house"
    assert [is_drawn(case) for case in cases] != before


def test_a_drawn_case_gets_its_second_verification_with_the_step_that_ends_the_first(world):
    case = nominated(world)
    assert not SecondCheck.objects.exists()
    case = verify(world, case)
    check = SecondCheck.objects.get(referral=case)
    assert (check.state, check.checker, check.due_on) == ("drawn", None, add_working_days(world.today, 10))
    assert DecisionEvent.objects.get(action="secondcheck.draw").subject_id == check.public_id
    assert first_break() is None


def test_a_case_that_is_not_drawn_has_none(world):
    verify(world, nominated(world, drawn=False))
    assert not SecondCheck.objects.exists()


@pytest.mark.parametrize(
    ("ground", "drawn_too"), [("not_proved", True), ("token", False), ("tolerated", False), ("other", False)]
)
def test_a_case_struck_out_as_not_proved_may_be_drawn_other_grounds_say_nothing_on_the_criterion(
    world, ground, drawn_too
):
    case = world.screened(nominated(world))
    case = move(case, "propose_strike_out", by=world.clerk, ground=ground, reason="材料不足")
    assert not SecondCheck.objects.exists(), "the leader may still refuse it"
    move(case, "strike_out", by=world.leader, reason="同意")
    assert SecondCheck.objects.exists() is drawn_too


# Who.


def refused(check, person, world) -> str:
    with pytest.raises(Refused) as error:
        move(check, "assign", by=world.chief, checker=person)
    check.refresh_from_db()
    assert (check.state, check.checker) == ("drawn", None)
    return str(error.value.refusals[0])


def reasons(check, person) -> set[str]:
    return set(against(check, [person], on=timezone.localdate())[person.pk])


def test_whoever_had_a_hand_in_the_case_is_refused_with_the_reason(world):
    case = world.confirmed(world.notified(verify(world, nominated(world))))
    check, free = case.second_check, second(world)
    sat = world.user("sat", world.office, None)
    case.meeting_items.get().meeting.presences.create(name=str(sat), cadre=sat.cadre)
    kin = world.user("kin", world.office, None)
    Relation.objects.create(cadre=kin.cadre, other=case.cadre, kind="kin")
    colleague = world.user("colleague", world.bureau, Role.VERIFIER, over=world.department)
    expected = {
        world.head: {"unable", "own_unit", "took_part", "reads"}, world.liaison: {"unable", "own_unit", "took_part"},
        world.clerk: {"team", "took_part", "reads"}, world.verifier: {"team"}, world.leader: {"unable", "took_part", "decided", "reads"},
        world.trainee: {"unable", "barred", "own_unit", "took_part"}, world.chief: {"reads"},
        world.inspector: {"reads"}, world.payroll: {"reads"}, world.admin: {"reads"}, sat: {"decided"}, kin: {"barred"},
        colleague: {"own_unit"}, world.stranger: {"unable"}, free: set(),
    }  # fmt: skip
    assert {str(u.title): reasons(check, u) for u in expected} == {str(u.title): why for u, why in expected.items()}
    for user, codes in expected.items():
        if codes:
            assert str(user) in refused(check, user, world)
    move(check, "assign", by=world.chief, checker=free)


def test_who_recorded_the_evidence_does_not_judge_it(world):
    check, person = drawn(world), second(world)
    item = check.referral.evidence_links.first().evidence
    type(item).objects.filter(pk=item.pk).update(recorded_by=person)
    assert reasons(check, person) == {"took_part"}


def test_who_could_read_the_case_until_yesterday_is_refused_too(world):
    check = drawn(world)
    SecondCheck.objects.filter(pk=check.pk).update(drawn_at=timezone.now() - 3 * DAY)
    check.refresh_from_db()
    former, looked = second(world), second(world)
    RoleAssignment.objects.create(
        user=former, role=Role.CLERK, unit=world.department, start=world.today - 90 * DAY, end=world.today - DAY
    )
    log_access(check.referral, by=looked, purpose="查阅")
    assert reasons(check, former) == {"reads"}
    assert reasons(check, looked) == {"reads"}


def test_who_can_read_the_case_meanwhile_cannot_give_the_word_any_more(world):
    check, person = assigned(world)
    RoleAssignment.objects.create(user=person, role=Role.CLERK, unit=world.department, start=world.today)
    with pytest.raises(Refused) as error:
        move(check, "check", by=person, findings=findings(check.referral))
    assert error.value.codes == {"second_unfit"}
    assert not SecondFinding.objects.exists()


def test_a_relation_declared_meanwhile_hides_the_case_from_the_second_verifier(world):
    check, person = assigned(world)
    Relation.objects.create(cadre=person.cadre, other=check.referral.cadre, kind="kin")
    with pytest.raises(NotVisible):
        move(check, "check", by=person, findings=findings(check.referral))


def test_only_the_chief_names_and_only_the_named_person_gives_the_word(world):
    check, person = drawn(world), second(world)
    for user in (world.clerk, world.leader):
        with pytest.raises(NotGranted):
            move(check, "assign", by=user, checker=person)
    check, person = assigned(world, check, person)
    other = world.user("other", world.office, Role.VERIFIER, over=world.department)
    with pytest.raises(NotVisible):
        move(check, "check", by=other.acting_as(Role.VERIFIER), findings=findings(check.referral))
    with pytest.raises(NotGranted):
        move(check, "check", by=world.chief, findings=findings(check.referral))


def test_the_form_offers_who_may_be_named_and_says_what_keeps_the_others(world):
    check, free = drawn(world), second(world)
    client, url = as_(world.chief, headers={"accept-language": "en"}), f"{check.get_absolute_url()}do/assign/"
    page = client.get(url)
    assert [one.pk for one in page.context["form"].fit if one.pk == free.pk]
    assert world.clerk in [one for one, _why in page.context["form"].unfit]
    sent = client.post(url, {"version": check.version, "checker": world.clerk.pk})
    assert sent.status_code == 409 and str(world.clerk) in sent.content.decode()
    assert client.post(url, {"version": check.version, "checker": free.pk}).status_code == 302


# Blind.


def test_the_second_verifier_finds_the_material_and_on_no_page_the_first_word(world):
    file = store(SimpleUploadedFile("通报.txt", "督查通报".encode()), by=world.liaison)
    day = world.today - DAY
    items = [
        {"kind": "task", "title": "三项任务未完成", "happened_on": day, "source": "台账", "file": file},
        {"kind": "inspection", "title": "督查通报在岗不在状态", "happened_on": day, "source": "县委督查室", "outside": True},
    ]  # fmt: skip
    case = nominated(world, new_evidence=items)
    say_to(case.evidence_links.first().evidence, by=world.trainee, text="当日在下乡", disputes=True)
    check = verify(world, case).second_check
    say_to(case.evidence_links.first().evidence, by=world.trainee, text="核查组认定不公", disputes=True)
    check, person = assigned(world, check)
    client, url = as_verifier(person), check.get_absolute_url()
    for page in (url, f"{url}do/check/"):
        words = client.get(page).content.decode()
        assert all(said in words for said in (case.facts, "三项任务未完成", "当日在下乡", "B1"))
        assert "核查组认定不公" not in words, "said after the first verification was over"
    assert b"".join(client.get(f"{url}files/{file.public_id}/")) == "督查通报".encode()
    closed = [case.get_absolute_url(), f"{case.get_absolute_url()}files/{file.public_id}/", "/second-checks/", "/criteria/consistency/",
              "/criteria/consistency/2019/B1/", f"{case.get_absolute_url()}do/verify/"]  # fmt: skip
    assert {client.get(page).status_code for page in closed} <= {403, 404}


def test_no_page_of_the_house_shows_the_second_verifier_the_first_word():
    """Every address that the resolver knows, in every role that the person holds, with the case's own keys."""
    scene = Scene()
    world, check = scene.world, SecondCheck.objects.get(public_id=scene.keys["second_check"]["public_id"])
    case = check.referral
    Finding.objects.filter(referral=case).update(reason=FIRST)
    Referral.objects.filter(pk=case.pk).update(report_text=FIRST, tolerance_reason=FIRST)
    SecondCheck.objects.filter(pk=check.pk).update(state="drawn", checker=None, assigned_on=None)
    check.refresh_from_db()
    check, person = assigned(world, check)
    seen = 0
    for client in (as_verifier(person), as_(type(person).objects.get(pk=person.pk))):
        for target, method in targets():
            if method != "GET" or target == "accounts:sign_out":
                continue
            url = scene.url(target)
            answer = client.get(url)
            body = b"".join(answer) if answer.streaming else answer.content
            assert FIRST not in body.decode(errors="replace"), url
            if str(case.public_id) in url:
                assert answer.status_code in (403, 404, 405), url
            seen += 1
    assert seen > 200


def test_the_organizers_see_both_words_only_when_the_second_is_given(world):
    check, person = assigned(world)
    url = check.get_absolute_url()
    for user in (world.clerk, world.chief, world.leader):
        assert "二次核查意见与首次不同" not in as_(user).get(url).content.decode()
    move(check, "check", by=person, findings=findings(check.referral, False, "二次核查意见与首次不同"))
    for user in (world.clerk, world.chief, world.leader):
        for page in (url, "/criteria/consistency/2019/B1/"):
            words = as_(user).get(page).content.decode()
            assert FIRST in words and "二次核查意见与首次不同" in words
    for user in (world.head, world.liaison, world.trainee, world.inspector):
        assert as_(user).get(url).status_code == 404


# What it does not do, and what ends.


def frozen(case) -> dict:
    return Referral.objects.filter(pk=case.pk).values().get()


def test_the_case_is_untouched_whatever_the_second_word_says(world):
    check = drawn(world)
    before, words = frozen(check.referral), list(Finding.objects.values())
    check, person = assigned(world, check)
    move(check, "check", by=person, findings=findings(check.referral, False, "不足以认定"))
    assert frozen(check.referral) == before and list(Finding.objects.values()) == words
    check.referral.refresh_from_db()
    world.notified(check.referral)
    assert DecisionEvent.objects.filter(subject_type="referral", action__startswith="second").count() == 0


def test_a_closed_case_is_checked_all_the_same_but_not_that_of_somebody_who_died(world):
    check, person = assigned(world)
    Referral.objects.filter(pk=check.referral_id).update(state="transferred")
    assert as_verifier(person).get(check.get_absolute_url()).status_code == 200
    record_departure(check.referral.cadre, by=world.clerk, on=world.today, how="died")
    assert as_verifier(person).get(check.get_absolute_url()).status_code == 404
    assert not SecondCheck.objects.waiting().exists()
    page = as_(world.chief, headers={"accept-language": "en"}).get(check.get_absolute_url())
    assert "The cadre died" in page.content.decode()
    move(check, "hand_back", by=world.chief, reason="已去世")
    with pytest.raises(Refused) as error:
        move(check, "assign", by=world.chief, checker=second(world))
    assert error.value.codes == {"second_moot"}
    assert not RoleAssignment.objects.filter(user=person, role=Role.VERIFIER, end__isnull=True).exists()


def test_the_role_lasts_until_the_word_and_a_notice_names_no_cadre(world):
    check, person = assigned(world)
    told = Notice.objects.get(recipient=person, code="second_assigned")
    assert check.referral.cadre.name not in f"{told.params} {told.text}"
    assert told.role == Role.VERIFIER
    move(check, "check", by=person, findings=findings(check.referral))
    assert not RoleAssignment.objects.filter(user=person, role=Role.VERIFIER).exists()
    assert as_(person).get(check.get_absolute_url()).status_code == 404
    actions = DecisionEvent.objects.filter(subject_type="secondcheck").values_list("action", flat=True)
    assert list(actions) == ["secondcheck.draw", "secondcheck.assign", "secondcheck.check"]


def test_the_role_outlasts_a_teams_end_while_a_second_word_is_owed(world):
    check, person = assigned(world)
    case = Referral.objects.create(
        campaign=world.campaign, unit=world.forestry, cadre=world.person(world.forestry), state="nominated",
        nominated_at=timezone.now(), nominated_by=world.head,
    )  # fmt: skip
    team = form_team(
        by=world.chief, campaign=world.campaign, name="核查二组", members=[world.clerk, person], cases=[case]
    )
    end_team(team, by=world.chief, reason="改派")
    held = RoleAssignment.objects.filter(user=person, role=Role.VERIFIER, end__isnull=True)
    assert held.exists(), "the second word is owed"
    move(check, "check", by=person, findings=findings(check.referral))
    assert not held.exists()


def test_handing_back_and_naming_another(world):
    check, person = assigned(world)
    with pytest.raises(Refused):
        move(check, "hand_back", by=person, reason=" ")
    move(check, "hand_back", by=person, reason="与本人熟识")
    check.refresh_from_db()
    assert (check.state, check.checker, check.handed_back) == ("drawn", None, "与本人熟识")
    assert Notice.objects.filter(recipient=world.chief, code="second_handed_back").exists()
    assert not RoleAssignment.objects.filter(user=person, role=Role.VERIFIER).exists()
    assert "与本人熟识" in as_(world.chief).get(check.get_absolute_url()).content.decode()
    check, first = assigned(world, check)
    with pytest.raises(Refused):
        assigned(world, check)
    move(check, "hand_back", by=world.chief, reason="长期病假")
    check.refresh_from_db()
    assigned(world, check)
    assert Notice.objects.filter(recipient=first, code="second_taken_back").exists()
    with pytest.raises(LookupError):
        type(first).objects.get(pk=first.pk).acting_as(Role.VERIFIER)


def test_each_criterion_needs_an_answer_with_a_reason(world):
    check, person = assigned(world, drawn(world, criteria=list(world.edition.criteria.filter(code__in=["B1", "B2"]))))
    for wrong in (findings(check.referral)[:1], findings(check.referral, reason=" "), []):
        with pytest.raises(Refused) as error:
            move(check, "check", by=person, findings=wrong)
        assert error.value.codes == {"findings_open"}
    url = f"{check.get_absolute_url()}do/check/"
    sent = {"version": check.version, "upheld_B1": "yes", "reason_B1": "清楚", "upheld_B2": "no", "reason_B2": "不足"}
    client = as_verifier(person)
    assert client.post(url, sent | {"reason_B2": ""}).status_code == 422
    assert client.post(url, sent)["Location"] == "/"
    assert list(SecondFinding.objects.values_list("criterion__code", "upheld", "reason")) == [
        ("B1", True, "清楚"),
        ("B2", False, "不足"),
    ]


# My tasks, the list, the figures.


def labels(user) -> list[str]:
    return [entry["url"] for entry in tasks_of(user)]


def test_my_tasks_name_what_waits_for_whom(world):
    check = drawn(world)
    assert "/second-checks/?state=drawn" in labels(world.chief)
    assert not [url for url in labels(world.clerk) if "second" in url]
    check, person = assigned(world, check)
    assert check.get_absolute_url() in labels(person)
    assert not [url for url in labels(world.chief) if "second" in url]
    SecondCheck.objects.update(due_on=world.today - DAY)
    assert "/second-checks/?state=overdue" in labels(world.chief)
    for state, found in (("", 1), ("overdue", 1), ("assigned", 1), ("drawn", 0), ("done", 0), ("all", 1)):
        assert len(as_(world.chief).get(f"/second-checks/?state={state}").context["rows"]) == found, state
    move(check, "check", by=person, findings=findings(check.referral))
    assert labels(world.chief) == [url for url in labels(world.chief) if "second" not in url]


def line(world, code="B1", user=None):
    return next(row for row in lines_of(world.edition, user or world.clerk) if row.criterion.code == code)


def test_the_figures_follow_a_drawn_case_to_the_second_word(world):
    check = drawn(world)
    assert (line(world).drawn, line(world).seconded, line(world).same) == (1, 0, 0)
    check, person = assigned(world, check)
    move(check, "check", by=person, findings=findings(check.referral, False))
    assert (line(world).drawn, line(world).seconded, line(world).different) == (1, 1, 1)
    assert line(world).same_percent == 0
    SecondFinding.objects.update(upheld=True)
    assert (line(world).same, line(world).same_percent) == (1, 100)


def test_a_struck_out_case_agrees_with_a_second_word_that_does_not_uphold(world):
    case = world.screened(nominated(world))
    case = move(case, "propose_strike_out", by=world.clerk, ground="not_proved", reason="时间对不上")
    case = move(case, "strike_out", by=world.leader, reason="同意")
    check, person = assigned(world, case.second_check)
    move(check, "check", by=person, findings=findings(case, False, "材料不足"))
    assert (line(world).seconded, line(world).same) == (1, 1)
    words = as_(world.chief).get("/criteria/consistency/2019/B1/?every=1").content.decode()
    assert "时间对不上" in words and "材料不足" in words
    client = as_(world.chief)
    client.get("/criteria/consistency/2019/B1/?every=1")
    assert "时间对不上" not in client.get("/criteria/consistency/2019/B1/?clear=1").content.decode()


def many(world, same: int, different: int) -> None:
    criterion = world.edition.criteria.get(code="B1")
    for n in range(same + different):
        case = Referral.objects.create(
            campaign=world.campaign, unit=world.bureau, cadre=world.person(world.bureau), state="verified"
        )
        case.criteria.add(criterion)
        Finding.objects.create(referral=case, criterion=criterion, upheld=True, reason="x")
        check = SecondCheck.objects.create(referral=case, state="done", drawn_at=timezone.now(), due_on=world.today, done_on=world.today,
                                           checker=world.verifier, assigned_on=world.today)  # fmt: skip
        check.findings.create(criterion=criterion, upheld=n < same, reason="y")


@pytest.mark.parametrize(("same", "different", "marked"), [(4, 1, True), (5, 1, False), (0, 4, False), (0, 5, True)])
def test_a_fifth_of_five_second_words_that_differ_puts_a_criterion_on_the_agenda(world, same, different, marked):
    many(world, same, different)
    assert FEWEST == 5 and line(world).on_the_agenda is marked


def test_the_pages_cost_the_same_with_more_and_leave_out_whom_the_reader_must_not_know_of(world):
    many(world, 1, 1)
    pages = ("/criteria/consistency/", "/criteria/consistency/2019/B1/", "/second-checks/?state=all", "/")

    def costs() -> list[int]:
        found = []
        for page in pages:
            client = as_(world.chief)
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            found.append(len(queries))
        return found

    first = costs()
    many(world, 2, 3)
    assert costs() == first
    kin = Referral.objects.first().cadre
    Relation.objects.create(cadre=world.chief.cadre, other=kin, kind="kin")
    assert line(world, user=world.chief).drawn == 6
    assert len(as_(world.chief).get("/second-checks/?state=all").context["rows"]) == 6
    check = SecondCheck.objects.get(referral__cadre=kin)
    assert as_(world.chief).get(check.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_speak_both_languages_and_empty_ones_say_what_comes_next(world, language):
    client = as_(world.chief)
    client.post("/language/", {"language": language})
    for url in ("/second-checks/", "/criteria/consistency/2019/B2/"):
        page = client.get(url)
        assert page.status_code == 200 and 'class="empty"' in page.content.decode()
    check = done(world, upheld=False)
    urls = (
        check.get_absolute_url(),
        "/second-checks/?state=all",
        "/criteria/consistency/",
        "/criteria/consistency/2019/B1/",
    )
    words = {"zh-hans": "不针对个人", "en": "not about the person"}[language]
    for url in urls:
        page = client.get(url)
        assert page.status_code == 200 and words in page.content.decode(), url
    assert client.get("/criteria/consistency/2019/none/").status_code == 404
    assert client.get("/criteria/consistency/none/B1/").status_code == 404


def test_the_decision_does_not_wait_for_the_second_word(world):
    check, _person = assigned(world)
    assert world.confirmed(world.notified(check.referral)).state == "confirmed"
    check.refresh_from_db()
    assert check.state == "assigned"
