"""What the browser loads: vendored files are what VENDOR.json says, and no template breaks the content security policy."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OWN_ASSETS = [ROOT / "static/css/retrain.css", ROOT / "static/js/retrain.js"]
ICONS = (ROOT / "frontend/icons.txt").read_text().split()
VENDOR = json.loads((ROOT / "static/vendor/VENDOR.json").read_text())
ICON = re.compile(r"""{%\s*icon\s+(?:"([\w-]+)"|[\w.]+\|default:"([\w-]+)")""")

# What Chromium 86, the oldest browser in the county, does not know.
TOO_NEW_CSS = r":has\(|:is\(|:where\(|@container|@layer|\binset:|aspect-ratio|oklch|color-mix|overflow(-[xy])?:\s*clip|\(width|\d(dvh|svh)|^\s*&"
TOO_NEW_JS = (
    r"\.at\(|Object\.hasOwn|structuredClone|randomUUID|\.findLast|\beval\(|new Function|\.style\b|setAttribute\(\"style"
)


def file_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_vendored_files_are_those_that_were_recorded():
    recorded = {name: digest for entry in VENDOR for name, digest in entry["files"].items()}
    present = [
        path for folder in ("static/vendor", "tests/vendor") for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    assert {file_id(path) for path in present} == recorded.keys() | {"static/vendor/VENDOR.json"}
    for name, digest in recorded.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, f"{name}: run tools/vendor.py"


def test_versions_and_licences_are_recorded():
    wanted = json.loads((ROOT / "frontend/package.json").read_text())["dependencies"]
    assert {entry["name"]: entry["version"] for entry in VENDOR} == wanted
    assert all(entry["licence"] and any(name.endswith("/LICENSE") for name in entry["files"]) for entry in VENDOR)


def test_lock_names_no_registry():
    assert '"resolved"' not in (ROOT / "frontend/package-lock.json").read_text()


@pytest.mark.parametrize(
    "path", [path for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js"}], ids=file_id
)
def test_no_source_map_is_named(path):
    assert b"sourceMappingURL" not in path.read_bytes()


@pytest.mark.parametrize("path", TEMPLATES, ids=file_id)
def test_template_keeps_the_content_security_policy(path):
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"""(src|href|action|srcset|poster)=["']?\s*(https?:)?//""", text, re.IGNORECASE), (
        "an address of another host"
    )
    assert not re.search(r"<style\b|\sstyle\s*=", text, re.IGNORECASE), "inline style"
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", text, re.IGNORECASE), "inline script"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']|javascript:", text, re.IGNORECASE), "inline handler"


@pytest.mark.parametrize("path", TEMPLATES, ids=file_id)
def test_template_names_only_icons_of_the_sprite(path):
    named = {first or second for first, second in ICON.findall(path.read_text())}
    assert named <= set(ICONS)


def test_sprite_holds_every_icon():
    sprite = (ROOT / "static/vendor/bootstrap-icons/icons.svg").read_text()
    assert sorted(re.findall(r'<symbol id="([^"]+)"', sprite)) == sorted(ICONS)


@pytest.mark.parametrize("path", OWN_ASSETS, ids=file_id)
def test_own_assets_run_in_the_oldest_browser(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(TOO_NEW_CSS if path.suffix == ".css" else TOO_NEW_JS, text, re.MULTILINE)
    assert not re.search(r"url\(|@import|https?://", text)
