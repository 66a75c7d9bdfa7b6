"""Relations between cadres: declared by oneself, or recorded by the section chief for a case's recusal.

They stand above people because a relation takes the lock of the open cases that it concerns and bumps their version: a
form that was opened before the declaration is stale.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Cadre, Relation
from accounts.notice.workflow import holders, notify
from accounts.people.models import BARRING
from accounts.permissions import Role
from accounts.trail.workflow import record
from cohorts.referral.models import CLOSED, Referral


def _touch_cases(cadres: set[int], *, kind: str, notice: str, at: dt.datetime | None) -> None:
    """Lock and bump the cases of the two, in order of key; that a bar began or ended is told to the organizer's chief."""
    cases = list(
        Referral.objects.exclude(state__in=CLOSED)
        .filter(cadre_id__in=cadres)
        .select_for_update(of=("self",))
        .select_related("campaign__organizer")
        .order_by("pk")
    )
    Referral.objects.filter(pk__in=[case.pk for case in cases]).update(version=F("version") + 1)
    if kind not in BARRING:
        return
    for case in cases:
        if case.is_open:
            chiefs = [u for u in holders({Role.CHIEF}, over=case.campaign.organizer) if u.cadre_id not in cadres]
            notify(chiefs, notice, path=case.get_absolute_url(), at=at, case=case.number)


@transaction.atomic
def declare_relation(
    *, by: Any, cadre: Cadre, other: Cadre, kind: str, note: str = "", at: dt.datetime | None = None
) -> Relation:
    """Declare a relation of one's own, or record one about two others (section chief).

    Raises ValidationError towards oneself, and for a relation that stands already; nothing is written then.
    """
    if cadre.pk == other.pk:
        raise ValidationError(_("A relation is one between two people."))
    relation = Relation(cadre=cadre, other=other, kind=kind, note=note, recorded_by=by.cadre,
                        declared_on=timezone.localtime(at).date() if at else timezone.localdate())  # fmt: skip
    _touch_cases({cadre.pk, other.pk}, kind=kind, notice="relation_declared", at=at)
    try:
        with transaction.atomic():
            relation.save()
    except IntegrityError as error:
        raise ValidationError(_("This relation is declared already.")) from error
    record("relation.declare", relation, by=by, at=at, kind=kind, between=[str(cadre.public_id), str(other.public_id)])
    return relation


def may_end(relation: Relation, by: Any) -> bool:
    """Whoever declared or recorded it; the section chief also what is between two others."""
    declarer = relation.recorded_by_id or relation.cadre_id
    between_others = by.cadre_id not in (relation.cadre_id, relation.other_id)
    return by.cadre_id == declarer or (between_others and bool(by.may("relation.record")))


@transaction.atomic
def end_relation(relation: Relation, *, by: Any, reason: str, at: dt.datetime | None = None) -> None:
    """End a relation with a reason. Raises ValidationError when somebody was first, or it is another's declaration."""
    row = Relation.objects.visible_to(by).select_for_update(of=("self",)).get(pk=relation.pk)
    if row.ended_on or not may_end(row, by):
        raise ValidationError(_("This relation is ended already, or another person declared it."))
    _touch_cases({row.cadre_id, row.other_id}, kind=row.kind, notice="relation_ended", at=at)
    row.ended_on = timezone.localtime(at).date() if at else timezone.localdate()
    row.end_reason = reason
    row.save(update_fields=["ended_on", "end_reason"])
    record("relation.end", row, by=by, at=at, kind=row.kind, reason=reason)
