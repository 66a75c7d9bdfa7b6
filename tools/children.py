"""Own child processes, each in a process group of its own: start, watch, stop. Nobody else's process is touched."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

GRACE = 10.0  # seconds between TERM and KILL


def _die_with_the_house() -> Callable[[], None] | None:
    """On Linux the kernel tells a child to end when the house itself was killed."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, signal.SIGTERM, 0, 0, 0)


@contextlib.contextmanager
def reading(
    command: list[str], *, root: Path, environment: dict[str, str], stderr: IO[str] | int
) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A short command whose lines are read as they come; it is ended when the reader is interrupted."""
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout  # noqa: S101 -- for the type checker
        try:
            yield process, process.stdout
        except BaseException:
            process.terminate()
            raise


class Child:
    """One running program of the house with the log it writes to."""

    def __init__(self, name: str, command: list[str], *, root: Path, log: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_the_house(),  # noqa: PLW1509 -- one system call, before any thread exists
            )

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def last_lines(self, count: int = 15) -> str:
        return "\n".join("  " + line for line in self.log.read_text(errors="replace").splitlines()[-count:])

    def signal(self, number: int) -> None:
        """Send the signal to the child's own group, which holds what the child started as well."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return


def stop(children: list[Child], grace: float = GRACE) -> None:
    """TERM to all, then KILL to those that are still there after the grace; returns when all are gone."""
    for child in children:
        if not child.ended:
            child.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace
    while any(not child.ended for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in children:
        # Also when the child itself is gone: what it left behind in its group goes with it.
        child.signal(signal.SIGKILL)
        child.process.wait()


def first_ended(children: list[Child]) -> Child | None:
    """The first child that is no longer there, or None."""
    return next((child for child in children if child.ended), None)
