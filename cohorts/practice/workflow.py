"""What is written in field practice besides the steps: log entries, sign-offs, ratings, the end of a placement, new matters."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.file.workflow import store
from accounts.notice.workflow import notify
from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.trail.workflow import record
from cohorts.practice.models import KEEPING_LEDGER, LOGGING, LedgerEntry, LogEntry, Placement, Rating, SignOff, monday
from cohorts.practice.rating import COMPONENTS, needs_reason
from cohorts.referral.models import Referral


def _locked(placement: Placement) -> Placement:
    """The placement as it stands, under its case's lock."""
    Referral.objects.select_for_update().get(pk=placement.referral_id)
    return Placement.objects.select_related("referral__cadre", "village", "supervisor_user").get(pk=placement.pk)


def _is_own(placement: Placement, user: Any) -> bool:
    return bool(user.role.role == Role.CADRE and user.cadre_id == placement.referral.cadre_id)


def _check_sheet(placement: Placement, day: dt.date, number: str) -> str:
    """The number of the paper sheet of this trainee's week; raises ValidationError for another one."""
    wanted = placement.sheet_number(day)
    if number.strip().upper() != wanted:
        words = _("This is not the number of this trainee's sheet for that week (%(number)s).") % {"number": wanted}
        raise ValidationError({"sheet_number": words})
    return wanted


def _check_day(placement: Placement, day: dt.date, today: dt.date) -> None:
    if day > today:
        raise ValidationError({"day": _("The day lies in the future.")})
    if day < placement.starts_on or (placement.ends_on and day > placement.ends_on):
        raise ValidationError({"day": _("The day lies outside the placement.")})


@transaction.atomic
def write_log(
    placement: Placement, *, by: Any, day: dt.date, place: str, done: str, people: str = "", hours: Any = None,
    photo: Any = None, key: uuid.UUID | None = None, sheet_number: str = "", signed_on_sheet: bool = False,
    supersedes: LogEntry | None = None, reason: str = "", at: dt.datetime | None = None,
) -> LogEntry:  # fmt: skip
    """Write one entry: the trainee's own, or from the numbered paper sheet "entered for" him.

    ``key`` names the form: sent twice it stores one. ``signed_on_sheet``: the supervisor's signature stands on the paper.
    Raises ValidationError for a day outside the placement, a wrong sheet, a correction without reason or of an old version.
    """
    at, key, placement = at or timezone.now(), key or uuid.uuid4(), _locked(placement)
    if known := LogEntry.objects.filter(placement=placement, key=key).first():
        return known
    if placement.referral.state not in LOGGING:
        raise ValidationError(_("The field practice is closed; nothing more is written in its log."))
    _check_day(placement, day, timezone.localtime(at).date())
    number = "" if _is_own(placement, by) else _check_sheet(placement, day, sheet_number)
    if supersedes is not None:
        _check_correction(placement, supersedes, reason)
    entry = LogEntry.objects.create(
        placement=placement, key=key, day=day, place=place.strip(), done=done.strip(), people=people.strip(), hours=hours,
        photo=store(photo, by=by) if photo else None, entered_by=by, entered_at=at, sheet_number=number,
        supersedes=supersedes, reason=reason.strip() if supersedes else "",
    )  # fmt: skip
    replaces = str(supersedes.public_id) if supersedes else ""
    record(
        "practice.log", placement, by=by, at=at, entry=str(entry.public_id), day=day, sheet=number, replaces=replaces
    )
    if signed_on_sheet and number:
        _sign(placement, by=by, week=monday(day), agreed=True, remark="", sheet=number, at=at)
    return entry


def _check_correction(placement: Placement, entry: LogEntry, reason: str) -> None:
    if entry.placement_id != placement.pk or LogEntry.objects.filter(supersedes=entry).exists():
        raise ValidationError(_("This entry was corrected already; correct the latest one."))
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason of the correction.")})


@transaction.atomic
def sign_week(
    placement: Placement, *, by: Any, week: dt.date, agreed: bool, remark: str = "", at: dt.datetime | None = None
) -> SignOff:
    """The supervisor signs a trainee's week, or asks back. The same word twice is stored once.

    Raises ValidationError for a week without an entry or a question without words.
    """
    at, week, placement = at or timezone.now(), monday(week), _locked(placement)
    entries = LogEntry.objects.current().filter(placement=placement, day__range=(week, week + dt.timedelta(days=6)))
    written = list(entries.values_list("entered_at", flat=True))
    if not written:
        raise ValidationError(_("Nothing was written in this week yet."))
    if not agreed and not remark.strip():
        raise ValidationError({"remark": _("Write what you ask.")})
    last = SignOff.objects.filter(placement=placement, monday=week).order_by("signed_at", "pk").last()
    if last and (last.agreed, last.remark) == (agreed, remark.strip()) and last.signed_at >= max(written):
        return last
    return _sign(placement, by=by, week=week, agreed=agreed, remark=remark.strip(), sheet="", at=at)


def _sign(
    placement: Placement, *, by: Any, week: dt.date, agreed: bool, remark: str, sheet: str, at: dt.datetime
) -> SignOff:
    word = SignOff.objects.create(
        placement=placement, monday=week, agreed=agreed, remark=remark, signed_by=by, signed_at=at, sheet_number=sheet
    )
    record("practice.sign", placement, by=by, at=at, week=week, agreed=agreed, remark=remark, sheet=sheet)
    if not agreed or remark:
        code = "week_signed" if agreed else "week_question"
        notify(_trainee(placement), code, path=placement.get_absolute_url(), at=at, day=str(week))
    return word


@transaction.atomic
def rate(
    placement: Placement, *, by: Any, scores: Mapping[str, int], reason: str = "", sheet_number: str = "",
    at: dt.datetime | None = None,
) -> Rating:  # fmt: skip
    """The supervisor's points from the last day on; a later rating replaces it and needs a reason. The same twice is stored once.

    Whoever enters it for the supervisor names the signed sheet. Raises ValidationError for points outside 0-100,
    a rating too early, a missing reason (below 60, above 95, a correction) or a missing number.
    """
    at, placement = at or timezone.now(), _locked(placement)
    scores = {c.code: scores[c.code] for c in COMPONENTS}
    if any(not 0 <= points <= 100 for points in scores.values()):
        raise ValidationError(_("Points go from 0 to 100."))
    if placement.ends_on is None or timezone.localtime(at).date() < placement.ends_on:
        raise ValidationError(_("The rating is given from the last day of the placement on."))
    last = placement.ratings.order_by("rated_at", "pk").last()
    if last and (last.scores, last.reason) == (scores, reason.strip()):
        return last
    if (needs_reason(scores) or last) and not reason.strip():
        raise ValidationError({"reason": _("State the reason: points below 60 or above 95, or a changed rating.")})
    own = by.role.role == Role.FIELD_SUPERVISOR
    if not own and not sheet_number.strip():
        raise ValidationError({"sheet_number": _("Name the sheet that the supervisor has signed.")})
    rating = Rating.objects.create(
        placement=placement, scores=scores, reason=reason.strip(), rated_by=by, rated_at=at,
        sheet_number="" if own else sheet_number.strip(),
    )  # fmt: skip
    record("practice.rate", placement, by=by, at=at, scores=scores, reason=rating.reason, sheet=rating.sheet_number)
    return rating


@transaction.atomic
def revise_placement(
    placement: Placement, *, by: Any, ends_on: dt.date, supervisor: str, supervisor_user: Any, goals: str, reason: str,
    at: dt.datetime | None = None,
) -> Placement:  # fmt: skip
    """End a placement on another day than planned, put another supervisor in charge from now on, set the goals.

    Raises ValidationError without a reason, where the days would overlap with the next placement, or for a supervisor
    who is recused from the trainee.
    """
    placement = _locked(placement)
    if ends_on < placement.starts_on:
        raise ValidationError({"ends_on": _("The placement ends after it begins.")})
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    others = placement.referral.placements.exclude(pk=placement.pk)
    if others.filter(starts_on__gte=placement.starts_on, starts_on__lt=ends_on).exists():
        raise ValidationError({"ends_on": _("The next placement of this trainee has begun by then.")})
    if supervisor_user and placement.referral.cadre_id in barred_cadres(supervisor_user.cadre_id):
        words = _("%(name)s is recused from this trainee; name another supervisor.") % {"name": supervisor_user}
        raise ValidationError({"supervisor": words})
    before = {"before": placement.ends_on, "supervisor_before": placement.supervisor}
    placement.ends_on, placement.change_reason = ends_on, reason.strip()
    placement.supervisor, placement.supervisor_user, placement.goals = (
        supervisor.strip(),
        supervisor_user,
        goals.strip(),
    )
    placement.save(update_fields=["ends_on", "change_reason", "supervisor", "supervisor_user", "goals"])
    record(
        "practice.revise",
        placement,
        by=by,
        at=at,
        ends_on=ends_on,
        supervisor=placement.supervisor,
        reason=reason.strip(),
        **before,
    )
    people = _trainee(placement) + ([supervisor_user] if supervisor_user else [])
    notify((u for u in people if u.pk != by.pk), "placement_revised", path=placement.get_absolute_url(), at=at, day=str(ends_on),
           village=placement.village.name, supervisor=placement.supervisor)  # fmt: skip
    return placement


@transaction.atomic
def open_matter(
    placement: Placement, *, by: Any, matter: str, category: str, title: str, place: str, found: str, plan: str,
    opened_on: dt.date, key: uuid.UUID | None = None, sheet_number: str = "", at: dt.datetime | None = None,
) -> LedgerEntry:  # fmt: skip
    """A new entry of the village's ledger, kept by the trainee of this placement; also after it by one who stays.

    Raises ValidationError when the ledger is closed for the case, the day is wrong, or a paper has no number.
    """
    at, key, placement = at or timezone.now(), key or uuid.uuid4(), _locked(placement)
    if known := LedgerEntry.objects.filter(referral=placement.referral, key=key).first():
        return known
    own = _is_own(placement, by)
    if placement.referral.state not in KEEPING_LEDGER:
        raise ValidationError(_("The ledger of this trainee is closed."))
    if not placement.starts_on <= opened_on <= timezone.localtime(at).date():
        raise ValidationError({"opened_on": _("The day lies before the placement or in the future.")})
    if not own and not sheet_number.strip():
        raise ValidationError({"sheet_number": _("Name the paper from which it is entered.")})
    entry = LedgerEntry.objects.create(
        village=placement.village, referral=placement.referral, key=key, matter=matter, category=category, title=title.strip(),
        place=place.strip(), found=found, plan=plan.strip(), opened_on=opened_on, entered_by=by,
        sheet_number="" if own else sheet_number.strip(),
    )  # fmt: skip
    record("ledgerentry.open", entry, by=by, at=at, village=placement.village.name, matter=matter, title=entry.title)
    return entry


def _trainee(placement: Placement) -> list[Any]:
    user = getattr(placement.referral.cadre, "user", None)
    return [user] if user else []
