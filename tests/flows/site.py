"""A place where workers run our deployments: two simulated instances, and the deployments of prefect.yaml on a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from looker_simulator import Simulator, SimulatorOptions
from tests import conftest
from tests.conftest import PrefectServer, stop

ROOT = Path(__file__).parents[2]
_OURS = ("LOOKERSDK_", "LOOKERVAULT_", "PREFECT_")


class Site(NamedTuple):
    """Two instances, a deployment of `extract` for each as prefect.yaml has them, and a worker that serves them."""

    lookers: dict[str, Simulator]
    vaults: Path

    def vault(self, name: str) -> Path:
        return self.vaults / f"{name}.db"


@pytest.fixture(scope="session")
def site(prefect_server: PrefectServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("fleet")
    known = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    environment = (
        known
        | prefect_server.environment
        | {
            "LOOKERVAULT_ROOT": str(ROOT),
            "LOOKERVAULT_RATE_LIMIT_PER_SECOND": "0",
            "LOOKERVAULT_RATE_LIMIT_PER_MINUTE": "0",
            "LOOKERVAULT_MAX_ATTEMPTS": "2",
            "LOOKERVAULT_TASK_RETRY_DELAY": "0",
            "PREFECT_LOCAL_STORAGE_PATH": str(home / "results"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
    )
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    pool = [*prefect, "work-pool", "create", "lookervault", "--type", "process"]
    subprocess.run(pool, env=environment, cwd=home, check=True, capture_output=True)
    (home / "prefect.yaml").write_text(_uncommented(home))
    deploy = [*prefect, "deploy", "--all", "--prefect-file", str(home / "prefect.yaml")]
    subprocess.run(deploy, env=environment, cwd=ROOT, check=True, capture_output=True)
    with (
        Simulator(SimulatorOptions(scale="tiny", seed=1)) as emea,
        Simulator(SimulatorOptions(scale="tiny", seed=2)) as us,
        (home / "worker.log").open("wb") as log,
    ):
        start = [*prefect, "worker", "start", "--pool", "lookervault", "--name", "test"]
        worker = subprocess.Popen(start, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            yield Site({"emea": emea, "us": us}, home)
        finally:
            stop(worker)


def _uncommented(vaults: Path) -> str:
    """Return prefect.yaml with the deployments of its example, and their vaults in *vaults*."""
    text = (ROOT / "prefect.yaml").read_text()
    head, example = re.split(r"(?m)^(?=  # - name: nightly-emea$)", text)
    return head + re.sub(r"(?m)^  # ", "  ", example).replace("/srv/lookervault", str(vaults))


def keep(name: str, looker: Simulator, secret: str = "simulator-secret") -> None:
    """Keep the connection of *looker* as the block that the deployment of *name* uses."""
    from pydantic import SecretStr

    from tasks.blocks import LookerCredentials

    LookerCredentials(base_url=looker.base_url, client_id=SecretStr("simulator"), client_secret=SecretStr(secret)).save(
        name, overwrite=True
    )


def until(holds: Callable[[], Any]) -> Any:
    """Return what *holds* says once it says something; it asks a server, so not too often."""
    return conftest.until(holds, look_every_s=0.3)
