"""Code tables of the person file: national codes with their words in both languages, read from ``accounts/data/codes.toml``."""

import tomllib
from pathlib import Path

from django.utils.translation import get_language

_TABLES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "codes.toml").read_text(encoding="utf-8")
)


def _word(pair: list[str]) -> str:
    return pair[0] if (get_language() or "zh").startswith("zh") else pair[1]


def table(name: str) -> dict[str, list[str]]:
    """A whole table: code -> words in Chinese and English."""
    return _TABLES[name]


def choices(*tables: str) -> list[tuple[str, str]]:
    """Every code of one or more tables with its words in the present language."""
    return [(code, _word(pair)) for table in tables for code, pair in _TABLES[table].items()]


def label(table: str, code: str) -> str:
    """The words of a code in the present language; "" for no code."""
    return _word(_TABLES[table][code]) if code else ""


def known(table: str, code: str) -> bool:
    """Whether a table holds a code; "" (not stated) always passes."""
    return not code or code in _TABLES[table]
