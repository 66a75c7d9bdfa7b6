"""``make run`` and ``make test`` on a machine that is not as it should be: one sentence, no traceback."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from tools import children, house, installation, running


def start_house(root, tmp_path, *arguments: str, **environment: str) -> subprocess.Popen:
    """tools/house.py as ``make`` starts it, in a var folder of its own and without this suite's settings."""
    own = ("RETRAIN_", "DJANGO_", "PYTEST_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MAKE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return subprocess.Popen(
        [sys.executable, "tools/house.py", *arguments],
        cwd=root,
        env=kept | {"RETRAIN_VAR": str(tmp_path / "var"), "RETRAIN_ENV_FILE": os.devnull} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def refused(process: subprocess.Popen) -> str:
    """What the house says when it refuses: exactly one line."""
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.count("\n") == 1, said
    return said


def listening() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_a_wrong_python_is_told_what_to_do(version):
    why = house.refusal(version, "linux")
    assert f"{version[0]}.{version[1]}" in why
    assert "make run PYTHON=" in why


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 7), (3, 13, 9)])
def test_three_pythons_are_right(version):
    assert house.refusal(version, "linux") == house.refusal(version, "darwin") == ""
    assert "WSL" in house.refusal(version, "win32")


def test_the_first_file_is_readable_by_old_pythons(root):
    compile((root / "tools" / "house.py").read_text(), "house.py", "exec", dont_inherit=True)
    import ast

    ast.parse((root / "tools" / "house.py").read_text(), feature_version=(3, 6))


def test_a_taken_port_is_named_with_another_one(root, tmp_path):
    with listening() as server:
        port = server.getsockname()[1]
        said = refused(start_house(root, tmp_path, "run", PORT=str(port)))
    assert f"Port {port} is taken" in said
    assert f"make run PORT={port + 1 if port < 65535 else 8000}" in said


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "", "８０００"])
def test_a_port_that_is_none_is_refused(root, tmp_path, port):
    assert "is no port" in refused(start_house(root, tmp_path, "run", PORT=port))


def test_a_second_house_is_shown_the_first(root, tmp_path):
    with running._only_house(tmp_path / "var", 8000):
        said = refused(start_house(root, tmp_path, "run", PORT="8001"))
    assert "http://127.0.0.1:8000" in said


def test_a_missing_venv_module_is_named_with_its_package(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "missing_modules", lambda: ["ensurepip"])
    with pytest.raises(installation.Stop, match="apt-get install python3-venv"):
        installation.install(tmp_path, installation.RUNTIME)


@pytest.mark.slow
def test_without_a_package_index_pip_ends_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    (tmp_path / "requirements.txt").write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(installation.Stop, match=r"pip could not install requirements\.txt .*var/log/pip\.log"):
        installation.install(tmp_path, "requirements.txt")
    assert not (tmp_path / ".venv" / "installed-requirements.txt").exists()


def test_a_broken_environment_is_made_again(tmp_path):
    python = installation.interpreter(tmp_path)
    python.parent.mkdir(parents=True)
    assert not installation._usable(tmp_path)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert not installation._usable(tmp_path)


def test_the_requirements_are_pinned_hashed_and_name_no_machine(root):
    pins = {}
    for name in (installation.RUNTIME, installation.TOOLS):
        text = (root / name).read_text()
        assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|(^|\s)/\w", text), name
        blocks = re.split(r"\n(?=[a-z])", text.split("\n", 2)[2])
        assert all("==" in block and "--hash=sha256:" in block for block in blocks)
        pins[name] = {block.split("\\")[0].strip() for block in blocks}
    assert pins[installation.RUNTIME] <= pins[installation.TOOLS], "run `make lock`"


def test_children_get_term_then_kill_with_all_they_started(tmp_path):
    stubborn = "import signal, subprocess, time; signal.signal(15, signal.SIG_IGN); " + (
        "print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    )
    commands = {"mild": "import time; time.sleep(600)", "stubborn": stubborn}
    started = [
        children.Child(
            name,
            [sys.executable, "-c", code],
            root=tmp_path,
            log=tmp_path / name,
            environment=dict(os.environ),
        )
        for name, code in commands.items()
    ]
    mild, hard = started
    while not hard.last_lines():
        time.sleep(0.05)
    assert children.first_ended(started) is None
    children.stop(started, grace=0.5)
    assert mild.process.returncode == -signal.SIGTERM
    assert hard.process.returncode == -signal.SIGKILL
    assert children.first_ended(started) is mild
    assert not _runs(int(hard.last_lines()))


def _runs(pid: int) -> bool:
    """True while the process is there and no zombie that nobody has collected yet."""
    for _ in range(40):
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not state.strip() or state.startswith("Z"):
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.xdist_group("live")
def test_the_house_opens_stops_and_opens_again(root, tmp_path):
    """Real web server, worker and beat on a new var folder: install (if need be), migrate, demo, address, Ctrl-C."""
    with listening() as server:
        port = server.getsockname()[1]
    for attempt, longest in (
        (1, 180),
        (2, 45),
    ):  # promised within 90 s and 20 s on a machine that does nothing else; here the other workers take their share
        process = start_house(root, tmp_path, "run", PORT=str(port))
        said = []
        try:
            begun = time.monotonic()
            for line in process.stdout:
                said.append(line)
                if "Preparing the database" in line:
                    begun = time.monotonic()
                if "Ctrl-C stops the house" in line:
                    break
            story = "".join(said)
            assert f"http://127.0.0.1:{port}/" in story, story
            assert "demo-" in story, "the demonstration accounts are not told"
            assert time.monotonic() - begun < longest, f"start {attempt}:\n{story}"
            logs = {path.name for path in (tmp_path / "var" / "log").iterdir()}
            assert {"web.log", "worker.log", "beat.log"} <= logs
            assert "Traceback" not in "".join(path.read_text() for path in (tmp_path / "var" / "log").iterdir())
        finally:
            process.send_signal(signal.SIGINT)
            said.append(process.communicate(timeout=40)[0])
        assert process.returncode == 0, "".join(said)
        assert said[-1].endswith("The house is closed.\n")
        assert not (tmp_path / "var" / "beat.pid").exists()
        running._require_free(port)
