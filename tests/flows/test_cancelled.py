"""A run that somebody cancels in the UI ends at once, leaves what it did, and can be gone on with."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from lookervault_core.restore.drivers import restore, resumed
from lookervault_core.simulator import Simulator, mutate
from lookervault_core.vault import Vault, restorations
from tests.flows.conftest import Prefect
from tests.flows.site import Site, keep, until
from tests.restore.conftest import capture, client

pytestmark = pytest.mark.prefect


def start(prefect: Prefect, name: str, **parameters: Any) -> None:
    from prefect.deployments import run_deployment

    run: Any = run_deployment(name, parameters=parameters, timeout=0)
    prefect.flow_run_id = run.id


def cancel(prefect: Prefect) -> float:
    """Cancel the run and return the seconds that it took to end."""
    from prefect.states import Cancelling

    begun = time.monotonic()
    prefect._client(lambda client: client.set_flow_run_state(prefect.flow_run_id, Cancelling()))
    until(lambda: prefect.state().is_cancelled())
    return time.monotonic() - begun


def titles(simulator: Simulator) -> dict[str, str]:
    return {row["id"]: row["title"] for row in simulator.world["looks"] if not row["deleted"]}


def test_a_cancelled_restore_stops_writing_and_is_resumed(site: Site, prefect: Prefect, tmp_path: Path) -> None:
    simulator = site.lookers["us"]
    keep("us", simulator)
    with client(simulator) as looker, Vault.create_or_open(tmp_path / "looker.db") as vault:
        capture(vault, looker)
    before = titles(simulator)
    for one in before:
        mutate(simulator.world, "update", "looks", one, {"title": f"wrecked {one}"})
    start(
        prefect, "restore/on-demand", types=["looks"], approve="no", credentials_block="us", workers=2,
        db_path=str(tmp_path / "looker.db"), rate_limit_per_second=1,
    )  # fmt: skip
    until(lambda: sum(titles(simulator)[one] == title for one, title in before.items()) > 1)
    assert cancel(prefect) < 15, "Prefect's patience with a process that does not end is 30 s"
    restored = sum(titles(simulator)[one] == title for one, title in before.items())
    time.sleep(3)
    assert restored == sum(titles(simulator)[one] == title for one, title in before.items()) < len(before)
    with client(simulator) as looker, Vault.create_or_open(tmp_path / "looker.db") as vault:
        (session,) = restorations.newest_first(vault)
        assert session.status == "failed"
        assert restore(resumed(vault, looker)).status == "completed"
    assert titles(simulator) == before


def test_a_cancelled_extraction_ends_at_once_and_is_resumed(site: Site, prefect: Prefect, tmp_path: Path) -> None:
    path = tmp_path / "looker.db"
    keep("us", site.lookers["us"])
    start(prefect, "extract/nightly", credentials_block="us", workers=2, db_path=str(path), rate_limit_per_second=2)
    until(lambda: path.exists() and site.lookers["us"].calls.snapshot()["total"] > 10)
    assert cancel(prefect) < 15
    prefect.again(credentials_block="us", db_path=str(path), rate_limit_per_second=0)
    with Vault.open(path) as vault:
        assert [one.status for one in vault.snapshots()] == ["complete"]
