"""The evidence gap: the only rule that flags a unit. It reads questions and cases, and nothing else."""

import datetime as dt
from collections.abc import Iterator

from cohorts.alert.rule import Found, of_return
from cohorts.question.counts import standing_gaps


def evidence_gap(on: dt.date) -> Iterator[Found]:
    """After the day of the answer questions are still open, and they are a quarter or more of nominated and open
    together (the edition's fraction). Each round is decided by itself.
    """
    for gap in standing_gaps(on):
        if gap.flagged:
            yield of_return(gap.unit_return, open=gap.open, of=gap.all)
