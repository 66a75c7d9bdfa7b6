"""``make run``, ``make test``: from the installed environment to an open house, and back to silence on Ctrl-C."""

import contextlib
import errno
import fcntl
import os
import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools.children import Child, first_ended, reading, stop
from tools.installation import RUNTIME, TOOLS, Stop, install, interpreter, say

HOST = "127.0.0.1"
READY_WITHIN = 60.0  # seconds for the web server to answer


def run(root: Path, arguments: list[str]) -> int:
    """Open the demonstration house and keep it open until Ctrl-C; returns the exit code."""
    port = _port(os.environ.get("PORT", "8000"))
    var = Path(os.environ.get("RETRAIN_VAR") or root / "var")
    with _only_house(var, port), _terminated_like_interrupted():
        _require_free(port)
        started = time.monotonic()
        install(root, RUNTIME)
        environment = _environment(root) | {"RETRAIN_DEMO": "1"}
        _compile_messages(root, environment)
        say("Preparing the database ...")
        _manage(root, var, environment, "migrate", "--no-input", "--verbosity", "0")
        say("Loading the demonstration county (the first time this takes up to a minute) ...")
        _manage(root, var, environment, "demo", show=True)
        _require_free(port)
        return _keep_open(root, var, port, environment, started)


def test(root: Path, arguments: list[str]) -> int:
    """Install the tools and run the suite; the exit code is pytest's."""
    install(root, TOOLS)
    environment = _environment(root)
    _compile_messages(root, environment)
    command = [str(interpreter(root)), "-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments]
    say("Running " + shlex.join(["pytest", *command[3:]]))
    os.chdir(root)
    os.execve(command[0], command, environment)  # noqa: S606 -- from here on this process is pytest


def tools(root: Path, arguments: list[str]) -> int:
    """Install the tools only (lint, types, translations)."""
    install(root, TOOLS)
    return 0


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Stop(f"PORT={text} is no port: give a number from 1024 to 65535, for instance `make run PORT=8001`.")


def _require_free(port: int) -> None:
    """Raise ``Stop`` with a sentence when the house could not listen on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Stop(f"Port {port} is reserved for the system: run `make run PORT=8000`.") from error
            other = port + 1 if port < 65535 else 8000
            raise Stop(f"Port {port} is taken by another program: run `make run PORT={other}`.") from error


@contextlib.contextmanager
def _only_house(var: Path, port: int) -> Iterator[None]:
    """One house per checkout, because database, broker and beat are shared; the lock ends with the process."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "house.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            where = lock.read().strip() or "starting"
            raise Stop(f"The house is open already ({where}): use it, or stop it there with Ctrl-C first.") from error
        lock.truncate(0)
        lock.write(f"http://{HOST}:{port}, process {os.getpid()}")
        lock.flush()
        yield


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """TERM and a closed terminal stop the house in the same orderly way as Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        for each in listened:
            signal.signal(each, signal.SIG_IGN)  # a second Ctrl-C must not leave children behind
        raise KeyboardInterrupt

    listened = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup asked for it
        listened.append(signal.SIGHUP)
    for each in listened:
        signal.signal(each, interrupt)
    yield


def _environment(root: Path) -> dict[str, str]:
    """The environment of everything that runs in ``.venv``, without what an outer environment may have left."""
    dropped = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    path = f"{root / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return kept | {"PATH": path, "VIRTUAL_ENV": str(root / ".venv"), "PYTHONUNBUFFERED": "1"}


def _compile_messages(root: Path, environment: dict[str, str]) -> None:
    command = [str(interpreter(root)), str(root / "tools" / "messages.py"), "compile"]
    if subprocess.run(command, cwd=root, env=environment, check=False).returncode:
        raise Stop("The translations could not be compiled: the line above says where the .po file is broken.")


def _manage(root: Path, var: Path, environment: dict[str, str], *command: str, show: bool = False) -> None:
    """Run a command of manage.py; with ``show`` its lines appear as they come. Raises ``Stop`` when it fails."""
    log = var / "log" / f"{command[0]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    line_by_line = [str(interpreter(root)), "manage.py", *command]
    with (
        log.open("w") as out,
        reading(line_by_line, root=root, environment=environment, stderr=out) as (process, lines),
    ):
        for line in lines:
            out.write(line)
            out.flush()
            if show:
                print("  " + line, end="", flush=True)
    if process.returncode:
        story = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        why = story[-1] if story else f"exit code {process.returncode}"
        raise Stop(f"`manage.py {command[0]}` failed ({why}): the whole story is in {_shown(log, root)}.")


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _keep_open(root: Path, var: Path, port: int, environment: dict[str, str], started: float) -> int:
    """Start web, worker and beat, say where they are, and watch them until Ctrl-C or until one of them ends."""
    say("Starting web server, worker and clock ...")
    beat_pid = var / "beat.pid"
    beat_pid.unlink(missing_ok=True)  # of a house that was killed: the lock says that none is running
    python = str(interpreter(root))
    gunicorn = [python, "-m", "gunicorn", "retrain.wsgi:application", "--bind", f"{HOST}:{port}", "--workers", "2"]
    gunicorn += ["--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]
    celery = [python, "-m", "celery", "--quiet", "-A", "retrain"]
    commands = {
        "web": [*gunicorn, "--log-level", "warning"],
        "worker": [*celery, "worker", "-P", "solo", "--without-gossip", "--without-mingle", "-l", "WARNING"],
        "beat": [*celery, "beat", "-l", "WARNING", "--pidfile", str(beat_pid)],
    }
    children: list[Child] = []
    try:
        for name, command in commands.items():
            log = var / "log" / f"{name}.log"
            children.append(Child(name, command, root=root, log=log, environment=environment))
        ended = _wait_until_ready(children, port)
        if not ended:
            say(f"\nReady after {time.monotonic() - started:.0f} s: http://{HOST}:{port}/\n")
            _manage(root, var, environment, "demo", "--accounts", show=True)
            say(f"\nLogs are in {_shown(var / 'log', root)}/. Ctrl-C stops the house.")
        while not ended:
            time.sleep(0.5)
            ended = first_ended(children)
        say(f"\nThe {ended.name} ended by itself (exit code {ended.process.returncode}); the last lines of its log:")
        say(ended.last_lines())
        return 1
    except KeyboardInterrupt:
        say("\nStopping ...")
        return 0
    finally:
        stop(children)
        beat_pid.unlink(missing_ok=True)
        say("The house is closed.")


def _wait_until_ready(children: list[Child], port: int) -> Child | None:
    """Wait for 200 from /healthz; returns the child that ended meanwhile, raises ``Stop`` when time is up."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_WITHIN
    answer = "no answer"
    while time.monotonic() < deadline:
        if ended := first_ended(children):
            return ended
        try:
            with opener.open(f"http://{HOST}:{port}/healthz", timeout=5) as response:
                if response.status == 200:
                    return None
        except urllib.error.HTTPError as error:
            answer = f"HTTP {error.code}"
        except OSError:
            pass
        time.sleep(0.2)
    raise Stop(f"The web server is not healthy after {READY_WITHIN:.0f} s ({answer}): see web.log in var/log.")
