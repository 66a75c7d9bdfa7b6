"""Units, cadres, what they did when, and who is related to whom."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import crypto
from accounts.fields import EncryptedTextField, public_id
from accounts.people import codes
from accounts.people.identity import mask
from accounts.permissions import ORGANIZER_ROLES, UNIT_ROLES, Role

# Length of one unit's part of a path ("000012."), and the staff from which a unit is no longer small.
PATH_STEP = 7
SMALL_STAFF = 10


class UnitKind(models.TextChoices):
    COUNTY = "county", _("county")
    OFFICE = "office", _("county office")
    BUREAU = "bureau", _("bureau")
    TOWN = "town", _("town")
    INSTITUTION = "institution", _("public institution")
    VILLAGE = "village", _("village or community")


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, user: Any) -> "UnitQuerySet":
        """The organizer's staff see the units that it acts for; others their own subtree."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES | {Role.DEPARTMENT_ADMIN, Role.INSPECTOR}:
            return self.filter(path__startswith=role.unit.reach)
        if role.role in UNIT_ROLES:
            return self.below(role.unit)
        return self.none()

    def below(self, unit: "Unit") -> "UnitQuerySet":
        """The unit and everything under it."""
        return self.filter(path__startswith=unit.path)

    def reporting(self) -> "UnitQuerySet":
        """Units that a new round asks; a dissolved one is asked no more."""
        return self.filter(reports=True, dissolved_on__isnull=True)

    def above(self, unit: "Unit") -> "UnitQuerySet":
        """The units over this one and itself, the nearest first."""
        return self.filter(path__in=[unit.path[:n] for n in range(7, len(unit.path) + 1, 7)]).order_by("-path")

    def asked_by(self, organizer: "Unit") -> "UnitQuerySet":
        """Whom a campaign of this organizer asks: the county's reporting units, or the institutions below a bureau."""
        if organizer.acts_for_county:
            return self.reporting()
        return self.below(organizer).filter(kind=UnitKind.INSTITUTION)


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
    # Needed for the printed call list: offices are reminded by telephone.
    phone = models.CharField(_("office phone"), max_length=30, blank=True)
    dissolved_on = models.DateField(_("dissolved on"), null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")

    objects = UnitQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        ordering = ["path"]
        # Read by the search of the top bar and by the fields that find a unit.
        indexes = [models.Index(fields=["name"], name="search_unit_name")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known"),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(dissolved_on__isnull=False), name="unit_successor_of_dissolved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/units/{self.public_id}/"

    @property
    def acts_for_county(self) -> bool:
        """A county office (the organization department is one) acts for the whole county, any other unit for its subtree."""
        return self.kind in (UnitKind.COUNTY, UnitKind.OFFICE)

    @property
    def reach(self) -> str:
        """The path of everything that this unit acts for as an organizer."""
        return self.path[:PATH_STEP] if self.acts_for_county else self.path

    @property
    def is_small(self) -> bool:
        """Under ten staff: no ballot, and a nil return in two clicks (PRACTICE 22). 0 = not stated, so not small."""
        return 0 < self.staff_in_post < SMALL_STAFF

    @property
    def depth(self) -> int:
        """How far below the county, which has 0."""
        return len(self.path) // 7 - 1

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
    CENTRAL = "central", _("centrally managed staff")
    CONTRACT = "contract", _("contract staff")
    WELFARE = "welfare", _("public-welfare post")


# No branch of the scheme's law covers them: they stand on record and are never nominated (PRACTICE 15).
NOT_NOMINATED = frozenset({Category.CENTRAL, Category.CONTRACT, Category.WELFARE})
# The ranks (R.. of the code table) belong to these two; the others have grades of posts.
RANKED = frozenset({Category.CIVIL_SERVANT, Category.MANAGED})
RANKS_SINCE = dt.date(2019, 6, 1)
INSTITUTION = frozenset({Category.INSTITUTION_ADMIN, Category.INSTITUTION_TECHNICAL, Category.WORKER})


class Sex(models.TextChoices):
    """GB/T 2261.1-2003; a person in a post is one or the other."""

    MALE = "1", _("male")
    FEMALE = "2", _("female")


class Departure(models.TextChoices):
    """How a person left the county's service."""

    RETIRED = "retired", _("retired")
    LEFT = "left", _("left the service")
    DIED = "died", _("died")


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
        """Unit roles see their own people; the organizer's staff those of the units it acts for; others nobody."""
        role = user.role
        if role is None:
            return self.none()
        if role.role == Role.SYSTEM:
            return self
        if role.role in ORGANIZER_ROLES:
            return self.filter(unit__path__startswith=role.unit.reach)
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

    def in_service(self, day: dt.date) -> "CadreQuerySet":
        """Not retired, left or dead on a day."""
        return self.exclude(left_on__lte=day).exclude(retires_on__lte=day)

    def away(self, day: dt.date, *kinds: str) -> "CadreQuerySet":
        """Whoever has a duty period of one of the kinds in force on a day."""
        return self.filter(Exists(DutyPeriod.objects.on(day).filter(cadre=OuterRef("pk"), kind__in=kinds)))


class Cadre(models.Model):
    """A person in a post. The identity number is encrypted, found through a keyed index, and masked on every page."""

    public_id = public_id()
    name = models.CharField(_("name"), max_length=40)
    pinyin = models.CharField(max_length=120, db_index=True)
    initials = models.CharField(max_length=20, db_index=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    born = models.DateField(_("born"))
    id_number = EncryptedTextField(_("identity number"), blank=True)
    id_index = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 -- unique, and many have none
    category = models.CharField(_("personnel category"), max_length=24, choices=Category)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cadres", verbose_name=_("unit"))
    post = models.CharField(_("post"), max_length=60)
    level = models.CharField(_("level"), max_length=3, choices=LeadingLevel, default=LeadingLevel.STAFF)
    rank = models.CharField(_("rank or grade"), max_length=3, blank=True)
    political_status = models.CharField(_("political status"), max_length=2, blank=True)
    nationality = models.CharField(_("nationality"), max_length=2, blank=True)
    education = models.CharField(_("education"), max_length=2, blank=True)
    degree = models.CharField(_("degree"), max_length=3, blank=True)
    joined_on = models.DateField(_("joined on"))
    # A recorded date, never computed: retirement rules differ and are changing.
    retires_on = models.DateField(_("retires on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    left_how = models.CharField(_("how"), max_length=8, choices=Departure, blank=True)

    objects = CadreQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        # Lists of a unit's people sort by the pinyin column.
        indexes = [
            models.Index(fields=["unit", "pinyin", "id"], name="cadre_unit_pinyin"),
            models.Index(fields=["pinyin", "id"], name="cadre_people_by_pinyin"),
            models.Index(fields=["post", "id"], name="cadre_people_by_post"),
            # Read by the search of the top bar, beside those of pinyin and initials.
            models.Index(fields=["name"], name="search_cadre_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(category__in=Category.values), name="cadre_category_known"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True, left_how="")
                | Q(left_on__isnull=False, left_how__in=Departure.values),
                name="cadre_left_how_and_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/people/{self.public_id}/"

    @property
    def masked_id(self) -> str:
        return mask(self.id_number)

    @property
    def why_not_nominated(self) -> str:
        """Code of the reason why this person can never be picked for a nomination; "" = can be."""
        if self.category in NOT_NOMINATED:
            return "category_not_nominated"
        return "gone" if self.left_on else ""

    @property
    def rank_label(self) -> str:
        return codes.label("rank" if self.rank.startswith("R") else "grade", self.rank)

    @property
    def political_label(self) -> str:
        return codes.label("political_status", self.political_status)

    @property
    def nationality_label(self) -> str:
        return codes.label("nationality", self.nationality)

    @property
    def education_label(self) -> str:
        return codes.label("education", self.education)

    @property
    def degree_label(self) -> str:
        return codes.label("degree", self.degree)

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
    rank = models.CharField(_("rank or grade"), max_length=3, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    removed = models.BooleanField(_("removed from the post under the three mechanisms"), default=False)

    class Meta:
        app_label = "accounts"
        ordering = ["-start"]
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="post_days"),
            models.UniqueConstraint(fields=["cadre"], condition=Q(end__isnull=True), name="one_post_at_a_time"),
            models.CheckConstraint(
                condition=~Q(rank__startswith="R") | Q(start__gte=RANKS_SINCE), name="post_rank_since_2019"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def rank_label(self) -> str:
        return codes.label("rank" if self.rank.startswith("R") else "grade", self.rank)


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
    host = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="borrowed", verbose_name=_("host unit")
    )

    objects = DutyPeriodQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="duty_days"),
            models.CheckConstraint(condition=Q(host__isnull=True) | Q(kind="seconded"), name="duty_host_of_seconded"),
            models.UniqueConstraint(
                fields=["cadre", "kind"], condition=Q(end__isnull=True), name="one_open_duty_of_a_kind"
            ),
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
    def standing(self) -> "RelationQuerySet":
        """Declared and not ended."""
        return self.filter(ended_on__isnull=True)

    def of(self, cadre_id: int | None) -> "RelationQuerySet":
        """Those in which this cadre is one of the two."""
        return self.filter(Q(cadre_id=cadre_id) | Q(other_id=cadre_id))

    def barring(self, cadre_id: int | None) -> "RelationQuerySet":
        """Relations that bar this cadre from somebody's case (Civil Servants Law Arts. 74, 76)."""
        return self.standing().of(cadre_id).filter(kind__in=BARRING)

    def visible_to(self, user: Any) -> "RelationQuerySet":
        """Everybody sees what concerns himself; the section chief all; the organizer's other staff acquaintances only."""
        role = user.role
        if role is None:
            return self.none()
        if role.role in {Role.CHIEF, Role.SYSTEM}:
            return self
        own = Q(cadre_id=user.cadre_id) | Q(other_id=user.cadre_id) if user.cadre_id else Q(pk__in=[])
        if role.role in ORGANIZER_ROLES:
            return self.filter(own | Q(kind=RelationKind.ACQUAINTANCE))
        return self.filter(own)


class Relation(models.Model):
    """Two cadres and what is between them; the order of the two means nothing for recusal.

    ``cadre`` declared it, or the section chief recorded it about the two (then ``recorded_by`` is somebody else's cadre).
    """

    public_id = public_id()
    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="relations")
    other = models.ForeignKey(Cadre, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=RelationKind)
    note = models.CharField(max_length=200, blank=True)
    declared_on = models.DateField(default=timezone.localdate)
    recorded_by = models.ForeignKey(Cadre, models.PROTECT, null=True, blank=True, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    objects = RelationQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "other", "kind"], condition=Q(ended_on__isnull=True), name="relation_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="") | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                name="relation_ended_with_reason",
            ),
            models.CheckConstraint(condition=~Q(cadre=models.F("other")), name="relation_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre_id} {self.kind} {self.other_id}"


def barred_by(cadre_ids: Iterable[int]) -> dict[int, set[int]]:
    """``barred_cadres`` of several people, in one statement."""
    found = {key: {key} for key in cadre_ids}
    rows = Relation.objects.standing().filter(kind__in=BARRING).filter(Q(cadre__in=found) | Q(other__in=found))
    for one, other in rows.values_list("cadre_id", "other_id"):
        for key in {one, other} & found.keys():
            found[key] |= {one, other}
    return found


def barred_cadres(cadre_id: int | None) -> set[int]:
    """Keys of the cadres on whose cases this cadre may not act: himself and those barred by a relation."""
    if cadre_id is None:
        return set()
    pairs = Relation.objects.barring(cadre_id).values_list("cadre_id", "other_id")
    return {cadre_id} | {key for pair in pairs for key in pair}
