"""The flow in this process, against a real Prefect server in another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from looker_simulator import Simulator, SimulatorOptions
from tests.conftest import PATIENCE_S, PrefectServer
from tests.flows.site import site

__all__ = ["site"]


class Prefect:
    """Runs the flow, and asks the server what it knows of it."""

    def __init__(self, looker: Simulator, path: Path) -> None:
        self.looker = looker
        self.path = path
        self.flow_run_id: UUID | None = None

    def run(self, flow_run_id: UUID | None = None, **parameters: Any) -> Any:
        """Run `extract` and return its final state."""
        from prefect.states import Scheduled

        from flows.extract import extract

        given = {"workers": 2, "db_path": str(self.path)} | parameters
        flow_run = self._client(lambda client: client.create_flow_run(extract, parameters=given, state=Scheduled()))
        self.flow_run_id = flow_run.id
        return self._go(given)

    def again(self, **parameters: Any) -> Any:
        """Do what the UI's Retry does."""
        from prefect.states import Scheduled

        self._client(
            lambda client: client.set_flow_run_state(self.flow_run_id, Scheduled(name="AwaitingRetry"), force=True)
        )
        return self._go({"workers": 2, "db_path": str(self.path)} | parameters)

    def _go(self, parameters: dict[str, Any]) -> Any:
        from prefect.flow_engine import run_flow

        from flows.extract import extract

        flow_run = self._client(lambda client: client.read_flow_run(self.flow_run_id))
        return run_flow(extract, flow_run=flow_run, parameters=parameters, return_type="state")

    def _client(self, ask: Callable[[Any], Any]) -> Any:
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            return ask(client)

    def tasks(self, wanted: int = 1) -> list[Any]:
        """Return the task runs; they are recorded a moment after they end."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        mine = FlowRunFilter(id=FlowRunFilterId(any_=[self._id]))
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = self._client(lambda client: client.read_task_runs(flow_run_filter=mine))
            final = [one for one in found if one.state and one.state.is_final()]
            if (len(final) >= wanted and len(final) == len(found)) or time.monotonic() > deadline:
                return found
            time.sleep(0.3)

    @property
    def _id(self) -> UUID:
        assert self.flow_run_id, "nothing ran yet"
        return self.flow_run_id

    def state(self) -> Any:
        return self._client(lambda client: client.read_flow_run(self.flow_run_id)).state

    def artifacts(self) -> dict[str, Any]:
        from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

        mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[self._id]))
        return {one.key: one for one in self._client(lambda client: client.read_artifacts(artifact_filter=mine))}


@pytest.fixture
def looker() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny")) as simulator:
        yield simulator


@pytest.fixture
def prefect(
    looker: Simulator, prefect_server: PrefectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Prefect]:
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_HOME,
        PREFECT_LOCAL_STORAGE_PATH,
        PREFECT_LOGGING_TO_API_ENABLED,
        temporary_settings,
    )

    connection = {"BASE_URL": looker.base_url, "CLIENT_ID": "simulator", "CLIENT_SECRET": "simulator-secret"}
    patience = {
        "RATE_LIMIT_PER_SECOND": "0",
        "RATE_LIMIT_PER_MINUTE": "0",
        "MAX_ATTEMPTS": "2",
        "TASK_RETRY_DELAY": "0",
    }
    for name, value in (connection | patience).items():
        monkeypatch.setenv(f"LOOKERVAULT_{name}", value)
    settings: dict[Any, Any] = {
        PREFECT_API_URL: prefect_server.api_url,
        PREFECT_HOME: str(prefect_server.home),
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_LOCAL_STORAGE_PATH: str(tmp_path / "results"),
    }
    from prefect.events.worker import EventsWorker

    with temporary_settings(settings):
        yield Prefect(looker, tmp_path / "looker.db")
        EventsWorker.drain_all(timeout=60)  # while the server is there to take them
