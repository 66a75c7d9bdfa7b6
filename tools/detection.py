"""Runs ``manage.py simulate`` over seeds and worlds and prints the table of docs/detection.md: recall, false alarms, and
their 95 % intervals (Wilson). ``.venv/bin/python tools/detection.py --seeds 20``; one seed after the other.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# World, units: what the table shows, in its order.
LINES = (
    ("perfect", 100), ("partial", 100), ("half", 100), ("loose", 100), ("suppressed50", 100), ("suppressed30", 100),
    ("outside", 100), ("partial", 34), ("none", 100),
)  # fmt: skip


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in per cent."""
    z = 1.96
    p, n = hits / of, float(of)
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return tuple(100 * max(0.0, value / (1 + z * z / n)) for value in (middle - half, middle + half))  # type: ignore[return-value]


def share(hits: int, of: int) -> str:
    """57 of 60: 95.0 (86.3-98.3)"""
    return "{:.1f} ({:.1f}-{:.1f})".format(100 * hits / of, *interval(hits, of)) if of else "-"


def run(world: str, units: int, seed: int, extra: list[str]) -> dict:
    command = [
        sys.executable,
        "manage.py",
        "simulate",
        "--json",
        "--world",
        world,
        "--units",
        str(units),
        "--seed",
        str(seed),
    ]
    done = subprocess.run([*command, *extra], cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", help="one world instead of all")
    parser.add_argument("--fraction", help="another fraction than the edition's")
    options = parser.parse_args()
    extra = ["--fraction", options.fraction] if options.fraction else []
    os.nice(5)
    print(
        "| world | units | shielding found, % (95 %) | honest flagged, % (95 %) | of shielding | of honest | s a seed |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for world, units in LINES:
        if options.only and options.only != world:
            continue
        total: Counter[str] = Counter()
        for seed in range(options.first, options.first + options.seeds):
            found = run(world, units, seed, extra)
            total.update({key: value for key, value in found.items() if isinstance(value, (int, float))})
            total.update({f"dropped {key}": row["shielding"] for key, row in found["by_dropped"].items()})
            total.update({f"found {key}": row["shielding_found"] for key, row in found["by_dropped"].items()})
            total.update({f"honest {key}": row["honest"] for key, row in found["by_size"].items()})
            total.update({f"flagged {key}": row["honest_flagged"] for key, row in found["by_size"].items()})
        cells = [
            world, units, share(total["shielding_found"], total["shielding"]), share(total["honest_flagged"], total["honest"]),
            f"{total['shielding_found']} / {total['shielding']}", f"{total['honest_flagged']} / {total['honest']}",
            f"{total['seconds'] / options.seeds:.1f}",
        ]  # fmt: skip
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        details = [
            *(f"dropped {k[8:]}: {total['found ' + k[8:]]}/{n}" for k, n in sorted(total.items()) if k.startswith("dropped ")),
            *(f"honest of {k[7:]}: {total['flagged ' + k[7:]]}/{n}" for k, n in sorted(total.items()) if k.startswith("honest ")),
        ]  # fmt: skip
        print(world, units, "; ".join(details), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
