"""What a person does with the own account."""

from accounts.user.models import User


def choose_language(user: User, language: str) -> None:
    """Remember the language of the person's mail and next visit."""
    User.objects.filter(pk=user.pk).update(language=language)
