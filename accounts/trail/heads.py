"""The head of the trail as a file outside the database: what was rewritten before it shows."""

import json
from pathlib import Path

from django.utils import timezone

from accounts.trail.models import TrailHead


def export_head(path: Path) -> Path:
    """Write number and hash of the last event; returns the path."""
    head = TrailHead.objects.get(pk=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps({"seq": head.seq, "hash": head.hash, "at": timezone.now().isoformat()}))
    draft.replace(path)  # whole or not at all, whoever is killed
    return path


def read_head(path: Path) -> tuple[int, str]:
    """The exported (seq, hash); raises ValueError when the file is not one."""
    try:
        data = json.loads(path.read_text())
        return int(data["seq"]), str(data["hash"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not an exported head") from error
