"""URLs of the subject."""

from typing import Any

urlpatterns: list[Any] = []
