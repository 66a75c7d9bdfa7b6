"""An appeal against one entry, and its decision by somebody who did not record the entry."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notice.workflow import nearest_holders, notify
from accounts.permissions import roles_with
from accounts.trail.workflow import Entry, append, record
from assessments.evidence.workflow import supersede
from assessments.points.entering import counter, counters_for
from assessments.points.entries import AppealState, EntryKind, PointAppeal, PointEntry
from assessments.points.settlement import by_month, restate, same_mistakes
from assessments.points.workflow import allowed, locked, not_barred

# Of these the decision may leave a part: the base when days or grade were wrong, hours when some were worked.
PARTLY = frozenset({EntryKind.BASE, EntryKind.WORKED})


@transaction.atomic
def make_appeal(entry: PointEntry, *, by: Any, text: str, at: dt.datetime | None = None) -> PointAppeal:
    """The cadre appeals against an own entry. Raises PermissionDenied for others, ValidationError while one is open."""
    if by.cadre_id is None or by.cadre_id != entry.cadre_id:
        raise PermissionDenied
    if not entry.can_be_appealed:
        raise ValidationError(_("A counter-entry is appealed against through the entry that it corrects."))
    if entry.appeals.filter(state=AppealState.UPHELD).exists():
        raise ValidationError(_("This entry was corrected on appeal already."))
    try:
        with transaction.atomic():
            row = PointAppeal.objects.create(entry=entry, text=text, made_by=by, made_at=at or timezone.now())
    except IntegrityError as error:
        raise ValidationError(_("Your appeal against this entry waits for its decision.")) from error
    record("points.appeal", entry, by=by, at=at, text=text)
    deciders = nearest_holders(roles_with("points.answer_appeal"), over=entry.unit)
    notify((user for user in deciders if user.cadre_id not in (entry.recorded_by.cadre_id, entry.cadre_id)), "points_appeal",
           path=entry.get_absolute_url(), at=at, unit=entry.unit.name)  # fmt: skip
    return row


@transaction.atomic
def answer_appeal(
    appeal: PointAppeal,
    *,
    by: Any,
    uphold: bool,
    reason: str,
    instead: Decimal = Decimal(0),
    at: dt.datetime | None = None,
) -> PointAppeal:
    """Decide an appeal. Upheld: a counter-entry in the entry's month, settled statements get a new version, evidence of a
    fallen mistake counts no more. ``instead``: points that stay (base and hours only). Rejected: the reason stays.

    Raises ValidationError for whoever recorded the entry, the cadre, and whoever a relation bars; and when it is decided.
    """
    moment, entry = at or timezone.now(), appeal.entry
    allowed(by, "points.answer_appeal", entry.unit)
    ledger = locked(entry.unit)
    not_barred(by, entry.cadre)
    if by.cadre_id is not None and by.cadre_id == entry.recorded_by.cadre_id:
        raise ValidationError(_("Whoever recorded the entry does not decide on the appeal."))
    state = AppealState.UPHELD if uphold else AppealState.REJECTED
    decided = {"state": state, "reason": reason, "decided_by": by, "decided_at": moment}
    if not PointAppeal.objects.open().filter(pk=appeal.pk).update(**decided):
        raise ValidationError(_("Somebody was first: this appeal is decided."), code="stale")
    appeal.refresh_from_db()
    if uphold:
        counters = _correct(ledger, entry, appeal, instead, by, moment)
        PointEntry.objects.bulk_create(counters)
        restate(ledger, counters, appeal)
        append([Entry("points.enter", row, {"kind": row.kind, "points": str(row.points), "month": row.month}) for row in counters], by=by, at=at)  # fmt: skip
    record("points.answer", entry, by=by, at=at, state=state, reason=reason)
    notify([appeal.made_by], "points_answered", path="/points/mine/", at=at, unit=entry.unit.name)
    return appeal


def _correct(
    ledger: Any, entry: PointEntry, appeal: PointAppeal, instead: Decimal, by: Any, at: dt.datetime
) -> list[PointEntry]:
    """The counter-entries of an upheld appeal; for a mistake also those of its other times."""
    months = by_month(entry)
    if entry.kind in PARTLY:
        have = sum(months.values(), Decimal(0))
        if instead < 0 or instead == have:
            raise ValidationError({"instead": _("State the points that the entry should have; they differ from the present ones.")})  # fmt: skip
        months = {entry.month: have - instead}
    made = {"by": by, "at": at, "appeal": appeal, "reason": appeal.reason[:200]}
    found = [counter(entry, -points, month=month, **made) for month, points in months.items() if points]
    if entry.kind == EntryKind.MISTAKE:
        found += counters_for(ledger, [same_mistakes(entry.unit_id, entry.cadre_id, entry.name)], by, at, appeal)
    evidence = entry.evidence
    if evidence and not hasattr(evidence, "superseded_by"):
        supersede(evidence, by=by, reason=appeal.reason[:200], fact="", key="", criterion="", at=at)
    return found
