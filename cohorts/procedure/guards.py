"""Guards of a case: each answers None (go on) or a refusal that is worded in the reader's language."""

from django.db.models import prefetch_related_objects

from accounts.models import DutyPeriod
from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.wording import Refusal, refuse
from assessments.evidence.workflow import missing_for
from cohorts.procedure.step import Act
from cohorts.referral.meeting import next_meeting
from cohorts.referral.models import Answer, Origin, Referral, ScreeningAnswer, ScreeningKind
from cohorts.referral.usage import facts_used_before


def round_open(act: Act) -> Refusal | None:
    if act.row.campaign.concluded_on:
        return refuse("campaign_concluded")
    if act.row.unit_return and not act.row.unit_return.round.is_open(act.day):
        return refuse("round_not_open")
    return None


def evidence_suffices(act: Act) -> Refusal | None:
    """Each criterion has the evidence that it declares; a nomination short of it can be saved, not submitted."""
    missing = missing_evidence(act.row)
    if not missing:
        return None
    code, params = missing[0]
    return Refusal(code, params)


def missing_evidence(case: Referral) -> list[tuple[str, dict]]:
    """Everything that a draft still lacks, as codes and parameters."""
    prefetch_related_objects([case], *EVIDENCE)
    return gaps(case)


# What ``gaps`` reads of a case: prefetch it for a list.
EVIDENCE = ("criteria__edition", "evidence_links__evidence")


def gaps(case: Referral) -> list[tuple[str, dict]]:
    """The same for a case whose criteria and evidence are at hand."""
    criteria = list(case.criteria.all())
    if not criteria:
        return [("missing.criterion", {})]
    kinds = [link.evidence.kind for link in case.evidence_links.all()]
    return [gap for criterion in criteria for gap in missing_for(criterion, criterion.edition, kinds)]


def account_given(act: Act) -> Refusal | None:
    """Facts, how the name came up, and the talk before referral are stated (PRACTICE 10, 11)."""
    row = act.row
    if not row.facts.strip():
        return refuse("no_facts")
    if not row.how_raised and row.origin == Origin.UNIT:
        return refuse("no_origin")
    if not (row.talk_on and row.talk_by) and not row.no_talk_reason:
        return refuse("no_talk")
    return None


def criteria_of_edition(act: Act) -> Refusal | None:
    wrong = act.row.criteria.exclude(edition=act.row.campaign.edition).exists()
    return refuse("other_edition") if wrong else None


def no_open_case(act: Act) -> Refusal | None:
    other = Referral.objects.open().filter(cadre=act.row.cadre).exclude(pk=act.row.pk).exists()
    return refuse("open_case") if other else None


def new_facts(act: Act) -> Refusal | None:
    """The same items are not used twice, corrected or not: not the same facts as an earlier case."""
    used = facts_used_before(Referral.objects.filter(pk=act.row.pk))
    return refuse("same_facts") if used else None


def stays_long_enough(act: Act) -> Refusal | None:
    retires = act.row.cadre.retires_on
    if retires and retires < act.row.campaign.class_ends_on:
        return refuse("retires", day=retires.isoformat())
    return None


def nominator_fits(act: Act) -> Refusal | None:
    """The section chief nominates only county-side cases; a unit's names go with the sheet that the head signs."""
    if act.by.role.role != Role.CHIEF:
        return None
    return None if act.row.origin != Origin.UNIT else refuse("unit_nominates")


def reason_given(act: Act) -> Refusal | None:
    return None if str(act.data.get("reason", "")).strip() else refuse("no_reason")


def screened(act: Act) -> Refusal | None:
    """Discipline has answered for this name: no effect; otherwise wait or transfer."""
    answers = ScreeningAnswer.objects.filter(referral=act.row, letter__kind=ScreeningKind.DISCIPLINE)
    answer = answers.order_by("-letter__sent_on", "-pk").values_list("answer", flat=True).first()
    if not answer:
        return refuse("screening_open")
    return None if answer == Answer.NO_EFFECT else refuse(f"screening_{answer}")


def findings_complete(act: Act) -> Refusal | None:
    findings = act.data.get("findings", [])
    stated = {f["code"] for f in findings if f["upheld"] is not None and f["reason"].strip()}
    if stated != set(act.row.criteria.values_list("code", flat=True)):
        return refuse("findings_open")
    return None if any(f["upheld"] for f in findings) else refuse("none_upheld")


def not_tolerated(act: Act) -> Refusal | None:
    """Error tolerance must be answered with a reason; where it is recognised the team proposes strike-out."""
    if act.data.get("tolerance") is None or not str(act.data.get("tolerance_reason", "")).strip():
        return refuse("tolerance_open")
    return refuse("tolerated") if act.data["tolerance"] else None


def decider_is_third(act: Act) -> Refusal | None:
    """Nominator, verifier, decider are three people; cadres are compared, never users."""
    cadre = act.by.cadre_id
    hands = {act.row.nominated_by.cadre_id} if act.row.nominated_by else set()
    hands |= set(act.row.verified_by.values_list("pk", flat=True))
    return refuse("not_third") if cadre is None or cadre in hands else None


def service_day(act: Act) -> Refusal | None:
    day = act.data["served_on"]
    if day > act.day:
        return refuse("future_day")
    return refuse("before_verified") if act.row.verified_on and day < act.row.verified_on else None


def reply_still_open(act: Act) -> Refusal | None:
    return refuse("reply_final") if act.row.reply_final_on or act.row.no_reply_on else None


def reply_says_something(act: Act) -> Refusal | None:
    points = [point for point in act.data.get("points", []) if point.strip()]
    if act.data.get("none"):
        return refuse("points_and_none") if points else None
    return None if points or act.data.get("final") else refuse("no_points")


def heard(act: Act) -> Refusal | None:
    """Never before the clock is over, unless the reply is final or there will be none; every point is answered."""
    row = act.row
    if not (row.reply_final_on or row.no_reply_on) and (row.reply_due is None or act.day <= row.reply_due):
        return refuse("clock_running", day=row.reply_due.isoformat() if row.reply_due else "")
    return refuse("points_open") if row.reply_points.filter(answer="").exists() else None


def room_is_clean(act: Act) -> Refusal | None:
    """Nobody who nominated, verified or is barred was in the room for the item, nor records it."""
    item = act.data["item"]
    left = set(item.left_room.values_list("pk", flat=True))
    present = {p.cadre_id: p.name for p in item.meeting.presences.all() if p.cadre_id and p.pk not in left}
    if not item.meeting.presences.exists():
        return refuse("nobody_present")
    present[act.by.cadre_id] = str(act.by)
    hands = {act.row.nominated_by.cadre_id} | set(act.row.verified_by.values_list("pk", flat=True))
    related = barred_cadres(act.row.cadre_id)
    for cadre, name in present.items():
        if cadre in hands or cadre in related:
            return refuse("in_the_room", name=name)
    return None


def right_meeting(act: Act) -> Refusal | None:
    due = next_meeting(act.row)
    return None if act.data["item"].meeting.kind == due else refuse("other_meeting", kind=f"@meeting.{due}")


def placed_before(act: Act) -> Refusal | None:
    return None if act.row.placements.exists() else refuse("no_practice")


def protected(act: Act) -> bool:
    """Leave, maternity, medical treatment, disability on duty (Civil Servants Law Art. 89)."""
    return DutyPeriod.objects.protecting(act.day).filter(cadre=act.row.cadre).exists()


def not_protected(act: Act) -> Refusal | None:
    return refuse("still_protected") if protected(act) else None
