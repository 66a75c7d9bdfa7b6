"""Editions of criteria; immutable from approval on, so old cases keep their wording."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id

# What an edition's evidence rule says where it does not say it: items, of how many kinds, one of them a record; months
# back; and the share of open questions from which a unit is flagged.
RULE = {"min_items": 2, "min_kinds": 2, "needs_record": True, "months": 12, "gap_fraction": 0.25}


def _in_reader_language(row: Any, field: str) -> str:
    return getattr(row, f"{field}_{'en' if (get_language() or '').startswith('en') else 'zh'}")


class EditionState(models.TextChoices):
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")


class EditionQuerySet(models.QuerySet["Edition"]):
    def approved(self) -> "EditionQuerySet":
        return self.filter(state=EditionState.APPROVED)

    def holding(self, on: dt.date) -> "EditionQuerySet":
        """Approved, and the day from which they hold has come."""
        return self.approved().filter(holds_from__lte=on)

    def over(self, unit: Any, on: dt.date | None = None) -> "EditionQuerySet":
        """The editions that hold over a unit on a day (today), the one in use first: the latest of the nearest organizer
        above the unit that has one, then the county's.
        """
        above = [] if unit.acts_for_county else [unit.path[:n] for n in range(7, len(unit.path) + 1, 7)]
        rows = self.holding(on or timezone.localdate()).filter(Q(organizer__isnull=True) | Q(organizer__path__in=above))
        return rows.order_by(F("organizer__path").desc(nulls_last=True), "-holds_from", "-pk")

    def in_use(self, unit: Any, on: dt.date | None = None) -> "Edition | None":
        """The edition by which a unit's record is read on a day (today)."""
        return self.over(unit, on).first()

    def usable_by(self, organizer: Any) -> "EditionQuerySet":
        """The county's editions and the organizer's own."""
        return self.filter(Q(organizer__isnull=True) | Q(organizer=organizer))

    def readable_by(self, user: Any) -> "EditionQuerySet":
        """What is approved is everybody's to read; the county's drafts too (they are talked over); another organizer's only its own."""
        unit = user.role.unit if user.role else None
        own = Q(organizer__isnull=True) | (Q(organizer=unit) if unit else Q(pk__in=[]))
        return self.filter(Q(state=EditionState.APPROVED) | own)

    def waiting(self) -> "EditionQuerySet":
        """Drafts that somebody handed in; and the shipped ones as long as the county has approved none."""
        shipped = Q(drafters__isnull=True) if not self.model.objects.approved().exists() else Q(pk__in=[])
        return self.filter(Q(handed_in_at__isnull=False) | shipped, state=EditionState.DRAFT)

    def approvable_by(self, user: Any) -> "EditionQuerySet":
        """The county approves its editions, another organizer only its own."""
        unit = user.role.unit if user.role else None
        if unit is None:
            return self.none()
        return self.filter(organizer__isnull=True) if unit.acts_for_county else self.filter(organizer=unit)


class Edition(models.Model):
    """A closed list of criteria with its evidence rule."""

    public_id = public_id()
    code = models.CharField(_("code"), max_length=20, unique=True)
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120)
    note_zh = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    # What each criterion asks at least, unless it declares more, and when a unit is flagged; see ``RULE``.
    rule = models.JSONField(default=dict)
    # Empty in a draft: then it holds from the day of its approval.
    holds_from = models.DateField(_("holds from"), null=True, blank=True)
    # None = an edition of the county; another organizer, such as the education bureau, may have its own.
    organizer = models.ForeignKey(
        "accounts.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organizer")
    )
    state = models.CharField(max_length=10, choices=EditionState, default=EditionState.DRAFT)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Everybody who had a hand in the draft; none of them approves it. A shipped edition has none.
    drafters = models.ManyToManyField("accounts.User", related_name="+")
    # The draft waits for its approval; whoever changes it hands it in anew.
    handed_in_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = EditionQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        ordering = [F("holds_from").asc(nulls_last=True), "code"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="edition_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at__isnull=True, approved_by__isnull=True)
                | Q(state="approved", approved_at__isnull=False, approved_by__isnull=False, holds_from__isnull=False),
                name="edition_approved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def waits(self) -> bool:
        """Handed in, and nobody has decided yet."""
        return self.state == EditionState.DRAFT and self.handed_in_at is not None

    @property
    def seen(self) -> str:
        """Names the writing of a draft that an approver has before him: it changes with each handing-in."""
        return self.handed_in_at.isoformat() if self.handed_in_at else ""

    @property
    def is_shipped(self) -> bool:
        """A draft as the program brought it: nobody of the county had a hand in it, so that one person approves it."""
        return self.state == EditionState.DRAFT and not self.drafters.exists()

    @property
    def may_be_decided(self) -> bool:
        """Whether it is up to somebody else than its drafters now."""
        return self.waits or self.is_shipped

    @property
    def whole_rule(self) -> dict[str, Any]:
        """The evidence rule with what it leaves to ``RULE``."""
        return RULE | self.rule

    @property
    def title(self) -> str:
        return _in_reader_language(self, "title")

    @property
    def note(self) -> str:
        return _in_reader_language(self, "note")


class Group(models.TextChoices):
    A = "A", _("Political standards and execution")
    B = "B", _("Duty and responsibility")
    C = "C", _("Competence and results")
    D = "D", _("Conduct and service")
    E = "E", _("Unity, discipline and character")


class Criterion(models.Model):
    """A described situation in which a cadre must be referred, as one edition words it."""

    public_id = public_id()
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=4)
    group = models.CharField(max_length=1, choices=Group)
    severity = models.PositiveSmallIntegerField(_("severity"))
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=160)
    text_zh = models.TextField()
    text_en = models.TextField()
    example_zh = models.TextField(blank=True)
    example_en = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)
    source_en = models.TextField(blank=True)
    # kinds, min_items, min_kinds, needs_one_of, and parameters of the measurable test.
    needs = models.JSONField(default=dict)
    measurable = models.BooleanField(default=False)

    class Meta:
        app_label = "assessments"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["edition", "code"], name="criterion_once_per_edition")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def window(self) -> int | None:
        """How many months back items count; None where the measurable test itself says which."""
        threshold = self.needs.get("threshold", {})
        return threshold.get("months", None if threshold else self.edition.whole_rule["months"])

    @property
    def title(self) -> str:
        return _in_reader_language(self, "title")

    @property
    def text(self) -> str:
        return _in_reader_language(self, "text")

    @property
    def example(self) -> str:
        return _in_reader_language(self, "example")

    @property
    def source(self) -> str:
        return _in_reader_language(self, "source")
