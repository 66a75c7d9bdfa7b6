"""Units, cadres, what they did when, and who is related to whom."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import crypto
from accounts.fields import EncryptedTextField, public_id
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role


class UnitKind(models.TextChoices):
    COUNTY = "county", _("county")
    OFFICE = "office", _("county office")
    BUREAU = "bureau", _("bureau")
    TOWN = "town", _("town")
    INSTITUTION = "institution", _("public institution")
    VILLAGE = "village", _("village or community")


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, user: Any) -> "UnitQuerySet":
        """The organizer's staff see every unit below the county; others their own subtree."""
        role = user.role
        if role is None:
            return self.none()
        if role.role in ORGANIZER_ROLES | {Role.SYSTEM, Role.DEPARTMENT_ADMIN, Role.INSPECTOR}:
            return self
        if role.role in UNIT_ROLES:
            return self.below(role.unit)
        return self.none()

    def below(self, unit: "Unit") -> "UnitQuerySet":
        """The unit and everything under it."""
        return self.filter(path__startswith=unit.path)

    def reporting(self) -> "UnitQuerySet":
        return self.filter(reports=True)


class Unit(models.Model):
    """A node of the county's tree. ``path`` holds the ancestors' keys, so a subtree is a prefix."""

    public_id = public_id()
    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, db_index=True)
    reports = models.BooleanField(_("reporting unit"), default=False)
    leading_office = models.BooleanField(_("leading office"), default=False)
    staff_in_post = models.PositiveIntegerField(_("staff in post"), default=0)

    objects = UnitQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        ordering = ["path"]
        # Read by the search of the top bar and by the fields that find a unit.
        indexes = [models.Index(fields=["name"], name="search_unit_name")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known")]

    def __str__(self) -> str:
        return self.name

    def name_on(self, day: dt.date) -> str:
        """The name that the unit bore on a day (units were renamed in the 2019 reform)."""
        row = self.names.filter(start__lte=day).filter(Q(end__isnull=True) | Q(end__gt=day)).first()
        return row.name if row else self.name


class UnitName(models.Model):
    """A name in force from ``start`` to the day before ``end``."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="names")
    name = models.CharField(max_length=80)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "accounts"
        ordering = ["unit", "start"]
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="unit_name_days"),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.TextChoices):
    """The personnel category selects the branch of law that applies."""

    CIVIL_SERVANT = "civil_servant", _("civil servant")
    MANAGED = "managed", _("managed as a civil servant")
    INSTITUTION_ADMIN = "institution_admin", _("institution staff, administrative")
    INSTITUTION_TECHNICAL = "institution_technical", _("institution staff, technical")
    WORKER = "worker", _("worker")


INSTITUTION = frozenset({Category.INSTITUTION_ADMIN, Category.INSTITUTION_TECHNICAL, Category.WORKER})


class LeadingLevel(models.TextChoices):
    """GB/T 12407 position levels that occur in a county."""

    SECTION_HEAD = "141", _("section level, head")
    SECTION_DEPUTY = "142", _("section level, deputy")
    STAFF = "150", _("staff")
    CLERK = "160", _("office clerk")
    NONE = "199", _("not graded")


SECTION_LEVEL = frozenset({LeadingLevel.SECTION_HEAD, LeadingLevel.SECTION_DEPUTY})


class CadreQuerySet(models.QuerySet["Cadre"]):
    def visible_to(self, user: Any) -> "CadreQuerySet":
        """Unit roles see their own people; the organizer's staff see everybody; others nobody."""
        role = user.role
        if role is None:
            return self.none()
        if role.role in ORGANIZER_ROLES | {Role.SYSTEM}:
            return self
        if role.role in UNIT_ROLES:
            return self.filter(unit__path__startswith=role.unit.path)
        return self.none()

    def found_by(self, words: str) -> "CadreQuerySet":
        """By the beginning of name, pinyin or initials, or by the whole identity number."""
        words = words.strip()
        if len(words) == 18:
            return self.filter(id_index=crypto.index(words))
        low = words.lower().replace(" ", "")
        return self.filter(Q(name__startswith=words) | Q(pinyin__startswith=low) | Q(initials__startswith=low))


class Cadre(models.Model):
    """A person in a post. The identity number is encrypted, found through a keyed index, and masked on every page."""

    public_id = public_id()
    name = models.CharField(_("name"), max_length=40)
    pinyin = models.CharField(max_length=120, db_index=True)
    initials = models.CharField(max_length=20, db_index=True)
    sex = models.CharField(_("sex"), max_length=1, choices=[("1", _("male")), ("2", _("female"))])
    born = models.DateField(_("born"))
    id_number = EncryptedTextField(_("identity number"), blank=True)
    id_index = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 -- unique, and many have none
    category = models.CharField(_("personnel category"), max_length=24, choices=Category)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cadres", verbose_name=_("unit"))
    post = models.CharField(_("post"), max_length=60)
    level = models.CharField(_("level"), max_length=3, choices=LeadingLevel, default=LeadingLevel.STAFF)
    joined_on = models.DateField(_("joined on"))
    # A recorded date, never computed: retirement rules differ and are changing.
    retires_on = models.DateField(_("retires on"), null=True, blank=True)

    objects = CadreQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        # Lists of a unit's people sort by the pinyin column.
        # The second is read by the search of the top bar, beside those of pinyin and initials.
        indexes = [
            models.Index(fields=["unit", "pinyin", "id"], name="cadre_unit_pinyin"),
            models.Index(fields=["name"], name="search_cadre_name"),
        ]
        constraints = [models.CheckConstraint(condition=Q(category__in=Category.values), name="cadre_category_known")]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_id(self) -> str:
        number = self.id_number
        return f"{number[:4]}**********{number[-4:]}" if number else ""

    @property
    def is_section_level(self) -> bool:
        return self.level in SECTION_LEVEL

    @property
    def is_institution_staff(self) -> bool:
        return self.category in INSTITUTION


class Post(models.Model):
    """A post held from ``start`` to the day before ``end``."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)
    level = models.CharField(max_length=3, choices=LeadingLevel)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    removed = models.BooleanField(_("removed from the post under the three mechanisms"), default=False)

    class Meta:
        app_label = "accounts"
        ordering = ["-start"]
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="post_days"),
        ]

    def __str__(self) -> str:
        return self.title


class DutyKind(models.TextChoices):
    SECONDED = "seconded", _("seconded")
    LEAVE = "leave", _("statutory leave")
    MATERNITY = "maternity", _("pregnancy, maternity or nursing")
    MEDICAL = "medical", _("medical treatment period")
    INJURY = "injury", _("disabled on duty")


# Law: Civil Servants Law Art. 89 - these periods protect; a referral is deferred, never carried out.
PROTECTED = frozenset({DutyKind.LEAVE, DutyKind.MATERNITY, DutyKind.MEDICAL, DutyKind.INJURY})


class DutyPeriodQuerySet(models.QuerySet["DutyPeriod"]):
    def on(self, day: dt.date) -> "DutyPeriodQuerySet":
        return self.filter(start__lte=day).filter(Q(end__isnull=True) | Q(end__gt=day))

    def protecting(self, day: dt.date) -> "DutyPeriodQuerySet":
        return self.on(day).filter(kind__in=PROTECTED)


class DutyPeriod(models.Model):
    """Leave, secondment or protected status from ``start`` to the day before ``end``."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="duty_periods")
    kind = models.CharField(max_length=12, choices=DutyKind)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = DutyPeriodQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="duty_days"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.kind}"


class RelationKind(models.TextChoices):
    KIN = "kin", _("kin")
    DISPUTE = "dispute", _("dispute")
    INTEREST = "interest", _("personal interest")
    ACQUAINTANCE = "acquaintance", _("acquaintance")


# Acquaintance is declared and shown, never a bar.
BARRING = frozenset({RelationKind.KIN, RelationKind.DISPUTE, RelationKind.INTEREST})


class RelationQuerySet(models.QuerySet["Relation"]):
    def barring(self, cadre_id: int | None) -> "RelationQuerySet":
        """Relations that bar this cadre from somebody's case (Civil Servants Law Arts. 74, 76)."""
        return self.filter(kind__in=BARRING).filter(Q(cadre_id=cadre_id) | Q(other_id=cadre_id))


class Relation(models.Model):
    """Two cadres and what is between them; the order of the two means nothing."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="relations")
    other = models.ForeignKey(Cadre, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=RelationKind)
    note = models.CharField(max_length=200, blank=True)
    declared_on = models.DateField(default=timezone.localdate)

    objects = RelationQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["cadre", "other", "kind"], name="relation_once"),
            models.CheckConstraint(condition=~Q(cadre=models.F("other")), name="relation_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.kind} {self.other_id}"


def barred_cadres(cadre_id: int | None) -> set[int]:
    """Keys of the cadres on whose cases this cadre may not act: himself and those barred by a relation."""
    if cadre_id is None:
        return set()
    pairs = Relation.objects.barring(cadre_id).values_list("cadre_id", "other_id")
    return {cadre_id} | {key for pair in pairs for key in pair}
