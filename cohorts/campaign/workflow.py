"""Opening campaigns and rounds; the content of a unit's return."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from accounts.notice.workflow import nearest_holders, notify
from accounts.permissions import Role
from accounts.trail.workflow import record
from assessments.criteria.models import EditionState
from cohorts.campaign.models import Campaign, Round, RoundKind, UnitReturn

# So many open cases are named when a campaign cannot be concluded.
LISTED = 10


@transaction.atomic
def create_campaign(*, by: Any, at: dt.datetime | None = None, **fields: Any) -> Campaign:
    """Create a year's campaign; raises ValidationError when the edition is not approved or does not hold yet on the day
    on which the campaign opens, or when the order is taken.
    """
    campaign = Campaign(**fields)
    holds_from = campaign.edition.holds_from
    if campaign.edition.state != EditionState.APPROVED or holds_from is None:
        raise ValidationError({"edition": _("The county must approve an edition before a campaign can use it.")})
    if holds_from > campaign.opened_on:
        raise ValidationError({"edition": _("This edition holds for campaigns that open on %(day)s or later.") % {"day": date_format(holds_from)}})  # fmt: skip
    if campaign.edition.organizer_id not in (None, campaign.organizer_id):
        raise ValidationError({"edition": _("This edition belongs to another organizer.")})
    if campaign.class_ends_on <= campaign.opened_on:
        raise ValidationError({"class_ends_on": _("The class ends after the campaign opens.")})
    campaign.full_clean()
    campaign.save()
    record("campaign.create", campaign, by=by, at=at, year=campaign.year, notice=campaign.notice_number)
    return campaign


@transaction.atomic
def open_round(
    *,
    by: Any,
    campaign: Campaign,
    kind: str,
    opens_on: dt.date,
    closes_on: dt.date,
    units: Iterable[Unit] = (),
    at: dt.datetime | None = None,
) -> Round:
    """Open a round: a first one expects every reporting unit, a supplementary one the named units; each is notified."""
    if closes_on < opens_on:
        raise ValidationError({"closes_on": _("The closing day lies before the opening day.")})
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.rounds.filter(kind=kind, opens_on=opens_on, closes_on=closes_on).exists():
        raise ValidationError(_("A round of this kind and these days is open already."))
    number = campaign.rounds.count() + 1
    askable = Unit.objects.asked_by(campaign.organizer)
    addressed = list(askable if kind == RoundKind.FIRST else units)
    if not addressed:
        raise ValidationError({"units": _("Name the units that are asked.")})
    if {unit.pk for unit in addressed} - set(askable.values_list("pk", flat=True)):
        raise ValidationError({"units": _("A unit is not one that this organizer asks.")})
    row = Round.objects.create(campaign=campaign, number=number, kind=kind, opens_on=opens_on, closes_on=closes_on)
    UnitReturn.objects.bulk_create(UnitReturn(round=row, unit=unit) for unit in addressed)
    record("round.open", row, by=by, at=at, number=number, units=len(addressed), closes_on=closes_on)
    for people, words in _asked(row):
        notify(people, "round_open", at=at, day=closes_on.isoformat(), **words)
    return row


def _asked(row: Round) -> Iterator[tuple[list[User], dict[str, str]]]:
    """Per unit that the round asks: its head and liaison, and what a notice to them says."""
    for unit_return in row.returns.select_related("unit"):
        people = nearest_holders({Role.UNIT_HEAD, Role.LIAISON}, over=unit_return.unit)
        yield people, {"unit": unit_return.unit.name, "path": unit_return.get_absolute_url()}


def _running(row: Round) -> Round:
    """The round, locked. Raises ValidationError when it is over: a second click changes nothing."""
    row = Round.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=row.pk)
    if row.is_over:
        raise ValidationError(_("The round is concluded or cancelled already."))
    return row


@transaction.atomic
def extend_round(row: Round, *, by: Any, closes_on: dt.date, at: dt.datetime | None = None) -> None:
    """Give the units asked more time, with notice. Raises ValidationError after the end or for an earlier day."""
    row = _running(row)
    before = row.closes_on
    today = timezone.localtime(at).date() if at else timezone.localdate()
    if closes_on <= before or closes_on < today:
        raise ValidationError({"closes_on": _("The new closing day lies after the present one, and not in the past.")})
    row.closes_on, row.extended_from = closes_on, row.extended_from or before
    row.save(update_fields=["closes_on", "extended_from"])
    record("round.extend", row, by=by, at=at, before=before, closes_on=closes_on)
    for people, words in _asked(row):
        notify(people, "round_extended", at=at, day=closes_on.isoformat(), **words)


@transaction.atomic
def cancel_round(row: Round, *, by: Any, reason: str, at: dt.datetime | None = None) -> None:
    """Call a round off, with notice. Its drafts are discarded, their evidence stays on record.

    Raises ValidationError after the end, without a reason, or once somebody was nominated in it.
    """
    row = _running(row)
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    cases = row.campaign.referrals.filter(unit_return__round=row)
    if cases.counted().exists():
        raise ValidationError(_("Somebody is nominated in this round; it can be concluded, not cancelled."))
    row.cancelled_on = timezone.localtime(at).date() if at else timezone.localdate()
    row.save(update_fields=["cancelled_on"])
    discarded = list(cases)
    for case in discarded:
        record("draft.discard", case, by=by, at=at)
    cases.delete()
    record("round.cancel", row, by=by, at=at, reason=reason, drafts=len(discarded))
    for people, words in _asked(row):
        notify(people, "round_cancelled", at=at, reason=reason, **words)


@transaction.atomic
def conclude_round(row: Round, *, by: Any, on: dt.date | None = None, at: dt.datetime | None = None) -> None:
    """Close a round for good: nothing more is accepted, material to follow included. Units without a return stay missing.

    Raises ValidationError when it is over already.
    """
    row = _running(row)
    row.concluded_on = on or timezone.localdate()
    row.save(update_fields=["concluded_on"])
    record("round.conclude", row, by=by, at=at, missing=row.returns.outstanding().count())


@transaction.atomic
def revise_campaign(campaign: Campaign, *, by: Any, at: dt.datetime | None = None, **fields: Any) -> None:
    """Change the days of a campaign: all of them before its first round opens, later only the last day of the class.

    Raises ValidationError when it is concluded, or for a day that cannot move any more.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.concluded_on:
        raise ValidationError(_("The campaign is concluded."))
    changed = {name: value for name, value in fields.items() if getattr(campaign, name) != value}
    if campaign.rounds.exists() and set(changed) - {"class_ends_on"}:
        raise ValidationError(_("A round is open already; only the last day of the class can still change."))
    before = {name: getattr(campaign, name) for name in changed}
    for name, value in changed.items():
        setattr(campaign, name, value)
    if campaign.class_ends_on <= campaign.opened_on:
        raise ValidationError({"class_ends_on": _("The class ends after the campaign opens.")})
    if changed:
        campaign.save(update_fields=list(changed))
        record("campaign.revise", campaign, by=by, at=at, before=before, after=changed)


def hindrances(campaign: Campaign) -> list[str]:
    """Why a campaign cannot be concluded yet, in words; empty = it can."""
    rounds = [str(row.number) for row in campaign.rounds.all() if not row.is_over]
    cases = [case.number for case in campaign.referrals.open().select_related("campaign").order_by("pk")[: LISTED + 1]]
    found = []
    if rounds:
        found.append(_("Not concluded: round %(numbers)s.") % {"numbers": ", ".join(rounds)})
    if cases:
        more = " ..." if len(cases) > LISTED else ""
        found.append(_("Still open: case %(numbers)s.") % {"numbers": ", ".join(cases[:LISTED]) + more})
    return found


@transaction.atomic
def conclude_campaign(campaign: Campaign, *, by: Any, on: dt.date | None = None, at: dt.datetime | None = None) -> None:
    """End a campaign. Raises ValidationError while a case is open or a round is not over, and says which."""
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.concluded_on:
        raise ValidationError(_("The campaign is concluded."))
    if found := hindrances(campaign):
        raise ValidationError(found)
    campaign.concluded_on = on or timezone.localdate()
    campaign.save(update_fields=["concluded_on"])
    record("campaign.conclude", campaign, by=by, at=at, notice=campaign.notice_number)
