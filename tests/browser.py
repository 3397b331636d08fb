"""A real browser to look with: Chromium over its own protocol, with nothing but what the product depends on anyway."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from tests.conftest import PATIENCE_S, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to look with"),
]


class Tab:
    """One page of a running browser."""

    def __init__(self, socket: Connection) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(PATIENCE_S))
            if told.get("id") == number:
                assert "error" not in told, told["error"]
                return told["result"]
            self.events.append(told)

    def open(self, url: str) -> None:
        """Go to *url* and wait until it has loaded."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait_until_loaded()

    def wait_until_loaded(self) -> None:
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self._socket.recv(PATIENCE_S)))

    def run(self, script: str) -> Any:
        """Return what *script*, an expression, comes to in the page."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        code = {"Tab": 9, "Enter": 13}.get(key, 0)
        typed = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            held = {"modifiers": 8 if shift else 0, "windowsVirtualKeyCode": code}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, **held, **(typed if kind == "keyDown" else {})
            )

    def look(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Be a window of that size, in that colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        wishes = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        self.call("Emulation.setEmulatedMedia", features=features)

    def picture(self, path: Path) -> None:
        """Write what the page looks like, all of it."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        told = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(told["data"]))

    def fetched(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened."""
        return [
            event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Return what the browser refused or a script failed with."""
        logged = [event["params"]["entry"]["text"] for event in self.events if event["method"] == "Log.entryAdded"]
        thrown = [str(event["params"]) for event in self.events if event["method"] == "Runtime.exceptionThrown"]
        return logged + thrown


@contextmanager
def browser() -> Generator[Tab]:
    """Run a browser with one empty tab."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [str(CHROMIUM), *QUIET, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port, _ = until(lambda: _address(Path(profile)), process)
            with connect(_page(port), max_size=None) as socket:
                yield Tab(socket)
        finally:
            process.kill()
            process.wait()


def _address(profile: Path) -> list[str] | None:
    path = profile / "DevToolsActivePort"
    lines = path.read_text().split() if path.exists() else []
    return lines if len(lines) == 2 else None


def _page(port: str) -> str:
    import urllib.request

    def found() -> str | None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=PATIENCE_S) as answer:
            pages = [one for one in json.load(answer) if one["type"] == "page"]
        return pages[0]["webSocketDebuggerUrl"] if pages else None

    return until(found)
