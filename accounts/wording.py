"""Sentences are rendered, not stored: a code and its parameters become words in the reader's language.

Guards, notices, alerts and trail events keep ``code`` and JSON ``params``; each subject registers its sentences here.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

_SENTENCES: dict[str, str | Promise] = {}
_ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class Refusal(NamedTuple):
    """Why an act is refused: a code and its parameters. An empty ``code`` never occurs; guards return None instead."""

    code: str
    params: dict[str, Any]

    def __str__(self) -> str:
        return say(self.code, self.params)


def refuse(code: str, **params: Any) -> Refusal:
    """A guard's answer "no, because ..."."""
    return Refusal(f"guard.{code}", params)


def register(sentences: Mapping[str, str | Promise]) -> None:
    """Add a subject's sentences; a code that exists already with other words is a programming error."""
    for code, text in sentences.items():
        if _SENTENCES.get(code, text) is not text:
            raise ValueError(f"Two sentences for {code}")
        _SENTENCES[code] = text


def known(code: str) -> bool:
    """Whether a code has a sentence."""
    return code in _SENTENCES


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        if _ISO_DAY.match(value):
            return date_format(dt.date.fromisoformat(value))
        if value.startswith("@"):
            return say(value[1:], {})
    if isinstance(value, list):
        return _(", ").join(str(_readable(item)) for item in value)
    return value


def say(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence in the present language; ISO days are written as dates, ``@code`` is looked up itself."""
    if code not in _SENTENCES:
        return code
    text = str(_SENTENCES[code])
    if not params:
        return text
    return text % {key: _readable(value) for key, value in params.items()} if "%(" in text else text
