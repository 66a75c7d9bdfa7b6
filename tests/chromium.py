"""Fixtures for real Chromium: pages that fail on any console error, and an accessibility scan.

``page`` is a Chinese desktop page on the live server, ``phone`` a narrow one, ``open_page`` makes others. Expected
refusals are announced: ``console.allow(409)``.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

DESKTOP = (1440, 900)
PHONE = (375, 812)
_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Console:
    """What the pages of one test wrote to the console, and what of it counts as a fault."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.faults: list[str] = []
        self._allowed: set[int] = set()

    def allow(self, *statuses: int) -> None:
        """Announce that this test provokes answers with these HTTP statuses."""
        self._allowed.update(statuses)

    def watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        self.messages.append(f"{message.type}: {message.text}")
        status = _STATUS.match(message.text)
        if status and int(status[1]) in self._allowed:
            return
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium (or the one that RETRAIN_CHROMIUM names); a named skip where there is none."""
    path = os.environ.get("RETRAIN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("needs Chromium: install the package chromium or name the program in RETRAIN_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def console() -> Iterator[Console]:
    """Fails the test at its end when any of its pages wrote an error or broke the content policy."""
    console = Console()
    yield console
    assert not console.faults, "The browser's console is not clean:\n" + "\n".join(console.faults)


@pytest.fixture
def open_page(
    browser: Browser, live_server, console: Console, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """``open_page(locale="en-GB", size=PHONE, javascript=False)``: a page with cookies of its own."""
    contexts: list[BrowserContext] = []

    def make(*, locale: str = "zh-CN", size: tuple[int, int] = DESKTOP, javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale=locale,
            timezone_id="Asia/Shanghai",
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=javascript,
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.on("page", console.watch)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A Chinese desktop page, 1440 x 900."""
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A Chinese page of a phone, 375 x 812."""
    return open_page(size=PHONE)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """``axe(page)`` fails with rule and place of every accessibility violation on the page as it stands."""
    source = _AXE.read_text(encoding="utf-8")

    def scan(page: Page) -> None:
        # Through the debugger, not as a script of the page: the content policy stays in force and is not tripped.
        page.evaluate(source)
        violations = page.evaluate("() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        lines = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n    {node['target']} {node['html'][:200]}"
            for violation in violations
            for node in violation["nodes"]
        ]
        assert not lines, f"{page.url} is not accessible:\n" + "\n".join(lines)

    return scan
