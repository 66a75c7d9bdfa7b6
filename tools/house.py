"""``python3 tools/house.py run | test | tools``: install what is missing, then open the house or run its tests.

This file must be readable by any Python 3.6 or newer: its first act is to say that the Python is the wrong one.
"""

import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent.parent


def refusal(version, platform):
    """Why this Python cannot open the house: one sentence, or "" if it can."""
    if platform == "win32":
        return "Retrain runs on Linux and macOS: on Windows run the same command inside WSL."
    if not OLDEST <= tuple(version)[:2] <= NEWEST:
        return (
            "This is Python {}.{}, but Retrain needs Python 3.11, 3.12 or 3.13: install one and name it, "
            "for instance `make run PYTHON=python3.11`.".format(*version)
        )
    return ""


def main(arguments):
    """Do what the first argument names; returns the exit code."""
    why = refusal(sys.version_info, sys.platform)
    if why:
        print(why, file=sys.stderr)
        return 1
    sys.path[0] = str(ROOT)
    from tools import installation, running  # noqa: PLC0415 -- only now is it known that this Python can read them

    commands = {"run": running.run, "test": running.test, "tools": running.tools}
    if not arguments or arguments[0] not in commands:
        print("Say what to do: python3 tools/house.py " + " | ".join(commands), file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]](ROOT, arguments[1:])
    except installation.Stop as reason:
        print(reason, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
