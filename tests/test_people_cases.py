"""What becomes of a case when something happens to its people: relations, transfer, secondment, departure."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Notice, Relation
from accounts.people.workflow import begin_duty, give_post, record_departure, set_retirement
from cohorts.models import Referral
from cohorts.procedure.step import NotGranted, NotVisible, Refused
from cohorts.procedure.workflow import available, move
from cohorts.referral.relations import declare_relation, end_relation
from cohorts.site.views import tasks_of
from tests.test_pages import as_
from tests.test_people import refused
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


class TestRelations:
    def test_a_bar_makes_the_case_vanish_and_old_forms_stale(self, world):
        case = world.nominated()
        before = case.version
        declare_relation(by=world.clerk, cadre=world.clerk.cadre, other=case.cadre, kind="kin")
        case.refresh_from_db()
        assert case.version == before + 1
        assert as_(world.clerk).get(case.get_absolute_url()).status_code == 404
        with pytest.raises(NotVisible):
            move(case, "correct", by=world.clerk, reason="x")
        with pytest.raises(Refused) as stale:
            move(case, "defer", by=world.chief, version=before, reason="x")
        assert stale.value.codes == {"stale"}
        assert Notice.objects.filter(recipient=world.chief, code="relation_declared").count() == 1

    def test_acquaintance_is_shown_and_bars_nobody(self, world):
        case = world.nominated()
        declare_relation(by=world.clerk, cadre=world.clerk.cadre, other=case.cadre, kind="acquaintance")
        page = as_(world.clerk).get(case.get_absolute_url())
        assert page.status_code == 200
        assert len(page.context["acquainted"]) == 1
        assert not Notice.objects.filter(code="relation_declared").exists()

    def test_an_end_with_a_reason_brings_the_case_back(self, world):
        case = world.nominated()
        relation = declare_relation(by=world.clerk, cadre=world.clerk.cadre, other=case.cadre, kind="dispute")
        assert refused(declare_relation, by=world.clerk, cadre=world.clerk.cadre, other=case.cadre, kind="dispute")
        assert refused(end_relation, relation, by=world.trainee, reason="x")
        end_relation(relation, by=world.clerk, reason="纠纷已调解")
        assert as_(world.clerk).get(case.get_absolute_url()).status_code == 200
        assert Notice.objects.filter(recipient=world.chief, code="relation_ended").count() == 1
        assert refused(end_relation, relation, by=world.clerk, reason="again")
        declare_relation(by=world.clerk, cadre=world.clerk.cadre, other=case.cadre, kind="dispute")
        assert Relation.objects.count() == 2

    def test_the_chief_ends_what_is_between_others_but_no_bar_against_himself(self, world):
        others = declare_relation(by=world.clerk, cadre=world.clerk.cadre, other=world.cadre, kind="kin")
        against = declare_relation(by=world.trainee, cadre=world.cadre, other=world.chief.cadre, kind="dispute")
        assert refused(end_relation, against, by=world.chief, reason="x")
        end_relation(others, by=world.chief, reason="核实无亲属关系")

    def test_nobody_is_related_to_oneself(self, world):
        assert refused(declare_relation, by=world.clerk, cadre=world.clerk.cadre, other=world.clerk.cadre, kind="kin")

    def test_my_relations_in_the_browser(self, world):
        case, client = world.nominated(), as_(world.clerk)
        found = client.get("/relations/new/", {"q": case.cadre.pinyin[:4]})
        assert case.cadre in found.context["found"]
        assert client.get("/relations/new/", {"q": "王"}).context["form"].errors
        url = f"/relations/new/?cadre={case.cadre.public_id}"
        assert client.post(url, {"kind": "no", "note": "备注一二三"}).status_code == 422
        assert client.post(url, {"kind": "interest", "note": "备注一二三"}).status_code == 302
        again = client.post(url, {"kind": "interest", "note": "备注一二三"})
        assert again.status_code == 409
        assert "备注一二三" in again.content.decode()
        relation = Relation.objects.get()
        assert [row.may_end for row in client.get("/relations/").context["rows"]] == [True]
        assert [row.may_end for row in as_(world.trainee).get("/relations/").context["rows"]] == [False]
        end = f"/relations/{relation.public_id}/end/"
        assert as_(world.stranger).get(end).status_code == 404
        assert as_(world.trainee).post(end, {"reason": "x"}).status_code == 403
        assert client.post(end, {"reason": ""}).status_code == 422
        assert client.post(end, {"reason": "利害关系消除"}).status_code == 302
        assert client.post(end, {"reason": "利害关系消除"}).status_code == 404
        assert client.get(case.get_absolute_url()).status_code == 200

    def test_the_chief_records_one_for_a_cases_recusal(self, world):
        case = world.nominated()
        url = f"{case.get_absolute_url()}relation/?cadre={world.clerk.cadre.public_id}"
        assert as_(world.clerk).get(url).status_code == 403
        assert as_(world.chief).post(url, {"kind": "kin"}).url == case.get_absolute_url()
        relation = Relation.objects.get()
        assert (relation.cadre, relation.other, relation.recorded_by) == (
            world.clerk.cadre,
            case.cadre,
            world.chief.cadre,
        )
        assert as_(world.clerk).get(case.get_absolute_url()).status_code == 404
        assert refused(end_relation, relation, by=world.clerk, reason="my own end")


class TestTransferred:
    def moved(self, world):
        case = world.nominated()
        give_post(case.cadre, by=world.clerk, unit=world.forestry, title="股长", level="150", start=world.today)
        case.refresh_from_db()
        return case

    def test_the_case_stays_and_the_new_head_reads_only(self, world):
        case = self.moved(world)
        new_head = world.user("newhead", world.forestry, "unit_head")
        assert case.unit == world.bureau
        assert Referral.objects.visible_to(new_head).get() == case
        assert Referral.objects.visible_to(world.head).get() == case
        page = as_(new_head).get(case.get_absolute_url())
        assert page.status_code == 200
        assert page.context["buttons"] == []
        assert available(case, new_head) == []
        assert "withdraw" in {step.action for step in available(case, world.head)}
        with pytest.raises(NotGranted):
            move(case, "withdraw", by=new_head, reason="x")
        assert as_(new_head).get(f"{case.get_absolute_url()}do/withdraw/").status_code == 403
        panel = next(p["data"] for p in page.context["panels"] if p["template"] == "cohorts/referral/_case_person.html")
        assert [post.unit for post in panel["posts"]] == [world.forestry]

    def test_the_new_liaison_and_deputy_do_not_see_it_nor_drafts_anybody(self, world):
        case = self.moved(world)
        for role in ("liaison", "deputy"):
            assert not Referral.objects.visible_to(world.user(f"new{role}", world.forestry, role)).exists()
        Referral.objects.filter(pk=case.pk).update(state="draft", nominated_at=None, nominated_by=None)
        assert not Referral.objects.visible_to(world.user("newhead", world.forestry, "unit_head")).exists()


class TestGone:
    def test_the_leader_is_told_and_discontinues_with_the_ground(self, world):
        case = world.nominated()
        assert "gone" not in str(tasks_of(world.leader))
        record_departure(case.cadre, by=world.clerk, on=world.today, how="died")
        assert "/cases/?state=gone" in {task["url"] for task in tasks_of(world.leader)}
        leader = as_(world.leader)
        assert list(leader.get("/cases/?state=gone").context["rows"]) == [case]
        url = f"{case.get_absolute_url()}do/discontinue/"
        assert leader.get(url).context["form"].fields["ground"].initial == "died"
        case.refresh_from_db()
        assert leader.post(url, {"version": case.version, "reason": "去世"}).status_code == 422
        assert leader.post(url, {"version": case.version, "reason": "去世", "ground": "died"}).status_code == 302
        case.refresh_from_db()
        assert (case.state, case.end_ground) == ("withdrawn", "died")
        assert "/cases/?state=gone" not in {task["url"] for task in tasks_of(world.leader)}

    def test_who_is_retired_by_the_recorded_date_counts_too(self, world):
        case = world.nominated()
        set_retirement(case.cadre, by=world.clerk, day=world.today - DAY)
        assert list(Referral.objects.whose_cadre_is_gone(world.today)) == [case]
        assert not Referral.objects.whose_cadre_is_gone(world.today - 2 * DAY).exists()

    def test_who_left_cannot_be_nominated(self, world):
        record_departure(world.cadre, by=world.clerk, on=world.today, how="left")
        world.cadre.refresh_from_db()
        with pytest.raises(ValidationError):
            world.draft()


class TestWhoCanBeNominated:
    @pytest.mark.parametrize("category", ["central", "contract", "welfare"])
    def test_staff_that_the_scheme_does_not_cover_is_never_picked(self, world, category):
        cadre = world.person(world.bureau, category=category)
        client, url = as_(world.liaison), f"{world.unit_return.get_absolute_url()}nominate/"
        page = client.get(url, {"q": cadre.name}).content.decode()
        assert cadre.name in page
        assert str(cadre.public_id) not in page
        assert client.get(url, {"cadre": cadre.public_id}).status_code == 302
        with pytest.raises(ValidationError):
            world.draft(cadre)

    def test_a_draft_whose_cadre_changed_category_is_stopped_at_the_signature(self, world):
        case = world.draft()
        world.prepared()
        type(case.cadre).objects.filter(pk=case.cadre_id).update(category="contract")
        with pytest.raises(Refused) as error:
            move(world.unit_return, "sign", by=world.head, password_entered=True)
        assert error.value.codes == {"category_not_nominated"}


class TestSeconded:
    def test_the_host_is_heard_before_the_nomination(self, world):
        begin_duty(world.cadre, by=world.liaison, kind="seconded", start=world.today - DAY, host=world.forestry)
        case = world.draft()
        world.prepared()
        page = as_(world.liaison).get(case.get_absolute_url())
        assert len(page.context["missing"]) == 1
        with pytest.raises(Refused) as error:
            move(world.unit_return, "sign", by=world.head, password_entered=True)
        assert error.value.codes == {"host_opinion"}
        client, url = as_(world.liaison), f"{case.get_absolute_url()}edit/"
        form = client.get(url).context["form"]
        assert form.host.host == world.forestry
        data = {
            "version": form.initial["version"], "criteria": case.criteria.get().pk, "facts": case.facts, "how_raised": "panel", "no_talk_reason": "无",
            "evidence": list(case.evidence_links.values_list("evidence", flat=True)), "host_opinion_on": str(world.today),
            "host_opinion_by": "林业局局长", "host_opinion_file": world.upload("意见.txt"),
        }  # fmt: skip
        late = client.post(
            url, data | {"host_opinion_on": str(world.today + DAY), "host_opinion_file": world.upload("意见.txt")}
        )
        assert late.status_code == 422
        data["host_opinion_file"] = world.upload("意见.txt")
        assert client.post(url, data).status_code == 302
        case.refresh_from_db()
        file = case.host_opinion_file
        assert client.get(f"{case.get_absolute_url()}files/{file.public_id}/").status_code == 200
        world.unit_return.refresh_from_db()
        move(world.unit_return, "sign", by=world.head, password_entered=True)
        page = as_(world.clerk).get(case.get_absolute_url()).content.decode()
        assert "林业局局长" in page
        assert file.name in page

    def test_who_is_not_seconded_is_asked_nothing(self, world):
        case = world.draft()
        form = as_(world.liaison).get(f"{case.get_absolute_url()}edit/").context["form"]
        assert "host_opinion" not in form.fields
