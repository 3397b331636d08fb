"""What a person sees of a run in the Prefect UI, in a real browser."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, QUIET, needs_browser
from tests.conftest import PATIENCE_S, PrefectServer
from tests.flows.conftest import Prefect
from tests.flows.site import until

pytestmark = [pytest.mark.prefect, *needs_browser]


def page(url: str, profile: Path) -> str:
    """Return the page as the browser has it once its scripts have run."""
    shown = ["--window-size=1400,1000", "--virtual-time-budget=20000", "--dump-dom", url]
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", *shown]
    return subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S).stdout.decode()


def test_the_page_of_a_run_names_it_and_shows_how_it_ended(
    prefect: Prefect, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    assert prefect.run(types=["themes"]).name == "Completed"
    prefect.tasks(1)
    url = f"{prefect_server.api_url.removesuffix('/api')}/runs/flow-run/{prefect.flow_run_id}"
    shown = itertools.count()
    seen = until(lambda: found if "Completed" in (found := page(url, tmp_path / f"profile{next(shown)}")) else "")
    assert "extract themes" in seen
    assert "Completed" in seen
    assert "Artifacts" in seen
