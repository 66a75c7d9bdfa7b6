"""Settings under test: each xdist worker gets a folder, a database and a Redis number of its own.

The environment is set *before* ``retrain.settings`` reads it, so that processes started by a test inherit it.
``DATABASE_URL`` and ``REDIS_URL`` of the shell choose the servers; a developer's ``.env`` is not read.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# The controlling process makes the base folder and removes it; xdist's workers inherit its environment.
os.environ.setdefault("RETRAIN_TEST_BASE", "")
if not os.environ["RETRAIN_TEST_BASE"]:
    os.environ["RETRAIN_TEST_BASE"] = tempfile.mkdtemp(prefix="retrain-tests-")
    os.environ["RETRAIN_TEST_DATABASE"] = os.environ.get("DATABASE_URL", "")
    os.environ["RETRAIN_TEST_REDIS"] = os.environ.get("REDIS_URL", "")
BASE = Path(os.environ["RETRAIN_TEST_BASE"])
VAR = BASE / WORKER
VAR.mkdir(parents=True, exist_ok=True)


def _redis_of_this_worker(url: str) -> str:
    """Numbers 15, 14, 13 ... so that number 0 of a developer's Redis stays untouched."""
    if not url:
        return ""
    number = 15 if WORKER == "main" else 14 - int(WORKER.removeprefix("gw")) % 14
    return urlsplit(url)._replace(path=f"/{number}").geturl()


for _name in [name for name in os.environ if name.startswith("RETRAIN_") and not name.startswith("RETRAIN_TEST_")]:
    if _name not in ("RETRAIN_REQUIRE", "RETRAIN_CHROMIUM"):
        del os.environ[_name]
os.environ |= {
    "RETRAIN_ENV_FILE": os.devnull,
    "RETRAIN_VAR": str(VAR),
    "DATABASE_URL": os.environ["RETRAIN_TEST_DATABASE"] or f"sqlite:///{VAR / 'development.sqlite3'}",
    "REDIS_URL": _redis_of_this_worker(os.environ["RETRAIN_TEST_REDIS"]),
    "EMAIL_URL": "",
    # Playwright's synchronous interface runs an event loop in the thread that also uses the database.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}

from retrain.settings import *  # noqa: E402, F403, TID251 -- after the environment is set

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, for tests only
_database = DATABASES["default"]  # noqa: F405
if "sqlite" in _database["ENGINE"]:
    # A file, because live servers and races need several connections; no flush to disk, because nobody keeps it.
    _database["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
    _database["OPTIONS"]["init_command"] = _database["OPTIONS"]["init_command"].replace("FULL", "OFF")
else:
    _database["CONN_MAX_AGE"] = 0
    # Made by tests/servers.py: UTF8 and C.UTF-8 whatever the cluster's default is.
    _database["TEST"] = {"NAME": f"test_{_database['NAME']}", "TEMPLATE": "retrain_test_template"}
