"""Copy the front-end packages of ``frontend/package.json`` into ``static/vendor`` (run by a maintainer, never at install).

``python tools/vendor.py`` runs ``npm ci --ignore-scripts`` in ``frontend/``, copies the few dist files that the pages
load, builds one SVG sprite of the icons named in ``frontend/icons.txt``, adds each licence text and writes ``VENDOR.json`` (package,
version, licence and the SHA-256 of every file). The results are committed, so an installation needs neither Node nor
the network. axe-core is only for the browser tests and lands in ``tests/vendor``.

To add an icon: its name from the bootstrap-icons package into ``frontend/icons.txt``, run this, commit.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
MODULES = FRONTEND / "node_modules"

# package -> (target folder, {file in the package: file name in the target})
PACKAGES: dict[str, tuple[str, dict[str, str]]] = {
    "bootstrap": (
        "static/vendor/bootstrap",
        {
            "dist/css/bootstrap.min.css": "bootstrap.min.css",
            "dist/js/bootstrap.bundle.min.js": "bootstrap.bundle.min.js",
            "LICENSE": "LICENSE",
        },
    ),
    "bootstrap-icons": ("static/vendor/bootstrap-icons", {"LICENSE": "LICENSE"}),
    "axe-core": ("tests/vendor/axe-core", {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"}),
}
SPRITE = "icons.svg"

ICONS = (FRONTEND / "icons.txt").read_text().split()


def sprite(folder: Path) -> str:
    """One SVG document with a ``<symbol>`` per icon, ids being the icons' own names."""
    symbols = []
    for name in sorted(ICONS):
        source = (folder / f"{name}.svg").read_text()
        match = re.search(r'viewBox="([^"]+)"[^>]*>(.*)</svg>', source, re.DOTALL)
        if match is None:
            raise SystemExit(f"{name}.svg has an unexpected form.")
        body = re.sub(r"\s*\n\s*", "", match[2])
        symbols.append(f'<symbol id="{name}" viewBox="{match[1]}">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def without_source_map(data: bytes) -> bytes:
    """The file without its ``sourceMappingURL``: the map is not shipped, and collectstatic would look for it."""
    return re.sub(rb"\s*(/\*|//)# sourceMappingURL=[^\s*]+(\s*\*/)?\s*$", b"\n", data)


def main() -> int:
    """Install, copy, write ``VENDOR.json``; 1 when npm is missing or fails."""
    npm = shutil.which("npm")
    if npm is None:
        print(
            "npm is needed to vendor front-end packages; an installation of Retrain does not need it.", file=sys.stderr
        )
        return 1
    if subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FRONTEND, check=False).returncode:
        return 1
    entries = []
    for package, (target, files) in PACKAGES.items():
        folder = ROOT / target
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for source, name in files.items():
            (folder / name).write_bytes(without_source_map((MODULES / package / source).read_bytes()))
        if package == "bootstrap-icons":
            (folder / SPRITE).write_text(sprite(MODULES / package / "icons"))
        meta = json.loads((MODULES / package / "package.json").read_text())
        entries.append(
            {
                "name": package,
                "version": meta["version"],
                "licence": meta["license"],
                "files": {
                    f"{target}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
                    for path in sorted(folder.iterdir())
                },
            }
        )
    text = json.dumps(entries, indent=2) + "\n"
    (ROOT / "static/vendor/VENDOR.json").write_text(text)
    print(f"Vendored {len(entries)} packages, {len(ICONS)} icons.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
