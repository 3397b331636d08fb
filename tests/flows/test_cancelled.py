"""A run that somebody cancels in the UI ends at once, leaves what it did, and can be gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.errors import VaultLocked
from lookervault_core.restore.runs import restore, resumed
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import restorations
from tests.flows.conftest import Prefect
from tests.flows.site import Site, keep, until
from tests.simulated import capture, client

pytestmark = pytest.mark.prefect


def start(prefect: Prefect, name: str, **parameters: Any) -> None:
    from prefect.deployments import run_deployment

    run: Any = run_deployment(name, parameters=parameters, timeout=0)
    prefect.flow_run_id = run.id


def cancel(prefect: Prefect) -> None:
    """Cancel the run and wait for its end."""
    from prefect.states import Cancelling

    prefect._client(lambda client: client.set_flow_run_state(prefect.flow_run_id, Cancelling()))
    until(lambda: prefect.state().is_cancelled())


def nobody_runs(path: Path) -> bool:
    """Return whether the process of the run is gone: its lock on the vault goes with it."""
    try:
        with Vault.open(path) as vault, vault.run_lock():
            return True
    except VaultLocked:
        return False


def titles(simulator: Simulator) -> dict[str, str]:
    return {row["id"]: row["title"] for row in simulator.world["looks"] if not row["deleted"]}


def test_a_cancelled_restore_stops_writing_and_is_resumed(site: Site, prefect: Prefect, tmp_path: Path) -> None:
    """Looker is out of order after two writes, so that the run waits and is cancelled in the middle on any machine."""
    simulator, path = site.lookers["us"], tmp_path / "looker.db"
    keep("us", simulator)
    with client(simulator) as looker, Vault.create_or_open(path) as vault:
        capture(vault, looker)
    before = titles(simulator)
    for one in before:
        mutate(simulator.world, "update", "looks", one, {"title": f"wrecked {one}"})
    outage = simulator.faults.add("503", operation="update_look", after=2, retry_after_s=60)
    start(
        prefect, "restore/on-demand", types=["looks"], approve="no", credentials_block="us", workers=2, db_path=str(path),
        max_retries=100,
    )  # fmt: skip
    until(lambda: outage.fired)
    cancel(prefect)
    until(lambda: nobody_runs(path))
    simulator.faults.clear()
    assert sum(titles(simulator)[one] == title for one, title in before.items()) == 2
    with client(simulator) as looker, Vault.create_or_open(path) as vault:
        (session,) = restorations.newest_first(vault)
        assert session.status == "interrupted", "it was told to stop, and not killed"
        assert restore(resumed(vault, looker)).status == "completed"
    assert titles(simulator) == before


def test_a_cancelled_extraction_ends_at_once_and_is_resumed(site: Site, prefect: Prefect, tmp_path: Path) -> None:
    """It has used up the calls of a minute, and waits for the next one."""
    path, calls = tmp_path / "looker.db", site.lookers["us"].calls
    keep("us", site.lookers["us"])
    before = calls.total
    start(prefect, "extract/nightly", credentials_block="us", workers=2, db_path=str(path), rate_limit_per_minute=20)
    until(lambda: calls.total - before >= 20)
    cancel(prefect)
    until(lambda: nobody_runs(path))
    with Vault.open(path) as vault:
        assert [one.status for one in vault.snapshots()] == ["interrupted"], "it was told to stop, and not killed"
    prefect.again(credentials_block="us", db_path=str(path), rate_limit_per_minute=0)
    with Vault.open(path) as vault:
        assert [one.status for one in vault.snapshots()] == ["complete"]
