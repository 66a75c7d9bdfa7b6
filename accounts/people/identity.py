"""The identity number of a resident (GB 11643-1999): its check, what only a warning may say, and its mask."""

import datetime as dt
import re

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# The first two digits of a place: provinces and the like.
_PROVINCES = frozenset("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split())  # fmt: skip
# What stays readable: enough to tell two people of one name apart, no birthday.
SHOWN_AT_START, SHOWN_AT_END = 3, 4


def check_digit(body: str) -> str:
    """The last character that belongs to the first seventeen digits."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def id_problem(number: str) -> str:
    """Why an identity number cannot be right ("" = it can): its form, its date of birth, or its check digit."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return "form"
    if born_of(number) is None:
        return "date"
    return "" if check_digit(number[:17]) == number[17].upper() else "check"


def born_of(number: str) -> dt.date | None:
    """The day of birth in a number, or None when there is no such day."""
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """Code of the sex (1 male, 2 female) that the sequence number tells."""
    return "1" if int(number[16]) % 2 else "2"


def place_is_doubtful(number: str) -> bool:
    """The place is never a reason to refuse (places are renumbered); an unknown province deserves a warning."""
    return bool(number) and number[:2] not in _PROVINCES


def mask(number: object) -> str:
    """An identity number as a page may show it; one too short to hide anything is hidden whole."""
    text = str(number or "")
    hidden = len(text) - SHOWN_AT_START - SHOWN_AT_END
    if hidden < SHOWN_AT_START:
        return "*" * len(text)
    return text[:SHOWN_AT_START] + "*" * hidden + text[-SHOWN_AT_END:]
