"""What a person sees of a run in the Prefect UI, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import PrefectServer
from tests.flows.conftest import Prefect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
]

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to look with"),
]


def page(url: str, profile: Path) -> str:
    """Return the page as the browser has it once its scripts have run."""
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom", url]
    return subprocess.run(command, check=True, capture_output=True, timeout=90).stdout.decode()


def test_the_page_of_a_run_names_it_and_shows_how_it_ended(
    prefect: Prefect, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    assert prefect.run(types=["themes"]).name == "Completed"
    prefect.tasks(1)
    url = f"{prefect_server.api_url.removesuffix('/api')}/runs/flow-run/{prefect.flow_run_id}"
    for attempt in range(3):
        seen = page(url, tmp_path / f"profile{attempt}")
        if "Completed" in seen:
            break
        time.sleep(2)
    assert "extract themes" in seen
    assert "Completed" in seen
    assert "Artifacts" in seen
