"""Named points at which the fault tests kill or hold a worker; outside of them nothing happens here.

``RETRAIN_FAILPOINT`` is ``name`` (kill this process there), ``name:3`` (at the third passing), or ``name@/a/path``:
make that file and wait until somebody removes it. Production refuses to start with it.
"""

import os
import signal
import time
from collections import Counter
from pathlib import Path

from django.conf import settings

_passed: Counter[str] = Counter()
# Seconds after which a held worker goes on by itself, should nobody remove the file.
HELD_AT_MOST = 60.0


def failpoint(name: str) -> None:
    """Do what the environment asks for at this point; nothing in production, and nothing unless it names the point."""
    if not settings.FAILPOINT or settings.PRODUCTION:
        return
    point, _at, held = settings.FAILPOINT.partition("@")
    point, _colon, nth = point.partition(":")
    if point != name:
        return
    _passed[name] += 1
    if _passed[name] != int(nth or 1):
        return
    if not held:
        os.kill(os.getpid(), signal.SIGKILL)
    path, until = Path(held), time.monotonic() + HELD_AT_MOST
    path.touch()
    while path.exists() and time.monotonic() < until:
        time.sleep(0.02)
