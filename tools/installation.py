"""The environment in ``.venv`` of the checkout: made with the venv module, filled with the pinned, hashed packages."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from tools.children import reading

RUNTIME = "requirements.txt"
TOOLS = "requirements-dev.txt"


class Stop(Exception):
    """One sentence for the person at the keyboard: what is wrong and what to do."""


def say(text: str) -> None:
    """Tell the person at the keyboard what is being done."""
    print(text, flush=True)


def interpreter(root: Path) -> Path:
    """The Python of the checkout's own environment."""
    return root / ".venv" / "bin" / "python"


def install(root: Path, requirements: str) -> None:
    """Make ``.venv`` hold exactly the pinned packages of the file; quick when they are there already.

    Raises ``Stop`` when the venv module is missing or pip fails.
    """
    if not _usable(root):
        _make_environment(root)
    digest = _digest(root / requirements)
    stamp = root / ".venv" / f"installed-{requirements}"
    if stamp.exists() and stamp.read_text() == digest:
        return
    _pip_install(root, requirements)
    stamp.write_text(digest)
    if requirements == TOOLS:
        # The tools' list contains every pin of the runtime list (a test holds that).
        (root / ".venv" / f"installed-{RUNTIME}").write_text(_digest(root / RUNTIME))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _usable(root: Path) -> bool:
    """True when ``.venv`` runs, has pip and is of this Python (a moved checkout or a new Python breaks it)."""
    python = interpreter(root)
    if not python.exists():
        return False
    probe = "import sys, pip; print(sys.version_info[:2], sys.prefix)"
    done = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    expected = f"{tuple(sys.version_info[:2])} {root / '.venv'}"
    return done.returncode == 0 and done.stdout.strip() == expected


def missing_modules() -> list[str]:
    """Modules of the standard library that some systems pack apart and that the house cannot start without."""
    return [name for name in ("venv", "ensurepip", "sqlite3") if importlib.util.find_spec(name) is None]


def _make_environment(root: Path) -> None:
    if missing := missing_modules():
        raise Stop(
            f"This Python lacks its module {missing[0]}: on Debian or Ubuntu run `apt-get install python3-venv`, "
            "then the same command again."
        )
    say(f"Making the environment .venv with Python {sys.version.split()[0]} ...")
    shutil.rmtree(root / ".venv", ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", root / ".venv"], capture_output=True, text=True, check=False, env=_quiet()
    )
    if done.returncode:
        shutil.rmtree(root / ".venv", ignore_errors=True)
        raise Stop(f"The environment .venv could not be made: {_last_line(done.stdout + done.stderr)}")


def _quiet() -> dict[str, str]:
    """The environment of pip and venv: settings that would install elsewhere are taken out."""
    dropped = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}


def _pip_install(root: Path, requirements: str) -> None:
    total = sum("==" in line for line in (root / requirements).read_text().splitlines())
    say(f"Installing the {total} packages of {requirements} (the first time this takes a minute or two) ...")
    log = root / "var" / "log" / "pip.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    options = ["--require-hashes", "--no-input", "--progress-bar", "off", "-r", str(root / requirements)]
    command = [str(interpreter(root)), "-m", "pip", "install", *options]
    environment = _quiet() | {"PIP_USER": "0"}
    with (
        log.open("w") as out,
        reading(command, root=root, environment=environment, stderr=subprocess.STDOUT) as (pip, lines),
    ):
        for step in _steps(lines, out, total):
            say(step)
    if pip.returncode:
        errors = [line for line in log.read_text().splitlines() if line.startswith("ERROR:")]
        why = errors[-1].removeprefix("ERROR: ") if errors else _last_line(log.read_text())
        raise Stop(
            f"pip could not install {requirements} ({why}): is a package index within reach? See var/log/pip.log."
        )


def _steps(lines: Iterable[str], log: IO[str], total: int) -> Iterator[str]:
    """What pip is at, in a dozen lines instead of hundreds; the whole goes to the log."""
    seen = 0
    for line in lines:
        log.write(line)
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
            seen += 1
            if seen % 10 == 0:
                yield f"  {seen} of {total} packages fetched"
        elif line.startswith("Installing collected packages"):
            yield "  unpacking ..."


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"
