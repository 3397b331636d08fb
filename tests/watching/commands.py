"""The command line beside a vault, with the connection to a simulated Looker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from looker_simulator import Simulator


def run_in(looker: Simulator, directory: Path, **more: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return what runs a command in *directory*, with the connection to *looker* and *more* in its environment."""
    connection = {
        "LOOKERSDK_BASE_URL": looker.base_url,
        "LOOKERSDK_CLIENT_ID": looker.options.client_id,
        "LOOKERSDK_CLIENT_SECRET": looker.options.client_secret,
        "LOOKERVAULT_RATE_LIMIT_PER_SECOND": "0",
        "LOOKERVAULT_RATE_LIMIT_PER_MINUTE": "0",
        "LOOKERVAULT_TASK_RETRY_DELAY": "0",
        "LOOKERVAULT_MAX_ATTEMPTS": "2",
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flows.cli", *arguments]
        environment = os.environ | connection | more
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory, env=environment)

    return run
