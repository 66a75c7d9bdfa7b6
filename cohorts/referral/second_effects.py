"""What is written with the draw and with the steps of a second verification; ``act`` is an ``Act`` of the procedure."""

from typing import Any

from accounts.calendar import add_working_days
from accounts.notice.workflow import holders, notify, told_as
from accounts.permissions import Role
from accounts.setting.models import setting
from accounts.trail.workflow import Entry
from cohorts.referral.models import StrikeReason
from cohorts.referral.recusal import unbarred
from cohorts.referral.second import SecondCheck, SecondFinding, is_drawn
from cohorts.referral.workflow import make_verifiers, release_verifiers


def _days(act: Any) -> Any:
    return add_working_days(act.day, setting("second_check_days", act.day))


def draw(act: Any) -> list[Entry]:
    """Whether a case whose verification is over gets a second one. Only where the team said something on the criteria:

    a strike-out as a token referral or for error tolerance judges something else.
    """
    case = act.row
    if case.strike_reason not in ("", StrikeReason.NOT_PROVED) or not is_drawn(case):
        return []
    check, new = SecondCheck.objects.get_or_create(referral=case, defaults={"drawn_at": act.at, "due_on": _days(act)})
    return [Entry("secondcheck.draw", check, {})] if new else []


def keep_checker(act: Any) -> None:
    """The person gets the verifier's role for as long as the word is due, and is told without the cadre's name."""
    row, person = act.row, act.data["checker"]
    row.checker, row.assigned_on, row.due_on, row.handed_back = person, act.day, _days(act), ""
    row.save(update_fields=["checker", "assigned_on", "due_on", "handed_back"])
    held = make_verifiers([person], row.referral.campaign.organizer, act.day)
    notify([told_as(one) for one in held], "second_assigned", path=row.get_absolute_url(), at=act.at,
           day=row.due_on.isoformat())  # fmt: skip


def free_checker(act: Any) -> None:
    """Handed back or taken back, with the reason: the case waits for another person, its day stands."""
    row, former, case = act.row, act.row.checker, act.row.referral
    row.checker, row.assigned_on, row.handed_back = None, None, act.data["reason"].strip()
    row.save(update_fields=["checker", "assigned_on", "handed_back"])
    release_verifiers([former.pk], case.campaign.organizer, act.day)
    if act.by.pk != former.pk:
        notify([former], "second_taken_back", at=act.at)
        return
    chiefs = unbarred(case.cadre_id, holders({Role.CHIEF}, over=case.campaign.organizer, on=act.day))
    notify(chiefs, "second_handed_back", path=row.get_absolute_url(), at=act.at, case=case.number)


def keep_word(act: Any) -> None:
    row = act.row
    criteria = {criterion.code: criterion for criterion in row.referral.criteria.all()}
    SecondFinding.objects.bulk_create(
        SecondFinding(second=row, criterion=criteria[f["code"]], upheld=f["upheld"], reason=f["reason"].strip())
        for f in act.data["findings"]
    )
    row.done_on = act.day
    row.save(update_fields=["done_on"])
    release_verifiers([row.checker_id], row.referral.campaign.organizer, act.day)
