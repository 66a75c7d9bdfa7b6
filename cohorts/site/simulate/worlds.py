"""What a simulated county is like, as data. Shares are between 0 and 1."""

from dataclasses import dataclass, replace

# Staff of a unit, uniform; and how the true rate of the three kinds of unit varies (mean share of staff; CV between units).
STAFF = (20, 400)
MEAN_RATES = (0.020, 0.025, 0.032)
RATE_CV = 0.4


@dataclass(frozen=True)
class World:
    """How units and recorders behave. Planted units hold back true cases; the others name all but a few."""

    name: str
    # Of the true cases so many are on record, ready to meet a criterion.
    reach: float = 0.7
    # The same in planted units, where the record is held down; None = as everywhere.
    planted_reach: float | None = None
    # Outside recorders lift the reach of every unit to this; None = they add nothing.
    lifted_to: float | None = None
    # So many of all records that meet a criterion are about people who did nothing of the kind ...
    spurious: float = 0.05
    # ... or, instead, records about so many of the staff.
    spurious_of_staff: float = 0.0
    planted: float = 0.15
    # Each planted unit holds back a share of its true cases drawn from here, rounded up: never less than the lower end.
    dropped: tuple[float, float] = (0.5, 1.0)
    # Honest units overlook so many of their true cases, and settle so many of the questions asked.
    missed: float = 0.05
    settled: float = 0.9
    # So many of a planted unit's excuses are accepted.
    excused: float = 0.1
    # A single entry that meets nothing, on so many of the staff.
    noise: float = 0.03


PARTIAL = World("partial")
WORLDS = {
    world.name: world
    for world in (
        World("perfect", reach=1.0, spurious=0.0),
        PARTIAL,
        replace(PARTIAL, name="half", dropped=(0.5, 0.5)),
        replace(PARTIAL, name="loose", spurious_of_staff=0.01),
        replace(PARTIAL, name="suppressed50", planted_reach=0.5),
        replace(PARTIAL, name="suppressed30", planted_reach=0.3),
        replace(PARTIAL, name="outside", planted_reach=0.5, lifted_to=0.8),
        replace(PARTIAL, name="none", planted=0.0),
    )
}


@dataclass(frozen=True)
class Item:
    """One entry of a record: what it establishes, and the kind of paper."""

    kind: str
    fact: str = ""
    criterion: str = ""
    key: str = ""


# Records that meet a criterion of the 2019 edition, one of them for each person on record.
RECORDS: tuple[tuple[Item, ...], ...] = (
    tuple(Item("task", "missed") for _n in range(3)),
    (Item("complaint", "complaint", key="1"), Item("complaint", "complaint", key="2")),
    tuple(Item("attendance", "training_absence") for _n in range(2)),
    (Item("appraisal", "grade", key="incompetent"),),
    (Item("task", criterion="B1"), Item("inspection", criterion="B1")),
    (Item("inspection", criterion="A1"), Item("task", criterion="A1")),
)
# Single entries that meet nothing.
NOISE: tuple[Item, ...] = (
    Item("task", "missed"),
    Item("complaint", "complaint", key="1"),
    Item("attendance", "late"),
    Item("task", criterion="B1"),
)
# Written by somebody who does not belong to the unit.
FROM_OUTSIDE = frozenset({"inspection", "complaint"})
