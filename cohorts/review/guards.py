"""Guards of the steps from the return review on; each answers None or a refusal."""

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import DutyPeriod
from accounts.people.models import INSTITUTION, barred_cadres
from accounts.setting.models import setting
from accounts.wording import Refusal, refuse
from cohorts.campaign.models import Campaign
from cohorts.referral.models import Referral
from cohorts.review import facts
from cohorts.review.hands import hands, review_hands, took_part
from cohorts.review.models import Approval, Bar, ReturnReview, approvals_for, grounds_for, plain
from cohorts.review.points import missing, sound, total


def latest(case: Any) -> ReturnReview | None:
    """The review that counts."""
    return ReturnReview.objects.standing().filter(referral=case).select_related("objection").first()


def weights_of(act: Any) -> dict[str, int]:
    """The weights in force on the day of the review; they stay with it."""
    return setting("review_weights", act.data["held_on"])


def sheet_complete(act: Any) -> Refusal | None:
    """Every part has a score of 0-100 points; only absence beyond the limit leaves nothing to weigh."""
    if act.data["held_on"] > act.day:
        return refuse("future_day")
    if not sound(weights_of(act)):
        return refuse("weights_unsound")
    scores = act.data["scores"]
    if any(score is not None and not 0 <= score <= 100 for score in scores.values()):
        return refuse("part_range")
    gaps = missing(scores)
    if gaps and not facts.over_attendance_limit(act.row):
        return refuse("parts_missing", parts=[f"@part.{part}" for part in gaps])
    return None


def _why_barred(act: Any, member: Any, involved: set[int], related: set[int]) -> Refusal | None:
    if member.pk in involved:
        return refuse("panel_hand", name=member.name)
    if member.pk in related:
        return refuse("panel_related", name=member.name)
    unit = act.row.unit
    same = member.unit_id in (unit.pk, act.row.cadre.unit_id) or member.unit.path.startswith(unit.path)
    return refuse("panel_unit", name=member.name) if same else None


def panel_fits(act: Any) -> Refusal | None:
    """Odd, three or more, no hand in the case, unrelated, of another unit; the majority agrees with the result."""
    panel = list(act.data["panel"])
    if len(panel) < 3 or len(panel) % 2 == 0 or len({member.pk for member in panel}) < len(panel):
        return refuse("panel_size")
    involved, related = hands(act.row), barred_cadres(act.row.cadre_id)
    for member in panel:
        if refusal := _why_barred(act, member, involved, related):
            return refusal
    dissent = {member.pk for member in act.data.get("dissent", ())}
    if dissent - {member.pk for member in panel}:
        return refuse("dissent_outside")
    return refuse("panel_against") if len(dissent) * 2 > len(panel) else None


def attended(act: Any) -> Refusal | None:
    """Above a seventh of the class hours the panel can only fail, whatever the points."""
    return refuse("absent_too_much") if facts.over_attendance_limit(act.row) else None


def _found(act: Any) -> Decimal | None:
    """The total, where the sheet is complete."""
    weights, scores = weights_of(act), act.data["scores"]
    return total(scores, weights) if sound(weights) and not missing(scores) else None


def enough_points(act: Any) -> Refusal | None:
    found, needed = _found(act), setting("review_pass_points", act.data["held_on"])
    return None if found is None or found >= needed else refuse("too_few_points", found=plain(found), points=needed)


def falls_short(act: Any) -> Refusal | None:
    """The result follows from points and attendance; nobody fails who passed."""
    if facts.over_attendance_limit(act.row):
        return None
    found, needed = _found(act), setting("review_pass_points", act.data["held_on"])
    return None if found is None or found < needed else refuse("enough_points", points=needed)


def objection_open(act: Any) -> Refusal | None:
    review = latest(act.row)
    if review is None or hasattr(review, "objection"):
        return refuse("objection_on_file")
    return refuse("objection_late", day=review.objection_due.isoformat()) if act.day > review.objection_due else None


def objection_says_something(act: Any) -> Refusal | None:
    text, none = str(act.data.get("text", "")).strip(), act.data.get("none")
    if none:
        return refuse("points_and_none") if text else None
    return None if text else refuse("objection_empty")


def objection_waits(act: Any) -> Refusal | None:
    review = latest(act.row)
    objection = getattr(review, "objection", None)
    return None if objection and not objection.settled else refuse("no_objection")


def objection_settled(act: Any) -> Refusal | None:
    """Nothing is decided before the objection is answered or the time for it is over."""
    review = latest(act.row)
    if review is None:
        return refuse("no_review")
    objection = getattr(review, "objection", None)
    if objection:
        return None if objection.settled else refuse("objection_unanswered")
    if act.day <= review.objection_due:
        return refuse("objection_runs", day=review.objection_due.isoformat())
    return None


def return_day(act: Any) -> Refusal | None:
    day, review = act.data["returned_on"], latest(act.row)
    if day > act.day:
        return refuse("future_day")
    return refuse("before_review") if review and day < review.held_on else None


def choice_written(act: Any) -> Refusal | None:
    """Nobody stays in a village who did not choose so in writing: the day, and the file or the paper's number."""
    day = act.data.get("choice_on")
    if not day or not (act.data.get("file") or str(act.data.get("number", "")).strip()):
        return refuse("no_choice")
    return refuse("future_day") if day > act.day else None


def next_class(act: Any) -> Refusal | None:
    """A later class of this campaign, or one of the organizer's next campaign."""
    cohort, row = act.data["cohort"], act.row
    if cohort.pk == row.cohort_id or (row.cohort and cohort.starts_on <= row.cohort.starts_on):
        return refuse("not_next_class")
    if cohort.campaign_id == row.campaign_id:
        return None
    later = Campaign.objects.filter(organizer=row.campaign.organizer, opened_on__gt=row.campaign.opened_on)
    following = later.order_by("opened_on").values_list("pk", flat=True).first()
    return None if cohort.campaign_id == following else refuse("not_next_class")


def post_named(act: Any) -> Refusal | None:
    gaps = [key for key in ("place", "number") if not str(act.data.get(key, "")).strip()]
    return refuse("no_post") if gaps else None


def twice_in_succession(act: Any) -> Refusal | None:
    """Referred twice in succession and this review unqualified (the report's words); the milder reading by setting."""
    earlier = predecessor(act.row)
    if earlier is None:
        return refuse("not_in_succession")
    if setting("exit_needs_two_failures", act.day):
        before = latest(earlier)
        return None if before and not before.qualified else refuse("passed_before")
    return None


def predecessor(case: Any) -> Referral | None:
    """The earlier case of the two rows from which succession is derived."""
    key = Referral.objects.filter(pk=case.pk).in_succession().values_list("predecessor_id", flat=True).first()
    return Referral.objects.filter(pk=key).select_related("campaign").first() if key else None


def ground_fits(act: Any) -> Refusal | None:
    """The law knows other grounds for civil servants than for the staff of institutions."""
    return None if act.data["ground"] in grounds_for(act.row.category) else refuse("other_ground")


def proof_on_file(act: Any) -> Refusal | None:
    return None if act.data.get("proof") else refuse("no_proof")


def bar_list_clear(act: Any) -> Refusal | None:
    """Each item is ticked as not applying, and the records say so too (Civil Servants Law Art. 89)."""
    period = DutyPeriod.objects.protecting(act.day).filter(cadre=act.row.cadre).first()
    if period:
        return refuse("protected_on_record", kind=f"@duty.{period.kind}")
    return None if set(act.data.get("cleared", ())) == set(Bar.values) else refuse("bar_list_open")


def discipline_heard(act: Any) -> Refusal | None:
    number, day = str(act.data.get("discipline_number", "")).strip(), act.data.get("discipline_on")
    if not number or not day:
        return refuse("no_discipline_opinion")
    return refuse("future_day") if day > act.day else None


def exit_decider_is_third(act: Any) -> Refusal | None:
    """Who nominated, verified, sat on the panel or proposed the exit does not decide it."""
    row, cadre = act.row, act.by.cadre_id
    involved = set(row.verified_by.values_list("pk", flat=True)) | review_hands(row)
    if row.nominated_by:
        involved.add(row.nominated_by.cadre_id)
    return refuse("not_third") if cadre is None or cadre in involved else None


def _in_order(days: list[dt.date]) -> bool:
    return days == sorted(days)


def exit_papers(act: Any) -> Refusal | None:
    """Civil servants: the authority's examination and the approval of county committee or government; institution staff:
    the supervising body's decision, filed with human resources (PRACTICE 19)."""
    data, row = act.data, act.row
    if data.get("approved_by") not in approvals_for(row.category):
        return refuse("other_approval")
    if not str(data.get("approval_number", "")).strip() or not data.get("approved_on"):
        return refuse("no_approval")
    if data["approved_by"] == Approval.SUPERVISOR and not data.get("filed_on"):
        return refuse("not_filed")
    if row.category not in INSTITUTION and not str(data.get("examination", "")).strip():
        return refuse("no_examination")
    if max(data["approved_on"], data.get("filed_on") or data["approved_on"]) > act.day:
        return refuse("future_day")
    if not _in_order([row.exit.proposed_on, data["approved_on"], data["effective_on"]]):
        return refuse("exit_days")
    return None


def took_no_part(act: Any) -> Refusal | None:
    """A case is taken back by a leader who has had no hand in it."""
    return refuse("took_part") if act.by.cadre_id is None or took_part(act.row, act.by) else None


def decision_named(act: Any) -> Refusal | None:
    if not str(act.data.get("number", "")).strip() or not act.data.get("decided_on"):
        return refuse("no_decision")
    return refuse("future_day") if act.data["decided_on"] > act.day else None
