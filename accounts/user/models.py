"""Accounts and the roles they hold."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import public_id
from accounts.people.models import Cadre, Unit
from accounts.permissions import IMPLICIT_ROLES, Role, granted


class UserManager(BaseUserManager["User"]):
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
    username = models.CharField(_("account"), max_length=40, unique=True)
    cadre = models.OneToOneField(Cadre, models.PROTECT, null=True, blank=True, related_name="user")
    title = models.CharField(_("office"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(default=False)

    objects = UserManager()
    USERNAME_FIELD = "username"

    class Meta:
        app_label = "accounts"

    _role: "RoleAssignment | None" = None
    _role_known = False

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
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
