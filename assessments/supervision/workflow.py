"""Recording findings and correcting them; what concerns a cadre goes on record in the same transaction."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Cadre
from accounts.people.models import barred_cadres
from accounts.trail.workflow import Entry, append, record
from assessments.criteria.kinds import Kind
from assessments.evidence.models import Evidence, Fact
from assessments.evidence.workflow import add_evidence, add_many, supersede
from assessments.supervision.models import (
    OF_COMPLAINTS,
    Finding,
    Line,
    Office,
    Severity,
    keeper_of,
    line_of,
    people_within,
    reach_of,
)  # fmt: skip

# What somebody who looks can establish; a complaint only comes from the offices that verify it.
FACTS = (Fact.LATE, Fact.ABSENT, Fact.MISTAKE, Fact.REMINDER)
_KINDS = {Fact.LATE: Kind.ATTENDANCE, Fact.ABSENT: Kind.ATTENDANCE, Fact.REMINDER: Kind.WARNING}
_OWN = ("unit", "cadre", "office", "seen_at", "place", "what", "severity", "criterion", "photo")
_ON_RECORD = ("fact", "key", "amount")
_DEFAULTS: dict[str, Any] = {
    "cadre": None, "office": "", "what": "", "severity": Severity.IN_ORDER, "criterion": "", "photo": None,
    "fact": "", "key": "", "amount": 1,
}  # fmt: skip


@transaction.atomic
def record_finding(
    *, by: Any, unit: Any, seen_at: dt.datetime, place: str, what: str, severity: int, line: str | None = None,
    cadre: Any = None, criterion: str = "", fact: str = "", key: str = "", amount: int = 1, photo: Any = None,
    office: str = "", at: dt.datetime | None = None,
) -> Finding:  # fmt: skip
    """Record what was seen, on the line of the role in use. With a cadre and a severity above 0 it is evidence too.

    ``key`` is the name of the mistake or the number of the verified conclusion, ``amount`` days of absence. Raises
    PermissionDenied for a role without a line, ValidationError, by field, for what does not fit.
    """
    row = {"unit": unit, "cadre": cadre, "office": office, "seen_at": seen_at, "place": place, "what": what, "severity": severity,
           "criterion": criterion, "photo": photo, "fact": fact, "key": key, "amount": amount}  # fmt: skip
    if line and line != line_of(by.role):
        raise PermissionDenied
    (row,) = _checked(by, [row], at)
    evidence = add_evidence(by=by, at=at, **_as_evidence(by, row)) if _on_record(row) else None
    finding = _saved(by, row, evidence, at)
    sha256 = photo.sha256 if photo else ""
    record("finding.record", finding, by=by, at=at, unit=unit.code, severity=severity, sha256=sha256)
    return finding


@transaction.atomic
def record_findings(*, by: Any, rows: Iterable[dict[str, Any]], at: dt.datetime | None = None) -> list[Finding]:
    """Record many findings in a bounded number of statements; each row is the keywords of ``record_finding``.

    All or none: raises ValidationError for the first row that does not fit, and for those that are on record already.
    """
    checked = _checked(by, [{**_DEFAULTS, **row} for row in rows], at)
    _refuse_known(by, checked)
    of_cadres = [row for row in checked if _on_record(row)]
    written = add_many(by=by, items=[_as_evidence(by, row) for row in of_cadres], at=at)
    evidence = {id(row): item for row, item in zip(of_cadres, written, strict=True)}
    findings = [_built(by, row, evidence.get(id(row)), at) for row in checked]
    try:
        with transaction.atomic():
            Finding.objects.bulk_create(findings)
    except IntegrityError as error:
        raise ValidationError(_("Somebody was first: one of these findings is on record already.")) from error
    append(
        (
            Entry("finding.record", f, {"unit": f.unit.code, "severity": f.severity, "sha256": ""}) for f in findings
        ), by=by, at=at,
    )  # fmt: skip
    return findings


@transaction.atomic
def supersede_finding(
    finding: Finding, *, by: Any, reason: str, at: dt.datetime | None = None, **changes: Any
) -> Finding:
    """Correct an own finding by a new one; both stay, and what it left on a record is corrected with it.

    Raises PermissionDenied for anybody else's finding, ValidationError when it was corrected already.
    """
    if finding.recorded_by_id != by.pk or line_of(by.role) != finding.line:
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("This is required.")})
    if Finding.objects.filter(supersedes=finding).exists():
        raise ValidationError(_("Somebody was first: this finding was corrected already."), code="stale")
    old = finding.evidence
    row = {name: getattr(finding, name) for name in _OWN}
    row |= {name: getattr(old, name) if old else _DEFAULTS[name] for name in _ON_RECORD}
    (row,) = _checked(by, [row | changes], at)
    new = _saved(by, row, _corrected(by, old, row, reason, at), at, supersedes=finding, correction=reason.strip())
    record("finding.supersede", new, by=by, at=at, reason=reason)
    return new


def _corrected(by: Any, old: Evidence | None, row: dict[str, Any], reason: str, at: dt.datetime | None) -> Any:
    """What stands on the record after a correction; the wrong person's item is superseded by the right one's."""
    if _on_record(row):
        fields = _as_evidence(by, row)
        return supersede(old, by=by, reason=reason, at=at, **fields) if old else add_evidence(by=by, at=at, **fields)
    if old is None:
        return None
    # The item says now that nothing was wrong; it establishes nothing and speaks to no criterion.
    same = row["cadre"] == old.cadre
    title = (row["what"] if same else "") or _("In order")
    item = supersede(old, by=by, reason=reason, at=at, title=title, fact="", key="", amount=1, criterion="")
    return item if same else None


def _on_record(row: dict[str, Any]) -> bool:
    return row["cadre"] is not None and row["severity"] > Severity.IN_ORDER


def _as_evidence(by: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A finding as an item of the cadre's record."""
    keeper = keeper_of(by.role)
    kind = _KINDS.get(row["fact"], Kind.INSPECTION)
    if row["office"] in OF_COMPLAINTS:
        kind = Kind.COMPLAINT
    elif row["office"] == Office.AUDIT:
        kind = Kind.DOC
    return {
        "cadre": row["cadre"], "kind": kind, "title": row["what"],
        "happened_on": timezone.localtime(row["seen_at"]).date(), "source": keeper.name if keeper else str(by.title or by.cadre.unit),
        "outside": keeper is None, "criterion": row["criterion"], "fact": row["fact"], "key": row["key"],
        "amount": row["amount"], "file": row["photo"],
    }  # fmt: skip


def _built(by: Any, row: dict[str, Any], evidence: Any, at: dt.datetime | None, **correction: Any) -> Finding:
    own = {name: row[name] for name in _OWN}
    return Finding(**own, line=line_of(by.role), keeper=keeper_of(by.role), evidence=evidence, recorded_by=by,
                   recorded_at=at or timezone.now(), **correction)  # fmt: skip


def _saved(by: Any, row: dict[str, Any], evidence: Any, at: dt.datetime | None, **correction: Any) -> Finding:
    """One row; the same finding a second time is refused by the database and told in words."""
    finding = _built(by, row, evidence, at, **correction)
    try:
        with transaction.atomic():
            finding.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(_("This finding is on record already.")) from error
    return finding


def _refuse_known(by: Any, rows: list[dict[str, Any]]) -> None:
    """A list sent twice, or a row that stands twice in it, is refused with the rows named."""

    def key(seen_at: dt.datetime, cadre: int | None, unit: int, what: str) -> tuple[Any, ...]:
        return (seen_at, cadre, None if cadre else unit, what)

    known = Finding.objects.filter(
        recorded_by=by, supersedes__isnull=True, seen_at__in={row["seen_at"] for row in rows}
    )
    seen = {key(*values) for values in known.values_list("seen_at", "cadre", "unit", "what")}
    twice = []
    for row in rows:
        own = key(row["seen_at"], row["cadre"].pk if row["cadre"] else None, row["unit"].pk, row["what"])
        if own in seen:
            day = date_format(timezone.localtime(row["seen_at"]).date())
            twice.append(
                _("On record already: %(day)s, %(about)s.") % {"day": day, "about": row["cadre"] or row["unit"]}
            )
        seen.add(own)
    if twice:
        raise ValidationError(twice)


def _checked(by: Any, rows: list[dict[str, Any]], at: dt.datetime | None) -> list[dict[str, Any]]:
    """The rows as they may be saved. A few statements for all of them."""
    line = line_of(by.role)
    if not line or not by.may("finding.record"):
        raise PermissionDenied
    now, reach = at or timezone.now(), reach_of(by.role)
    keys = {row["cadre"].pk for row in rows if row["cadre"]}
    within = set(people_within(by.role, timezone.localtime(now).date()).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()  # fmt: skip
    barred = barred_cadres(by.cadre_id) if keys else set()
    for row in rows:
        check_row(row, line, now)
        cadre: Cadre | None = row["cadre"]
        if (cadre and cadre.pk not in within) or not row["unit"].path.startswith(reach):
            raise ValidationError({"cadre" if cadre else "unit": _("This lies outside what you look at.")})
        if cadre and cadre.pk in barred:
            raise ValidationError({"cadre": _("You are recused from what concerns this person.")})
    return [_completed(row) for row in rows]


def check_row(row: dict[str, Any], line: str, now: dt.datetime) -> None:
    """What one finding needs by itself. Raises ValidationError, by field."""
    errors = {}
    if row["seen_at"] > now:
        errors["seen_at"] = _("The moment lies in the future.")
    if not row["place"].strip():
        errors["place"] = _("This is required.")
    if row["severity"] > Severity.IN_ORDER and not row["what"].strip():
        errors["what"] = _("Say in a sentence what was seen.")
    if (line == Line.OUTSIDE) != bool(row["office"]):
        errors["office"] = _("Name the office that recorded it.") if line == Line.OUTSIDE else _("Only an outside recorder names an office.")  # fmt: skip
    errors |= _record_errors(row)
    if errors:
        raise ValidationError(errors)


def _record_errors(row: dict[str, Any]) -> dict[str, str]:
    """What is asked of a finding because of what it establishes about a person."""
    errors = {}
    complaint = row["office"] in OF_COMPLAINTS
    if row["fact"] and row["fact"] not in (FACTS if not complaint else (Fact.COMPLAINT,)):
        errors["fact"] = _("A finding of this kind cannot establish this.")
    if _on_record(row):
        if complaint and not row["key"].strip():
            errors["key"] = _("State the number of the verified conclusion; never who complained.")
        if row["fact"] == Fact.MISTAKE and not row["key"].strip():
            errors["key"] = _("Name the mistake, the same words each time.")
    elif row["fact"] or row["key"].strip():
        field = "fact" if row["fact"] else "key"
        errors[field] = _("This belongs to something that was wrong with a person: name the person and the severity.")
    return errors


def _completed(row: dict[str, Any]) -> dict[str, Any]:
    """Trimmed; a complaint establishes itself; days and names only where they mean something."""
    row = row | {name: row[name].strip() for name in ("place", "what", "key")}
    if row["office"] in OF_COMPLAINTS and _on_record(row):
        row["fact"] = Fact.COMPLAINT
    if row["fact"] != Fact.ABSENT:
        row["amount"] = 1
    if row["fact"] not in (Fact.COMPLAINT, Fact.MISTAKE, Fact.REMINDER):
        row["key"] = ""
    return row
