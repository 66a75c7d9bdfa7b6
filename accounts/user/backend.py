"""Sign-in by account and password; permissions come from the table of grants, not from rows."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.user.models import User


class RoleBackend(BaseBackend):
    """Django's own permission checks answered from ``accounts.permissions``."""

    def authenticate(self, request: HttpRequest | None, username: str = "", password: str = "") -> User | None:  # type: ignore[override]
        user = User.objects.filter(username=username).select_related("cadre").first()
        if user is None:
            # The same work for an unknown account, so that the time does not tell who exists.
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.select_related("cadre__unit").filter(pk=user_id, is_active=True).first()

    def has_perm(self, user_obj: User, perm: str, obj: object = None) -> bool:  # type: ignore[override]
        return user_obj.has_perm(perm)
