"""Settings come from the environment: the example lists them all, production refuses what is unsafe."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

SECRETS = ("RETRAIN_SECRET_KEY", "RETRAIN_FIELD_KEY", "RETRAIN_INDEX_KEY")
_READERS = {"str", "bool", "list", "db", "int", "email_url", "path", "url", "_secret"}


def production(tmp_path: Path, **changes: str | None) -> dict[str, str]:
    """The smallest environment in which production starts; None takes a variable out."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    wanted = {
        "DJANGO_SETTINGS_MODULE": "retrain.settings",
        "RETRAIN_ENV_FILE": os.devnull,
        "RETRAIN_PRODUCTION": "True",
        "RETRAIN_HOSTS": "retrain.example.org",
        "RETRAIN_VAR": str(tmp_path / "var"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    wanted |= {name: f"{name.lower()}-{'0123456789abcdefghijklmnopqrstuvwxyz' * 2}" for name in SECRETS}
    return kept | {name: value for name, value in (wanted | changes).items() if value is not None}


def start(root: Path, environment: dict[str, str], *command: str) -> subprocess.CompletedProcess:
    command = command or ("-c", "import django; django.setup()")
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def variables_read(root: Path) -> set[str]:
    """Names that settings.py asks the environment for."""
    names = set()
    for node in ast.walk(ast.parse((root / "retrain" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in _READERS and re.fullmatch(r"[A-Z][A-Z_]+", str(node.args[0].value)):
                names.add(node.args[0].value)
    return names


def test_the_example_lists_every_variable_and_no_other(root):
    listed = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (root / ".env.example").read_text(), flags=re.MULTILINE)
    assert len(listed) == len(set(listed)), "a variable is listed twice"
    assert set(listed) == variables_read(root)


def test_the_example_sets_nothing_by_itself(root):
    lines = (root / ".env.example").read_text().splitlines()
    assert all(line.startswith("#") or not line.strip() for line in lines)


def test_only_the_settings_read_the_environment(root):
    for app in ("accounts", "assessments", "cohorts"):
        for path in (root / app).rglob("*.py"):
            assert not re.search(r"\bos\.(environ|getenv)\b", path.read_text()), (
                f"{path}: read it in retrain/settings.py"
            )


def test_production_starts_with_what_the_example_asks_for(root, tmp_path):
    done = start(root, production(tmp_path))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "var" / "keys").exists(), "production made a key of its own"


@pytest.mark.parametrize("name", [*SECRETS, "DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_production_refuses_without(root, tmp_path, name, value):
    done = start(root, production(tmp_path, **{name: value}))
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1].endswith(f"{name} must be set in production.")


@pytest.mark.parametrize("name", ["RETRAIN_DEMO", "RETRAIN_DEBUG"])
def test_production_refuses_with(root, tmp_path, name):
    done = start(root, production(tmp_path, **{name: "True"}))
    assert done.returncode != 0
    assert "Production refuses to start" in done.stderr


def test_production_refuses_to_be_killed_by_a_fault_test(root, tmp_path):
    done = start(root, production(tmp_path, RETRAIN_FAILPOINT="mail.after_claim"))
    assert done.returncode != 0
    assert "Production refuses to start with RETRAIN_FAILPOINT." in done.stderr


def test_production_has_no_deployment_warning(root, tmp_path):
    done = start(root, production(tmp_path), "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


def test_development_makes_its_keys_once_and_keeps_them_private(root, tmp_path):
    environment = {"PATH": os.environ["PATH"], "RETRAIN_VAR": str(tmp_path), "RETRAIN_ENV_FILE": os.devnull}
    show = ("-c", "from retrain import settings as s; print(s.SECRET_KEY, s.FIELD_KEY, s.INDEX_KEY)")
    first, second = start(root, environment, *show), start(root, environment, *show)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert len(set(first.stdout.split())) == 3
    for name in SECRETS:
        key = tmp_path / "keys" / name.lower()
        assert key.stat().st_mode & 0o777 == 0o600


def test_the_postgresql_driver_is_psycopg2():
    """Django prefers psycopg 3 without a word as soon as any package brings it."""
    assert importlib.util.find_spec("psycopg2")
    assert importlib.util.find_spec("psycopg") is None


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_test_database_sorts_and_counts_chinese():
    assert connection.Database.__name__ == "psycopg2"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        assert cursor.fetchone() == ("UTF8",)
        cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == ("C.UTF-8",)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_test_database_is_a_file_with_a_write_ahead_log():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone() == (1,)


def test_no_secret_lies_in_the_repository(root):
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    names = tracked.stdout.split("\0") if tracked.returncode == 0 else [str(p) for p in root.rglob(".env*")]
    assert not [name for name in names if re.search(r"(^|/)(\.env|id_rsa|.*\.(pem|key|p12))$", name)]
    private = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY")
    assigned = re.compile(r"(SECRET|PASSWORD|TOKEN|_KEY)[A-Z_]*\s*=\s*[\"'][A-Za-z0-9+/=_-]{20,}[\"']")
    for name in names:
        path = root / name
        if path.suffix in {".py", ".toml", ".md", ".html", ".ini", ".example"} and path.is_file():
            text = path.read_text(errors="replace")
            assert not private.search(text), name
            # Tests invent passwords for invented people.
            assert name.startswith("tests/") or not assigned.search(text), name
