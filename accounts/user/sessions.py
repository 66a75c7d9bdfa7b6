"""The session engine: Django's rows, with the person, the device and the times as columns."""

import datetime as dt
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Store

from accounts.user.models import Session


def _moment(seconds: int | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


class SessionStore(Store):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get("_auth_user_id")
        row.device = data.get("device", "")
        row.started_at, row.seen_at = _moment(data.get("started")), _moment(data.get("seen"))
        return row
