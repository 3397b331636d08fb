"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.vault import Vault
from tests.cli import warm
from tests.conftest import PATIENCE_S, PrefectServer
from tests.simulated import capture_all, client

SECRET = "simulator-secret"
SCREEN = {"COLUMNS": "200"}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def looker() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny")) as simulator:
        yield simulator


@pytest.fixture
def environment(looker: Simulator, tmp_path: Path) -> dict[str, str]:
    """What a user would have exported to reach *looker*."""
    return (
        _known()
        | {
            "LOOKERSDK_BASE_URL": looker.base_url,
            "LOOKERSDK_CLIENT_ID": "simulator",
            "LOOKERSDK_CLIENT_SECRET": SECRET,
            "LOOKERVAULT_RATE_LIMIT_PER_SECOND": "0",
            "LOOKERVAULT_RATE_LIMIT_PER_MINUTE": "0",
            "LOOKERVAULT_TASK_RETRY_DELAY": "0",
            "LOOKERVAULT_MAX_ATTEMPTS": "2",
            "PREFECT_HOME": str(tmp_path / "prefect"),
        }
        | SCREEN
    )


def _known() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith((*warm.OURS, "PYTEST_"))}


@pytest.fixture(scope="session")
def starter() -> Iterator[warm.Starter | None]:
    if os.environ.get("LOOKERVAULT_COLD_STARTS"):
        yield None
        return
    with warm.starter(_known() | SCREEN) as one:
        yield one


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path, starter: warm.Starter | None) -> Run:
    """Run one command: ``cli("extract", "--json", LOOKERVAULT_DB_PATH="x.db")``; a variable set to None is removed."""

    def run(*arguments: str, module: str = "flows.cli", **variables: str | None) -> subprocess.CompletedProcess[str]:
        merged: dict[str, Any] = environment | variables
        set_ones = {name: value for name, value in merged.items() if value is not None}
        if starter and module == "flows.cli" and starter.knows(set_ones):
            return starter.run(arguments, set_ones, tmp_path, PATIENCE_S)
        return subprocess.run(
            [*program(module), *arguments],
            env=set_ones,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    return run


def scripted(script: str, environment: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of Python in a process of its own, where what it imports can be seen."""
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def program(module: str = "flows.cli") -> list[str]:
    """Return the command as a user starts it."""
    if module == "flows.cli":
        return [str(Path(sys.executable).with_name("lookervault"))]
    return [sys.executable, "-m", module]


@pytest.fixture
def vault_path(looker: Simulator, tmp_path: Path) -> Path:
    """A backup of *looker* where the command looks for it."""
    path = tmp_path / "looker.db"
    with Vault.create_or_open(path) as vault, client(looker) as one:
        capture_all(vault, one, looker)
    return path


@pytest.fixture
def on_server(prefect_server: PrefectServer) -> dict[str, str]:
    return prefect_server.environment
