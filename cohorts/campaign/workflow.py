"""Opening campaigns and rounds; the content of a unit's return."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from accounts.notice.workflow import holders, notify
from accounts.permissions import Role
from accounts.trail.workflow import record
from assessments.criteria.models import EditionState
from cohorts.campaign.models import Campaign, Round, RoundKind, UnitReturn


@transaction.atomic
def create_campaign(*, by: Any, at: dt.datetime | None = None, **fields: Any) -> Campaign:
    """Create a year's campaign; raises ValidationError when the edition is not approved or the order is taken."""
    campaign = Campaign(**fields)
    if campaign.edition.state != EditionState.APPROVED:
        raise ValidationError({"edition": _("The county must approve an edition before a campaign can use it.")})
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
    addressed = list(Unit.objects.reporting() if kind == RoundKind.FIRST else units)
    if not addressed:
        raise ValidationError({"units": _("Name the units that are asked.")})
    row = Round.objects.create(campaign=campaign, number=number, kind=kind, opens_on=opens_on, closes_on=closes_on)
    UnitReturn.objects.bulk_create(UnitReturn(round=row, unit=unit) for unit in addressed)
    record("round.open", row, by=by, at=at, number=number, units=len(addressed), closes_on=closes_on)
    for unit_return in row.returns.select_related("unit"):
        notify(holders({Role.UNIT_HEAD, Role.LIAISON}, over=unit_return.unit), "round_open", at=at, day=closes_on.isoformat(),
               unit=unit_return.unit.name, path=f"/returns/{unit_return.public_id}/")  # fmt: skip
    return row


@transaction.atomic
def conclude_round(row: Round, *, by: Any, on: dt.date | None = None, at: dt.datetime | None = None) -> None:
    """Close a round for good: nothing more is accepted. Units without a return stay missing."""
    on = on or timezone.localdate()
    if Round.objects.filter(pk=row.pk, concluded_on__isnull=True).update(concluded_on=on):
        record("round.conclude", row, by=by, at=at, missing=row.returns.outstanding().count())
