"""What should have happened in the course of a case or a class and did not: a decision, an end, a return, a follow-up."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery

from accounts.calendar import add_working_days
from accounts.setting.models import SETTINGS, setting
from cohorts.alert.rule import Found, of_case
from cohorts.campaign.models import ReturnState
from cohorts.penalty.models import Penalty
from cohorts.referral.meeting import Meeting, MeetingItem
from cohorts.referral.models import IN_CLASS, OPEN, Referral, State
from cohorts.referral.usage import facts_used_before
from cohorts.review.models import FOLLOWED, ReturnReview, objection_waits, ready_to_place
from cohorts.training.models import Phase


def _last_day(what: str, on: dt.date) -> dt.date:
    """What was due before this day is overdue (setting, working days)."""
    # A value that the county set before a kind was added does not say its days.
    days = SETTINGS["overdue_days"].default | setting("overdue_days", on)
    return add_working_days(on, -days[what])


def decision_overdue(on: dt.date) -> Iterator[Found]:
    """The day of a meeting has passed, its decision is not recorded, and cases on its list wait for it.

    A case that stands on the list of a later meeting waits for that one. Served cases only wait for a meeting; while
    one is on a list, ``reply_over`` is silent.
    """
    later = MeetingItem.objects.filter(referral=OuterRef("referral"), meeting__held_on__gt=OuterRef("meeting__held_on"))
    items = MeetingItem.objects.filter(~Exists(later), meeting=OuterRef("pk"), referral__state=State.NOTIFIED)
    waiting = items.order_by().values("meeting").annotate(n=Count("pk")).values("n")
    rows = Meeting.objects.filter(recorded_at__isnull=True, held_on__lt=_last_day("meeting", on))
    rows = rows.annotate(waiting=Subquery(waiting)).filter(waiting__gt=0)
    for row in rows.select_related("campaign__organizer").order_by(F("pk")):
        organizer, held = row.campaign.organizer, row.held_on.isoformat()
        params = {"unit": organizer.name, "meeting": f"@meeting.{row.kind}", "held": held, "cases": row.waiting}
        yield Found(row, row.campaign.year, organizer.pk, organizer.pk, params)


def phase_not_closed(on: dt.date) -> Iterator[Found]:
    """The first block of a class that is over and not closed: until then none of its trainees can go on."""
    inside = Referral.objects.filter(cohort=OuterRef("cohort"), state__in=IN_CLASS)
    before = Phase.objects.filter(cohort=OuterRef("cohort"), order__lt=OuterRef("order"), closed_on__isnull=True)
    rows = Phase.objects.filter(Exists(inside), closed_on__isnull=True, ends_on__lt=_last_day("phase", on))
    for row in rows.exclude(Exists(before)).select_related("cohort__campaign__organizer").order_by(F("pk")):
        campaign, organizer = row.cohort.campaign, row.cohort.campaign.organizer
        params = {
            "unit": organizer.name, "class": row.cohort.number, "year": campaign.year, "block": row.order,
            "phase": f"@phase.{row.kind}", "over": row.ends_on.isoformat(),
        }  # fmt: skip
        yield Found(row.cohort, row.cohort_id, organizer.pk, organizer.pk, params)


def return_overdue(on: dt.date) -> Iterator[Found]:
    """The class is over, the case is not closed, and its suspension runs on without an end day."""
    over = F("referral__cohort__ends_on")
    late = Penalty.objects.filter(end__isnull=True, referral__state__in=OPEN).annotate(over=over)
    for row in late.filter(over__lt=_last_day("return", on)).select_related("referral__campaign").order_by(F("pk")):
        case = row.referral
        days = {"over": row.over.isoformat(), "start": row.start.isoformat()}
        yield of_case(case, row, case.cohort_id, state=f"@case_state.{case.state}", **days)


def _reviewed(field: str) -> Any:
    """Cases with a result of the review that nobody has acted upon yet; ``since``: a day of the review that counts."""
    reviews = ReturnReview.objects.standing().filter(referral=OuterRef("pk"))
    rows = Referral.objects.filter(state__in=[State.QUALIFIED, State.UNQUALIFIED])
    return rows.annotate(since=Subquery(reviews.values(field)[:1])).select_related("campaign").order_by(F("pk"))


def objection_unanswered(on: dt.date) -> Iterator[Found]:
    """The cadre objected to the result of the review, and nobody has answered: until then nothing can be decided."""
    for case in _reviewed("objection__raised_on").filter(objection_waits(), since__lt=_last_day("objection", on)):
        yield of_case(case, raised=case.since.isoformat())


def result_undecided(on: dt.date) -> Iterator[Found]:
    """The days for an objection are over, or it is answered, and the leader has not decided what becomes of the person."""
    for case in _reviewed("objection_due").filter(ready_to_place(on), since__lt=_last_day("result", on)):
        yield of_case(case, state=f"@case_state.{case.state}", due=case.since.isoformat())


def follow_up_overdue(on: dt.date) -> Iterator[Found]:
    """Nobody has entered what became of a person who came back; one alert for each case, however many are due."""
    late = Q(follow_ups__noted_on__isnull=True, follow_ups__due_on__lt=_last_day("follow_up", on))
    rows = Referral.objects.filter(late, state__in=FOLLOWED).annotate(
        late=Count("follow_ups", filter=late), due=Min("follow_ups__due_on", filter=late)
    )
    for case in rows.select_related("campaign").order_by(F("pk")):
        yield of_case(case, due=case.due.isoformat(), late=case.late)


def same_facts_attempted(on: dt.date) -> Iterator[Found]:
    """A name put forward on items on which an earlier case of the same cadre rested: the nomination is refused.

    A draft that the unit still writes is nobody's business; with the prepared return it is put forward.
    """
    drafts = Referral.objects.filter(state=State.DRAFT, campaign__concluded_on__isnull=True)
    drafts = drafts.exclude(unit_return__state=ReturnState.EXPECTED)
    used = facts_used_before(drafts)
    firsts = (
        Referral.objects.filter(pk__in=[earlier for earlier, _n in used.values()]).select_related("campaign").in_bulk()
    )
    for case in Referral.objects.filter(pk__in=used).select_related("campaign", "unit").order_by(F("pk")):
        earlier, items = used[case.pk]
        # The snapshot is frozen only at the nomination.
        case.unit_name = case.unit.name
        yield of_case(case, first=firsts[earlier].number, second=case.number, again=items)
