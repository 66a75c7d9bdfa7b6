"""The arithmetic of the return review: five parts, weights that sum to 100, one total. No clock, no database."""

from collections.abc import Mapping
from decimal import Decimal

# The five parts in the order of the sheet; their weights are a dated setting of the county (``review_weights``).
PARTS = ("theory", "discipline", "practice", "villagers", "defence")
FULL = 100


def sound(weights: Mapping[str, int]) -> bool:
    """Whether every part has a weight of 0 or more and all together give 100."""
    return set(weights) == set(PARTS) and min(weights.values()) >= 0 and sum(weights.values()) == FULL


def missing(scores: Mapping[str, Decimal | None]) -> list[str]:
    """The parts without a score, in the order of the sheet: a missing part blocks, it never counts as 0."""
    return [part for part in PARTS if scores.get(part) is None]


def total(scores: Mapping[str, Decimal], weights: Mapping[str, int]) -> Decimal:
    """The weighted mean of the parts, 0-100 points, exact: scores of two decimals give a total of four.

    Raises KeyError for a missing part.
    """
    return sum((scores[part] * weights[part] for part in PARTS), Decimal(0)) / FULL
