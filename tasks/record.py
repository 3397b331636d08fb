"""Correct the Prefect server's record of runs: of those whose end it missed, because it was away or the process was killed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import State, StateType
from prefect.states import Completed, Crashed

from lookervault_core.vault.extracting.sessions import Left
from tasks.server import recorded

DONE = ("complete", "completed")


def settle(left: Iterable[Left]) -> None:
    """Set the final state of flow runs that are over but still `Running` at the server; *left* are the ended sessions in the
    vault.

    A run that began after its session last wrote is a new attempt, and is left alone.
    """
    by_run = {UUID(one.label): one for one in left if _is_run(one.label)}
    recorded(lambda: _settle(by_run))


def _settle(by_run: dict[UUID, Left]) -> None:
    running = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
    with get_client(sync_client=True) as client:
        for run in _runs(client, FlowRunFilter(id=FlowRunFilterId(any_=list(by_run)), state=running)):
            if run.state.timestamp < by_run[run.id].at:
                client.set_flow_run_state(run.id, _state(by_run[run.id]))


def _runs(client: SyncPrefectClient, which: FlowRunFilter) -> list[Any]:
    return client.read_flow_runs(flow_run_filter=which)


def _state(left: Left) -> State[Any]:
    if left.status == "running":
        return Crashed(message=f"its process is gone; Retry goes on with session {left.session_id}")
    message = f"session {left.session_id} is {left.status}; the server was away when the run ended"
    if left.status in DONE:
        return Completed(message=message)
    return State(type=StateType.FAILED, name=left.status.capitalize(), message=message)


def _is_run(label: str) -> bool:
    try:
        UUID(label)
    except ValueError:
        return False
    return True
