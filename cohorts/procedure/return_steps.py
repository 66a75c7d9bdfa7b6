"""The life of a unit's return: one line per step."""

from collections.abc import Iterable
from typing import Any

from accounts.notice.workflow import holders, nearest_holders
from accounts.permissions import Role
from accounts.wording import Refusal, refuse
from cohorts.campaign.models import ReturnState as S
from cohorts.procedure.guards import reason_given
from cohorts.procedure.step import Act, Step
from cohorts.referral.guards import signed_properly
from cohorts.referral.models import Referral, State

CONTENT = (
    "nil",
    "nil_reason",
    "nil_text",
    "meeting_kind",
    "meeting_on",
    "meeting_members",
    "meeting_extract",
    "staff_asked",
    "staff_borrowed",
)


def round_accepts(act: Act) -> Refusal | None:
    """Late is late, but accepted, until the round is concluded."""
    return None if act.row.round.is_open(act.day) else refuse("round_not_open")


def content_fits(act: Act) -> Refusal | None:
    if act.data.get("nil") and not act.data.get("nil_reason"):
        return refuse("nil_without_reason")
    day = act.data.get("meeting_on")
    return refuse("future_day") if day and day > act.day else None


def meeting_stated(act: Act) -> Refusal | None:
    row = act.row
    # A small unit's nil return rests on its branch meeting of everybody: nobody types the members (PRACTICE 22).
    members = row.meeting_members or (row.nil and row.unit.is_small)
    return None if row.meeting_kind and row.meeting_on and members else refuse("no_unit_meeting")


def says_something(act: Act) -> Refusal | None:
    """Names or, in writing, that there are none - not both; as far as the signer may know of names."""
    names = Referral.objects.visible_to(act.by).filter(unit_return=act.row).exists()
    if act.row.nil:
        return refuse("nil_with_names") if names else None
    return None if names else refuse("no_names")


def before_closing(act: Act) -> Refusal | None:
    return refuse("after_closing") if act.day > act.row.round.closes_on else None


def nothing_verified(act: Act) -> Refusal | None:
    known = Referral.objects.visible_to(act.by).filter(unit_return=act.row)
    beyond = known.exclude(state__in=[State.DRAFT, State.NOMINATED, State.WITHDRAWN]).exists()
    return refuse("cases_beyond") if beyond else None


def names_chosen(act: Act) -> Refusal | None:
    return None if any(chosen_names(act)) else refuse("no_names_chosen")


def keep_content(act: Act) -> None:
    for name in CONTENT:
        if name in act.data:
            setattr(act.row, name, act.data[name])
    act.row.save(update_fields=list(CONTENT))


def stamp(act: Act) -> None:
    act.row.first_filed_at = act.row.first_filed_at or act.at
    act.row.filed_at, act.row.signed_by, act.row.signed_sheet = act.at, act.by, act.data.get("sheet")
    act.row.save(update_fields=["first_filed_at", "filed_at", "signed_by", "signed_sheet"])


def keep_reason(act: Act) -> None:
    act.row.sent_back_reason = act.data.get("reason", "")
    act.row.save(update_fields=["sent_back_reason"])


def _drafts(act: Act) -> Any:
    return Referral.objects.visible_to(act.by).filter(unit_return=act.row, state=State.DRAFT).order_by("pk")


def chosen_names(act: Act) -> Iterable[tuple[Any, str]]:
    """The drafts that the supplementary sheet lists."""
    keys = [case.pk for case in act.data.get("names", [])]
    return [(case, "nominate") for case in _drafts(act).filter(pk__in=keys)]


def keep_supplement(act: Act) -> None:
    """The supplementary sheet belongs to the names on it; the first sheet stays what it was."""
    _drafts(act).filter(pk__in=[case.pk for case in act.data["names"]]).update(signed_sheet=act.data.get("sheet"))


def ready_names(act: Act) -> Iterable[tuple[Any, str]]:
    """The drafts that the signer sees, without those announced as material to follow; a name for which the head is
    recused waits for the deputy."""
    drafts = _drafts(act).filter(follow_reason="")
    return [(case, "nominate") for case in drafts]


def filed_names(act: Act) -> Iterable[tuple[Any, str]]:
    cases = Referral.objects.visible_to(act.by).filter(unit_return=act.row, state=State.NOMINATED).order_by("pk")
    return [(case, "unfile") for case in cases]


def _unit(act: Act) -> list[Any]:
    return nearest_holders({Role.UNIT_HEAD, Role.LIAISON}, over=act.row.unit, on=act.day)


def _section(act: Act) -> list[Any]:
    return holders({Role.CLERK}, over=act.row.round.campaign.organizer, on=act.day)


RETURN_STEPS: tuple[Step, ...] = (
    Step("prepare", (S.EXPECTED, S.SENT_BACK, S.PREPARED), S.PREPARED, ("return.prepare",), guards=(content_fits,),
         effects=(keep_content,), form="return_content", main=True),
    Step("sign", (S.PREPARED,), S.FILED, ("return.sign",), guards=(round_accepts, meeting_stated, says_something, signed_properly),
         effects=(stamp,), form="sign", cascade=ready_names, notices=(("return_filed", _section),)),
    Step("sign_supplement", (S.FILED, S.ACCEPTED), "", ("return.sign",), guards=(round_accepts, names_chosen, signed_properly),
         effects=(keep_supplement,), form="supplement", cascade=chosen_names, notices=(("return_supplemented", _section),)),
    Step("withdraw", (S.FILED,), S.PREPARED, ("return.withdraw",), guards=(before_closing, nothing_verified), cascade=filed_names),
    Step("send_back", (S.FILED,), S.SENT_BACK, ("return.send_back",), guards=(reason_given,), effects=(keep_reason,), form="reason",
         notices=(("return_sent_back", _unit),)),
    Step("reopen", (S.FILED, S.ACCEPTED), S.SENT_BACK, ("referral.send_back",), inner=True),
    Step("accept", (S.FILED,), S.ACCEPTED, ("return.accept",), main=True),
)  # fmt: skip
