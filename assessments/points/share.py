"""Sharing an award by points with the largest remainder, in fen, without a database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


class NothingToShare(ValueError):
    """Nobody has a point above zero."""


@dataclass(frozen=True)
class Claim:
    """Somebody's points of the year; negative ones count as zero. ``name`` (pinyin, key) decides between equals."""

    key: int
    points: Decimal
    name: tuple[str, int]


@dataclass(frozen=True)
class Part:
    """One person's arithmetic: counted / sum x pot = exact; whole fen; remainder; the fen that is paid."""

    key: int
    place: int
    points: Decimal
    counted: Decimal
    exact: Fraction
    whole: int
    remainder: Fraction
    fen: int


def by_points(pot_fen: int, per_cent: int) -> int:
    """The part of the pot that is shared by points, whole fen; a fraction of a fen stays with the rest."""
    return pot_fen * per_cent // 100


def shares(fen: int, claims: Sequence[Claim]) -> list[Part]:
    """Share ``fen`` in proportion to points, so that the parts add up to it exactly; the highest points first.

    Everybody gets the whole fen of the exact share; the fen left go one each to the largest remainders, between equal
    remainders to the better place, between equal places by pinyin. Raises NothingToShare when all points are zero.
    """
    counted = {claim.key: max(claim.points, Decimal(0)) for claim in claims}
    total = sum((Fraction(points) for points in counted.values()), Fraction(0))
    if not total:
        raise NothingToShare
    ordered = sorted(claims, key=lambda claim: (-counted[claim.key], claim.name))
    exact = {claim.key: Fraction(counted[claim.key]) * fen / total for claim in ordered}
    left = fen - sum(int(value) for value in exact.values())
    luck = sorted(range(len(ordered)), key=lambda n: (-(exact[ordered[n].key] % 1), n))[:left]
    parts: list[Part] = []
    for n, claim in enumerate(ordered):
        points = counted[claim.key]
        place = parts[-1].place if parts and parts[-1].counted == points else n + 1
        value = exact[claim.key]
        parts.append(
            Part(claim.key, place, claim.points, points, value, int(value), value % 1, int(value) + (n in luck))
        )  # fmt: skip
    return parts
