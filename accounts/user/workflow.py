"""What a person does with the own account."""

from typing import Any

from accounts.user.models import User


def choose_language(user: User, language: str) -> None:
    """Remember the language of the person's mail and next visit."""
    User.objects.filter(pk=user.pk).update(language=language)


def change_password(user: User, password: str) -> Any:
    """Set a new password; the caller keeps the session alive."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
