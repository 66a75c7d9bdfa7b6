"""Loading, copying and approving editions of criteria."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.trail.workflow import record
from assessments.criteria.models import Criterion, Edition, EditionState, Group

DATA = Path(__file__).parent.parent / "data"
_TEXTS = ("title_zh", "title_en", "text_zh", "text_en", "example_zh", "example_en", "source_zh", "source_en")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@transaction.atomic
def load_editions() -> int:
    """Load the shipped editions as drafts; an edition that exists is left alone. Returns how many were new."""
    library = {row["code"]: row for row in _read("criteria.toml")["criterion"]}
    new = 0
    for data in _read("editions.toml")["edition"]:
        wording = {row["code"]: row for row in data.get("wording", [])}
        edition, created = Edition.objects.get_or_create(
            code=data["code"],
            defaults={key: data.get(key, "") for key in ("title_zh", "title_en", "note_zh", "note_en")}
            | {
                "year": data["year"],
                "rule": data["rule"],
                "based_on": Edition.objects.filter(code=data["based_on"]).first(),
            },
        )
        if not created:
            continue
        new += 1
        Criterion.objects.bulk_create(
            _criterion(edition, library[code] | wording.get(code, {})) for code in data["criteria"]
        )
    return new


def _criterion(edition: Edition, row: dict[str, Any]) -> Criterion:
    needs = {
        key: row[key]
        for key in ("evidence", "min_items", "min_kinds", "needs_one_of", "threshold", "screening_required")
        if key in row
    }
    return Criterion(edition=edition, code=row["code"], group=row["group"], severity=row["severity"], needs=needs,
                     measurable=row.get("measurable", False), **{name: row.get(name, "") for name in _TEXTS})  # fmt: skip


@transaction.atomic
def approve_edition(edition: Edition, *, by: Any, at: dt.datetime | None = None) -> bool:
    """The department approves an edition; from then on it cannot change and a campaign may use it.

    False when it was approved already: nothing changes then. Raises ValidationError on an edition without criteria.
    """
    at = at or timezone.now()
    if not edition.criteria.exists():
        raise ValidationError(_("An edition without a criterion cannot be approved."))
    changed = Edition.objects.filter(pk=edition.pk, state=EditionState.DRAFT).update(
        state=EditionState.APPROVED, approved_at=at, approved_by=by
    )
    if changed:
        record("edition.approve", edition, by=by, at=at, code=edition.code)
        edition.refresh_from_db()
    return bool(changed)


@transaction.atomic
def create_edition(
    *, by: Any, organizer: Any, code: str, year: int, title: str, texts: list[tuple[str, str]], note: str = "",
    rule: dict[str, Any] | None = None, at: dt.datetime | None = None,
) -> Edition:  # fmt: skip
    """An organizer's own edition, as text only: (title, wording) per criterion, all of one group, none measurable.

    The text stands in both languages as it was typed. Raises ValueError on an empty list.
    """
    if not texts:
        raise ValueError("an edition needs criteria")
    edition = Edition.objects.create(
        code=code, year=year, title_zh=title, title_en=title, note_zh=note, note_en=note, organizer=organizer,
        rule=rule or {"min_items": 2, "min_kinds": 2, "needs_record": True},
    )  # fmt: skip
    Criterion.objects.bulk_create(
        Criterion(edition=edition, code=f"X{n}", group=Group.B, severity=1, needs={"min_items": 2, "min_kinds": 2},
                  title_zh=name, title_en=name, text_zh=text, text_en=text)
        for n, (name, text) in enumerate(texts, 1)
    )  # fmt: skip
    record("edition.create", edition, by=by, at=at, code=code, organizer=str(organizer.public_id))
    return edition


@transaction.atomic
def copy_edition(edition: Edition, *, by: Any, code: str, year: int) -> Edition:
    """Begin a new edition as a copy; old cases keep their wording. Raises ValidationError on a code in use.

    It belongs to whoever begins it: the county (no organizer), or the organizer in whose name ``by`` acts.
    """
    if Edition.objects.filter(code=code).exists():
        raise ValidationError({"code": _("There is an edition with this code already.")})
    organizer = None if by.role.unit.acts_for_county else by.role.unit
    new = Edition.objects.create(organizer=organizer, code=code, year=year, title_zh=edition.title_zh, title_en=edition.title_en,
                                 note_zh=edition.note_zh, note_en=edition.note_en, rule=edition.rule, based_on=edition)  # fmt: skip
    rows = list(edition.criteria.all())
    for row in rows:
        row.pk, row.edition, row.public_id = None, new, Criterion._meta.get_field("public_id").get_default()
    Criterion.objects.bulk_create(rows)
    record("edition.copy", new, by=by, code=code, based_on=edition.code)
    return new


def _draft(edition: Edition) -> Edition:
    """The edition under lock. Raises ValidationError from its approval on: old cases keep their wording."""
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.state != EditionState.DRAFT:
        raise ValidationError(_("The edition is approved; it cannot be changed. Begin a new one as its copy."))
    return edition


@transaction.atomic
def edit_edition(edition: Edition, *, by: Any, rule: dict[str, Any], **texts: str) -> Edition:
    """Change a draft's titles, notes and evidence rule. Raises ValidationError once it is approved."""
    edition = _draft(edition)
    for name, value in texts.items():
        setattr(edition, name, value)
    edition.rule = edition.rule | rule
    edition.save(update_fields=[*texts, "rule"])
    record("edition.edit", edition, by=by, rule=edition.rule)
    return edition


@transaction.atomic
def edit_criterion(
    edition: Edition, *, by: Any, code: str, needs: dict[str, Any], criterion: Criterion | None = None, **content: Any
) -> Criterion:
    """Change a criterion of a draft, or add one (``criterion`` None). The group is the code's letter.

    ``needs`` replaces what is declared of evidence and leaves the measurable test's threshold. Raises ValidationError
    once the edition is approved, or when the code is in use.
    """
    edition = _draft(edition)
    row = criterion or Criterion(edition=edition)
    if edition.criteria.filter(code=code).exclude(pk=row.pk).exists():
        raise ValidationError({"code": _("This edition has a criterion with this code already.")})
    row.code, row.group, row.needs = code, code[0], row.needs | needs
    for name, value in content.items():
        setattr(row, name, value)
    row.save()
    record("edition.edit_criterion" if criterion else "edition.add_criterion", edition, by=by, code=code)
    return row


@transaction.atomic
def remove_criterion(criterion: Criterion, *, by: Any) -> None:
    """Take a criterion out of a draft. Raises ValidationError once the edition is approved."""
    edition = _draft(criterion.edition)
    code = criterion.code
    criterion.delete()
    record("edition.remove_criterion", edition, by=by, code=code)
