"""What a month's settlement freezes, and the award shared at the end of the year."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, F, Q, Window
from django.db.models.functions import Rank
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from assessments.points.models import in_scope, own_or_in_scope
from assessments.points.rules import Line


class Settlement(models.Model):
    """A unit's month is settled: once, by the head; months follow in their order."""

    public_id = public_id()
    ledger = models.ForeignKey("assessments.PointLedger", models.PROTECT, related_name="settlements")
    month = models.DateField(_("month"))
    rules = models.ForeignKey("assessments.PointRules", models.PROTECT, related_name="+")
    settled_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "assessments"
        constraints = [
            models.UniqueConstraint(fields=["ledger", "month"], name="point_settlement_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="point_settlement_month_first"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class PointStatementQuerySet(models.QuerySet["PointStatement"]):
    def visible_to(self, user: Any) -> "PointStatementQuerySet":
        rows: PointStatementQuerySet = own_or_in_scope(self, user, "settlement__ledger__unit")
        return rows

    def current(self) -> "PointStatementQuerySet":
        """The last version of each person's month."""
        return self.filter(superseded_by__isnull=True)

    def of(self, ledger: Any, month: dt.date) -> "PointStatementQuerySet":
        return self.filter(settlement__ledger=ledger, settlement__month=month)

    def ranked(self) -> "PointStatementQuerySet":
        """Places reckoned from the frozen scores in one statement: in the unit and in the group, with ties (1, 2, 2, 4).

        ``unit_ranked``, ``group_ranked``: how many are ranked. Narrow to one group before, and ``in_group`` stays right.
        """
        unit: dict[str, Any] = {"partition_by": [F("settlement")]}
        group: dict[str, Any] = {"partition_by": [F("settlement"), F("group")]}
        best = F("score").desc(nulls_last=True)
        return self.annotate(
            in_unit=Window(Rank(), order_by=best, **unit), in_group=Window(Rank(), order_by=best, **group),
            unit_ranked=Window(Count("score"), **unit), group_ranked=Window(Count("score"), **group),
        )  # fmt: skip


class PointStatement(models.Model):
    """One person's month as frozen. An upheld appeal makes a new version that supersedes; the old one stays."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="statements")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="point_statements")
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    appeal = models.ForeignKey("assessments.PointAppeal", models.PROTECT, null=True, blank=True, related_name="+")
    group = models.PositiveSmallIntegerField(_("group"))
    grade = models.PositiveSmallIntegerField(_("grade"))
    working_days = models.PositiveSmallIntegerField(_("working days"))
    present_days = models.PositiveSmallIntegerField(_("working days present"))
    base = models.DecimalField(_("base"), max_digits=8, decimal_places=2)
    plus = models.DecimalField(_("added"), max_digits=8, decimal_places=2)
    minus = models.DecimalField(_("deducted"), max_digits=8, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=8, decimal_places=2)
    # Points per working day present; empty = away all month: neutral, not ranked.
    score = models.DecimalField(_("per day"), max_digits=10, decimal_places=4, null=True, blank=True)
    unit_place = models.PositiveSmallIntegerField(_("place in the unit"), null=True, blank=True)
    group_place = models.PositiveSmallIntegerField(_("place in the group"), null=True, blank=True)

    objects = PointStatementQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        indexes = [models.Index(fields=["cadre", "settlement"], name="point_statement_cadre")]
        constraints = [
            models.UniqueConstraint(fields=["settlement", "cadre", "version"], name="point_statement_once"),
            models.CheckConstraint(condition=Q(present_days__lte=F("working_days")), name="point_statement_days"),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, version=1) | Q(supersedes__isnull=False, version__gt=1, appeal__isnull=False),
                name="point_statement_versions",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.total}"

    @property
    def line(self) -> Line:
        return Line(
            cadre=self.cadre_id, group=self.group, grade=self.grade, working_days=self.working_days, present_days=self.present_days,
            base=self.base, plus=self.plus, minus=self.minus, unit_place=self.unit_place, group_place=self.group_place,
        )  # fmt: skip


def frozen(line: Line, settlement: Settlement, **version: Any) -> PointStatement:
    """A statement of a settled line, not yet written."""
    return PointStatement(
        settlement=settlement, cadre_id=line.cadre, group=line.group, grade=line.grade, working_days=line.working_days,
        present_days=line.present_days, base=line.base, plus=line.plus, minus=line.minus, total=line.total, score=line.score,
        unit_place=line.unit_place, group_place=line.group_place, **version,
    )  # fmt: skip


class AwardShareQuerySet(models.QuerySet["AwardShare"]):
    def visible_to(self, user: Any) -> "AwardShareQuerySet":
        rows: AwardShareQuerySet = in_scope(self, user, "ledger__unit")
        return rows


class AwardShare(models.Model):
    """A year's award pot as it was shared, in fen; sharing it again makes a new version, the old one stays."""

    public_id = public_id()
    ledger = models.ForeignKey("assessments.PointLedger", models.PROTECT, related_name="awards")
    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(default=1)
    pot_fen = models.PositiveBigIntegerField(_("award pot"))
    per_cent = models.PositiveSmallIntegerField(_("share by points, per cent"))
    shared_fen = models.PositiveBigIntegerField(_("shared by points"))
    shared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(default=timezone.now)

    objects = AwardShareQuerySet.as_manager()

    class Meta:
        app_label = "assessments"
        constraints = [
            models.UniqueConstraint(fields=["ledger", "year", "version"], name="award_share_version_once"),
            models.CheckConstraint(condition=Q(shared_fen__lte=F("pot_fen"), per_cent__lte=100), name="award_share_within_pot"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year}"


class AwardLine(models.Model):
    """What one person is given of the part shared by points."""

    share = models.ForeignKey(AwardShare, models.PROTECT, related_name="lines")
    cadre = models.ForeignKey("accounts.Cadre", models.PROTECT, related_name="award_lines")
    place = models.PositiveSmallIntegerField(_("place"))
    points = models.DecimalField(_("points"), max_digits=10, decimal_places=2)
    fen = models.PositiveBigIntegerField(_("given"))

    class Meta:
        app_label = "assessments"
        ordering = ["place", "cadre__pinyin", "cadre"]
        constraints = [models.UniqueConstraint(fields=["share", "cadre"], name="award_line_once")]

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.fen}"

    @property
    def yuan(self) -> Decimal:
        return Decimal(self.fen) / 100
