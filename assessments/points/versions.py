"""The two reported versions of the rules, shipped as data, as a unit's first proposal."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from assessments.points.rules import Rules

_DATA: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "points.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Version:
    """A reported version; the state's working hours are the same for both."""

    code: str
    mode: str
    name_zh: str
    name_en: str
    params: dict[str, Any]

    def __str__(self) -> str:
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en

    @property
    def rules(self) -> Rules:
        return Rules.read(self.mode, self.params)


_HOURS = [{"start": row["start"].isoformat(), "hours": row["hours"]} for row in _DATA["hours"]]
VERSIONS: dict[str, Version] = {
    row["code"]: Version(**{**row, "params": row["params"] | {"hours": _HOURS}}) for row in _DATA["version"]
}
