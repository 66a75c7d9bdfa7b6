"""``python tools/messages.py collect | compile | check``: the translations, compiled without the gettext program.

``collect`` gathers the texts of code and templates into the .po files (needs gettext's xgettext), ``compile`` writes
each .mo that is not what its .po says, ``check`` only tells and exits 1.
"""

import os
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def catalogues(root: Path = ROOT) -> list[Path]:
    """Every .po file of the house."""
    return sorted((root / "locale").glob("*/LC_MESSAGES/*.po"))


def is_stale(po: Path) -> bool:
    """True when the .mo beside it is missing or says something else."""
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.read_bytes() != polib.pofile(str(po)).to_binary()


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Write the .mo files that are stale; returns their .po files. A reader never sees half a file."""
    stale = [po for po in catalogues(root) if is_stale(po)]
    for po in stale:
        half = po.with_suffix(".mo.new")
        half.write_bytes(polib.pofile(str(po)).to_binary())
        half.replace(po.with_suffix(".mo"))
    return stale


def collect(root: Path = ROOT, python: str = sys.executable) -> None:
    """Gather the texts into the .po files, without line numbers, so that a diff shows wording only."""
    options = [
        "--no-location",
        "--no-obsolete",
        "--no-wrap",
        "--ignore",
        ".venv",
        "--ignore",
        "var",
        "--ignore",
        "tests",
    ]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "retrain.settings"}
    command = [python, "manage.py", "makemessages", "-l", "zh_Hans", *options]
    subprocess.run(command, cwd=root, env=environment, check=True)


def main(arguments: list[str]) -> int:
    """Do what the argument names; returns the exit code."""
    action = arguments[0] if arguments else ""
    try:
        if action == "collect":
            collect()
        elif action == "compile":
            for po in compile_stale():
                print(f"Compiled {po.relative_to(ROOT)}")
        elif action == "check":
            stale = [po for po in catalogues() if is_stale(po)]
            for po in stale:
                print(f"{po.relative_to(ROOT)} is newer than its .mo: run `make messages`.", file=sys.stderr)
            return 1 if stale else 0
        else:
            print("Say what to do: collect, compile or check.", file=sys.stderr)
            return 2
    except OSError as error:  # polib raises it for a broken file, with place and line
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
