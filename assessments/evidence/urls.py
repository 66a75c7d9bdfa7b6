"""URLs of the record: who meets a criterion, items of evidence, one's own record."""

from typing import Any

urlpatterns: list[Any] = []
