"""Appending to the trail and checking it."""

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from accounts.trail.models import AccessLog, DecisionEvent, TrailHead, subject_key

GENESIS = "0" * 64


class Entry(NamedTuple):
    """What is to be appended: an action on a subject and its parameters."""

    action: str
    subject: Any
    payload: dict[str, Any]


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces, so that equal data has equal bytes."""
    return json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _moment(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def digest_of(salt: str, payload: str) -> str:
    return hashlib.sha256(f"{salt}{payload}".encode()).hexdigest()


def hash_of(event: DecisionEvent) -> str:
    """Hash of the canonical header, the payload's digest and the previous hash."""
    header = canonical(
        {
            "seq": event.seq, "format": event.format, "at": _moment(event.at), "recorded_at": _moment(event.recorded_at),
            "actor": event.actor_id, "actor_role": event.actor_role, "action": event.action,
            "subject_type": event.subject_type, "subject_id": str(event.subject_id),
        }
    )  # fmt: skip
    return hashlib.sha256(f"{header}{event.payload_digest}{event.prev_hash}".encode()).hexdigest()


def append(entries: Iterable[Entry], *, by: Any, at: dt.datetime | None = None) -> list[DecisionEvent]:
    """Append events in the caller's transaction; the head's lock is taken here, so call it last."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("The trail is written in the same transaction as the change.")
    now = timezone.now()
    head = TrailHead.objects.select_for_update().get_or_create(pk=1)[0]
    events = []
    for entry in entries:
        kind, key = subject_key(entry.subject)
        payload, salt = canonical(entry.payload), secrets.token_hex(16)
        event = DecisionEvent(
            seq=head.seq + 1, prev_hash=head.hash, at=at or now, recorded_at=now, actor=by,
            actor_role=by.role.role if by.role else "", action=entry.action, subject_type=kind, subject_id=key,
            payload=payload, salt=salt, payload_digest=digest_of(salt, payload),
        )  # fmt: skip
        event.hash = hash_of(event)
        head.seq, head.hash = event.seq, event.hash
        events.append(event)
    DecisionEvent.objects.bulk_create(events)
    head.save(update_fields=["seq", "hash"])
    return events


def record(action: str, subject: Any, *, by: Any, at: dt.datetime | None = None, **payload: Any) -> DecisionEvent:
    """Append one event."""
    return append([Entry(action, subject, payload)], by=by, at=at)[0]


def log_access(subject: Any, *, by: Any, purpose: str = "") -> AccessLog:
    """Note that a person opened a case."""
    kind, key = subject_key(subject)
    role = by.role.role if by.role else ""
    return AccessLog.objects.create(user=by, role=role, subject_type=kind, subject_id=key, purpose=purpose)


class Break(NamedTuple):
    """The first place where the chain does not hold."""

    seq: int
    reason: str


def _wrong(event: DecisionEvent, previous: str, expected: int) -> str:
    """What is wrong with one event, seen from the one before it; "" when it holds."""
    if event.seq != expected:
        return "missing"
    if event.prev_hash != previous:
        return "link"
    if event.salt or event.payload:
        if digest_of(event.salt, event.payload) != event.payload_digest:
            return "payload"
        try:
            json.loads(event.payload)
        except ValueError:
            return "json"
    return "" if hash_of(event) == event.hash else "hash"


def first_break(head: tuple[int, str] | None = None) -> Break | None:
    """Walk the chain; None when it holds. ``head`` is an exported (seq, hash) that must still be part of it."""
    previous, expected = GENESIS, 1
    for event in DecisionEvent.objects.order_by("seq").iterator(chunk_size=2000):
        if reason := _wrong(event, previous, expected):
            return Break(min(expected, event.seq) if reason == "missing" else event.seq, reason)
        if head and head[0] == event.seq and head[1] != event.hash:
            return Break(event.seq, "exported head")
        previous, expected = event.hash, expected + 1
    stored = TrailHead.objects.filter(pk=1).first()
    if stored is None or (stored.seq, stored.hash) != (expected - 1, previous):
        return Break(expected, "head")
    return Break(expected, "tail cut") if head and head[0] >= expected else None
