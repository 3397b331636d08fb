"""What every test starts from: no settings of the machine, no directory of the repository; and a Prefect server to share."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# What a test's processes import is compiled once, on a machine too that would have each compile all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_OURS = ("LOOKERSDK_", "LOOKERVAULT_", "PREFECT_")
# How long a test waits for an event before it calls the product broken: no machine is ever so busy.
PATIENCE_S = 300


def pytest_collection_finish() -> None:
    """Keep what was imported and collected out of every collection of garbage: it stays to the end."""
    gc.freeze()


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the user's settings away, and run in an empty directory, where no configuration file lies."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


class PrefectServer(NamedTuple):
    """A running server; `environment` is what a process needs to use it."""

    api_url: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"PREFECT_API_URL": self.api_url, "PREFECT_HOME": str(self.home)}


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A real Prefect server on a free port with a home of its own; it takes some 20 s to start, so it is shared."""
    home = tmp_path_factory.mktemp("prefect")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PrefectServer(f"http://127.0.0.1:{port}/api", home)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    environment["PREFECT_UI_API_URL"] = server.api_url
    environment |= {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: _is_up(f"{server.api_url}/health"), process, look_every_s=0.2)
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, by force if it takes longer than a minute."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(
    happened: Callable[[], Any], process: subprocess.Popen[Any] | None = None, *, look_every_s: float = 0.01
) -> Any:
    """Return what *happened* says once it says something. The test fails if *process* ends before that."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not (found := happened()):
        assert process is None or process.poll() is None, "it ended before what was waited for"
        assert time.monotonic() < deadline_s, "what was waited for never happened"
        time.sleep(look_every_s)
    return found


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20):
            return True
    except (urllib.error.URLError, OSError):
        return False
