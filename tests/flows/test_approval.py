"""The approval of a deployed restore: a person may take hours, and what was approved runs once and alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import restorations
from tests.flows.conftest import Prefect
from tests.flows.site import Site, keep, until
from tests.simulated import capture, client

pytestmark = pytest.mark.prefect


class Asked:
    """One run of `restore/on-demand`."""

    def __init__(self, prefect: Prefect, **parameters: Any) -> None:
        from prefect.deployments import run_deployment

        run: Any = run_deployment("restore/on-demand", parameters=parameters, timeout=0)
        self._prefect, self.id = prefect, run.id

    @property
    def run(self) -> Any:
        return self._prefect._client(lambda client: client.read_flow_run(self.id))

    def is_asking(self) -> bool:
        return self.run.state.is_paused()

    def is_held(self) -> bool:
        """Return whether a process runs for it."""
        try:
            os.kill(int(self.run.infrastructure_pid.rpartition(":")[2]), 0)
        except ProcessLookupError:
            return False
        return True

    def approve(self) -> None:
        from prefect.flow_runs import resume_flow_run

        resume_flow_run(self.id, run_input={"approve": True})

    def ended(self) -> Any:
        return until(lambda: self.run.state.is_final() and self.run.state)


def spoil(simulator: Simulator, table: str) -> list[str]:
    ids = [row["id"] for row in simulator.world[table] if not row.get("deleted")]
    for item_id in ids:
        mutate(simulator.world, "update", table, item_id, {"title": f"wrecked {item_id}"})
    return ids


def is_spoilt(simulator: Simulator, table: str) -> bool:
    return any(str(row["title"]).startswith("wrecked") for row in simulator.world[table])


def test_two_plans_wait_without_a_process_and_then_each_is_written_once_and_alone(
    site: Site, prefect: Prefect, tmp_path: Path
) -> None:
    simulator, path = site.lookers["us"], tmp_path / "looker.db"
    keep("us", simulator)
    with client(simulator) as looker, Vault.create_or_open(path) as vault:
        capture(vault, looker)
    spoilt = {table: spoil(simulator, table) for table in ("looks", "boards")}
    before = simulator.calls.snapshot()["by_operation"]
    given: dict[str, Any] = {"credentials_block": "us", "db_path": str(path)}
    asked = [Asked(prefect, types=[table], **given) for table in spoilt]
    until(lambda: all(run.is_asking() for run in asked))
    until(lambda: not any(run.is_held() for run in asked))
    assert all(run.is_asking() for run in asked), [run.run.state for run in asked]
    for run in asked:
        run.approve()
    assert [run.ended().name for run in asked] == ["Completed", "Completed"], [run.run.state for run in asked]
    assert not any(is_spoilt(simulator, table) for table in spoilt)
    calls = simulator.calls.snapshot()["by_operation"]
    for operation, table in (("update_look", "looks"), ("update_board", "boards")):
        assert calls[operation] - before.get(operation, 0) == len(spoilt[table])
    with Vault.open(path, read_only=True) as vault:
        later, earlier = restorations.newest_first(vault)
    assert earlier.ended_at is not None
    assert earlier.ended_at <= later.started_at
