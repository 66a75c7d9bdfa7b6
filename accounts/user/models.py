"""Accounts and the roles they hold."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import Cadre, Unit
from accounts.permissions import ADMINISTRATORS, IMPLICIT_ROLES, Role, granted

SIGNING_IN = RegexValidator(r"^[a-z0-9][a-z0-9._-]{1,39}$", _("Small letters, digits, dot, hyphen; two to forty."))


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> "UserQuerySet":
        """System and security administrator see every account of the county, everybody else the own one."""
        if user.may("account.manage") or user.may("role.grant"):
            return self.exclude(username="system")
        return self.filter(pk=user.pk)

    def found_by(self, words: str) -> "UserQuerySet":
        """By the beginning of the account, or of the person's name, pinyin or initials."""
        low = words.strip().lower().replace(" ", "")
        return self.filter(
            Q(username__startswith=low) | Q(cadre__name__startswith=words.strip())
            | Q(cadre__pinyin__startswith=low) | Q(cadre__initials__startswith=low)
        )  # fmt: skip

    def holding(self, role: str, on: dt.date) -> "UserQuerySet":
        return self.filter(Exists(RoleAssignment.objects.in_force(on).filter(user=OuterRef("pk"), role=role)))

    def without_role(self, on: dt.date) -> "UserQuerySet":
        """Active accounts of cadres that no role was granted to yet: what the security administrator has to do."""
        held = RoleAssignment.objects.overlapping(on, None).filter(user=OuterRef("pk"))
        return self.filter(~Exists(held), is_active=True, cadre__isnull=False)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def system(self) -> "User":
        """The actor of beat: it cannot sign in and sees everything."""
        user, _created = self.get_or_create(username="system", defaults={"is_active": False, "password": "!"})
        user.role = RoleAssignment(user=user, role=Role.SYSTEM, start=dt.date(2000, 1, 1))
        return user


class User(AbstractBaseUser):
    """Somebody who signs in. Separation and recusal compare ``cadre``, never users."""

    public_id = public_id()
    username = models.CharField(_("account"), max_length=40, unique=True, validators=[SIGNING_IN])
    cadre = models.OneToOneField(Cadre, models.PROTECT, null=True, blank=True, related_name="user")
    title = models.CharField(_("office"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    # Set with an initial password: until it is changed, every page leads to the change.
    must_change_password = models.BooleanField(default=False)
    # Kind of notice -> how the person wants it (accounts.notice.kinds); what is not in it goes the kind's own way.
    mail_choices = models.JSONField(default=dict, blank=True)

    objects = UserManager()
    USERNAME_FIELD = "username"

    class Meta:
        app_label = "accounts"

    _role: "RoleAssignment | None" = None
    _role_known = False
    # The role by which somebody was chosen as a recipient; None where the matter is the person's own.
    told_as: "RoleAssignment | None" = None

    def __str__(self) -> str:
        return self.cadre.name if self.cadre else self.username

    @property
    def role(self) -> "RoleAssignment | None":
        """The one role in use; the first in force unless another was chosen."""
        if not self._role_known:
            self.role = self.roles_in_force()[0] if self.roles_in_force() else None
        return self._role

    @role.setter
    def role(self, assignment: "RoleAssignment | None") -> None:
        self._role, self._role_known = assignment, True

    def roles_in_force(self, on: dt.date | None = None) -> list["RoleAssignment"]:
        """Roles held today, the implicit one of the cadre concerned last."""
        if not self.is_active:
            return []
        roles = list(self.assignments.in_force(on or timezone.localdate()).select_related("unit").order_by("pk"))
        if self.cadre_id:
            roles += [RoleAssignment(user=self, role=role, unit=None) for role in IMPLICIT_ROLES]
        return roles

    def acting_as(self, role: str) -> "User":
        """This user with the named role in use; raises LookupError when it is not held."""
        for assignment in self.roles_in_force():
            if assignment.role == role:
                self.role = assignment
                return self
        raise LookupError(f"{self.username} does not hold {role}")

    def may(self, code: str) -> bool:
        """Whether the role in use holds a grant."""
        return self.role is not None and granted(self.role.role, code)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.may(perm)

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm) for perm in perms)


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def in_force(self, on: dt.date) -> "RoleAssignmentQuerySet":
        return self.filter(start__lte=on).filter(Q(end__isnull=True) | Q(end__gt=on))

    def overlapping(self, start: dt.date, end: dt.date | None) -> "RoleAssignmentQuerySet":
        """Held on some day of the period."""
        rows = self.filter(Q(end__isnull=True) | Q(end__gt=start))
        return rows.filter(start__lt=end) if end else rows


class RoleAssignment(models.Model):
    """A role over a unit's subtree, from ``start`` to the day before ``end``."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="role_days"),
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(end__isnull=True), name="role_held_once"
            ),
            # The three administrators are three people (SECURITY R6); that they hold no business role is a guard.
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=sorted(ADMINISTRATORS), end__isnull=True),
                name="one_administration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Session(AbstractBaseSession):
    """A browser that is signed in; the person lists and ends the own ones. The columns repeat what the session holds."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        app_label = "accounts"

    @property
    def mark(self) -> str:
        """Names the session on a page without giving its key away."""
        return salted_hmac("session", self.session_key).hexdigest()[:20]


class FailedSignIn(models.Model):
    """A wrong password or an unknown account; kept as long as the limit looks back."""

    username = models.CharField(max_length=40)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    class Meta:
        app_label = "accounts"
        # Read at each sign-in: how many of this account from this address.
        indexes = [models.Index(fields=["username", "address", "at"], name="failed_sign_in_pair")]
