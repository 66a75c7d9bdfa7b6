"""Loading, copying and approving editions of criteria."""

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notice.workflow import holders, notify
from accounts.permissions import roles_with
from accounts.trail.workflow import record
from assessments.criteria.models import Criterion, Edition, EditionState, Group
from assessments.criteria.thresholds import THRESHOLDS

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


def _ready(edition: Edition, day: dt.date) -> None:
    """Raises ValidationError on an edition without criteria, and on one that would hold from a day that is over: nobody
    is judged by a rule of which he could not know.
    """
    if not edition.criteria.exists():
        raise ValidationError(_("An edition without a criterion cannot be approved."))
    if edition.holds_from and edition.holds_from < day:
        raise ValidationError({"holds_from": _("The day from which the edition is to hold is over; set a later one.")})


def _hands(edition: Edition) -> set[int]:
    """The persons who had a hand in the draft, whatever account they used."""
    return set(edition.drafters.values_list("cadre", flat=True))


def may_approve(edition: Edition, user: Any) -> bool:
    """Whether the person had no hand in the draft; whoever drafted a rule does not approve it."""
    return user.cadre_id not in _hands(edition)


@transaction.atomic
def hand_in(edition: Edition, *, by: Any, at: dt.datetime | None = None) -> Edition:
    """Give a draft to those who may approve it. Raises ValidationError once it is approved or handed in already, without
    criteria, with a day that is over, or when everybody who might approve had a hand in it.
    """
    at = at or timezone.now()
    day = timezone.localtime(at).date()
    edition = Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    if edition.state != EditionState.DRAFT or edition.handed_in_at:
        raise ValidationError(_("The draft was handed in already."))
    _ready(edition, day)
    edition.drafters.add(by)
    hands = _hands(edition)
    people = [u for u in holders(roles_with("edition.approve"), over=by.role.unit, on=day) if u.cadre_id not in hands]
    if not people:
        raise ValidationError(_("Everybody who may approve had a hand in this draft; the role of a second person is missing."))  # fmt: skip
    edition.handed_in_at = at
    edition.save(update_fields=["handed_in_at"])
    record("edition.hand_in", edition, by=by, at=at, code=edition.code, holds_from=edition.holds_from)
    notify(people, "edition_handed_in", path=f"/criteria/{edition.public_id}/approve/", at=at, edition=edition.code)
    return edition


@transaction.atomic
def send_back(edition: Edition, *, by: Any, reason: str, at: dt.datetime | None = None) -> None:
    """The draft goes back to its drafters, with a reason. Raises ValidationError when it does not wait."""
    edition = Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    if not edition.waits:
        raise ValidationError(_("The draft does not wait for an approval."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is to be changed.")})
    edition.handed_in_at = None
    edition.save(update_fields=["handed_in_at"])
    record("edition.send_back", edition, by=by, at=at, code=edition.code, reason=reason.strip())
    notify(edition.drafters.filter(is_active=True), "edition_sent_back", path=f"/criteria/{edition.public_id}/edit/", at=at,
           edition=edition.code, reason=reason.strip())  # fmt: skip


@transaction.atomic
def approve_edition(edition: Edition, *, by: Any, seen: str | None = None, at: dt.datetime | None = None) -> bool:
    """A second person approves an edition; from then on it cannot change, and campaigns from its day on may use it.

    Without a day of its own it holds from that of the approval. A shipped edition that nobody changed needs one person:
    its drafters are not of the county. ``seen``: the writing of the draft that the approver has read (``Edition.seen``).
    False when it was approved already: nothing changes then. Raises ValidationError on an edition without criteria, with
    a day that is over, drafted by the same person, not handed in, or handed in anew since it was read.
    """
    at = at or timezone.now()
    day = timezone.localtime(at).date()
    row = Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    if row.state == EditionState.APPROVED:
        return False
    _ready(row, day)
    if not may_approve(row, by):
        raise ValidationError(_("You had a hand in this draft; a second person approves it."))
    if not row.may_be_decided:
        raise ValidationError(_("The draft was not handed in, or it is being changed."))
    if seen is not None and seen != row.seen:
        raise ValidationError(_("The draft was changed since you read it. Read it again."))
    row.state, row.approved_at, row.approved_by, row.holds_from = EditionState.APPROVED, at, by, row.holds_from or day
    row.save(update_fields=["state", "approved_at", "approved_by", "holds_from"])
    record("edition.approve", row, by=by, at=at, code=row.code, holds_from=row.holds_from)
    notify(row.drafters.filter(is_active=True), "edition_approved", path=f"/criteria/?edition={row.code}", at=at, edition=row.code,
           day=row.holds_from.isoformat())  # fmt: skip
    edition.refresh_from_db()
    return True


@transaction.atomic
def create_edition(
    *, by: Any, organizer: Any, code: str, title: str, texts: list[tuple[str, str]], note: str = "",
    holds_from: dt.date | None = None, at: dt.datetime | None = None,
) -> Edition:  # fmt: skip
    """An organizer's own edition, as text only: (title, wording) per criterion, all of one group, none measurable.

    The text stands in both languages as it was typed. Raises ValueError on an empty list.
    """
    if not texts:
        raise ValueError("an edition needs criteria")
    edition = Edition.objects.create(
        code=code, holds_from=holds_from, title_zh=title, title_en=title, note_zh=note, note_en=note, organizer=organizer,
    )  # fmt: skip
    edition.drafters.add(by)
    Criterion.objects.bulk_create(
        Criterion(edition=edition, code=f"X{n}", group=Group.B, severity=1, needs={"min_items": 2, "min_kinds": 2},
                  title_zh=name, title_en=name, text_zh=text, text_en=text)
        for n, (name, text) in enumerate(texts, 1)
    )  # fmt: skip
    record("edition.create", edition, by=by, at=at, code=code, organizer=str(organizer.public_id))
    return edition


@transaction.atomic
def copy_edition(
    edition: Edition, *, by: Any, code: str, holds_from: dt.date | None = None, at: dt.datetime | None = None
) -> Edition:
    """Begin a new edition as a copy; old cases keep their wording. Raises ValidationError on a code in use.

    It belongs to whoever begins it: the county (no organizer), or the organizer in whose name ``by`` acts.
    """
    if Edition.objects.filter(code=code).exists():
        raise ValidationError({"code": _("There is an edition with this code already.")})
    organizer = None if by.role.unit.acts_for_county else by.role.unit
    new = Edition.objects.create(organizer=organizer, code=code, holds_from=holds_from, title_zh=edition.title_zh, title_en=edition.title_en,
                                 note_zh=edition.note_zh, note_en=edition.note_en, rule=edition.rule, based_on=edition)  # fmt: skip
    rows = list(edition.criteria.all())
    for row in rows:
        row.pk, row.edition, row.public_id = None, new, Criterion._meta.get_field("public_id").get_default()
    Criterion.objects.bulk_create(rows)
    new.drafters.add(by)
    record("edition.copy", new, by=by, at=at, code=code, based_on=edition.code)
    return new


def _draft(edition: Edition, by: Any) -> Edition:
    """The edition under lock, with one more hand in it; one that waited for its approval waits no longer.

    Raises ValidationError from its approval on: old cases keep their wording and their figures.
    """
    edition = Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    if edition.state != EditionState.DRAFT:
        raise ValidationError(_("The edition is approved; it cannot be changed. Begin a new one as its copy."))
    edition.drafters.add(by)
    if edition.handed_in_at:
        edition.handed_in_at = None
        edition.save(update_fields=["handed_in_at"])
    return edition


@transaction.atomic
def edit_edition(
    edition: Edition, *, by: Any, rule: dict[str, Any], holds_from: dt.date | None = None, at: dt.datetime | None = None,
    **texts: str,
) -> Edition:  # fmt: skip
    """Change a draft's titles, notes, evidence rule and the day from which it is to hold.

    Raises ValidationError once it is approved.
    """
    edition = _draft(edition, by)
    for name, value in texts.items():
        setattr(edition, name, value)
    edition.rule, edition.holds_from = edition.rule | rule, holds_from
    edition.save(update_fields=[*texts, "rule", "holds_from"])
    record("edition.edit", edition, by=by, at=at, rule=edition.rule, holds_from=holds_from)
    return edition


def _says_its_figures(row: Criterion) -> None:
    """What the system counts is what the reader is told: each figure stands in both texts.

    Raises ValidationError beside the text that does not say one.
    """
    silent: dict[str, list[str]] = {}
    for name, value in row.needs["threshold"].items():
        for field in ("text_zh", "text_en"):
            if str(value) not in re.findall(r"\d+", getattr(row, field)):
                says = _("The text does not say %(value)s (%(what)s).") % {
                    "value": value,
                    "what": THRESHOLDS[row.code][name],
                }
                silent.setdefault(field, []).append(says)
    if silent:
        raise ValidationError(silent)


@transaction.atomic
def edit_criterion(
    edition: Edition, *, by: Any, code: str, needs: dict[str, Any], threshold: dict[str, int] | None = None,
    criterion: Criterion | None = None, at: dt.datetime | None = None, **content: Any,
) -> Criterion:  # fmt: skip
    """Change a criterion of a draft, or add one (``criterion`` None). The group is the code's letter.

    ``needs`` replaces what is declared of evidence. ``threshold``: the figures of the measurable test, by which the system
    counts; None: nothing is counted, the declared items decide. Raises ValidationError once the edition is approved, when
    the code is in use or has no measurable test, or when a text does not say a figure.
    """
    edition = _draft(edition, by)
    row = criterion or Criterion(edition=edition)
    if edition.criteria.filter(code=code).exclude(pk=row.pk).exists():
        raise ValidationError({"code": _("This edition has a criterion with this code already.")})
    row.code, row.group = code, code[0]
    row.needs = {name: value for name, value in row.needs.items() if name != "threshold"} | needs
    for name, value in content.items():
        setattr(row, name, value)
    row.measurable = threshold is not None
    if threshold is not None:
        if set(threshold) != set(THRESHOLDS.get(code, ())):
            raise ValidationError({"code": _("Nothing is counted for this code.")})
        row.needs["threshold"] = threshold
        _says_its_figures(row)
    row.save()
    record(
        "edition.edit_criterion" if criterion else "edition.add_criterion",
        edition,
        by=by,
        code=code,
        threshold=threshold,
    )
    return row


@transaction.atomic
def remove_criterion(criterion: Criterion, *, by: Any) -> None:
    """Take a criterion out of a draft. Raises ValidationError once the edition is approved."""
    edition = _draft(criterion.edition, by)
    code = criterion.code
    criterion.delete()
    record("edition.remove_criterion", edition, by=by, code=code)
