"""Scanning: alerts are raised, reopened and cleared; they decide nothing."""

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.notice.workflow import notify
from accounts.permissions import roles_with
from accounts.trail.workflow import canonical
from accounts.user.models import RoleAssignment
from cohorts.alert.models import Alert, AlertState
from cohorts.alert.rules import RULES


def _digest(params: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(params).encode()).hexdigest()


@transaction.atomic
def scan(*, on: dt.date | None = None) -> dict[str, int]:
    """Run every rule: raise what is new, reopen what came back with new facts, clear what is gone. Twice changes nothing."""
    on = on or timezone.localdate()
    raised = reopened = cleared = 0
    known = {(a.rule, a.subject_key, a.period): a for a in Alert.objects.select_for_update()}
    for rule in RULES:
        standing = set()
        for found in rule.find(on):
            key, digest = (rule.code, found.subject_key, found.period), _digest(found.params)
            standing.add(key)
            alert = known.get(key)
            if alert is None:
                Alert.objects.create(
                    rule=rule.code,
                    subject_key=found.subject_key,
                    period=found.period,
                    params=found.params,
                    digest=digest,
                )
                raised += 1
            elif alert.digest != digest or alert.state == AlertState.CLEARED:
                reopened += alert.state == AlertState.CLEARED
                Alert.objects.filter(pk=alert.pk).update(params=found.params, digest=digest, state=AlertState.OPEN)
        gone = [
            a.pk
            for key, a in known.items()
            if key[0] == rule.code and key not in standing and a.state == AlertState.OPEN
        ]
        cleared += Alert.objects.filter(pk__in=gone).update(state=AlertState.CLEARED)
    if raised:
        people = User.objects.filter(
            is_active=True,
            pk__in=RoleAssignment.objects.in_force(on).filter(role__in=roles_with("alert.handle")).values("user"),
        )
        notify(people, "alerts_raised", path="/alerts/", count=raised)
    return {"raised": raised, "reopened": reopened, "cleared": cleared}
