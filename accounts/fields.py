"""Small model fields: the public identifier of a row and text encrypted at rest."""

import uuid
from typing import Any

from django.db import models

from accounts import crypto


def public_id() -> models.UUIDField:
    """The identifier that a URL shows; primary keys stay inside."""
    return models.UUIDField(default=uuid.uuid4, unique=True, editable=False)


class _Sealed(str):
    """A value as it lies in the database, not yet opened."""

    __slots__ = ()


class _Opener:
    """Opens a sealed value on first use, bound to its own row by the additional data."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.get(self.field.attname, "")
        if isinstance(value, _Sealed):
            value = crypto.open_sealed(value, self.field.bound_to(instance))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text under AES-256-GCM; the additional data names model, field and ``public_id``, so a value cannot be moved."""

    def contribute_to_class(self, cls: type, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opener(self))

    def bound_to(self, instance: Any) -> str:
        return f"{instance._meta.label_lower}:{self.attname}:{instance.public_id}"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return _Sealed(value) if value else value

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname, "")
        if not value or isinstance(value, _Sealed):
            return value
        return _Sealed(crypto.seal(value, self.bound_to(model_instance)))
