"""Proposing a measure, recording an interview. The decision, refusal and revocation are steps (``move``)."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notice.workflow import holders, notify
from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.trail.workflow import record
from accounts.user.models import RoleAssignment
from cohorts.measure.kinds import BY_CODE
from cohorts.measure.models import MeasureState, UnitMeasure


def is_leading(person: Any, unit: Any, on: dt.date) -> bool:
    """The head or another leading cadre of the unit: by level, or by holding the head's or deputy's role on that day."""
    if not person.unit.path.startswith(unit.path):
        return False
    roles = RoleAssignment.objects.in_force(on).filter(user__cadre=person, role__in=[Role.UNIT_HEAD, Role.DEPUTY])
    return person.is_section_level or roles.exists()


def _checked(by: Any, kind: str, unit: Any, fields: dict[str, Any], on: dt.date) -> None:
    person = fields.get("person")
    if person is not None and not is_leading(person, unit, on):
        raise ValidationError({"person": _("Name the head or another leading cadre of this unit.")})
    if person is not None and person.pk in barred_cadres(by.cadre_id):
        raise ValidationError({"person": _("You are recused from what concerns this person.")})
    for name in BY_CODE[kind].fields:
        if fields.get(name) in (None, ""):
            raise ValidationError({name: _("This is required.")})


def _saved(**fields: Any) -> UnitMeasure:
    """One row; the same measure a second time is refused by the database and told in words."""
    try:
        with transaction.atomic():
            return UnitMeasure.objects.create(**fields)
    except IntegrityError as error:
        raise ValidationError(_("The same measure is on record already.")) from error


@transaction.atomic
def propose_measure(
    *, by: Any, kind: str, campaign: Any, unit: Any, reason: str, at: dt.datetime | None = None, **fields: Any
) -> UnitMeasure:
    """Propose a measure that a leader decides; raises ValidationError, by field, for what is missing or does not fit."""
    if not BY_CODE[kind].decided:
        raise ValidationError({"kind": _("An interview is recorded after it was held, it is not proposed.")})
    at = at or timezone.now()
    _checked(by, kind, unit, fields, timezone.localtime(at).date())
    row = _saved(kind=kind, campaign=campaign, unit=unit, reason=reason, proposed_by=by, proposed_at=at, **fields)
    record("measure.propose", row, by=by, at=at, kind=kind, unit=unit.code, reason=reason)
    leaders = holders({Role.LEADER}, over=campaign.organizer)
    notify((u for u in leaders if u.pk != by.pk), "measure_proposed", path=row.get_absolute_url(), at=at,
           unit=unit.name, case=row.number)  # fmt: skip
    return row


@transaction.atomic
def record_interview(
    *, by: Any, campaign: Any, unit: Any, person: Any, held_on: dt.date, held_by: str, agreed: str, reason: str,
    at: dt.datetime | None = None, file: Any = None,
) -> UnitMeasure:  # fmt: skip
    """Record an interview after it was held; one row is one interview. Raises ValidationError, by field."""
    at = at or timezone.now()
    fields = {"person": person, "held_on": held_on, "held_by": held_by, "agreed": agreed}
    today = timezone.localtime(at).date()
    _checked(by, "interview", unit, fields, today)
    if held_on > today:
        raise ValidationError({"held_on": _("The day lies in the future.")})
    row = _saved(
        kind="interview", campaign=campaign, unit=unit, reason=reason, file=file, state=MeasureState.IN_EFFECT,
        proposed_by=by, proposed_at=at, **fields,
    )  # fmt: skip
    record("measure.interview", row, by=by, at=at, unit=unit.code, held_on=held_on, held_by=held_by)
    heads = holders({Role.UNIT_HEAD}, over=unit)
    notify((u for u in heads if u.pk != by.pk), "measure_interview", path=row.get_absolute_url(), at=at,
           unit=unit.name, case=row.number)  # fmt: skip
    return row
